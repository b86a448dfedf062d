"""Sentences of `amtsbote regions`."""

from collections.abc import Mapping
from typing import Final

REGIONS: Final[Mapping[str, tuple[str, str]]] = {
    "help.regions": (
        "Gebiete: amtliche Listen übernehmen, vergleichen, durchsuchen; Nachfolger und Gebietsreformen.",
        "Regions: take over official lists, compare them, search; successors and reforms of territory.",
    ),
    "help.regions.import": (
        "Listen lesen und übernehmen: in einen Ordner von Tabellen (--into) oder als Änderungssatz (--propose).",
        "Read lists and merge them: into a folder of tables (--into) or as a change set (--propose).",
    ),
    "help.regions.list": (
        "Woher die Zeilen der Gebietstabellen kommen, wie viele es sind und von welchem Stand.",
        "Where the rows of the tables of regions come from, how many they are and of which day.",
    ),
    "help.regions.diff": (
        "Zwei Stände vergleichen: neu, weggefallen, umbenannt, umgeschlüsselt, mit Vorschlägen für Nachfolger.",
        "Compare two states: new, gone, renamed, under another key, with proposals of successors.",
    ),
    "help.regions.search": (
        "Orte suchen: Name, Postleitzahl, Schlüssel. Alle Treffer, die besten zuerst; Exitcode 1, wenn nichts passt.",
        "Search places: name, postcode or key. All that fit, the best first; exit code 1 when nothing does.",
    ),
    "help.regions.reform": (
        "Was eine Gebietsreform für Regeln, Zustellpunkte, offene Einreichungen bedeutet; Tabellen als Vorschlag.",
        "What a reform of territory means for rules, destinations, open submissions; changed tables as a proposal.",
    ),
    "help.regions.successors": (
        "Nachfolger weggefallener Schlüssel: ansehen, vorschlagen, bestätigen.",
        "Successors of keys that are gone: list, propose, confirm.",
    ),
    "help.regions.successors.list": (
        "Bekannte und vorgeschlagene Nachfolger, und die Schlüssel ohne bekannten Nachfolger.",
        "Known and proposed successors, and the keys whose successor is unknown.",
    ),
    "help.regions.successors.propose": (
        "Aus zwei Ständen Vorschläge in die Tabelle nachfolger schreiben. Sie gelten erst nach der Bestätigung.",
        "Write proposals from two states into the table nachfolger. They are followed once they are confirmed only.",
    ),
    "help.regions.successors.confirm": (
        "Einen Nachfolger bestätigen, oder selbst nennen.",
        "Confirm a successor, or name one oneself.",
    ),
    "help.regions.files": (
        "Codelisten (genericode), GV100AD oder CSV-Dateien; was sie sind, wird am Inhalt erkannt.",
        "Code lists (genericode), GV100AD or CSV files; what they are is told by their content.",
    ),
    "help.regions.file": ("Eine Liste von Gebieten.", "A list of regions."),
    "help.regions.state": (
        "Eine Liste von Gebieten oder ein Ordner mit Tabellen.",
        "A list of regions, or a folder of tables.",
    ),
    "help.regions.into": (
        "Ordner mit gebiete.csv, nachfolger.csv, orte.csv; ohne ihn und --propose nur, was die Dateien sind.",
        "Folder of gebiete.csv, nachfolger.csv, orte.csv; without it and --propose only what the files are is shown.",
    ),
    "help.regions.propose": (
        "In die Tabellen der Installation übernehmen, als Änderungssatz.",
        "Merge into the tables of the installation, as a change set.",
    ),
    "regions.into-or-propose": (
        "Bitte entweder --into oder --propose angeben.",
        "Give either --into or --propose.",
    ),
    "help.regions.stand": (
        "Tag der Angaben, für Dateien, die ihn weder enthalten noch im Namen tragen.",
        "Day the data is of, for files that neither contain it nor bear it in their name.",
    ),
    "help.regions.date": ("Tag, für den gefragt wird; sonst heute.", "Day that is asked for; otherwise today."),
    "help.regions.complete": (
        "Die Liste ist vollständig, auch wenn in ihr viel fehlt, was die Tabellen haben.",
        "The list is complete, however much is missing in it that the tables have.",
    ),
    "help.regions.yes": ("Ohne Rückfrage übernehmen.", "Take over without asking."),
    "help.regions.dry-run": ("Nur zeigen, was sich ändert.", "Only show what would change."),
    "help.regions.tables": (
        "Ordner mit Tabellen; ohne ihn gelten die der Installation.",
        "Folder of tables; without it those of the installation count.",
    ),
    "help.regions.tables-here": ("Ordner mit Tabellen.", "Folder of tables."),
    "help.regions.text": (
        "Name oder Anfang eines Namens, Postleitzahl, ARS oder AGS.",
        "Name or beginning of a name, postcode, ARS or AGS.",
    ),
    "help.regions.postcode": ("Nur Orte mit dieser Postleitzahl.", "Only places with this postcode."),
    "help.regions.district": (
        "Nur in diesem Kreis: fünf Ziffern oder Wörter seines Namens.",
        "Only in this district: five digits or words of its name.",
    ),
    "help.regions.land": (
        "Nur in diesem Land: zwei Ziffern, Kürzel (SN) oder Name.",
        "Only in this Land: two digits, abbreviation (SN) or name.",
    ),
    "help.regions.old-key": ("Der alte Schlüssel (ARS).", "The old key (ARS)."),
    "help.regions.new-key": (
        "Der neue Schlüssel (ARS); - heißt: es gibt keinen Nachfolger.",
        "The new key (ARS); - means that there is no successor.",
    ),
    "help.regions.since": (
        "Erster Tag, an dem der neue Schlüssel gilt.",
        "First day on which the new key is valid.",
    ),
    "help.regions.course": (
        "Was geschehen ist: neuer-schluessel, eingegliedert, geteilt oder aufgeloest.",
        "What has happened: neuer-schluessel (new key), eingegliedert (absorbed), geteilt (split), or aufgeloest.",
    ),
    "help.regions.change": (
        "Änderungsliste (Spalten der Tabelle nachfolger) statt zweier Stände.",
        "Change list (columns of the table nachfolger) instead of two states.",
    ),
    "help.regions.out": (
        "Ordner, in den die geänderten Tabellen als Vorschlag geschrieben werden.",
        "Folder into which the changed tables are written as a proposal.",
    ),
    "column.origin": ("Herkunft", "Origin"),
    "column.ended": ("Beendet", "Ended"),
    "column.stand": ("Stand", "As of"),
    "column.source": ("Quelle", "Source"),
    "column.oldest": ("ältester Stand", "oldest day"),
    "column.newest": ("jüngster Stand", "newest day"),
    "column.fit": ("Treffer", "Fit"),
    "column.ars": ("ARS", "ARS"),
    "column.ags": ("AGS", "AGS"),
    "column.kind": ("Art", "Kind"),
    "column.district": ("Kreis", "District"),
    "column.validity": ("Gültigkeit", "Validity"),
    "column.old-key": ("Alt", "Old"),
    "column.new-key": ("Neu", "New"),
    "column.since": ("Ab", "Since"),
    "column.course": ("Verlauf", "Course"),
    "column.confirmed": ("Bestätigt", "Confirmed"),
    "regions.file": (
        "{file}: {kind}, Stand {stand}, Zeilen: {rows}.",
        "{file}: {kind}, as of {stand}, rows: {rows}.",
    ),
    "regions.skipped": (
        "Ausgelassen, weil die Tabellen dafür keinen Platz haben: {count}.",
        "Left out, as the tables have no place for them: {count}.",
    ),
    "regions.more": ("… und {count} weitere (alle mit --json)", "… and {count} more (all with --json)"),
    "regions.local": ("von Hand", "by hand"),
    "regions.ask": ("In die Tabellen übernehmen?", "Take over into the tables?"),
    "regions.ask-confirm": ("Diesen Nachfolger bestätigen?", "Confirm this successor?"),
    "regions.nothing": ("Nichts zu ändern in {folder}.", "Nothing to change in {folder}."),
    "regions.written": ("Geschrieben in {folder}: {files}", "Written to {folder}: {files}"),
    "regions.not-written": ("Nichts geschrieben in {folder}.", "Nothing written to {folder}."),
    "regions.unwritable": (
        "In den Ordner {path} kann nicht geschrieben werden: {reason}.",
        "The folder {path} cannot be written to: {reason}.",
    ),
    "regions.valid": ("gültig", "valid"),
    "regions.ended": ("beendet am {day}", "ended on {day}"),
    "regions.begins": ("gültig ab {day}", "valid from {day}"),
    "regions.since": ("seit {day}", "since {day}"),
    "regions.unconfirmed": ("Vorschlag, nicht bestätigt", "proposal, not confirmed"),
    "regions.successor-unknown": ("Nachfolger unbekannt", "successor unknown"),
    "regions.nobody": ("niemand", "nobody"),
    "regions.proposed": (
        "Vorgeschlagene Nachfolger: {count}; unbekannt: {unknown}.",
        "Successors proposed: {count}; unknown: {unknown}.",
    ),
    "regions.not-imported": (
        "Nicht vorgeschlagen, weil die Tabelle gebiete den neuen Schlüssel nicht hat (erst importieren): {keys}",
        "Not proposed, as the table gebiete does not have the new key (import it first): {keys}",
    ),
    "regions.choose": (
        "Welcher Nachfolger von {old} gemeint ist, ist unklar. Bitte seinen Schlüssel nennen. Vorgeschlagen: {known}.",
        "For {old} it cannot be told which successor is meant. Name the new key. Proposed are: {known}.",
    ),
    "regions.since-missing": (
        "Seit wann {old} einen Nachfolger hat, ist nicht bekannt. Bitte mit --since nennen.",
        "Since when {old} has a successor is not known. Name the day with --since.",
    ),
    "regions.reform-what": (
        "Bitte entweder zwei Stände (ALT NEU) oder eine Änderungsliste (--change) nennen.",
        "Name either two states (OLD NEW) or a change list (--change).",
    ),
    "regions.not-comparable": (
        "Die beiden Stände haben nichts gemeinsam: Verglichen werden Gemeinden mit Gemeinden, Kreise mit Kreisen.",
        "The two states have nothing in common: municipalities are compared with such, districts with districts.",
    ),
    "regions.no-changes": (
        "{path} ist keine Änderungsliste.",
        "{path} is no change list.",
    ),
    "regions.reform-summary": (
        "Weggefallene Schlüssel: {steps}, davon mit unbekanntem Nachfolger: {unknown}.",
        "Keys that are gone: {steps}, of these with unknown successor: {unknown}.",
    ),
    "regions.offline": (
        "Zustellpunkte und offene Einreichungen wurden nicht geprüft: Das kann nur die Installation (ohne --tables).",
        "Destinations and open submissions were not looked at: only the installation can (without --tables).",
    ),
    "regions.destination-named": (
        "Zustellpunkt {name} ({id}), Leistung {service}: nennt {old}; neu: {new}.",
        "Destination {name} ({id}), service {service}: names {old}; new: {new}.",
    ),
    "regions.destination-lost": (
        "Zustellpunkt {name} ({id}), Leistung {service}: bedient {old}, aber nicht {new}.",
        "Destination {name} ({id}), service {service}: serves {old} but not {new}.",
    ),
    "regions.submission": (
        "Offene Einreichung {id} ({state}) mit dem alten Schlüssel {old}.",
        "Open submission {id} ({state}) with the old key {old}.",
    ),
    "regions.affected": (
        "Betroffene Zustellpunkte: {destinations}, offene Einreichungen: {submissions}.",
        "Destinations affected: {destinations}, open submissions: {submissions}.",
    ),
    "regions.kind.destatis-rs": ("Codeliste Regionalschlüssel", "code list of regional keys (ARS)"),
    "regions.kind.destatis-ags": ("Codeliste Gemeindeschlüssel", "code list of municipality keys (AGS)"),
    "regions.kind.destatis-kreis": ("Codeliste Kreise", "code list of districts"),
    "regions.kind.destatis-bezirk": ("Codeliste Regierungsbezirke", "code list of Regierungsbezirke"),
    "regions.kind.destatis-bundesland": ("Codeliste Länder", "code list of Länder"),
    "regions.kind.gv100ad": ("Gemeindeverzeichnis GV100AD", "municipality directory GV100AD"),
    "regions.kind.gemeinden": ("Liste von Gemeinden (CSV)", "list of municipalities (CSV)"),
    "regions.kind.gemeinden-xrepository": (
        "verbundene Liste von Gemeinden (CSV)",
        "joined list of municipalities (CSV)",
    ),
    "regions.kind.verbaende": ("Liste von Gemeindeverbänden (CSV)", "list of associations (CSV)"),
    "regions.kind.kreise": ("Liste von Kreisen (CSV)", "list of districts (CSV)"),
    "regions.kind.laender": ("Liste der Länder (CSV)", "list of Länder (CSV)"),
    "regions.kind.alte-schluessel": ("weggefallene Schlüssel (CSV)", "keys that are gone (CSV)"),
    "regions.kind.aenderungen": ("errechnete Unterschiede (CSV)", "computed differences (CSV)"),
    "regions.kind.nachfolger": ("Änderungsliste (CSV)", "change list (CSV)"),
    "regions.kind.plz-ags": ("Postleitzahlen (CSV)", "postcodes (CSV)"),
    "regions.outcome.added": ("Neu", "New"),
    "regions.outcome.ended": ("Beendet", "Ended"),
    "regions.outcome.renamed": ("Umbenannt", "Renamed"),
    "regions.outcome.new-ags": ("Neuer AGS zum gleichen ARS", "New AGS beside the same ARS"),
    "regions.outcome.filled": ("Ergänzt", "Filled in"),
    "regions.outcome.local-kept": (
        "Von Hand Geschriebenes weicht ab und bleibt",
        "Written by hand, differs and stays",
    ),
    "regions.outcome.not-official": (
        "Von Hand geschrieben, steht nicht in der amtlichen Liste",
        "Written by hand, not in the official list",
    ),
    "regions.outcome.disagrees": (
        "Amtliche Listen vom selben Tag widersprechen sich, nichts geändert",
        "Official lists of the same day contradict each other, nothing changed",
    ),
    "regions.outcome.older": (
        "Älter als die Tabellen, nicht übernommen",
        "Older than the tables, not taken over",
    ),
    "regions.outcome.ags-open": ("AGS nicht eindeutig zuzuordnen, bleibt leer", "AGS not to be told, stays empty"),
    "regions.outcome.ags-unknown": (
        "Postleitzahl einer Gemeinde, die nicht in den Tabellen steht, ausgelassen",
        "Postcode of a municipality that is not in the tables, left out",
    ),
    "regions.outcome.successor-unknown": (
        "Nachfolger, der nicht in den Tabellen steht, ausgelassen",
        "Successor that is not in the tables, left out",
    ),
    "regions.outcome.incomplete": (
        "Wahrscheinlich unvollständig (vorhanden → fehlen), nichts beendet; sonst --complete",
        "Probably not complete (there → missing), nothing ended; else --complete",
    ),
    "regions.outcome.land-missing": (
        "Land fehlt in der Liste ganz, dort nichts beendet",
        "Land not in the list at all, nothing ended there",
    ),
    "regions.outcome.changed": ("Geändert", "Changed"),
    "regions.outcome.withdrawn": ("Zurückgezogen", "Withdrawn"),
    "regions.outcome.local-first": (
        "Kollision: Eine Zeile von Hand oder aus anderer Quelle geht vor (vorhanden → nicht übernommen)",
        "Collision: a row by hand or of another source goes first (there → not taken over)",
    ),
    "regions.outcome.before-wider": (
        "Geht einer Zeile für ein größeres Gebiet vor, wie verlangt (dahinter → davor)",
        "Goes before a row about a larger region, as wanted (behind → before)",
    ),
    "regions.outcome.agrees": (
        "Steht schon von Hand oder aus anderer Quelle da, nicht doppelt übernommen",
        "Is there by hand or from another source already, not taken over twice",
    ),
    "regions.outcome.still-needed": (
        "Zurückgezogen, aber noch genannt: bleibt, bis nichts mehr darauf verweist",
        "Withdrawn but still named: stays until nothing refers to it",
    ),
    "regions.change.renamed": ("Umbenannt", "Renamed"),
    "regions.change.new-ars": ("Neuer ARS, gleicher AGS", "New ARS, same AGS"),
    "regions.change.new-key": ("Neuer Schlüssel, am Namen erkannt", "New key, told by the name"),
    "regions.change.gone": ("Weggefallen", "Gone"),
    "regions.change.added": ("Neu", "New"),
    "regions.reason.same-ags": ("gleicher AGS", "same AGS"),
    "regions.reason.same-name-district": ("gleicher Name im Kreis", "same name in the district"),
    "regions.reason.same-name-land": ("gleicher Name im Land", "same name in the Land"),
    "regions.reason.part-of-name": (
        "neue Gemeinde im Kreis trägt den Namen mit",
        "a new municipality of the district bears the name in its own",
    ),
    "regions.course.neuer-schluessel": ("neuer Schlüssel", "new key"),
    "regions.course.eingegliedert": ("eingegliedert", "absorbed"),
    "regions.course.geteilt": ("geteilt", "split"),
    "regions.course.aufgeloest": ("aufgelöst, kein Nachfolger", "dissolved, no successor"),
    "regions.course.not-said": ("Verlauf nicht genannt", "course not said"),
    "regions.course.unknown": ("Nachfolger unbekannt", "successor unknown"),
    "regions.effect.continued": (
        "Regeln, die mit dem neuen Schlüssel fortgesetzt werden",
        "Rules that are continued with the new key",
    ),
    "regions.effect.ended": (
        "Regeln, die mit dem alten Schlüssel enden",
        "Rules that end with the old key",
    ),
    "regions.effect.already": (
        "Regeln, die enden, weil es für den neuen Schlüssel schon eine gibt",
        "Rules that end as there is one for the new key already",
    ),
    "regions.effect.empty": (
        "Regeln für ein Gebiet, in dem es keine Gemeinde mehr gibt",
        "Rules for a region in which there is no municipality any more",
    ),
    "regions.effect.shifted": (
        "Rollen, für die sich die zuständige Behörde ändert",
        "Roles for which the competent authority changes",
    ),
    "regions.land-unknown": (
        "Ein Land {land} gibt es in den Tabellen nicht. Bekannt sind: {known}; möglich ist auch das Kürzel, etwa SN.",
        "There is no Land {land} in the tables. Known are: {known}; its code is possible, too, e.g. SN.",
    ),
    "regions.fit.key": ("Schlüssel", "key"),
    "regions.fit.postcode": ("Postleitzahl", "postcode"),
    "regions.fit.name": ("Name", "name"),
    "regions.fit.full_name": ("voller Name", "full name"),
    "regions.fit.beginning": ("Anfang", "beginning"),
    "regions.fit.within": ("Namensteil", "part of name"),
}
