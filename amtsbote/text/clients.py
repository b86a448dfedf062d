"""What a person reads about clients: of portals, tenants and editors."""

from collections.abc import Mapping
from typing import Final

CLIENTS: Final[Mapping[str, tuple[str, str]]] = {
    "help.client.id": ("Kennung des Zugangs.", "Id of the client."),
    "help.client-on": (
        "Einen Zugang wieder zulassen; sein Geheimnis gilt unverändert.",
        "Admit a client again; its secret is the same as before.",
    ),
    "help.client-off": (
        "Einen Zugang sperren: Anmeldung und schon ausgestellte Token gelten sofort nicht mehr.",
        "Lock a client out: signing in and tokens it has already are refused at once.",
    ),
    "help.client-manage-on": (
        "Einem Zugang erlauben, Zustellpunkte und deren Schlüssel selbst zu verwalten.",
        "Allow a client to manage destinations and their keys itself.",
    ),
    "help.client-manage-off": (
        "Ihm das wieder nehmen; schon ausgestellte Token dürfen es sofort nicht mehr.",
        "Take that away again; tokens it has already may not at once.",
    ),
    "help.client-regions": (
        "Die Gebiete festlegen, für die ein Zugang senden darf; ohne Angabe überall.",
        "Set the regions a client may send for; everywhere when none is given.",
    ),
    "help.client.regions": (
        "ARS oder seine ersten 2, 3, 5 oder 9 Ziffern, z. B. 14 für Sachsen.",
        "ARS or its first 2, 3, 5 or 9 digits, e.g. 14 for Saxony.",
    ),
    "help.client-add-secret": (
        "Ein neues Geheimnis erzeugen und einmal zeigen; das bisherige gilt weiter, bis es entfernt wird.",
        "Make a new secret and show it once; the present one counts until it is dropped.",
    ),
    "help.client-drop-secret": (
        "Von zwei Geheimnissen das ältere entfernen; es gilt sofort nicht mehr.",
        "Drop the older of two secrets; it is refused at once.",
    ),
    "help.client.newer": (
        "Stattdessen das neuere entfernen, z. B. weil es verloren ging.",
        "Drop the newer one instead, for example because it was lost.",
    ),
    "column.client": ("Zugang", "Client"),
    "column.active": ("zugelassen", "admitted"),
    "column.secrets": ("Geheimnisse", "Secrets"),
    "column.test": ("nur Test", "test only"),
    "column.regions": ("Gebiete", "Regions"),
    "column.manages": ("verwaltet", "manages"),
    "client.new-secret": (
        "Neues Geheimnis von {id}. Es wird nur jetzt gezeigt und ist nirgends gespeichert:",
        "New secret of {id}. It is shown only now and stored nowhere:",
    ),
    "client.new-secret-then": (
        (
            "Beide gelten. Ist das neue überall eingetragen, entfernt „amtsbote {drop} {id}“ das alte. Steht es noch in"
            " einer Datei neben der Deklaration, dort ersetzen: apply setzt, was in der Datei steht."
        ),
        (
            "Both count. Once the new one is in use everywhere, `amtsbote {drop} {id}` drops the old one. Where a file"
            " beside the declaration holds the old one, replace it there: apply takes what the file says."
        ),
    ),
    "office.client-secrets-full": (
        "Der Zugang {id} hat schon zwei Geheimnisse; zuerst eines entfernen (client-drop-secret).",
        "The client {id} has two secrets already; drop one first (client-drop-secret).",
    ),
    "office.client-last-secret": (
        "Der Zugang {id} hat nur ein Geheimnis; zuerst ein neues geben (client-add-secret) oder sperren (client-off).",
        "The client {id} has one secret only; add a new one first (client-add-secret) or lock it out (client-off).",
    ),
    "declaration.test-idle": (
        "„test“ gibt es nur bei Zugängen von Portalen und bei solchen, die Zustellpunkte verwalten („manages“).",
        "`test` is for clients of portals and for those that manage destinations (`manages`).",
    ),
    "declaration.regions-idle": (
        "„regions“ gibt es nur beim Zugang eines Portals; wofür eine Behörde empfängt, bestimmt ihr Zustellpunkt.",
        "`regions` is for the client of a portal; what an authority receives depends on its destination.",
    ),
    "declaration.manages-idle": (
        "„manages“ gibt es nur beim Zugang eines Mandanten: Portale haben keine Zustellpunkte.",
        "`manages` is for the client of a tenant: portals have no destinations.",
    ),
    "declaration.editor-client-idle": (
        "„test“, „regions“ und „manages“ gibt es nicht beim Zugang eines Bearbeiters, nur seinen eigenen Bereich.",
        "`test`, `regions` and `manages` are not for the client of an editor: it has the scope of the editor.",
    ),
    "declaration.editor-without-door": (
        "Ein Bearbeiter braucht einen Unix-Benutzer („user“), einen Zugang („clients“) oder beides.",
        "An editor needs a Unix user (`user`), a client (`clients`), or both.",
    ),
}
