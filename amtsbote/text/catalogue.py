"""Say a sentence in German or English.

Keys are dotted words; a row holds the German and the English text with the same `{placeholders}`. Values are filled in
as they are, so callers pass ids, numbers and names of ours only.
"""

from collections.abc import Mapping
from typing import Final

from amtsbote.errors import Language
from amtsbote.text.administration import ADMINISTRATION
from amtsbote.text.commands import COMMANDS
from amtsbote.text.demonstration import DEMONSTRATION
from amtsbote.text.doctor import DOCTOR
from amtsbote.text.first_steps import FIRST_STEPS
from amtsbote.text.keys import KEYS
from amtsbote.text.letters import LETTERS
from amtsbote.text.settings import SETTINGS
from amtsbote.text.upkeep import UPKEEP
from amtsbote.text.words import WORDS

Row = tuple[str, str]
TABLE: Final[Mapping[str, Row]] = {
    **WORDS,
    **ADMINISTRATION,
    **COMMANDS,
    **SETTINGS,
    **UPKEEP,
    **DEMONSTRATION,
    **FIRST_STEPS,
    **DOCTOR,
    **KEYS,
    **LETTERS,
}
"""Key → (German, English)."""

_LOCALE_VARIABLES: Final = ("AMTSBOTE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def say(key: str, language: Language, **values: object) -> str:
    """The sentence of `key`. Raises `KeyError` for an unknown key or a missing value."""
    german, english = TABLE[key]
    sentence = german if language == "de" else english
    return sentence.format_map(values) if values else sentence


def language_of(environ: Mapping[str, str], explicit: str | None) -> Language:
    """What a person reads: `explicit` (an option), else the first of `AMTSBOTE_LANG`, `LC_ALL`, `LC_MESSAGES`, `LANG`
    that is set. German for `de…`, English for everything else."""
    chosen = explicit or next((environ[name] for name in _LOCALE_VARIABLES if environ.get(name)), "")
    return "de" if chosen.lower().startswith("de") else "en"
