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
        "Die signierten Tabellen eines anderen Knotens übernehmen: als Änderungssatz, im erklärten Spiegel sofort.",
        "Take over the signed tables of another node: as a change set, at once in its declared mirror.",
    ),
    "help.routes.mirror-source": (
        "Die signierte Datei oder ihre Adresse (https://…/routing-api/v2/snapshot); im erklärten Spiegel auch ohne.",
        "The signed file or its address (https://…/routing-api/v2/snapshot); not needed in a declared mirror.",
    ),
    "help.routes.older": (
        "Auch eine Version, die älter ist als die zuletzt übernommene.",
        "Also a version that is older than the one taken over last.",
    ),
    "help.routes.replace": (
        "Im erklärten Spiegel: auch eigene Versionen ersetzen, die gelten oder für später freigegeben sind.",
        "In a declared mirror: also replace own versions, in force or released for later.",
    ),
    "help.routes.file": ("Die signierte Datei.", "The signed file."),
    "help.routes.jwks": (
        "Datei mit den Schlüsseln, denen geglaubt wird (jwks.json des Ausstellers); im erklärten Spiegel ohne.",
        "File of the keys that are believed (the issuer's jwks.json); not in a declared mirror.",
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
        "Version {version} von {issuer} ist schon übernommen, als Version {routing}. Es wurde nichts geändert.",
        "Version {version} of {issuer} has been taken over before, as version {routing}. Nothing was changed.",
    ),
    "routes.mirror-proposed": (
        "Version {version} von {issuer}, signiert mit {kid}:",
        "Version {version} of {issuer}, signed with {kid}:",
    ),
    "routes.mirror-later": (
        "Für später freigegeben: Version {versions}. Die Freigabe macht die Änderung auch an ihnen.",
        "Released for later: version {versions}. The release makes the change to them, too.",
    ),
    "routes.mirror-replaced": (
        "Damit gelten nicht mehr, wie verlangt: Version {versions}.",
        "As demanded, no longer in force: version {versions}.",
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
        (
            "Version {version} ist älter als die schon übernommene Version {known}. Es wurde nichts geändert; wer das"
            " will, verlangt es mit --older."
        ),
        (
            "Version {version} is older than version {known}, which has been taken over. Nothing was changed; who wants"
            " it demands it with --older."
        ),
    ),
    "snapshot.issuer": (
        "Die Datei ist von {issuer}; diese Installation spiegelt {expected} (mirror.issuer).",
        "The file is of {issuer}; this installation mirrors {expected} (mirror.issuer).",
    ),
    "snapshot.local": (
        (
            "Hier gelten eigene Tabellen oder sind für später freigegeben: Version {versions}. Es wurde nichts"
            " geändert; ersetzt werden sie nur mit --replace."
        ),
        (
            "Own tables are in force here, or released for later: version {versions}. Nothing was changed; they are"
            " replaced only with --replace."
        ),
    ),
    "snapshot.keys-declared": (
        "Wem geglaubt wird, steht in der Installationsdatei (mirror.keys: {path}); --jwks gilt hier nicht.",
        "Who is believed stands in the installation file (mirror.keys: {path}); --jwks does not count here.",
    ),
    "snapshot.keys-needed": (
        "Wessen Signatur wird geglaubt? Bitte --jwks DATEI angeben (oder mirror.keys in der Installationsdatei).",
        "Whose signature is believed? Name --jwks FILE (or mirror.keys in the installation file).",
    ),
    "snapshot.nothing-named": (
        "Welche Datei? Ohne Angabe geht es nur, wo die Installationsdatei einen Knoten nennt (mirror.issuer).",
        "Which file? It can be left out only where the installation file names a node (mirror.issuer).",
    ),
    "snapshot.too-large": (
        "{url} antwortet mit mehr als {limit} Bytes.",
        "{url} answers with more than {limit} bytes.",
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
