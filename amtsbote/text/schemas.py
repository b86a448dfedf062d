"""Sentences of `amtsbote schemas`."""

from collections.abc import Mapping
from typing import Final

SCHEMAS: Final[Mapping[str, tuple[str, str]]] = {
    "help.schemas": (
        "XÖV-Standards registrieren und ansehen. Geholt wird nie etwas: nur was registriert ist, gilt.",
        "Register XÖV standards and look at them. Nothing is ever fetched: only what is registered counts.",
    ),
    "help.schemas.add": (
        "Einen Standard aus Ordner oder ZIP registrieren: Importe auflösen, zweifach übersetzen, Muster prüfen.",
        "Register a standard from a folder or ZIP: resolve imports, compile it twice, try its samples.",
    ),
    "help.schemas.list": ("Die registrierten Standards.", "The registered standards."),
    "help.schemas.show": (
        "Nachrichten, Schemadateien, Codelisten und Befunde eines Standards.",
        "Messages, schema files, code lists and findings of a standard.",
    ),
    "help.schemas.verify": (
        "Prüfen, ob die Dateien noch die registrierten sind.",
        "Check whether the files are still the registered ones.",
    ),
    "help.schemas.remove": (
        "Einen Standard aus dem Register nehmen. Andere behalten, was sie von ihm übernommen haben.",
        "Take a standard out of the registry. Others keep what they have taken from it.",
    ),
    "help.schemas.recheck": (
        "Nachrichten neu verarbeiten, die sich nicht verarbeiten ließen: nach einem Wechsel der Schemas.",
        "Process messages again that could not be processed: after a change of schemas.",
    ),
    "help.schemas.dry-run": ("Nur nennen, nichts tun.", "Name them only, do nothing."),
    "schemas.recheck.done": (
        "{retried} von {held} Nachrichten werden neu verarbeitet.",
        "{retried} of {held} messages are processed again.",
    ),
    "schemas.recheck.dry": ("{held} Nachrichten liegen deshalb.", "{held} messages are held for that."),
    "help.schemas.path": (
        "Ordner oder ZIP, wie das XRepository es ausgibt.",
        "Folder or ZIP as the XRepository gives it.",
    ),
    "help.schemas.standard": (
        "Kennung_Version, oder ihr Ende, solange es eindeutig ist: xbau_2.6.",
        "Kennung_version, or the end of it while only one ends so: xbau_2.6.",
    ),
    "help.schemas.registry": (
        "Ordner der registrierten Standards; sonst der aus der Installationsdatei.",
        "Folder of the registered standards; else the one in the installation file.",
    ),
    "help.schemas.catalog": (
        "OASIS-Katalog, der Adressen von Importen auf Dateien neben ihm abbildet.",
        "OASIS catalogue that maps the addresses of imports to files beside it.",
    ),
    "help.schemas.kennung": (
        "Kennung, wenn die Schemadateien keine nennen oder mehrere.",
        "Kennung, where the schema files name none or several.",
    ),
    "help.schemas.version": (
        "Version, wenn die Schemadateien keine nennen oder mehrere.",
        "Version, where the schema files name none or several.",
    ),
    "help.schemas.entry": (
        "Schemadatei im Satz, mit der zu beginnen ist; mehrfach möglich. Ohne Angabe: alle, auf die keine verweist.",
        "Schema file of the set to begin with; may be repeated. Without it: all that no other one refers to.",
    ),
    "help.schemas.large-texts": (
        "Texte über 10 MB zulassen, etwa Anlagen in Base64; sonst werden sie abgelehnt.",
        "Allow texts over 10 MB, such as enclosures in base64; else they are refused.",
    ),
    "help.schemas.when": (
        "Bedingung in XPath 1.0, die jede Nachricht des Standards in dieser Version erfüllt; mehrmals möglich.",
        "Condition in XPath 1.0 that every message of the standard in this version satisfies; may be repeated.",
    ),
    "help.schemas.references": (
        "Wie schwer ein falscher xs:ID oder xs:IDREF wiegt; sonst eine Warnung.",
        "How much a wrong xs:ID or xs:IDREF matters; else a warning.",
    ),
    "help.schemas.list-grade": (
        "Wie schwer ein Schlüssel wiegt, der nicht in seiner Codeliste steht; sonst eine Warnung.",
        "How much a key matters that is not in its code list; else a warning.",
    ),
    "help.schemas.by-list": (
        "Wie --lists, für eine einzelne Codeliste; mehrmals möglich.",
        "Like --lists, for a single code list; may be given several times.",
    ),
    "schemas.bad-grade": (
        "--list {value}: erwartet wird URI=error, URI=warning oder URI=off.",
        "--list {value}: expected is URI=error, URI=warning or URI=off.",
    ),
    "schemas.step.read": ("Dateien lesen …", "Reading the files …"),
    "schemas.step.resolve": ("Importe auflösen …", "Resolving imports …"),
    "schemas.step.compile": ("Mit libxml2 und xmlschema übersetzen …", "Compiling with libxml2 and xmlschema …"),
    "schemas.step.samples": ("Muster prüfen …", "Trying the samples …"),
    "schemas.step.rules": ("Schematron-Regeln erproben …", "Trying the Schematron rules …"),
    "schemas.added": (
        "Registriert: {standard}, {files} Schemadateien, {messages} Nachrichten.",
        "Registered: {standard}, {files} schema files, {messages} messages.",
    ),
    "schemas.known": (
        "Registriert ist: {standard}, {files} Schemadateien, {messages} Nachrichten.",
        "Registered is: {standard}, {files} schema files, {messages} messages.",
    ),
    "schemas.samples": ("Muster: {valid} von {count} gültig.", "Samples: {valid} of {count} valid."),
    "schemas.sample.invalid": ("Muster ungültig: {name}", "Sample not valid: {name}"),
    "schemas.sample.wrong": (
        "Muster ungültig: {name}: {reason} ({code})",
        "Sample not valid: {name}: {reason} ({code})",
    ),
    "schemas.sample.late": (
        "Muster {name}: Prüfung nicht fertig nach {seconds} s Rechenzeit, ohne Urteil abgebrochen.",
        "Sample {name}: check not finished after {seconds} s of CPU time, stopped without a verdict.",
    ),
    "schemas.sample.disagree": (
        "Die Prüfer sind uneins über {name}; es gilt libxml2.",
        "The validators disagree on {name}; libxml2 decides.",
    ),
    "schemas.sample.unfitting": (
        "Muster ist nach --when keine Nachricht dieses Standards: {name}",
        "Sample is no message of this standard by --when: {name}",
    ),
    "schemas.when": ("Bedingungen (--when)", "Conditions (--when)"),
    "schemas.copy": (
        "Nicht benutzt, weil der Satz die Datei noch einmal enthält: {name}",
        "Not used, because the set holds the file once more: {name}",
    ),
    "schemas.sample.breaking": (
        "Muster verletzt eine Schematron-Regel: {name}",
        "Sample breaks a Schematron rule: {name}",
    ),
    "schemas.rules.unusable": (
        "Schematron wird bei diesem Standard nicht geprüft, weil ein Regelsatz nicht zu gebrauchen ist. {text}",
        "The Schematron of this standard is not checked, because a rule set cannot be used. {text}",
    ),
    "schemas.rules.silent": (
        "Keine Regel von {name} betraf eines der Muster: Meint der Regelsatz diese Version?",
        "No rule of {name} met one of the samples: does the rule set mean this version?",
    ),
    "schemas.rules.foreign": (
        "{name} nennt keinen Namensraum dieses Standards: Der Regelsatz meint wohl eine andere Version.",
        "{name} names no namespace of this standard: the rule set probably means another version.",
    ),
    "schemas.rules.unproven": (
        "Ob {name} diese Version meint, zeigt kein Muster: Es gibt kein gültiges.",
        "Whether {name} means this version is shown by no sample: there is no valid one.",
    ),
    "schemas.rules.untried": (
        "Schematron wurde nicht erprobt: Saxon fehlte. Ohne amtsbote[schematron] verweigert check die Prüfung.",
        "Schematron was not tried: Saxon was missing. Without amtsbote[schematron] check refuses to judge.",
    ),
    "schemas.doubt": ("Einwand von xmlschema: {text}", "Objection of xmlschema: {text}"),
    "schemas.messages": ("Nachrichten", "Messages"),
    "schemas.documents": ("Schemadateien", "Schema files"),
    "schemas.lists": ("Codelisten", "Code lists"),
    "schemas.lists.not-here": ("Codelisten, die nicht vorliegen", "Code lists that are not here"),
    "schemas.lists.missing": (
        "Codelisten, die der Standard nennt und die nicht vorliegen: {count}. Ihre Schlüssel bleiben ungeprüft.",
        "Code lists that the standard names and that are not here: {count}. Their keys stay unchecked.",
    ),
    "schemas.rules": ("Schematron", "Schematron"),
    "schemas.more": ("alle mit --json", "all with --json"),
    "schemas.unchanged": ("Unverändert: {standard}", "Unchanged: {standard}"),
    "schemas.changed": (
        "Verändert: {standard}. Bitte entfernen und neu registrieren.",
        "Changed: {standard}. Remove it and register it again.",
    ),
    "schemas.damaged": ("Beschädigt: {standard}. {text}", "Damaged: {standard}. {text}"),
    "schemas.change.unreadable": ("nicht lesbar", "unreadable"),
    "schemas.change.missing": ("fehlt", "missing"),
    "schemas.change.changed": ("verändert", "changed"),
    "schemas.change.added": ("hinzugekommen", "added"),
    "schemas.removed": ("Entfernt: {standard}", "Removed: {standard}"),
    "help.schemas.diff": (
        "Was zwischen zwei Versionen strenger oder lockerer wurde.",
        "What became stricter or laxer between two versions.",
    ),
    "schemas.effect.stricter": (
        "Strenger ({count}): was gültig war, kann nun abgelehnt werden.",
        "Stricter ({count}): what was valid may now be refused.",
    ),
    "schemas.effect.laxer": (
        "Lockerer ({count}): was abgelehnt wurde, kann nun gültig sein.",
        "Laxer ({count}): what was refused may now be valid.",
    ),
    "schemas.effect.unknown": (
        "Nicht zu entscheiden ({count}): bitte selbst vergleichen.",
        "Cannot be told ({count}): compare them yourself.",
    ),
    "schemas.what.namespace-changed": ("anderer Namensraum", "another namespace"),
    "schemas.what.message-removed": ("gibt es als Wurzelelement nicht mehr", "is no root element any more"),
    "schemas.what.message-added": ("ist neu als Wurzelelement", "is new as a root element"),
    "schemas.what.required-added": ("neu und Pflicht", "new and required"),
    "schemas.what.optional-added": ("neu und freiwillig", "new and optional"),
    "schemas.what.removed": ("entfallen", "removed"),
    "schemas.what.least-changed": ("Mindestzahl", "least number"),
    "schemas.what.most-changed": ("Höchstzahl", "greatest number"),
    "schemas.what.type-changed": ("anderer Typ", "another type"),
    "schemas.what.fixed-changed": ("fester Wert", "fixed value"),
    "schemas.what.form-changed": ("mit oder ohne Namensraum", "with or without the namespace"),
    "schemas.what.structure-changed": ("andere Reihenfolge oder Gruppierung", "another order or grouping"),
    "schemas.what.values-listed": ("Werte sind nun aufgezählt", "values are now listed"),
    "schemas.what.values-not-listed": ("Werte sind nicht mehr aufgezählt", "values are no longer listed"),
    "schemas.what.value-removed": ("Wert entfallen", "value removed"),
    "schemas.what.value-added": ("Wert hinzugekommen", "value added"),
    "schemas.what.facet-changed": ("Einschränkung des Werts", "restriction of the value"),
    "schemas.what.nillable-changed": ("xsi:nil", "xsi:nil"),
    "schemas.what.mixed-changed": ("Text zwischen Elementen", "text between elements"),
    "schemas.what.abstract-changed": ("abstrakt", "abstract"),
    "schemas.what.substitution-changed": ("andere Ersetzungsgruppe", "another substitution group"),
    "schemas.what.block-changed": ("was nicht für ihn stehen darf (block)", "what may not stand for it (block)"),
    "schemas.what.final-changed": ("was nicht auf ihm aufbauen darf (final)", "what may not build on it (final)"),
    "schemas.what.rule-added": ("neue Schematron-Regel", "new Schematron rule"),
    "schemas.what.rule-removed": ("Schematron-Regel entfallen", "Schematron rule removed"),
    "schemas.what.rule-changed": ("Schematron-Regel geändert", "Schematron rule changed"),
    "schemas.what.severity-changed": ("Gewicht der Schematron-Regel", "severity of the Schematron rule"),
    "schemas.what.rules-order-changed": ("Regeln in anderer Reihenfolge", "rules in another order"),
    "schemas.what.rules-around-changed": (
        "Variablen oder Funktionen der Regeln geändert",
        "variables or functions of the rules changed",
    ),
    "schemas.what.rules-unread": (
        "Regelsatz ist nicht zu verstehen und nicht verglichen",
        "rule set cannot be understood and is not compared",
    ),
    "schemas.what.list-added": ("Codeliste liegt nun vor", "code list is now here"),
    "schemas.what.list-removed": ("Codeliste liegt nicht mehr vor", "code list is no longer here"),
    "schemas.what.list-version-changed": ("Codeliste in anderer Version", "code list in another version"),
    "schemas.what.key-removed": ("Schlüssel entfallen", "key removed"),
    "schemas.what.key-added": ("Schlüssel hinzugekommen", "key added"),
    "schemas.what.rules-changed": ("Schlüssel oder Bedingungen", "keys or conditions"),
    "help.check": (
        "Dokument vor dem Senden prüfen. Exitcode: gültig 0, ungültig 1, unbekannt 2, abgelehnt 3, ab 64 kein Urteil.",
        "Check a document before it is sent. Exit code: valid 0, invalid 1, unknown 2, refused 3, no verdict from 64.",
    ),
    "help.check.file": ("Das Dokument: XML oder JSON.", "The document: XML or JSON."),
    "help.check.schema": (
        "Schema, gegen das zu prüfen ist: Kennung_Version mit oder ohne #Wurzelelement, bei JSON $id; sonst Inhalt.",
        "Schema to check against: kennung_version with #root element or without, for JSON $id; else by the content.",
    ),
    "help.check.values": (
        "Mit den Werten, die das Dokument an den Stellen der Befunde hat und Schematron-Regeln zitieren; sonst keine.",
        "With the values the document has at the places of findings and that Schematron rules quote; else none.",
    ),
    "help.check.service": (
        "Leistung (LeiKa, 14 Ziffern), für die zu sagen ist, wohin es ginge; mit --ars und --routing.",
        "Service (LeiKa, 14 digits) to say where it would go for; with --ars and --routing.",
    ),
    "help.check.ars": (
        "Gebiet (ARS oder Anfang davon), für das zu sagen ist, wohin es ginge.",
        "Region (ARS or a prefix of it) to say where it would go for.",
    ),
    "help.check.routing": (
        "Ordner mit den Zuständigkeitstabellen (gebiete.csv, leistungen.csv, rollen.csv, zustaendigkeiten.csv, …).",
        "Folder of the routing tables (gebiete.csv, leistungen.csv, rollen.csv, zustaendigkeiten.csv, …).",
    ),
    "help.check.html": (
        "Den Bericht auch als Seite zum Lesen und Drucken schreiben.",
        "Write the report as a page to read and print, too.",
    ),
    "help.check.xml": ("Den Bericht auch als XML schreiben.", "Write the report as XML, too."),
    "preflight.route-incomplete": (
        "--service, --ars und --routing gehören zusammen.",
        "--service, --ars and --routing go together.",
    ),
    "preflight.no-key": (
        "{option}: {value} ist kein Schlüssel. Leistung: 14 Ziffern, auch als URN. ARS: 2, 3, 5, 9 oder 12 Ziffern.",
        "{option}: {value} is no key. Service: 14 digits, also as a URN. ARS: 2, 3, 5, 9 or 12 digits.",
    ),
    "preflight.ags-for-ars": (
        "{option}: {value} hat 8 Ziffern wie ein AGS, erwartet wird der ARS: amtsbote regions search {value}",
        "{option}: {value} has 8 digits like an AGS, the ARS is expected: amtsbote regions search {value}",
    ),
    "preflight.not-written": ("{path} lässt sich nicht schreiben: {reason}", "{path} cannot be written: {reason}"),
    "help.check.packages": (
        "Ordner eigener Leistungspakete, <Name>/<Version>/service.toml.",
        "Folder of own service packages, <name>/<version>/service.toml.",
    ),
    "help.check.registry": (
        "Ordner mit registrierten Standards; ohne ihn nur die mitgelieferten Leistungspakete.",
        "Folder of registered standards; without it the bundled service packages alone.",
    ),
    "preflight.valid": ("Gültig nach {package}: {schema}", "Valid by {package}: {schema}"),
    "preflight.invalid": ("Nicht gültig nach {package}: {schema}", "Not valid by {package}: {schema}"),
    "preflight.unknown": (
        "Unbekannt: Das Dokument gehört zu keinem der Schemas, oder nicht eindeutig zu einem.",
        "Unknown: the document belongs to none of the schemas, or not clearly to one.",
    ),
    "preflight.not-known": (
        "Unbekannt: Das angegebene Schema ist hier nicht registriert und gehört zu keinem Leistungspaket.",
        "Unknown: the given schema is not registered here and belongs to no service package.",
    ),
    "preflight.candidates": ("In Frage kommen, mit --schema zu wählen:", "It could be, to be chosen with --schema:"),
    "preflight.refused": (
        "Abgelehnt: Das Dokument ist weder zulässiges XML noch zulässiges JSON.",
        "Refused: the document is neither permitted XML nor permitted JSON.",
    ),
    "preflight.failed.timeout": (
        "Kein Urteil: Die Prüfung dieses Dokuments dauerte zu lange und wurde abgebrochen.",
        "No verdict: checking this document took too long and was stopped.",
    ),
    "preflight.failed.crashed": (
        "Kein Urteil: Der Prüfprozess ist an diesem Dokument abgestürzt.",
        "No verdict: the helper process crashed over this document.",
    ),
    "preflight.failed.memory": (
        "Kein Urteil: Dieses Dokument zu prüfen braucht mehr Speicher, als erlaubt ist.",
        "No verdict: checking this document needs more memory than is allowed.",
    ),
    "preflight.no-folder": ("{path} ist kein Ordner.", "{path} is no folder."),
    "preflight.no-file": ("{path} ist nicht lesbar: {reason}", "{path} cannot be read: {reason}"),
    "preflight.line": ("Zeile {line}", "line {line}"),
    "preflight.more": ("… und weitere.", "… and more."),
    "preflight.layer.well-formed": ("Wohlgeformt und zulässig", "Well-formed and permitted"),
    "preflight.layer.xsd": ("XML-Schema", "XML schema"),
    "preflight.layer.references": ("Verweise (xs:ID, xs:IDREF)", "References (xs:ID, xs:IDREF)"),
    "preflight.layer.code-lists": ("Codelisten", "Code lists"),
    "preflight.layer.schematron": ("Schematron", "Schematron"),
    "preflight.layer.json-schema": ("JSON-Schema", "JSON schema"),
    "preflight.layer.package-rules": ("Regeln des Leistungspakets", "Rules of the service package"),
    "preflight.outcome.passed": ("geprüft, bestanden", "checked, passed"),
    "preflight.outcome.failed": ("geprüft, nicht bestanden", "checked, failed"),
    "preflight.outcome.not-run": (
        "nicht geprüft, weil es schon vorher scheitert",
        "not checked, because it fails before",
    ),
    "preflight.outcome.no-schema": (
        "nicht geprüft, weil kein Schema feststeht",
        "not checked, because it is not clear by which schema",
    ),
    "preflight.outcome.not-declared": ("nicht angegeben", "not declared"),
    "preflight.outcome.not-checked": (
        "nicht geprüft, obwohl der Standard etwas dafür mitbringt",
        "not checked, although the standard brings something for it",
    ),
    "preflight.errors": ("Fehler", "errors"),
    "preflight.warnings": ("Warnungen", "warnings"),
    "preflight.warning": ("Warnung", "Warning"),
    "column.standard": ("Standard", "Standard"),
    "column.title": ("Titel", "Title"),
    "column.messages": ("Nachrichten", "Messages"),
    "column.engine": ("Prüfer", "Validator"),
    "column.registered": ("Registriert", "Registered"),
}
