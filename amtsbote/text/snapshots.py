"""Sentences about signed snapshots of the routing tables."""

from collections.abc import Mapping
from typing import Final

SNAPSHOTS: Final[Mapping[str, tuple[str, str]]] = {
    "help.routes.export": (
        "Die geltenden Routingtabellen als eine signierte Datei schreiben.",
        "Write the routing tables in force as one signed file.",
    ),
    "help.routes.verify": (
        "Eine signierte Datei prüfen: wer hat sie signiert, welche Version ist es, ist alles unverändert?",
        "Check a signed file: who has signed it, which version is it, is everything unchanged?",
    ),
    "help.routes.mirror": (
        "Die Tabellen eines anderen Knotens übernehmen, wenn ein bekannter Schlüssel sie signiert hat.",
        "Take over the tables of another node, if a known key has signed them.",
    ),
    "help.routes.file": ("Die signierte Datei.", "The signed file."),
    "help.routes.jwks": (
        "Datei mit den Schlüsseln, denen geglaubt wird (JWKS, die jwks.json der Routing-API des Ausstellers).",
        "File of the keys that are believed (JWKS, the jwks.json of the issuer's routing API).",
    ),
    "help.routes.jwks-or-url": (
        "Schlüssel, denen geglaubt wird: Datei oder Adresse (https://…/routing-api/.well-known/jwks.json).",
        "Keys that are believed: file or address (https://…/routing-api/.well-known/jwks.json).",
    ),
    "help.routes.ca": (
        "PEM-Datei der Zertifizierungsstellen für diese Adresse; sonst die des Systems.",
        "PEM file of the certification authorities for this address; those of the system otherwise.",
    ),
    "routes.exported": (
        "{file}: Version {version}, {tables} Tabellen, SHA-256 {sha256}.",
        "{file}: version {version}, {tables} tables, SHA-256 {sha256}.",
    ),
    "routes.verified": (
        (
            "Unverändert: Version {version} von {issuer}, gilt dort seit {effective}, erstellt {created}.\n"
            "Signiert mit {kid}. SHA-256 aller Tabellen: {sha256}"
        ),
        (
            "Unchanged: version {version} of {issuer}, in force there since {effective}, made {created}.\n"
            "Signed with {kid}. SHA-256 of all tables: {sha256}"
        ),
    ),
    "routes.mirrored": (
        "Version {version} von {issuer} ist übernommen, als Version {routing}.",
        "Version {version} of {issuer} has been taken over, as version {routing}.",
    ),
    "routes.mirrored-before": (
        "Version {version} von {issuer} ist schon übernommen.",
        "Version {version} of {issuer} has been taken over before.",
    ),
    "snapshot.form": (
        "Das ist keine unveränderte Datei von „amtsbote routes export“: Kopf oder Aufbau stimmen nicht.",
        "This is no unchanged file of `amtsbote routes export`: its head or its layout is wrong.",
    ),
    "snapshot.format": (
        "Die Datei hat ein anderes Format als {format}.",
        "The file has another format than {format}.",
    ),
    "snapshot.key": (
        "Signiert mit {kid}; dieser Schlüssel gehört nicht zu denen, denen geglaubt wird.",
        "Signed with {kid}; this key is none of those that are believed.",
    ),
    "snapshot.signature": (
        "Die Signatur passt nicht zum Schlüssel {kid}.",
        "The signature does not fit the key {kid}.",
    ),
    "snapshot.head": (
        "Der Kopf der Datei ist ein anderer als der, der signiert wurde.",
        "The head of the file is not the one that was signed.",
    ),
    "snapshot.table": (
        "Die Tabelle {table} ist verändert, abgeschnitten oder fehlt.",
        "The table {table} has been changed or cut off, or is missing.",
    ),
    "snapshot.end": (
        "Nach der letzten signierten Tabelle kommt noch etwas, oder das Ende der Datei fehlt.",
        "Something follows the last signed table, or the end of the file is missing.",
    ),
    "snapshot.own": (
        "Version {version} ist von diesem Knoten selbst; zurück zu ihr führt „amtsbote routes rollback“.",
        "Version {version} is of this node itself; `amtsbote routes rollback` leads back to it.",
    ),
    "snapshot.older": (
        "Version {version} ist älter als die schon übernommene Version {known}. Es wurde nichts geändert.",
        "Version {version} is older than version {known}, which has been taken over. Nothing was changed.",
    ),
    "snapshot.other": (
        (
            "Version {version} ist schon übernommen, aber mit anderem Inhalt. Bitte beim Aussteller klären, welche"
            " gilt; es wurde nichts geändert."
        ),
        (
            "Version {version} has been taken over, but with other content. Ask the issuer which one holds; nothing was"
            " changed."
        ),
    ),
    "snapshot.no-file": ("{path} ist nicht lesbar: {reason}", "{path} cannot be read: {reason}"),
    "snapshot.keys": (
        "{source} enthält keine Schlüssel (JWKS), mit denen Adressierungen signiert werden.",
        "{source} holds no keys (JWKS) that sign addressing.",
    ),
    "snapshot.unreachable": ("{url} ist nicht erreichbar: {reason}", "{url} cannot be reached: {reason}"),
}
