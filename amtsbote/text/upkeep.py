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
        "Eine Sicherung prüfen und dorthin zurückspielen, wohin die Installationsdatei zeigt; nichts darf dort liegen.",
        "Verify a backup and restore it to where the installation file says: nothing may lie there yet.",
    ),
    "help.restore.folder": ("Ordner der Sicherung.", "Folder of the backup."),
    "help.store": ("Den Datenbestand prüfen und umziehen.", "Check and move what is stored."),
    "help.store.check": (
        "Jeden Teil und jedes Dossier öffnen; beschädigte Teile werden beiseitegelegt und zum Klärungsfall.",
        "Open every stored part and dossier; a damaged part is moved aside and becomes a dead letter.",
    ),
    "help.store.migrate": (
        "Die Datenbank einer angehaltenen Installation nach PostgreSQL umziehen und beide Seiten vergleichen.",
        "Move the database of a stopped installation to PostgreSQL and compare both sides.",
    ),
    "help.store.migrate.to": (
        "Leeres Schema: postgresql://… Ein Kennwort besser über --to-file, die Umgebung oder ~/.pgpass.",
        "Empty schema: postgresql://… A password rather by --to-file, the environment or ~/.pgpass.",
    ),
    "help.store.migrate.to-file": (
        "Datei, deren einzige Zeile diese Adresse ist; dieselbe wie später storage.database_file.",
        "File whose only line is this address; the same as storage.database_file later.",
    ),
    "move.no-target": ("Bitte --to oder --to-file angeben.", "Name --to or --to-file."),
    "move.no-file": ("{path} ist nicht lesbar: {reason}.", "{path} cannot be read: {reason}."),
    "move.target": (
        "Die Adresse muss mit postgresql:// beginnen.",
        "The address must begin with postgresql://.",
    ),
    "move.there": (
        "Die Installationsdatei nennt schon PostgreSQL. Zurück führt eine Sicherung (amtsbote backup, restore).",
        "The installation file names PostgreSQL already. The way back is a backup (amtsbote backup, restore).",
    ),
    "move.failed": (
        "Der Umzug ist nicht gelungen: {reason}. Es gilt weiter die alte Datenbank; der Befehl kann wiederholt werden.",
        "The move has failed: {reason}. The old database still holds; the command can be repeated.",
    ),
    "move.table": ("Tabelle", "Table"),
    "move.rows": ("Zeilen", "Rows"),
    "move.digest": ("Prüfsumme, auf beiden Seiten gleich", "Digest, equal on both sides"),
    "move.done": (
        "Umgezogen: {rows} Zeilen in {tables} Tabellen, beide Seiten verglichen.",
        "Moved: {rows} rows in {tables} tables, both sides compared.",
    ),
    "move.parts": (
        "{parts} Teile bleiben, wo sie sind; {missing} davon fehlen.",
        "{parts} parts stay where they are; {missing} of them are missing.",
    ),
    "move.marked": (
        "{path} ist nichts mehr als eine alte Abschrift: damit startet kein Dienst mehr.",
        "{path} is but an old copy now: no service starts with it any more.",
    ),
    "move.line": (
        "Vor dem Start in {path} unter [storage] eintragen: {line}",
        "Before the start put into {path} under [storage]: {line}",
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
        "Hier ist kein Zugriff auf Datenbank und Teile möglich.",
        "There is no access to database and parts here.",
    ),
    "backup.not-here": (
        "{path} sieht nur der Dienst (PrivateTmp). Bitte einen Ordner außerhalb von /tmp mit ReadWritePaths angeben.",
        "{path} is there for the service only (PrivateTmp). Name a folder outside /tmp, with ReadWritePaths.",
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
        "Im Datenordner {path} liegt schon eine Datenbank. Bitte den alten beiseitelegen oder einen anderen angeben.",
        "There is a database in the data folder {path} already. Move the old folder away or name another.",
    ),
    "restore.database-not-empty": (
        "Die Datenbank der Installationsdatei enthält schon eine Installation. Bitte ein leeres Schema angeben.",
        "The database of the installation file holds an installation already. Name an empty schema.",
    ),
    "restore.parts-not-empty": (
        "Am Ort der Teile liegen Teile, die nicht zu dieser Sicherung gehören. Bitte einen leeren Ort angeben.",
        "Where the parts go there are parts that do not belong to this backup. Name an empty place.",
    ),
    "restore.damaged": (
        "Die Sicherung {path} ist beschädigt: {file}. Bitte eine andere verwenden; es wurde keine Datenbank angelegt.",
        "The backup {path} is damaged: {file}. Use another one; no database was made.",
    ),
    "restore.failed": (
        "Das Zurückspielen nach {path} ist nicht gelungen: {reason}. Bitte die Ursache beheben und wiederholen.",
        "Restoring into {path} has failed: {reason}. Mend the cause and try again.",
    ),
    "restore.master-key": (
        "Der Hauptschlüssel öffnet die Schlüssel dieser Installation nicht: er gehört zu einer anderen.",
        "The master key does not open the keys of this installation: it belongs to another.",
    ),
    "restore.done": (
        "Zurückgespielt nach {path}: Stand {made_at}, {parts} Teile. Weiter mit „amtsbote serve“.",
        "Restored into {path}: as of {made_at}, {parts} parts. Go on with `amtsbote serve`.",
    ),
    "check.done": (
        "{checked} Teile, {dossiers} Dossiers und {secrets} Geheimnisse geprüft, {damaged} beschädigt.",
        "{checked} parts, {dossiers} dossiers and {secrets} secrets checked, {damaged} damaged.",
    ),
    "check.orphans": (
        "{count} Dateien ohne Zeile; der nächste Start entfernt sie.",
        "{count} files without a row; the next start removes them.",
    ),
    "check.secret": ("Geheimnis, das sich nicht öffnen lässt", "Secret that does not open"),
    "check.of": ("gehört zu", "Belongs to"),
    "secret.private-key": ("privater Schlüssel", "private key"),
    "secret.destination-callback": ("Rückruf eines Zustellpunkts", "callback of a destination"),
    "secret.callback": ("Rückruf eines Portals oder Empfängers", "callback of a portal or subscriber"),
    "check.submission": ("Einreichung", "Submission"),
    "check.part": ("Teil", "Part"),
    "check.fault": ("Schaden", "Damage"),
    "check.state": ("Zustand", "State"),
    "check.moved": ("beiseitegelegt", "moved aside"),
}
