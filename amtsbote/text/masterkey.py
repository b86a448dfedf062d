"""Sentences about changing the master key and the keys of the service itself."""

from collections.abc import Mapping
from typing import Final

MASTER_KEY: Final[Mapping[str, tuple[str, str]]] = {
    "help.keys.rotate-master": (
        "Den Hauptschlüssel wechseln, während der Dienst läuft. Nach einem Abbruch einfach wiederholen.",
        "Change the master key while the service runs. After an interruption just repeat it.",
    ),
    "help.keys.new-file": (
        "Datei mit dem neuen Hauptschlüssel; sie wird angelegt (0600), wenn es sie nicht gibt.",
        "File of the new master key; it is made (0600) when it does not exist.",
    ),
    "help.keys.finish-master": (
        "Den bisherigen Hauptschlüssel vergessen, nachdem der Dienst mit dem neuen gestartet ist.",
        "Forget the former master key, after the service was started with the new one.",
    ),
    "help.keys.rotate-service": (
        "Einen Schlüssel des Dienstes selbst wechseln: erst veröffentlichen, beim zweiten Aufruf verwenden.",
        "Change a key of the service itself: publish it first, use it with the second call.",
    ),
    "help.keys.service-purpose": ("Welcher Schlüssel des Dienstes.", "Which key of the service."),
    "master.key": ("Hauptschlüssel {id} seit {since}.", "Master key {id} since {since}."),
    "master.key-unfinished": (
        "Hauptschlüssel {id} seit {since}; der Wechsel von {former} ist noch nicht abgeschlossen.",
        "Master key {id} since {since}; its change from {former} is not finished.",
    ),
    "master.made": ("Neuer Hauptschlüssel angelegt: {path}", "New master key made: {path}"),
    "master.settling-now": (
        "Der neue Hauptschlüssel wird den anderen Knoten bekannt; noch {seconds} Sekunden.",
        "The other nodes learn the new master key; {seconds} seconds left.",
    ),
    "master.rewrapped": (
        "Neu eingepackt: {done}. Unter dem bisherigen Hauptschlüssel {former} liegt nichts mehr, was er öffnet.",
        "Wrapped anew: {done}. Nothing is left that the former master key {former} opens.",
    ),
    "master.damaged": (
        "{count} Einträge öffnet kein Schlüssel; amtsbote store check nennt die betroffenen Einreichungen.",
        "{count} entries open with no key; amtsbote store check names the submissions concerned.",
    ),
    "master.next": (
        "Jetzt {new} an die Stelle von {old} legen, auf jedem Knoten, und den Dienst neu starten.",
        "Now put {new} in the place of {old}, on every node, and restart the service.",
    ),
    "master.then": (
        "Danach: amtsbote keys finish-master. Bis dahin öffnet jede der beiden Dateien die Installation.",
        "Afterwards: amtsbote keys finish-master. Until then either file opens the installation.",
    ),
    "master.finished": (
        "Hauptschlüssel ist {id}. {former} wird nur noch für ältere Sicherungen gebraucht; so lange aufbewahren.",
        "The master key is {id}. {former} is needed for older backups only; keep it as long as those.",
    ),
    "master.unwritable": ("{path} lässt sich nicht anlegen: {reason}.", "{path} cannot be made: {reason}."),
    "master.unfinished": (
        "Der Wechsel zum Hauptschlüssel {new} ist noch nicht abgeschlossen; bitte mit dessen Datei fortsetzen.",
        "The change to the master key {new} is not finished; go on with its file.",
    ),
    "master.no-change": (
        "Der Hauptschlüssel wird gerade nicht gewechselt.",
        "The master key is not being changed.",
    ),
    "master.changed-meanwhile": (
        "Inzwischen hat jemand anderes den Hauptschlüssel gewechselt; bitte noch einmal.",
        "Somebody else changed the master key meanwhile; try again.",
    ),
    "master.settling": (
        "Der neue Hauptschlüssel ist keine {seconds} Sekunden in Gebrauch; bitte gleich noch einmal.",
        "The new master key has been in use for less than {seconds} seconds; try again in a moment.",
    ),
    "master.former-file": (
        "Der Dienst hat noch die Datei von {former}: erst die von {new} an ihre Stelle legen und neu starten.",
        "The service still has the file of {former}: first put that of {new} in its place and restart.",
    ),
    "master.needed": (
        "{count} Einträge liegen noch unter dem Hauptschlüssel {former}: amtsbote keys rotate-master wiederholen.",
        "{count} entries still lie under the master key {former}: repeat amtsbote keys rotate-master.",
    ),
    "service.published": (
        "Neuer Schlüssel veröffentlicht: {ready}. Nach einer Minute, besser einem Tag, denselben Befehl noch einmal.",
        "New key published: {ready}. Give the same command again after a minute, better after a day.",
    ),
    "service.rotated": (
        "Ab jetzt unterschreibt {current}. Der bisherige, {former}, bleibt veröffentlicht.",
        "From now on {current} signs. The former, {former}, stays published.",
    ),
    "doctor.master-unfinished": (
        "Der Wechsel des Hauptschlüssels von {former} zu {id} ist noch nicht abgeschlossen (seit {days} Tagen).",
        "The change of the master key from {former} to {id} is not finished (for {days} days).",
    ),
    "doctor.master-unfinished.todo": (
        "amtsbote keys rotate-master wiederholen, die Datei ersetzen, neu starten, dann amtsbote keys finish-master.",
        "Repeat amtsbote keys rotate-master, replace the file, restart, then amtsbote keys finish-master.",
    ),
    "doctor.master-old": (
        "Der Hauptschlüssel {id} ist {days} Tage alt.",
        "The master key {id} is {days} days old.",
    ),
    "doctor.master-old.todo": (
        "Ihn wechseln: amtsbote keys rotate-master --new-file DATEI.",
        "Change it: amtsbote keys rotate-master --new-file FILE.",
    ),
    "doctor.fine.master-age": (
        "Der Hauptschlüssel ist nicht alt, und kein Wechsel ist offen.",
        "The master key is not old, and no change of it is open.",
    ),
}
