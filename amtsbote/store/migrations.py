"""Numbered migrations as they lie in the `migrations` folder of a database's package: never changed after a release."""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from amtsbote.store.refusal import StoreRefused

_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    script: str


def bundled(package: str) -> tuple[Migration, ...]:
    """The migrations that `package` brings, in order. Raises `ValueError` when a number is missing or there twice."""
    scripts = files(package).joinpath("migrations").iterdir()
    found = sorted(
        (
            Migration(int(match[1]), match[2], script.read_text(encoding="utf-8"))
            for script in scripts
            if (match := _NAME.fullmatch(script.name))
        ),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("the migrations are not numbered from 1 without a gap")
    return tuple(found)


def outdated(name: str, version: int, known: int) -> StoreRefused:
    """The sentence for a database `name` at `version` that whoever only looks must leave as it is."""
    if version == 0:
        return StoreRefused(
            f"Die Datenbank {name} ist leer. Bitte zuerst: amtsbote init ORDNER",
            f"The database {name} is empty. First run: amtsbote init FOLDER",
        )
    return StoreRefused(
        f"Die Datenbank {name} ist älter als dieses Programm (Schema {version}, erwartet {known})."
        " Bitte sichern und einmal amtsbote serve starten: der Dienst bringt sie auf den neuen Stand.",
        f"The database {name} is older than this program (schema {version}, expected {known})."
        " Back it up and start amtsbote serve once: the service brings it up to date.",
    )


def newer(name: str, version: int, known: int) -> StoreRefused:
    """The sentence for a database `name` at `version` when this program knows migrations up to `known`."""
    return StoreRefused(
        f"Die Datenbank {name} ist neuer als dieses Programm (Schema {version}, bekannt bis"
        f" {known}). Bitte das neuere Programm starten oder die Sicherung von vor dem Update einspielen.",
        f"The database {name} is newer than this program (schema {version}, known up to"
        f" {known}). Start the newer program, or restore the backup made before the update.",
    )
