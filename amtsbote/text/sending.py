"""Sentences of `amtsbote submissions send`."""

from collections.abc import Mapping
from typing import Final

SENDING: Final[Mapping[str, tuple[str, str]]] = {
    "help.submissions.send": (
        "Einen Antrag senden, wie ein Portal es täte: über die öffentliche Adresse, verschlüsselt, signiert.",
        "Send an application as a portal would: over the public address, encrypted, signed.",
    ),
    "help.send.destination": ("Kennung des Zustellpunkts (UUID).", "Id of the destination (UUID)."),
    "help.send.client": ("Zugang eines Portals, mit dem gesendet wird.", "Client of a portal to send with."),
    "help.send.secret": (
        "Datei mit dem Geheimnis dieses Zugangs; apply hat sie geschrieben.",
        "File with the secret of this client; apply wrote it.",
    ),
    "help.send.data": (
        "XML- oder JSON-Datei. Ohne sie: ein gültiges, als Test gekennzeichnetes Muster aus dem Leistungspaket.",
        "XML or JSON file. Without it: a valid sample of the service package, marked as a test.",
    ),
    "help.send.attachment": ("Datei als Anlage; mehrfach möglich.", "File to attach; may be repeated."),
    "help.send.service": (
        "Leistung (LeiKa); sonst die erste, die der Zustellpunkt anbietet.",
        "Service (LeiKa); otherwise the first the destination offers.",
    ),
    "help.send.region": (
        "Gebiet (ARS, 12 Stellen); sonst das des Zustellpunkts.",
        "Region (ARS, 12 digits); otherwise that of the destination.",
    ),
    "help.send.signing-key": (
        "PEM-Datei mit dem Signaturschlüssel des Portals; ohne sie wird nicht signiert.",
        "PEM file of the portal's signing key; without it nothing is signed.",
    ),
    "help.send.fragment-size": (
        "Ab wie vielen Megabyte eine Anlage in Fragmenten gesendet wird, und wie groß diese sind.",
        "Above how many megabytes an attachment is sent in fragments, and how large these are.",
    ),
    "help.send.ca": (
        "PEM-Datei mit der Zertifizierungsstelle des Reverse-Proxys, wenn das System sie nicht kennt.",
        "PEM file of the reverse proxy's certification authority, if the system does not know it.",
    ),
    "help.send.wait": (
        "Wie viele Sekunden auf die Entscheidung gewartet wird.",
        "How many seconds to wait for the decision.",
    ),
    "send.sent": ("Gesendet: Einreichung {submission}, Vorgang {case}.", "Sent: submission {submission}, case {case}."),
    "send.accept-submission": ("Angenommen und zugestellt.", "Accepted and delivered."),
    "send.reject-submission": ("Abgelehnt:", "Rejected:"),
    "send.undecided": (
        "Nach {seconds} Sekunden nicht entschieden. Ein Klärungsfall? amtsbote submissions show {submission}",
        "Not decided after {seconds} seconds. Does a person have to look? amtsbote submissions show {submission}",
    ),
    "send.service-unknown": (
        "Dieser Zustellpunkt bietet die Leistung {service} nicht mit einem Schema an, das hier vorliegt.",
        "This destination does not offer the service {service} with a schema that is known here.",
    ),
    "send.region-needed": (
        "Der Zustellpunkt nennt nicht genau ein Gebiet mit 12 Stellen; bitte --region angeben.",
        "The destination does not name exactly one region of 12 digits; please give --region.",
    ),
    "send.region-wrong": ("{region} ist kein Gebiet: zwölf Ziffern.", "{region} is no region: twelve digits."),
    "send.no-rsa-key": (
        "{path} ist kein unverschlüsselter RSA-Schlüssel in PEM.",
        "{path} is no unencrypted RSA key in PEM.",
    ),
    "send.unreadable": ("{path} ist nicht lesbar: {reason}", "{path} cannot be read: {reason}"),
}
