"""Say a sentence in German or English.

Keys are dotted words; a row holds the German and the English text with the same `{placeholders}`. Values are filled in
as they are, so callers pass ids, numbers and names of ours only.
"""

from collections.abc import Mapping
from typing import Final

from amtsbote.errors import Language
from amtsbote.text.administration import ADMINISTRATION
from amtsbote.text.answers import ANSWERS
from amtsbote.text.callbacks import CALLBACKS
from amtsbote.text.changing import CHANGING
from amtsbote.text.clients import CLIENTS
from amtsbote.text.commands import COMMANDS
from amtsbote.text.deadlines import DEADLINES
from amtsbote.text.demonstration import DEMONSTRATION
from amtsbote.text.destinations import DESTINATIONS
from amtsbote.text.doctor import DOCTOR
from amtsbote.text.doctor_database import DOCTOR_DATABASE
from amtsbote.text.doctor_net import DOCTOR_NET
from amtsbote.text.first_steps import FIRST_STEPS
from amtsbote.text.keys import KEYS
from amtsbote.text.letters import LETTERS
from amtsbote.text.masterkey import MASTER_KEY
from amtsbote.text.packages import PACKAGES
from amtsbote.text.regions import REGIONS
from amtsbote.text.reports import REPORTS
from amtsbote.text.routing import ROUTING
from amtsbote.text.schemas import SCHEMAS
from amtsbote.text.sending import SENDING
from amtsbote.text.settings import SETTINGS
from amtsbote.text.snapshots import SNAPSHOTS
from amtsbote.text.stages import STAGES
from amtsbote.text.upkeep import UPKEEP
from amtsbote.text.words import WORDS

Row = tuple[str, str]
TABLE: Final[Mapping[str, Row]] = {
    **WORDS,
    **ANSWERS,
    **STAGES,
    **DEADLINES,
    **DESTINATIONS,
    **ADMINISTRATION,
    **COMMANDS,
    **CLIENTS,
    **CALLBACKS,
    **CHANGING,
    **SNAPSHOTS,
    **SETTINGS,
    **UPKEEP,
    **DEMONSTRATION,
    **FIRST_STEPS,
    **DOCTOR,
    **DOCTOR_DATABASE,
    **DOCTOR_NET,
    **KEYS,
    **LETTERS,
    **SCHEMAS,
    **REGIONS,
    **REPORTS,
    **ROUTING,
    **PACKAGES,
    **SENDING,
    **MASTER_KEY,
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
