"""Sentences of the command line: help, output, errors."""

from collections.abc import Mapping
from typing import Final

from amtsbote.text.looking import LOOKING

HELP: Final[Mapping[str, tuple[str, str]]] = {
    "help.app": (
        "Amtsbote: Nachrichtenbroker für die öffentliche Verwaltung.",
        "Amtsbote: message broker for the public administration.",
    ),
    "help.exits": ("Rückgabewerte:", "Exit codes:"),
    "help.panel.options": ("Optionen", "Options"),
    "help.panel.arguments": ("Angaben", "Arguments"),
    "help.panel.commands": ("Befehle", "Commands"),
    "help.help": ("Diese Hilfe zeigen.", "Show this help."),
    "help.lang": (
        "Sprache der Ausgabe; sonst nach AMTSBOTE_LANG oder Gebietsschema.",
        "Language of the output; otherwise by AMTSBOTE_LANG or locale.",
    ),
    "help.json": ("Ausgabe als JSON, für Programme.", "Output as JSON, for programs."),
    "help.config": ("Installationsdatei.", "Installation file."),
    "help.init": (
        "Eine neue Installation anlegen: Konfiguration, Hauptschlüssel, leere Datenbank.",
        "Make a new installation: configuration, master key, empty database.",
    ),
    "help.init.folder": (
        "Ordner der Installation; er darf noch nichts davon enthalten.",
        "Folder of the installation; it must not hold one yet.",
    ),
    "help.init.trust-anchor": (
        "PEM-Datei mit einem Wurzelzertifikat, in dem jede Kette enden muss; mehrfach möglich.",
        "PEM file with a root certificate every chain must end in; may be repeated.",
    ),
    "help.init.public-url": (
        "Adresse, unter der Portale den Dienst erreichen. Sie gilt für immer: Ereignisse tragen sie.",
        "Address portals reach the service at. It is for ever: events carry it.",
    ),
    "help.init.listen": (
        "Wo der Dienst Anfragen annimmt, HOST:PORT.",
        "Where the service takes requests, HOST:PORT.",
    ),
    "help.init.database-file": (
        "Datei mit der Adresse einer leeren PostgreSQL-Datenbank, postgresql://…, als einziger Zeile; sonst SQLite.",
        "File with the address of an empty PostgreSQL database, postgresql://…, as its only line; otherwise SQLite.",
    ),
    "help.init.metrics-listen": (
        "Wo der Dienst Messwerte anbietet, HOST:PORT.",
        "Where the service offers metrics, HOST:PORT.",
    ),
    "help.serve": (
        "Den Dienst starten. SIGTERM beendet ihn geordnet, SIGHUP liest die Installationsdatei neu.",
        "Start the service. SIGTERM stops it in an orderly way, SIGHUP reads the installation file again.",
    ),
    "help.serve.workers": (
        "Zahl der Prozesse auf diesem Rechner; mehr als einer braucht PostgreSQL.",
        "Number of processes on this machine; more than one needs PostgreSQL.",
    ),
    "help.serve.role": (
        "all: alles; intake: nur Anfragen annehmen; worker: nur Aufträge abarbeiten. Rollen brauchen PostgreSQL.",
        "all: everything; intake: only take requests in; worker: only work jobs off. Roles need PostgreSQL.",
    ),
    "help.apply": (
        "Eine Deklaration übernehmen: erst den Unterschied zeigen, dann fragen.",
        "Apply a declaration: show the difference first, then ask.",
    ),
    "help.apply.file": (
        "TOML-Datei mit Mandanten, Portalen, Zustellpunkten, Behörden, Zielen, Routen.",
        "TOML file of tenants, portals, destinations, authorities, targets, routes.",
    ),
    "help.apply.yes": ("Nicht fragen.", "Do not ask."),
    "help.apply.dry-run": ("Nur den Unterschied zeigen, nichts ändern.", "Show the difference only, change nothing."),
    "help.submissions": (
        "Einreichungen ansehen; eine zum Ausprobieren senden.",
        "Look at submissions; send one to try.",
    ),
    "help.submissions.list": ("Einreichungen auflisten, neueste zuerst.", "List submissions, newest first."),
    "help.submissions.state": ("Nur in diesem Zustand.", "Only in this state."),
    "help.submissions.offset": ("Wie viele zu überspringen sind.", "How many to skip."),
    "help.submissions.limit": ("Wie viele zu zeigen sind.", "How many to show."),
    "help.submissions.show": (
        "Eine Einreichung mit Teilen, Ereignissen, Zustellungen und Klärungsfällen.",
        "One submission with parts, events, deliveries and dead letters.",
    ),
    "help.submissions.trace": (
        "Jeder Schritt einer Einreichung: Dauer, Ergebnis, Regel, Tabellenversion.",
        "Every step of a submission: duration, verdict, rule, table version.",
    ),
    "help.submissions.id": ("Nummer der Einreichung (submissionId).", "Id of the submission (submissionId)."),
    "help.version": ("Die Version zeigen.", "Show the version."),
}

