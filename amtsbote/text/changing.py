"""Sentences about versions of the routing tables and the change sets they come from."""

from collections.abc import Mapping
from typing import Final

CHANGING: Final[Mapping[str, tuple[str, str]]] = {
    "help.routes.versions": (
        "Alle Versionen der Routingtabellen: wer, wann, warum, ab welchem Tag.",
        "All versions of the routing tables: who, when, why, from which day on.",
    ),
    "help.routes.version": (
        "Diese Version; sonst die geltende.",
        "This version; the one in force otherwise.",
    ),
    "help.routes.csv": (
        "Die ganze Tabelle, wie sie geschrieben wurde, auf die Standardausgabe.",
        "The whole table as it was written, on standard output.",
    ),
    "column.version": ("Version", "Version"),
    "column.standing": ("Stand", "Standing"),
    "column.effective": ("gilt ab", "in force from"),
    "column.made": ("erstellt", "made"),
    "column.author": ("von", "by"),
    "column.releaser": ("freigegeben von", "released by"),
    "column.reason": ("Grund", "Reason"),
    "standing.in-force": ("gilt", "in force"),
    "standing.pending": ("kommt", "to come"),
    "standing.past": ("vorbei", "past"),
    "help.routes.propose": (
        "Geänderte Tabellen als Änderungssatz vorschlagen; sie gelten erst nach der Freigabe.",
        "Propose changed tables as a change set; they are in force only after its release.",
    ),
    "help.routes.files": (
        "CSV- oder XLSX-Dateien, benannt wie ihre Tabelle (zustaendigkeiten.csv). XLSX: ein Blatt je Tabelle.",
        "CSV or XLSX files named like their table (zustaendigkeiten.csv). XLSX: one sheet per table.",
    ),
    "help.routes.tables": ("Ordner mit Tabellen statt einzelner Dateien.", "Folder of tables instead of single files."),
    "help.routes.reason": ("Warum; steht danach bei der Version.", "Why; it stands beside the version afterwards."),
    "help.routes.effective": (
        "Erster Tag der Geltung (JJJJ-MM-TT); sonst der Tag der Freigabe.",
        "First day in force (YYYY-MM-DD); the day of the release otherwise.",
    ),
    "help.routes.base": (
        "Version, die geändert wurde; sonst die geltende. Nötig, wenn am ersten Tag eine andere gelten wird.",
        "Version that was changed; else the one in force. Needed where another will be in force on the first day.",
    ),
    "help.routes.drafts": ("Änderungssätze auflisten, neueste zuerst.", "List change sets, newest first."),
    "help.routes.drafts-state": ("Nur in diesem Zustand.", "Only in this state."),
    "help.routes.difference": (
        "Zeigen, welche Zeilen ein Änderungssatz ändert und wer zustimmen muss.",
        "Show which rows a change set changes and who must consent.",
    ),
    "help.routes.release": (
        "Einen Änderungssatz freigeben: Er wird eine Version. Das tut eine zweite Person, wo ein Mandant sie verlangt.",
        "Release a change set: it becomes a version. A second person does it where a tenant wants one.",
    ),
    "help.routes.discard": ("Einen Änderungssatz verwerfen.", "Discard a change set."),
    "help.routes.rollback": (
        "Die Tabellen einer früheren Version als Änderungssatz vorschlagen.",
        "Propose the tables of an earlier version as a change set.",
    ),
    "help.routes.import": (
        "Den Auszug eines Registers übernehmen: Regeln als Änderungssatz, Behörden sofort. Eigenes geht vor.",
        "Take in the extract of a registry: rules as a change set, authorities at once. Your own goes first.",
    ),
    "help.import.files": (
        "CSV oder XLSX (ein Blatt je Tabelle): behoerden, leistungen, rollen, vertretungen, zustaendigkeiten.",
        "CSV or XLSX (one sheet per table): behoerden, leistungen, rollen, vertretungen, zustaendigkeiten.",
    ),
    "help.import.source": (
        "Name des Registers, bei jedem Auszug derselbe, z. B. pvog; er steht als Herkunft in jeder Zeile.",
        "Name of the registry, the same for each extract, e.g. pvog; it is the origin of every row.",
    ),
    "help.import.stand": ("Tag, an dem der Auszug entstand.", "Day on which the extract was drawn."),
    "help.import.reason": (
        "Warum; steht in der Versionsliste. Ohne Angabe Quelle und Tag.",
        "Why; it is told with the version. By default the source and its day.",
    ),
    "help.import.complete": (
        "Der Auszug ist vollständig, auch wenn viel fehlt.",
        "The extract is complete even if much is missing.",
    ),
    "help.import.narrower-first": (
        "Regeln für kleinere Gebiete gehen Regeln von Hand für größere vor; jede wird genannt.",
        "Rules about smaller regions go before rules by hand about larger ones; each is named.",
    ),
    "help.import.dry-run": ("Nur zeigen, was geschähe.", "Only show what would happen."),
    "import.authorities": (
        "behoerden: {added} neu, {changed} geändert, {removed} entfernt",
        "behoerden: {added} added, {changed} changed, {removed} removed",
    ),
    "import.nothing": ("Nichts zu ändern.", "Nothing to change."),
    "import.only-day": (
        "Nichts zu ändern; der neue Tag der Behörden ist vermerkt.",
        "Nothing to change; the new day of the authorities is noted.",
    ),
    "import.dry-run": ("Nichts geschrieben.", "Nothing written."),
    "import.stand-to-come": (
        "Der Stand {stand} liegt nach heute ({today}): Jeder richtige Auszug wäre danach älter und änderte nichts.",
        "The day {stand} is after today ({today}): every real extract would be older, and change nothing.",
    ),
    "import.authorities-not-for-editors": (
        "Behörden übernimmt nur der Betreiber. Bearbeiter können Regeln einführen.",
        "Authorities are taken in by the operator alone. Editors may import rules.",
    ),
    "help.routes.draft": ("Nummer des Änderungssatzes.", "Number of the change set."),
    "help.routes.rollback-to": ("Nummer der früheren Version.", "Number of the earlier version."),
    "column.line": ("Zeile", "Line"),
    "column.base": ("auf Version", "on version"),
    "column.settled-by": ("entschieden von", "settled by"),
    "draft-state.open": ("offen", "open"),
    "draft-state.released": ("freigegeben", "released"),
    "draft-state.discarded": ("verworfen", "discarded"),
    "draft.made": (
        "Änderungssatz {id} liegt bereit und gilt noch nicht.",
        "Change set {id} is ready and not in force yet.",
    ),
    "draft.there": (
        "Genau dieser Vorschlag liegt schon als Änderungssatz {id} bereit; er gilt noch nicht.",
        "Exactly this proposal is ready already as change set {id}; it is not in force yet.",
    ),
    "draft.counts": (
        "{table}: {added} neu, {changed} geändert, {removed} entfernt",
        "{table}: {added} added, {changed} changed, {removed} removed",
    ),
    "draft.release-hint": (
        "Ansehen: amtsbote routes difference {id}. Freigeben: amtsbote routes release {id}",
        "Look: amtsbote routes difference {id}. Release: amtsbote routes release {id}",
    ),
    "draft.second-person": (
        "Freigeben muss eine zweite Person; das verlangen: {tenants}",
        "A second person must release it; that is wanted by: {tenants}",
    ),
    "draft.nobody-releases": (
        "Noch gibt es keine: bitte unter [[editors]] jemanden mit may_release eintragen (oder four_eyes = false).",
        "There is none yet: enter somebody with may_release under [[editors]] (or four_eyes = false).",
    ),
    "draft.first-version": (
        "Version {version} gilt sofort: Es ist die erste.",
        "Version {version} is in force at once: it is the first.",
    ),
    "draft.released-now": (
        "Freigegeben als Version {version}; sie gilt ab {day}.",
        "Released as version {version}, in force from {day}.",
    ),
    "draft.carried": (
        "Die schon für später freigegebenen Versionen {versions} wurden mit dieser Änderung fortgeschrieben.",
        "The versions released for later, {versions}, go on with this change.",
    ),
    "draft.discarded-now": ("Änderungssatz {id} ist verworfen.", "Change set {id} is discarded."),
    "draft.mirror": (
        (
            "Diese Installation spiegelt die Routingtabellen von {issuer} (mirror.issuer) und hat keine eigenen."
            " Änderungen bitte dort."
        ),
        (
            "This installation mirrors the routing tables of {issuer} (mirror.issuer) and has none of its own."
            " Change them there."
        ),
    ),
    "draft.not-weighed": (
        "Die Prüfung der Tabellen kam zu keinem Ende: Zeit oder Speicher reichten nicht. Es wurde nichts geändert.",
        "The check of the tables came to no end: time or memory did not suffice. Nothing was changed.",
    ),
    "draft.unknown": (
        "Den Änderungssatz {id} gibt es nicht. „amtsbote routes drafts“ nennt alle.",
        "There is no change set {id}. `amtsbote routes drafts` lists all.",
    ),
    "draft.settled": (
        "Über den Änderungssatz {id} ist schon entschieden.",
        "The change set {id} is settled already.",
    ),
    "draft.base-open": (
        "Heute gilt Version {now}, am {day} gilt Version {then}. Welche wurde geändert, --base {now} oder {then}?",
        "Version {now} is in force today, version {then} will be on {day}. Which was changed: --base {now} or {then}?",
    ),
    "draft.nothing": (
        "Keine Zeile wäre danach anders; es gibt nichts zu tun.",
        "No row would be different afterwards; there is nothing to do.",
    ),
    "draft.out-of-scope": (
        "Diese Zeilen liegen außerhalb des Bereichs, den Sie bearbeiten dürfen ({count}):\n{rows}",
        "These rows lie outside the scope you may edit ({count}):\n{rows}",
    ),
    "draft.out-of-scope-later": (
        "Auch Version {version} ändert sich, dort liegen diese Zeilen außerhalb Ihres Bereichs ({count}):\n{rows}",
        "Version {version} would change by this, too; there these rows lie outside your scope ({count}):\n{rows}",
    ),
    "draft.may-not-release": (
        "Sie dürfen vorschlagen, aber nicht freigeben (may_release).",
        "You may propose but not release (may_release).",
    ),
    "draft.four-eyes": (
        (
            "Änderungssatz {id} muss eine zweite Person freigeben ([[editors]] mit may_release, oder der Betreiber)."
            " Das verlangen (four_eyes): {tenants}."
        ),
        (
            "A second person must release change set {id} ([[editors]] with may_release, or the operator)."
            " That is wanted by (four_eyes): {tenants}."
        ),
    ),
    "draft.overlapping": (
        "Version {version} hat inzwischen Zeilen zur selben Sache geändert; bitte auf ihr neu vorschlagen:\n{rows}",
        "Version {version} has changed rows about the same thing meanwhile; propose again on it:\n{rows}",
    ),
    "draft.reason-control": (
        "Der Grund ist eine Zeile Text; ein Steuerzeichen darin (auch Zeilenumbruch, Tabulator) geht nicht.",
        "The reason is one line of text; it cannot have a control character (nor a line break or a tab) in it.",
    ),
    "draft.changed-meanwhile": (
        "Jemand anderes hat inzwischen etwas geändert oder über den Änderungssatz entschieden. Bitte neu ansehen.",
        "Somebody else has changed something meanwhile or settled the change set. Look again.",
    ),
    "office.no-group": (
        "Die Gruppe „{group}“ (admin.group) gibt es auf diesem Rechner nicht.",
        "There is no group `{group}` (admin.group) on this machine.",
    ),
    "office.group-not-ours": (
        "Der Dienst gehört nicht zur Gruppe „{group}“ (admin.group); bitte seinen Benutzer aufnehmen.",
        "The service is not in the group `{group}` (admin.group); add its user.",
    ),
    "office.busy": (
        "Es laufen schon mehrere Ihrer Befehle; bitte gleich noch einmal.",
        "Several of your commands are being carried out already; try again in a moment.",
    ),
    "editing.not-computed": (
        "Dafür reichten Zeit oder Speicher nicht. Bitte enger fragen, oder Tabellen als CSV einreichen.",
        "Time or memory did not suffice for that. Ask for less, or hand in tables as CSV.",
    ),
    "office.editor-gone": (
        "Sie sind nicht mehr als Bearbeiter eingetragen.",
        "You are not registered as an editor any more.",
    ),
    "office.not-for-editors": (
        "Bearbeiter dürfen nur die Befehle zu den Routingtabellen („amtsbote routes“).",
        "Editors may use only the commands about routing tables (`amtsbote routes`).",
    ),
    "apply.four-eyes": (
        (
            "Die Routingtabellen werden als Änderungssatz vorgeschlagen, nicht geändert: Eine zweite Person"
            " muss ihn freigeben. Das verlangen: {tenants}"
        ),
        (
            "The routing tables are proposed as a change set, not changed: a second person must"
            " release it. That is wanted by: {tenants}"
        ),
    ),
    "tables.files-or-folder": (
        "Bitte entweder Dateien oder mit --tables einen Ordner angeben.",
        "Give either files or, with --tables, a folder.",
    ),
    "tables.none-in-folder": (
        "In {path} liegt keine Tabelle. Erwartet werden Dateien wie {known}, mit .csv oder .xlsx.",
        "There is no table in {path}. Files like {known} are expected, with .csv or .xlsx.",
    ),
    "tables.twice": (
        "Die Tabelle {table} kommt zweimal vor, zuletzt in {file}.",
        "The table {table} is given twice, last in {file}.",
    ),
    "tables.file-name": (
        "{file} ist nicht nach einer Tabelle benannt. Möglich: {known}, mit .csv oder .xlsx.",
        "{file} is not named after a table. Possible: {known}, with .csv or .xlsx.",
    ),
    "tables.unreadable": ("{file} ist nicht lesbar: {reason}.", "{file} cannot be read: {reason}."),
    "help.routes.what-if": (
        "Zeigen, welche Einreichungen der letzten Tage mit einem Änderungssatz anders gegangen wären (ohne Inhalte).",
        "Show which submissions of the last days would go elsewhere with a change set (without their content).",
    ),
    "help.routes.days": ("So viele Tage zurück.", "So many days back."),
    "help.routes.what-if-csv": ("Als CSV auf die Standardausgabe.", "As CSV on standard output."),
    "help.routes.coverage": (
        "Je Leistung und Gemeinde zeigen, wer zuständig ist, mit Lücken, Konflikten und fehlenden Zustellpunkten.",
        "Show who is competent for each service in each municipality, with gaps, conflicts and missing destinations.",
    ),
    "help.routes.coverage-draft": ("Mit diesem Änderungssatz.", "With this change set."),
    "help.routes.coverage-tables": (
        "Tabellen aus diesem Ordner statt der geltenden; ohne Installation.",
        "Tables of this folder instead of those in force; without an installation.",
    ),
    "help.routes.coverage-packages": (
        "Mit --tables: eigene Leistungspakete aus diesem Ordner; sonst die der Installation, wenn es eine gibt.",
        "With --tables: own service packages of this folder; otherwise those of the installation, if there is one.",
    ),
    "help.routes.coverage-declaration": (
        "Mit --tables: Behörden und Zustellpunkte aus dieser Deklaration; sonst werden Zustellpunkte nicht angesehen.",
        "With --tables: authorities and destinations of this declaration; otherwise destinations are not looked at.",
    ),
    "help.routes.coverage-date": (
        "Stichtag (JJJJ-MM-TT); sonst heute, bei einem Änderungssatz sein erster Tag.",
        "Day (YYYY-MM-DD); otherwise today, of a change set its first day.",
    ),
    "help.routes.coverage-service": (
        "Nur Leistungen, deren Schlüssel so beginnt.",
        "Only services whose key begins like this.",
    ),
    "help.routes.coverage-land": (
        "Nur Gemeinden, deren ARS so beginnt (14 = Sachsen).",
        "Only municipalities whose ARS begins like this (14 = Saxony).",
    ),
    "help.routes.coverage-csv": (
        "Alles ohne eindeutige Behörde oder ohne Zustellpunkt in diese Datei schreiben (Semikolon, UTF-8).",
        "Write everything without a single authority or without a destination to this file (semicolon, UTF-8).",
    ),
    "help.routes.coverage-all": (
        "In der CSV auch, wo alles geklärt ist.",
        "In the CSV also where everything is settled.",
    ),
    "help.routes.coverage-html": (
        "Eine Seite zum Lesen und Drucken schreiben.",
        "Write a page to read and print.",
    ),
    "what-if.more": ("… und {count} weitere; alle mit --csv.", "… and {count} more; all with --csv."),
    "what-if.done": (
        "{moved} von {checked} Einreichungen wären anders gegangen.",
        "{moved} of {checked} submissions would have gone elsewhere.",
    ),
    "verdict-of-tables.competent": ("zuständig", "competent"),
    "verdict-of-tables.no-destination": ("kein Zustellpunkt", "no destination"),
    "verdict-of-tables.nobody": ("ausdrücklich niemand", "expressly nobody"),
    "verdict-of-tables.open": ("je nach Angaben", "depends on facts"),
    "verdict-of-tables.conflict": ("Konflikt", "conflict"),
    "verdict-of-tables.gap": ("Lücke", "gap"),
    "coverage.head": (
        "Abdeckung der Zuständigkeitstabellen, Version {version}, am {day}",
        "Coverage of the routing tables, version {version}, on {day}",
    ),
    "coverage.pairs": (
        "{total} Paare aus Leistung und Gemeinde, {services} Leistungen.",
        "{total} pairs of service and municipality, {services} services.",
    ),
    "coverage.result": ("Lücken: {gaps}, Konflikte: {conflicts}.", "Gaps: {gaps}, conflicts: {conflicts}."),
    "coverage.no-destination": (
        "Zuständige Behörde, aber kein Zustellpunkt: {count}.",
        "Competent authority, but no destination: {count}.",
    ),
    "coverage.no-destination-here": (
        "Kein Zustellpunkt im Echtbetrieb nimmt die Leistung hier für sie an, oder mehrere gleicher Art.",
        "No live destination takes the service here for them, or several of the same kind do.",
    ),
    "coverage.not-examined": (
        "Zustellpunkte wurden nicht angesehen; dazu die Deklaration mit --declaration angeben.",
        "Destinations were not looked at; give the declaration with --declaration for that.",
    ),
    "coverage.only-with-tables": (
        "{option} gehört zu --tables; sonst gilt, was die Installation hat.",
        "{option} belongs to --tables; otherwise what the installation has counts.",
    ),
    "coverage.by-land": ("Je Land", "By Land"),
    "coverage.by-service": ("Je Leistung", "By service"),
    "coverage.legend": (
        "✓: überall eindeutig und mit Zustellpunkt, oder ausdrücklich niemand. Sonst die Zahl der Gemeinden.",
        "✓: everywhere a single authority with a destination, or expressly nobody. Otherwise the number of places.",
    ),
    "coverage.legend-not-examined": (
        "✓: überall eindeutig oder ausdrücklich niemand. Sonst die Zahl der Gemeinden.",
        "✓: everywhere a single authority or expressly nobody. Otherwise the number of municipalities.",
    ),
    "coverage.findings": ("Was anzusehen ist", "What needs a look"),
    "coverage.more": ("… und {count} weitere; alle in der CSV.", "… and {count} more; all in the CSV."),
    "coverage.column.service": ("Leistung", "Service"),
    "coverage.column.service-name": ("Bezeichnung", "Name of the service"),
    "coverage.column.place": ("Gebiet", "Region"),
    "coverage.column.name": ("Name", "Name"),
    "coverage.column.municipalities": ("Gemeinden", "Municipalities"),
    "coverage.column.verdict": ("Ergebnis", "Result"),
    "coverage.column.authorities": ("Behörden", "Authorities"),
    "coverage.column.reason": ("Grund", "Reason"),
    "coverage.draft-or-tables": (
        "Bitte entweder --draft oder --tables angeben.",
        "Give either --draft or --tables.",
    ),
    "coverage.land-unknown": (
        "Keine Gemeinde der Tabellen hat einen ARS, der mit {land} beginnt. Bekannte Länder: {known}.",
        "No municipality of the tables has an ARS that begins with {land}. Known Länder: {known}.",
    ),
    "coverage.unwritable": ("{file} lässt sich nicht schreiben: {reason}.", "{file} cannot be written: {reason}."),
    "office.version-unknown": (
        "Die Version {version} gibt es nicht. „amtsbote routes versions“ nennt alle.",
        "There is no version {version}. `amtsbote routes versions` lists all.",
    ),
}
