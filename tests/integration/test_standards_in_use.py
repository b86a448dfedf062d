"""Messages of registered standards: helpers start when needed, end when others are, and follow the registry."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import structlog
from patience import PATIENCE
from standards_kit import ANMELDUNG, HUND, KENNUNG, PLAIN, SPACE, VALID, published, registered, schema

from amtsbote.errors import Misconfigured
from schemas.confinement import HelperLimits
from schemas.helper_process import HelperFailed
from schemas.on_demand import HelpersOnDemand
from schemas.plan import Scenario
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from schemas.standards.plans import plans_of

URI = f"{KENNUNG}_1.0#anmeldung.hund.0100"
INVALID = VALID.replace("name>", "nome>").encode()
CAT_SPACE = "urn:muster:xkatze:1.0"
CAT = f"<anmeldung.katze.0100 xmlns='{CAT_SPACE}'>Mimi</anmeldung.katze.0100>".encode()
CAT_URI = "urn:xoev-de:muster:standard:xkatze_1.0#anmeldung.katze.0100"
CATS = schema("<xs:element name='anmeldung.katze.0100' type='xs:string'/>", space=CAT_SPACE, about="")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "registry")


@pytest.fixture
def helpers() -> Iterator[HelpersOnDemand]:
    made = HelpersOnDemand(HelperLimits(), most=1)
    yield made
    made.close()


@pytest.fixture
def standards(library: Library, helpers: HelpersOnDemand) -> StandardsInUse:
    return StandardsInUse(library, helpers)


def with_dogs(library: Library, folder: Path) -> None:
    registered(library, published(folder / "dogs", PLAIN))


def with_cats(library: Library, folder: Path) -> None:
    registered(
        library, published(folder / "cats", {"katze.xsd": CATS}), kennung=CAT_URI.partition("_1.0")[0], version="1.0"
    )


def test_nothing_is_read_or_started_before_the_first_question(helpers: HelpersOnDemand, tmp_path: Path) -> None:
    (tmp_path / "registry" / "damaged").mkdir(parents=True)

    StandardsInUse(Library(tmp_path / "registry"), helpers)

    assert len(helpers.pids) == 0


def test_two_messages_of_one_standard_are_judged_each_as_what_it_is(
    library: Library, standards: StandardsInUse, tmp_path: Path
) -> None:
    """The helpers of both load the same files."""
    second = HUND.replace("0100", "0200")
    registered(library, published(tmp_path / "dogs", {"x.xsd": schema(HUND, second, ANMELDUNG)}))
    other = VALID.replace("0100", "0200").encode()

    uris = URI, URI.replace("0100", "0200")
    found = [standards.inspect(uri, document) for uri in uris for document in (VALID.encode(), other)]

    assert [each.valid for each in found] == [True, False, False, True]


def test_documents_get_their_verdicts_from_one_helper(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    assert standards.messages() == {URI}
    assert len(helpers.pids) == 0

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda document: standards.inspect(URI, document), [VALID.encode(), INVALID] * 4))

    assert [each.valid for each in found] == [True, False] * 4
    assert {each.package for each in found} == {"XHund 1.0"}
    assert len(helpers.pids) == 1


def test_the_helper_that_was_asked_longest_ago_makes_room(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    with_cats(library, tmp_path)

    for uri, document in ((URI, VALID.encode()), (CAT_URI, CAT), (URI, VALID.encode())):
        assert standards.inspect(uri, document).valid
        assert len(helpers.pids) == 1


def test_a_message_that_a_package_has_as_well_is_told_once(
    library: Library, standards: StandardsInUse, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)

    found = standards.identify((Scenario(URI, f"{{{SPACE}}}anmeldung.hund.0100"),), VALID.encode())

    assert found.matches == (URI,)


def test_what_comes_and_goes_is_known_at_once(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    assert standards.messages() == set()
    with_dogs(library, tmp_path)
    assert standards.inspect(URI, VALID.encode()).valid

    library.remove(library.find("xhund_1.0"))
    with_cats(library, tmp_path)

    assert standards.messages() == {CAT_URI}
    assert len(helpers.pids) == 0
    with pytest.raises(KeyError):
        standards.inspect(URI, VALID.encode())


def test_a_standard_that_was_registered_anew_is_judged_by_what_it_says_now(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    assert not standards.inspect(URI, INVALID).valid

    library.remove(library.find("xhund_1.0"))
    types = PLAIN["xsd/xhund-typen.xsd"].replace("name='name'", "name='nome'")
    registered(library, published(tmp_path / "anew", {**PLAIN, "xsd/xhund-typen.xsd": types}))

    assert standards.inspect(URI, INVALID).valid


def test_a_standard_whose_files_have_changed_gives_no_verdict_and_stops_no_other(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    with_cats(library, tmp_path)
    for file in library.home(library.find("xhund_1.0").identity).glob("linked/*/*.xsd"):
        file.write_bytes(file.read_bytes() + b"<!-- -->")

    with pytest.raises(Misconfigured, match="not as it was registered"):
        standards.inspect(URI, VALID.encode())

    assert standards.inspect(CAT_URI, CAT).valid
    assert len(helpers.pids) == 1


def test_twenty_messages_of_one_standard_share_a_helper_and_each_is_judged_as_what_it_is(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    names = [f"anmeldung.hund.{number:04}" for number in range(20)]
    elements = (f"<xs:element name='{name}' type='Anmeldung'/>" for name in names)
    registered(library, published(tmp_path / "dogs", {"x.xsd": schema(*elements, ANMELDUNG)}))
    later = schema(HUND.replace("0100", "0007"), ANMELDUNG, space=CAT_SPACE, about="")
    registered(library, published(tmp_path / "later", {"x.xsd": later}), kennung="urn:later", version="2.0")
    uris = [f"{KENNUNG}_1.0#{name}" for name in names]
    documents = [VALID.replace("anmeldung.hund.0100", name) for name in names]
    before = set[int]()

    for uri, document, name in zip(uris, documents, names, strict=True):
        assert standards.inspect(uri, document.encode()).valid
        [wrong] = standards.inspect(uri, document.replace("name>", "nome>").encode()).findings
        assert (wrong.path.partition(":")[2].partition("/")[0], wrong.field) == (name, "name")
        before |= set(helpers.pids)
    [other] = standards.inspect(uris[7], documents[7].replace(SPACE, CAT_SPACE).encode()).findings
    [another] = standards.inspect(uris[8], documents[7].encode()).findings

    assert len(before) == 1
    assert (other.code, other.en.rpartition(". ")[2]) == ("DOC-NAMESPACE", "It is urn:later_2.0#anmeldung.hund.0007.")
    assert [each.values for each in another.expected] == [(f"ns:{names[8]}",)]


def test_a_document_does_not_wait_for_another_one_of_its_standard_but_for_a_bounded_number(
    library: Library, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)

    with closing(HelpersOnDemand(HelperLimits(), each=2, most=1)) as helpers, ThreadPoolExecutor(4) as threads:
        standards = StandardsInUse(library, helpers)
        for ask in (partial(standards.inspect, URI), partial(standards.identify, ())):
            others = set(helpers.pids)
            ask(VALID.encode())
            [first] = set(helpers.pids) - others
            os.kill(first, signal.SIGSTOP)
            asked = [threads.submit(ask, VALID.encode()) for _ in range(4)]
            answered, _ = wait(asked, return_when=FIRST_COMPLETED)
            os.kill(first, signal.SIGCONT)

            assert answered
            assert all(each.result(PATIENCE) for each in asked)
            assert len(set(helpers.pids) - others) == 2


def test_a_message_of_a_damaged_standard_waits_and_is_not_taken_for_one_that_nobody_knows(
    library: Library, standards: StandardsInUse, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    with_cats(library, tmp_path)
    lock = library.home(library.find("xhund_1.0").identity) / "lock.json"
    whole = lock.read_bytes()
    lock.unlink()

    with structlog.testing.capture_logs() as logs:
        assert standards.messages() == {CAT_URI}
    assert [(each["event"], each["standard"]) for each in logs] == [("schemas.damaged", f"{KENNUNG}_1.0")]
    with pytest.raises(Misconfigured, match="missing or damaged"):
        standards.has(URI)
    assert standards.has(CAT_URI)
    assert not standards.has("urn:other_1.0#x")
    assert standards.identify((), CAT).matches == (CAT_URI,)

    lock.write_bytes(whole)

    assert standards.inspect(URI, VALID.encode()).valid


def test_a_helper_that_starts_later_reads_no_files_that_have_changed_meanwhile(
    library: Library, standards: StandardsInUse, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    with_cats(library, tmp_path)
    assert standards.inspect(URI, VALID.encode()).valid
    for file in library.home(library.find("xhund_1.0").identity).glob("linked/*/*.xsd"):
        file.write_bytes(file.read_bytes() + b"<!-- -->")
    assert standards.inspect(CAT_URI, CAT).valid, "its helper has taken the place of the other"

    with structlog.testing.capture_logs() as logs, pytest.raises(HelperFailed):
        standards.inspect(URI, VALID.encode())

    assert [each["event"] for each in logs] == ["schemas.unusable"]
    assert "not as it was registered" in logs[0]["reason"]


def test_a_hundred_standards_start_no_helper_but_the_one_that_is_asked(
    library: Library, standards: StandardsInUse, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    first = library.home(library.find("xhund_1.0").identity)
    for number in range(2, 101):
        copy = first.with_name(first.name.replace("_1.0", f"_{number}.0"))
        shutil.copytree(first, copy)
        lock = json.loads((copy / "lock.json").read_text())
        (copy / "lock.json").write_text(json.dumps({**lock, "version": f"{number}.0"}))

    assert len(standards.messages()) == 100
    assert standards.inspect(URI.replace("_1.0", "_77.0"), VALID.encode()).valid
    assert len(helpers.pids) == 1


def test_a_schema_that_no_helper_can_load_fails_alone_and_leaves_no_process(
    library: Library, helpers: HelpersOnDemand, tmp_path: Path
) -> None:
    with_dogs(library, tmp_path)
    [plan] = plans_of(library, library.standards(), URI)

    with pytest.raises(HelperFailed, match="crashed"):
        helpers.inspect(replace(plan, xsd=str(tmp_path / "nowhere.xsd")), VALID.encode())

    assert helpers.inspect(plan, VALID.encode()).valid
    assert len(helpers.pids) == 1
