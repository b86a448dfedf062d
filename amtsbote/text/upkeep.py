"""Sentences about backing up, restoring, and checking the store."""

from collections.abc import Mapping
from typing import Final

UPKEEP: Final[Mapping[str, tuple[str, str]]] = {
    "help.backup": (
        "Im laufenden Betrieb sichern: Datenbank und Teile, nie den Hauptschlüssel.",
        "Back up while the service runs: database and parts, never the master key.",
    ),
    "help.backup.folder": (
        "Neuer oder leerer Ordner, den der Benutzer des Dienstes beschreiben darf.",
        "New or empty folder that the service's user may write to.",
    ),
    "help.restore": (
        "Eine Sicherung prüfen und in einen leeren Datenordner zurückspielen.",
        "Verify a backup and restore it into an empty data folder.",
    ),
    "help.restore.folder": ("Ordner der Sicherung.", "Folder of the backup."),
    "help.store": ("Den Datenbestand prüfen.", "Check what is stored."),
    "help.store.check": (
        "Jeden gespeicherten Teil öffnen und vergleichen; Beschädigtes wird beiseitegelegt und zum Klärungsfall.",
        "Open and compare every stored part; what is damaged is moved aside and becomes a dead letter.",
    ),
    "progress": ("{done} von {total}", "{done} of {total}"),
    "backup.none": (
        "{path} ist keine vollständige Sicherung: manifest.json fehlt oder ist nicht lesbar.",
        "{path} is not a complete backup: manifest.json is missing or not readable.",
    ),
    "backup.newer": (
        "Die Sicherung {path} stammt von einem neueren Programm. Bitte dieses verwenden.",
        "The backup {path} was made by a newer program. Use that one.",
    ),
    "backup.elsewhere": (
        "Diese Installation hat keinen eigenen Datenordner; bitte mit den Werkzeugen der Datenbank sichern.",
        "This installation has no data folder of its own; back it up with the tools of its database.",
    ),
    "backup.inside": (
        "{path} liegt im Datenordner. Bitte einen anderen Ort wählen, am besten einen anderen Datenträger.",
        "{path} is inside the data folder. Choose another place, on another disk if possible.",
    ),
    "backup.not-empty": (
        "{path} ist nicht leer. Bitte einen neuen Ordner angeben.",
        "{path} is not empty. Name a new folder.",
    ),
    "backup.interrupted": (
        "Die Sicherung in {path} ist durcheinandergeraten. Bitte den Ordner löschen und neu sichern.",
        "The backup in {path} has got mixed up. Delete the folder and back up again.",
    ),
    "backup.failed": (
        "Die Sicherung in {path} ist nicht gelungen: {reason}. Bitte den Ordner löschen und neu sichern.",
        "The backup in {path} has failed: {reason}. Delete the folder and back up again.",
    ),
    "backup.done": (
        "Gesichert in {path}: die Datenbank und {parts} Teile ({bytes} Byte).",
        "Backed up in {path}: the database and {parts} parts ({bytes} bytes).",
    ),
    "backup.missing": (
        "{count} Teile fehlten schon auf dem Datenträger. Bitte „amtsbote store check“ ausführen.",
        "{count} parts were missing on the disk already. Run `amtsbote store check`.",
    ),
    "backup.master-key": (
        "Der Hauptschlüssel {path} ist nicht dabei. Ohne ihn ist die Sicherung wertlos: bitte getrennt aufbewahren.",
        "The master key {path} is not part of it. Without it the backup is worth nothing: keep it elsewhere.",
    ),
    "restore.not-empty": (
        "Der Datenordner {path} ist nicht leer. Bitte den alten beiseitelegen oder einen anderen angeben.",
        "The data folder {path} is not empty. Move the old one away or name another.",
    ),
    "restore.damaged": (
        "Die Sicherung {path} ist beschädigt: {file}. Bitte eine andere verwenden; es wurde keine Datenbank angelegt.",
        "The backup {path} is damaged: {file}. Use another one; no database was made.",
    ),
    "restore.failed": (
        "Das Zurückspielen nach {path} ist nicht gelungen: {reason}. Bitte den Ordner leeren und wiederholen.",
        "Restoring into {path} has failed: {reason}. Empty the folder and try again.",
    ),
    "restore.master-key": (
        "Der Hauptschlüssel öffnet die Schlüssel dieser Installation nicht: er gehört zu einer anderen.",
        "The master key does not open the keys of this installation: it belongs to another.",
    ),
    "restore.done": (
        "Zurückgespielt nach {path}: Stand {made_at}, {parts} Teile. Weiter mit „amtsbote serve“.",
        "Restored into {path}: as of {made_at}, {parts} parts. Go on with `amtsbote serve`.",
    ),
    "check.done": ("{checked} Teile geprüft, {damaged} beschädigt.", "{checked} parts checked, {damaged} damaged."),
    "check.orphans": (
        "{count} Dateien ohne Zeile; der nächste Start entfernt sie.",
        "{count} files without a row; the next start removes them.",
    ),
    "check.submission": ("Einreichung", "Submission"),
    "check.part": ("Teil", "Part"),
    "check.fault": ("Schaden", "Damage"),
    "check.state": ("Zustand", "State"),
    "check.moved": ("beiseitegelegt", "moved aside"),
}