EXITS: Final[Mapping[str, tuple[str, str]]] = {
    "exit.0": ("in Ordnung", "fine"),
    "exit.1": ("abgelehnt oder fehlgeschlagen", "refused or failed"),
    "exit.5": (
        "nicht übernommen: die Rückfrage wurde verneint",
        "not applied: the question was answered with no",
    ),
    "exit.64": ("falscher Aufruf", "wrong usage"),
    "exit.66": ("nicht gefunden", "not found"),
    "exit.70": (
        "kein Ergebnis: eine Prüfung oder das Programm ist gescheitert",
        "no result: a check, or the program, failed",
    ),
    "exit.75": (
        "der Datenordner ist belegt, aber kein Dienst antwortet",
        "the data folder is in use, but no service answers",
    ),
    "exit.130": ("mit Strg-C abgebrochen", "interrupted with Ctrl-C"),
}

OUTPUT: Final[Mapping[str, tuple[str, str]]] = {
    "cli.error": ("Fehler: {reason}", "Error: {reason}"),
    "cli.line": ("Zeile {number}", "line {number}"),
    "cli.usage": ("Falscher Aufruf: {reason} Hilfe: {help}", "Wrong usage: {reason} Help: {help}"),
    "usage.no-option": ("Die Option {name} gibt es nicht.", "There is no option {name}."),
    "usage.no-option-near": (
        "Die Option {name} gibt es nicht. Ist {near} gemeint?",
        "There is no option {name}. Did you mean {near}?",
    ),
    "usage.missing": ("Die Angabe „{name}“ fehlt.", "`{name}` is missing."),
    "usage.value": ("„{name}“: {why}", "`{name}`: {why}"),
    "usage.day": (
        "„{name}“: Erwartet wird ein Tag, den es gibt, als JJJJ-MM-TT, z. B. 2026-01-31.",
        "`{name}`: a day that exists is expected, as YYYY-MM-DD, e.g. 2026-01-31.",
    ),
    "usage.option": (
        "Bei {name} fehlt der Wert, oder {name} nimmt keinen.",
        "{name} lacks its value, or takes none.",
    ),
    "usage.command": (
        "Hier fehlt ein Befehl, oder es gibt ihn nicht. Möglich: {known}.",
        "A command is missing here, or there is none of that name. Possible: {known}.",
    ),
    "usage.too-many": ("Das sind mehr Angaben, als der Befehl nimmt.", "These are more words than the command takes."),
    "cli.interrupted": ("Abgebrochen.", "Interrupted."),
    "cli.internal": (
        "Unerwarteter Fehler ({name}). Mit AMTSBOTE_TRACEBACK=1 zeigt der Befehl, wo.",
        "Unexpected error ({name}). With AMTSBOTE_TRACEBACK=1 the command shows where.",
    ),
    "init.exists": (
        "{path} gibt es schon; es wird nichts überschrieben.",
        "{path} exists already; nothing is overwritten.",
    ),
    "init.database-used": (
        (
            "Die Datenbank enthält schon eine Installation; es wird nichts überschrieben. Ein weiterer Knoten braucht"
            " kein init: amtsbote.toml und master.key des ersten Knotens kopieren und anpassen."
        ),
        (
            "The database holds an installation already; nothing is overwritten. Another node needs no init: copy"
            " amtsbote.toml and master.key of the first node and adjust them."
        ),
    ),
    "init.cannot-write": ("{path} lässt sich nicht anlegen: {reason}.", "{path} cannot be made: {reason}."),
    "init.made": ("Angelegt: {path}", "Made: {path}"),
    "init.next": ("Nächste Schritte:", "Next steps:"),
    "init.next.config": ("{path} lesen und anpassen", "read and adjust {path}"),
    "init.next.backup": (
        "{path} getrennt von den Daten sichern: ohne ihn sind sie nicht mehr lesbar",
        "back up {path} apart from the data: without it they cannot be read",
    ),
    "init.next.run": ("ausführen: {command}", "run: {command}"),
    "apply.nothing": ("Nichts zu ändern.", "Nothing to change."),
    "apply.added": ("neu", "new"),
    "apply.changed": ("geändert", "changed"),
    "apply.removed": ("entfernt", "removed"),
    "apply.summary": (
        "{added} neu, {changed} geändert, {removed} entfernt.",
        "{added} new, {changed} changed, {removed} removed.",
    ),
    "apply.ask": ("Übernehmen?", "Apply?"),
    "apply.refused": ("Nicht übernommen.", "Not applied."),
    "apply.done": ("Übernommen (Stand {revision}).", "Applied (revision {revision})."),
    "apply.new-secret": (
        "Für „{id}“ wird ein Geheimnis erzeugt: {file}",
        "A secret will be made for `{id}`: {file}",
    ),
    "apply.secret-written": (
        "Geheimnis für „{id}“: {file} (nur hier; bitte sicher übergeben und dann löschen)",
        "Secret for `{id}`: {file} (only here; hand it over safely, then delete it)",
    ),
    "submissions.none": ("Keine Einreichungen.", "No submissions."),
    "submissions.count": ("{shown} von {total} Einreichungen", "{shown} of {total} submissions"),
    "submissions.id": ("Nummer", "Id"),
    "submissions.case": ("Vorgang", "Case"),
    "submissions.kind": ("Art", "Kind"),
    "submissions.state": ("Zustand", "State"),
    "submissions.service": ("Leistung", "Service"),
    "submissions.destination": ("Zustellpunkt", "Destination"),
    "submissions.tenant": ("Mandant", "Tenant"),
    "submissions.sender": ("Zugang des Portals", "Portal's client"),
    "submissions.region": ("Gebiet", "Region"),
    "submissions.created": ("Angelegt", "Created"),
    "submissions.submitted": ("Eingereicht", "Submitted"),
    "submissions.parts": ("Teile", "Parts"),
    "submissions.part": ("Teil", "Part"),
    "submissions.size": ("Byte", "Bytes"),
    "submissions.events": ("Ereignisse", "Events"),
    "submissions.event": ("Ereignis", "Event"),
    "submissions.time": ("Zeit", "Time"),
    "submissions.signed": ("signiert", "signed"),
    "submissions.deliveries": ("Zustellungen", "Deliveries"),
    "submissions.target": ("Ziel", "Target"),
    "submissions.primary": ("maßgeblich", "primary"),
    "submissions.failure": ("letzter Fehler", "last failure"),
    "submissions.todo": ("Was zu tun ist", "What to do"),
    "submissions.step": ("Schritt", "Step"),
    "submissions.attempt": ("Versuch", "Attempt"),
    "submissions.duration": ("Dauer (ms)", "Duration (ms)"),
    "submissions.verdict": ("Ergebnis", "Verdict"),
    "submissions.details": ("Einzelheiten", "Details"),
    "submissions.no-steps": ("Noch kein Schritt ausgeführt.", "No step has run yet."),
    "word.yes": ("ja", "yes"),
    "word.no": ("nein", "no"),
    "serve.listening": ("Amtsbote startet auf {address} ({url})", "Amtsbote starts on {address} ({url})"),
    "serve.metrics": ("Messwerte: http://{address}/metrics", "Metrics: http://{address}/metrics"),
    "serve.admin": ("Verwaltung: {socket}", "Administration: {socket}"),
    "serve.editing": (
        "API für Bearbeiter: http://{address}, von außen {url}",
        "API for editors: http://{address}, from outside {url}",
    ),
    "serve.stopped": ("Amtsbote ist beendet.", "Amtsbote has stopped."),
}

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {**HELP, **EXITS, **OUTPUT, **LOOKING}
