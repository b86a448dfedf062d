"""Whatever pydantic finds wrong in a declaration or the settings has a sentence of ours, in both languages."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from adapters import KINDS
from amtsbote.admin.declaration import Declaration
from amtsbote.daemon.settings import Settings
from amtsbote.errors import Misconfigured
from amtsbote.text.administration import FIELDS
from amtsbote.text.findings import finding

FOREIGN = "GEHEIM"
ODD: tuple[Any, ...] = (
    None, 0, -1, 10**30, 1.5, math.nan, math.inf, True, "", FOREIGN, "\ud800", "x" * 6000, "1.5", "9" * 5000, "P1D",
    [], {}, [FOREIGN] * 200, {"x": FOREIGN}, {5: 5}, datetime(2026, 1, 1, tzinfo=UTC), b"\xff", object(), 1e300, "-5",
)  # fmt: skip
"""What TOML, JSON and hostile callers may put anywhere."""


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model within an annotation, and within those."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for argument in get_args(annotation):
        yield from models(argument)


ALL = sorted(
    {model for root in (Declaration, Settings, *(kind.options for kind in KINDS.values())) for model in models(root)},
    key=lambda model: model.__name__,
)


def items_of(model: type[BaseModel]) -> Iterator[Any]:
    values = [*ODD, *([one] for one in ODD), *({"x": one} for one in ODD), *({one: "x"} for one in ("x", 5, None))]
    for name in (*model.model_fields, "nonsense"):
        for value in values:
            try:
                model(**{name: value})
            except ValidationError as error:
                yield from error.errors(include_url=False)


@pytest.mark.parametrize("model", ALL)
def test_every_kind_of_mistake_in_our_models_has_its_own_sentence(model: type[BaseModel]) -> None:
    found = list(items_of(model))
    assert {item["type"] for item in found} > {"extra_forbidden"}
    unforeseen = {(item["type"], item["msg"]) for item in found if finding(item).key == "field.wrong"}
    assert unforeseen == set()
    for item in found:
        german, english = finding(item).sentence("de"), finding(item).sentence("en")
        assert german != english
        assert FOREIGN not in german + english


def test_what_nobody_foresaw_says_nothing_in_a_foreign_language_and_no_value() -> None:
    error = {"type": "value_error", "ctx": {"error": ValueError(f"bad {FOREIGN}")}}
    assert finding(error).sentence("de") == "Der Wert ist nicht zulässig."
    assert finding({"type": "new_in_a_later_version"}).sentence("de") == "Der Wert ist nicht zulässig."


SPEAKERS = ("text/findings.py", "admin/mistakes.py", "daemon/faults.py")


def test_no_sentence_about_a_field_is_left_that_nobody_says() -> None:
    root = Path(finding.__code__.co_filename).parents[1]
    code = "".join((root / file).read_text("utf-8") for file in SPEAKERS)
    assert {key for key in FIELDS if f'"{key}"' not in code} == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[public]\nlisten = 'x'", "[public.listen] Es muss HOST:PORT sein"),
        ("[public]\nurl = 'x'", "[public.url] Es muss eine Adresse mit http://"),
        ("[work]\nlease = 0", "[work.lease] Möglich ist 1 und mehr."),
        ("[work]\nfirst_retry = 99999999", "[work.first_retry] Möglich ist höchstens 31622400."),
        ("[keys]\nmaster_key_file = 5", "[keys.master_key_file] Hier wird ein Pfad"),
        ("[nonsense]", "[nonsense] Diese Angabe gibt es hier nicht."),
    ],
)
def test_a_fault_of_the_settings_is_said_in_german(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(Misconfigured) as caught:
        Settings.load(tmp_path / "a.toml")
    assert words in caught.value.de
    assert words not in caught.value.en
