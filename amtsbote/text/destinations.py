"""Sentences about destinations that subscribers manage, and about what a declaration says of every destination."""

from collections.abc import Mapping
from typing import Final

DESTINATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "declaration.reply-channel": (
        "„{name}“ gibt es hier nicht oder hat einen anderen Wert. Möglich: {known}.",
        "`{name}` does not exist here or has another value. Possible: {known}.",
    ),
    "declaration.callback-idle": (
        "„callback“ gibt es nur bei Ende-zu-Ende-Zustellpunkten: Was dieser Dienst öffnet, stellt er selbst zu.",
        "`callback` is for end-to-end destinations only: what this service opens, it delivers itself.",
    ),
    "declaration.callback-secret": (
        "Dem Rückruf fehlt das Geheimnis: „secret_file“ angeben. Nur ein bekannter Rückruf behält seines.",
        "The callback has no secret: name its `secret_file`. Only a callback that is known keeps its own.",
    ),
    "declaration.callback-secret-unusable": (
        "{file} muss genau eine Zeile enthalten: das Geheimnis des Rückrufs, höchstens {limit} Zeichen.",
        "{file} must hold one line, the secret of the callback, of at most {limit} characters.",
    ),
    "declaration.status-idle": (
        "„status“ schaltet der Empfänger eines Ende-zu-Ende-Zustellpunkts; hier schaltet „stage“.",
        "`status` is switched by the subscriber of an end-to-end destination; here `stage` switches.",
    ),
    "declaration.status-back": (
        "Dieser Zustellpunkt war schon offen und kann nicht wieder „created“ werden; bitte „inactive“ angeben.",
        "This destination has been open and cannot become `created` again; use `inactive`.",
    ),
    "declaration.status-final": (
        "Dieser Zustellpunkt ist außer Betrieb („decommissioned“); das lässt sich nicht zurücknehmen.",
        "This destination is decommissioned; that cannot be taken back.",
    ),
    "declaration.kid-idle": (
        "„kid“ gibt es nur, wo der Empfänger den Schlüssel hält; hier heißt er wie sein Fingerabdruck.",
        "`kid` is only for keys that the subscriber holds; here a key is called by its thumbprint.",
    ),
    "declaration.kid-taken": (
        "{kid} heißt schon ein anderer Schlüssel, von {user}; bitte „kid“ ändern oder weglassen.",
        "Another key, of {user}, is called {kid} already; change `kid` or leave it out.",
    ),
    "apply.kept": (
        "Zustellpunkt {id} verwaltet sein Empfänger selbst; dort bleibt, was er eingetragen hat: {fields}",
        "Destination {id} is managed by its subscriber; what it has entered stays: {fields}",
    ),
    "export.callback-secrets": (
        (
            "Geheimnisse der Rückrufe stehen nicht hier. Bekannte bleiben; an einer anderen Installation ist"
            " „secret_file“ zu ergänzen bei: {ids}"
        ),
        "Secrets of callbacks are not here. Known ones stay; at another installation add `secret_file` to: {ids}",
    ),
    "doctor.destination-subscriber-locked": (
        "Der Zustellpunkt {destination} ist offen, aber sein Zugang „{client}“ ist gesperrt: Niemand holt ab.",
        "The destination {destination} is open, but its client `{client}` is locked out: nobody fetches.",
    ),
    "doctor.destination-subscriber-locked.todo": (
        "Zugang mit „amtsbote tenants client-on“ zulassen oder den Zustellpunkt („destinations stage“) ausschalten.",
        "Let the client in with `amtsbote tenants client-on`, or switch the destination off with `destinations stage`.",
    ),
    "doctor.destination-unrouted": (
        (
            "Der Zustellpunkt {destination} von „{client}“ ist offen, gehört aber zu keiner Behörde: Der Routingdienst"
            " nennt ihn niemandem."
        ),
        (
            "The destination {destination} of `{client}` is open but belongs to no authority: the routing service names"
            " it to nobody."
        ),
    ),
    "doctor.destination-unrouted.todo": (
        "„authority“ in der Deklaration eintragen („amtsbote export“ schreibt sie), wenn Portale ihn finden sollen.",
        "Enter its `authority` in the declaration (`amtsbote export` writes it) if portals are to find it.",
    ),
    "doctor.fine.destinations": (
        "Jeder offene Ende-zu-Ende-Zustellpunkt hat einen Empfänger und eine Behörde.",
        "Every open end-to-end destination has a subscriber and an authority.",
    ),
    "column.status": ("Status", "Status"),
}
