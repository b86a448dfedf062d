"""Why a question about competence has no single answer, and how a route is explained."""

from collections.abc import Mapping
from typing import Final

_WHY: Final[Mapping[str, tuple[str, str]]] = {
    "route.why.service-unknown": (
        "Zu dieser Leistung nennt hier keine Regel eine Behördenrolle.",
        "No rule names an authority role for this service here.",
    ),
    "route.why.region-unknown": (
        "Das Gebiet {place} gibt es nicht.",
        "There is no region {place}.",
    ),
    "route.why.region-expired": (
        "Der Schlüssel {place} gilt an diesem Tag nicht ({named}); ein Nachfolger ist nicht bekannt.",
        "The key {place} is not valid on this day ({named}); a successor is not known.",
    ),
    "route.why.region-dissolved": (
        "Das Gebiet {place} ist aufgelöst, ohne Nachfolger (seit {named}).",
        "The region {place} is dissolved, without a successor (since {named}).",
    ),
    "route.why.successor-proposed": (
        "Der Schlüssel {place} gilt nicht mehr. Vorgeschlagener Nachfolger: {named}; niemand hat ihn bestätigt.",
        "The key {place} is no longer valid. Proposed successor: {named}; nobody has confirmed it.",
    ),
    "route.why.region-divided": (
        "Das Gebiet {place} ist geteilt worden in {named}; in welchem Teil der Ort liegt, ist nicht bekannt.",
        "The region {place} has been divided into {named}; in which part the place lies is not known.",
    ),
    "route.why.place-not-given": (
        "Die Rolle {role} geht nach dem Ort der Angabe {named}, und die fehlt.",
        "The role {role} goes by the place of the fact {named}, and that is missing.",
    ),
    "route.why.no-rule": (
        "Für die Rolle {role} nennt in {place} keine Regel eine Behörde.",
        "For the role {role} no rule names an authority in {place}.",
    ),
    "route.why.nobody-here": (
        "Für die Rolle {role} ist in {place} keine Behörde zuständig: {named}",
        "For the role {role} no authority is competent in {place}: {named}",
    ),
    "route.why.fact-not-given": (
        "Es hängt von Angaben ab, die nicht bekannt sind: {named} (Rolle {role}).",
        "It hangs on facts that are not known: {named} (role {role}).",
    ),
    "route.why.fact-not-comparable": (
        "Es hängt von Angaben ab, die weder Zahl noch Tag sind, wie die Regeln es verlangen: {named} (Rolle {role}).",
        "It hangs on facts whose value is no number or no day as the rules want it: {named} (role {role}).",
    ),
    "route.why.several-rules": (
        "Mehrere Regeln gleichen Ranges sagen Verschiedenes (Rolle {role}).",
        "Several rules of equal rank say different things (role {role}).",
    ),
}

_EXPLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "help.route": ("Fragen, wer zuständig ist.", "Ask who is competent."),
    "help.route.explain": (
        "Wer ist zuständig, wer bekommt es auch, und warum? Exitcode 0: eindeutig, 1: niemand, 2: mehrere möglich.",
        "Who is competent, who gets it, too, and why? Exit code 0: clear, 1: nobody, 2: several are possible.",
    ),
    "help.route.service": (
        "Leistungsschlüssel, 14 Ziffern oder als URN; sonst der im Dokument.",
        "Service key, 14 digits or as a URN; that of the document otherwise.",
    ),
    "help.route.ars": (
        "ARS, 12 Ziffern, oder sein Anfang; sonst der im Dokument.",
        "ARS, 12 digits, or its beginning; that of the document otherwise.",
    ),
    "help.route.date": ("Stichtag (JJJJ-MM-TT); sonst heute.", "Day (YYYY-MM-DD); today otherwise."),
    "help.route.fact": (
        "Eine Angabe der Nachricht, wie ein Leistungspaket sie nennt; mehrfach möglich.",
        "A fact of the message, as a service package calls it; may be given several times.",
    ),
    "help.route.payload": (
        "Fachdaten, aus denen die Angaben gelesen werden; sie müssen gültig sein.",
        "A document the facts are read from; it must be valid.",
    ),
    "help.route.tables": (
        "Ordner mit Zuständigkeitstabellen, statt derer der Installation.",
        "Folder of routing tables, instead of those of the installation.",
    ),
    "help.route.packages": (
        "Ordner eigener Leistungspakete, statt dessen der Installation.",
        "Folder of own service packages, instead of that of the installation.",
    ),
    "help.routes.defaults": (
        "Was die Leistungspakete zum Routing sagen, und wo eigene Regeln vorgehen.",
        "What the service packages say of routing, and where own rules go before it.",
    ),
    "route.question": (
        "Leistung {service}, Gebiet {region}, am {day} (Tabellen in Version {version})",
        "Service {service}, region {region}, on {day} (tables of version {version})",
    ),
    "route.outcome.resolved": ("Zuständig", "Competent"),
    "route.outcome.unresolved": ("Niemand", "Nobody"),
    "route.outcome.ambiguous": ("Nicht eindeutig", "Not clear"),
    "route.candidates": ("Möglich: {candidates}.", "Possible: {candidates}."),
    "route.primary": ("Zuständige Behörde, Rolle {role}", "Competent authority, role {role}"),
    "route.further": ("Weiterer Empfänger {role}: {authority}", "Further recipient {role}: {authority}"),
    "route.further-open": ("Weiterer Empfänger, Rolle {role}: offen", "Further recipient, role {role}: open"),
    "route.further-asked": ("Weiterer Empfänger, Rolle {role}", "Further recipient, role {role}"),
    "route.no-further": ("Rolle {role}: kein weiterer Empfänger", "Role {role}: no further recipient"),
    "route.further-unmet": (
        "Rolle {role}: kein weiterer Empfänger (Bedingung {condition} trifft nicht zu)",
        "Role {role}: no further recipient (condition {condition} does not hold)",
    ),
    "route.facts": ("Verwendete Angaben", "Facts used"),
    "route.destination": ("Zustellpunkt: {id}", "Destination: {id}"),
    "route.no-destination": (
        "Kein Zustellpunkt im Echtbetrieb bietet die Leistung für diese Behörde hier an: Portale erhalten keine Route.",
        "No live destination offers the service for this authority here: portals are given no route.",
    ),
    "route.targets": ("Ziele: {ids}", "Targets: {ids}"),
    "route.stand": ("Stand {day}", "as of {day}"),
    "route.level.bund": ("Bund", "Federation"),
    "route.level.land": ("Land", "Land"),
    "route.level.regierungsbezirk": ("Regierungsbezirk", "Regierungsbezirk"),
    "route.level.kreis": ("Kreis", "district"),
    "route.level.verband": ("Verband", "association"),
    "route.level.gemeinde": ("Gemeinde", "municipality"),
    "route.fact-of-the-day": (
        "{name} folgt aus dem Stichtag; bitte --date angeben.",
        "{name} follows from the day; give --date.",
    ),
    "route.fact-unknown": (
        "Kein Leistungspaket erklärt die Angabe {name}. Bekannt sind: {known}.",
        "No service package declares the fact {name}. Known are: {known}.",
    ),
    "route.fact-value": (
        "Der Wert der Angabe {name} hat nicht die Form {pattern}, die das Leistungspaket verlangt. Gemeint ist:",
        "The value of the fact {name} does not have the form {pattern} the service package wants. It means:",
    ),
    "route.fact-form": (
        "{given} ist keine Angabe; erwartet wird NAME=WERT.",
        "{given} is no fact; NAME=VALUE is expected.",
    ),
    "route.payload-invalid": (
        "{path} ist kein gültiges Dokument ({verdict}); amtsbote check sagt, warum.",
        "{path} is no valid document ({verdict}); amtsbote check says why.",
    ),
    "routes.everywhere": ("überstimmt die Vorgabe ganz", "goes before the default everywhere"),
    "column.service": ("Leistung", "Service"),
    "column.role": ("Rolle", "Role"),
    "column.region": ("Gebiet", "Region"),
    "column.own-rules": ("Eigene Regeln davor", "Own rules before it"),
    "column.condition": ("Bedingung", "Condition"),
}

ROUTING: Final = {**_WHY, **_EXPLAIN}
