"""Sentences about keys: help, output, refusals."""

from collections.abc import Mapping
from typing import Final

KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "help.keys": ("Schlüssel ansehen, anlegen, zertifizieren, wechseln.", "See, make, certify and rotate keys."),
    "help.keys.list": ("Schlüssel auflisten.", "List keys."),
    "help.keys.show": ("Einen Schlüssel mit seiner Zertifikatskette zeigen.", "Show a key with its certificate chain."),
    "help.keys.create": (
        "Einen RSA-Schlüssel mit 4096 Bit anlegen und den Zertifikatsantrag (CSR) in eine Datei schreiben.",
        "Make an RSA key of 4096 bits and write the certificate request (CSR) to a file.",
    ),
    "help.keys.certify": (
        "Die Zertifikatskette eines Schlüssels prüfen und eintragen.",
        "Check the certificate chain of a key and attach it.",
    ),
    "help.keys.import": (
        "Einen vorhandenen Schlüssel mit seiner Zertifikatskette übernehmen.",
        "Import an existing key with its certificate chain.",
    ),
    "help.keys.export-public": (
        "Den öffentlichen Schlüssel ausgeben, als JWK (mit Kette) oder PEM.",
        "Print the public key, as JWK (with its chain) or PEM.",
    ),
    "help.keys.rotate": (
        "Einen zertifizierten Schlüssel zum aktuellen machen; der bisherige öffnet, was vorher angekündigt wurde.",
        "Make a certified key the current one; the former still opens what was announced before.",
    ),
    "help.keys.retire": (
        "Den privaten Teil eines abgelösten Schlüssels vernichten. Das lässt sich nicht rückgängig machen.",
        "Destroy the private half of a replaced key. This cannot be undone.",
    ),
    "help.keys.kid": ("Kennung des Schlüssels (kid).", "Id of the key (kid)."),
    "help.keys.chain": (
        "PEM-Datei: eigenes Zertifikat zuerst, Wurzel zuletzt.",
        "PEM file: own certificate first, root last.",
    ),
    "help.keys.destination": ("Kennung des Zustellpunkts (UUID).", "Id of the destination (UUID)."),
    "help.keys.purpose": ("Wofür: Verschlüsselung oder Signatur.", "What for: encryption or signature."),
    "help.keys.tenant": (
        "Mandant; nur nötig, solange der Zustellpunkt noch nicht angelegt ist.",
        "Tenant; needed only as long as the destination has not been declared.",
    ),
    "help.keys.request": (
        "Datei für den Zertifikatsantrag; sie darf noch nicht bestehen.",
        "File for the certificate request; it must not exist yet.",
    ),
    "help.keys.private": (
        "PEM-Datei (PKCS#8, unverschlüsselt) mit dem privaten Schlüssel; danach löschen.",
        "PEM file (PKCS#8, unencrypted) of the private key; delete it afterwards.",
    ),
    "help.keys.pem": ("Als PEM ausgeben, mit den Zertifikaten.", "Print as PEM, with the certificates."),
    "help.keys.to": ("Kennung des neuen Schlüssels.", "Id of the new key."),
    "keys.none": ("Keine Schlüssel.", "No keys."),
    "keys.kid": ("Kennung", "Id"),
    "keys.purpose": ("Zweck", "Purpose"),
    "keys.owner": ("Zustellpunkt", "Destination"),
    "keys.tenant": ("Mandant", "Tenant"),
    "keys.state": ("Zustand", "State"),
    "keys.valid-until": ("Gültig bis", "Valid until"),
    "keys.made": ("Angelegt", "Made"),
    "keys.replaced": ("Abgelöst", "Replaced"),
    "keys.retired": ("Außer Dienst", "Retired"),
    "keys.held-here": ("Privater Teil hier", "Private half here"),
    "keys.chain": ("Zertifikatskette", "Certificate chain"),
    "keys.subject": ("Inhaber", "Subject"),
    "keys.issuer": ("Aussteller", "Issuer"),
    "keystate.current": ("aktuell", "current"),
    "keystate.former": ("abgelöst", "former"),
    "keystate.ready": ("bereit", "ready"),
    "keystate.uncertified": ("ohne Zertifikat", "uncertified"),
    "keystate.retired": ("außer Dienst", "retired"),
    "purpose.encryption": ("Verschlüsselung", "encryption"),
    "purpose.signature": ("Signatur", "signature"),
    "purpose.events": ("Ereignisse des Dienstes", "events of the service"),
    "purpose.addressing": ("Adressierung", "addressing"),
    "purpose.access-token": ("Zugangstoken", "access tokens"),
    "keys.created": ("Schlüssel angelegt: {kid}", "Key made: {kid}"),
    "keys.request-written": (
        "Zertifikatsantrag: {file}. Das Zertifikat danach eintragen: amtsbote keys certify {kid} KETTE.pem",
        "Certificate request: {file}. Attach the certificate afterwards: amtsbote keys certify {kid} CHAIN.pem",
    ),
    "keys.certified": ("Zertifiziert bis {until}: {kid}", "Certified until {until}: {kid}"),
    "keys.imported": ("Übernommen: {kid}, zertifiziert bis {until}", "Imported: {kid}, certified until {until}"),
    "keys.rotated": (
        "Aktueller Schlüssel ist jetzt {current}. Der bisherige, {former}, öffnet, was vorher angekündigt wurde.",
        "The current key is now {current}. The former, {former}, still opens what was announced before.",
    ),
    "keys.retired-now": (
        "Außer Dienst: {kid}. Der private Teil ist vernichtet, der öffentliche bleibt abrufbar.",
        "Retired: {kid}. The private half is destroyed, the public half stays available.",
    ),
    "keys.unreadable": ("{path} ist nicht lesbar: {reason}.", "{path} cannot be read: {reason}."),
    "keys.unwritable": ("{path} lässt sich nicht anlegen: {reason}.", "{path} cannot be made: {reason}."),
    "keys.unknown": ("Den Schlüssel {kid} gibt es nicht.", "There is no key {kid}."),
    "keys.destination-unknown": ("Den Zustellpunkt {id} gibt es nicht.", "There is no destination {id}."),
    "keys.tenant-unknown": ("Den Mandanten „{id}“ gibt es nicht.", "There is no tenant `{id}`."),
    "keys.tenant-needed": (
        "Den Zustellpunkt {id} gibt es noch nicht; bitte mit --tenant sagen, wem er gehören wird.",
        "There is no destination {id} yet; say with --tenant whom it will belong to.",
    ),
    "keys.other-tenant": (
        "Der Zustellpunkt {id} gehört dem Mandanten „{tenant}“.",
        "The destination {id} belongs to the tenant `{tenant}`.",
    ),
    "keys.held-elsewhere": (
        "Die privaten Schlüssel von {id} hält der Empfänger; hier genügt: amtsbote keys import ohne --private.",
        "The private keys of {id} are held by the subscriber; do this here: amtsbote keys import without --private.",
    ),
    "keys.private-needed": (
        "Der private Schlüssel fehlt: --private FILE.",
        "The private key is missing: --private FILE.",
    ),
    "keys.private-unreadable": (
        "Der private Schlüssel ist keine lesbare, unverschlüsselte PEM-Datei mit einem RSA-Schlüssel.",
        "The private key is not a readable, unencrypted PEM file of an RSA key.",
    ),
    "keys.known": (
        "Der Schlüssel {kid} ist schon für {user} eingetragen.",
        "The key {kid} is already registered for {user}.",
    ),
    "keys.of-service": (
        "Der Schlüssel {kid} gehört dem Dienst selbst und hat kein Zertifikat; gewechselt wird er mit rotate-service.",
        "The key {kid} belongs to the service itself and has no certificate; it is changed by rotate-service.",
    ),
    "keys.is-retired": ("Der Schlüssel {kid} ist außer Dienst.", "The key {kid} is retired."),
    "keys.no-certificate": ("Zu dem Schlüssel gehört kein Zertifikat.", "There is no certificate for the key."),
    "keys.no-anchor": (
        "Es ist keine Wurzel eingetragen (keys.trust_anchors); ohne sie gilt kein Zertifikat.",
        "No root is registered (keys.trust_anchors); without one no certificate is good.",
    ),
    "keys.certificate": (
        "Die Zertifikatskette wird abgelehnt ({fault}).",
        "The certificate chain is refused ({fault}).",
    ),
    "keys.other-owner": (
        "Der Schlüssel {kid} gehört dem Zustellpunkt {owner}.",
        "The key {kid} belongs to the destination {owner}.",
    ),
    "keys.already-current": (
        "Der Schlüssel {kid} ist schon der aktuelle.",
        "The key {kid} is the current one already.",
    ),
    "keys.still-current": (
        "Der Schlüssel {kid} ist der aktuelle; erst wechseln: amtsbote keys rotate oder rotate-service.",
        "The key {kid} is the current one; change it first: amtsbote keys rotate or rotate-service.",
    ),
    "keys.too-early": (
        "Der Wechsel ist keine {seconds} Sekunden her; bitte gleich noch einmal.",
        "The rotation is less than {seconds} seconds ago; try again in a moment.",
    ),
    "keys.unfinished": (
        "{count} unerledigte Einreichungen könnten noch mit {kid} verschlüsselt sein; danach noch einmal.",
        "{count} unfinished submissions may still be encrypted to {kid}; try again when they are done.",
    ),
    "keys.unsigned": (
        "{count} Ereignisse warten noch auf die Signatur mit {kid}; gleich noch einmal.",
        "{count} events still wait for a signature by {kid}; try again in a moment.",
    ),
}
