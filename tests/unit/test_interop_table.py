"""What `make interop` prints at its end."""

from interop_table import FAILED, OK, SKIPPED, Trial, capability, table


def test_each_capability_is_one_row_with_the_result_at_every_place() -> None:
    lines = table(
        [
            Trial("Node", "it sends", "SQLite", OK),
            Trial("Node", "it sends", "PostgreSQL", FAILED),
            Trial("Java", "it opens", "", OK),
            Trial("Java", "it opens", "", OK),
        ]
    )

    assert lines == [
        "client  capability  result",
        "Java    it opens    ok (2 cases)",
        "Node    it sends    SQLite ok, PostgreSQL FAILED",
    ]


def test_the_worst_case_counts_and_whatever_was_skipped_says_why_once() -> None:
    lines = table(
        [
            Trial("Java", "it opens", "", OK),
            Trial("Java", "it opens", "", SKIPPED, "not installed: mvn"),
            Trial("Node", "it signs", "", SKIPPED, "not installed: node"),
            Trial("Node", "it opens", "", SKIPPED, "not installed: node"),
        ]
    )

    assert lines[1:] == [
        "Java    it opens    skipped (1 of 2 cases)",
        "Node    it opens    skipped",
        "Node    it signs    skipped",
        "skipped Java: not installed: mvn",
        "skipped Node: not installed: node",
    ]


def test_without_any_trial_nothing_is_printed() -> None:
    assert table([]) == []


def test_a_capability_is_read_off_the_name_of_its_test() -> None:
    assert capability("test_it_lists_and_fetches") == "it lists and fetches"
