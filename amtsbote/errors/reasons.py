"""The words that say why inside a sentence of the table: stable for programs and logs, a sentence for whoever reads.

A word is looked up when a problem is read; one that is not here is read as it is.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

FORM: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("Die Angabe fehlt.", "The member is missing."),
    "extra_forbidden": (
        "Das Objekt enthält eine Angabe, die das Schema nicht kennt.",
        "The object has a member that the schema does not know.",
    ),
    "null": ("Statt null muss die Angabe fehlen.", "The member must be absent instead of null."),
    "string_type": ("Die Angabe ist keine Zeichenkette.", "The value is not a string."),
    "bool_type": ("Die Angabe ist weder true noch false.", "The value is neither true nor false."),
    "list_type": ("Die Angabe ist keine Liste.", "The value is not a list."),
    "model_type": ("Die Angabe ist kein Objekt.", "The value is not an object."),
    "number_type": ("Die Angabe ist keine Zahl.", "The value is not a number."),
    "int_type": ("Die Angabe ist keine ganze Zahl.", "The value is not an integer."),
    "literal_error": ("Der Wert ist nicht in der Liste der erlaubten.", "The value is not one of those allowed."),
    "pattern": ("Der Wert hat nicht die verlangte Form.", "The value does not have the required form."),
    "string_too_short": ("Der Wert ist zu kurz.", "The value is too short."),
    "string_too_long": ("Der Wert ist zu lang.", "The value is too long."),
    "too_short": ("Die Liste ist leer.", "The list is empty."),
    "too_long": ("Die Liste ist zu lang.", "The list is too long."),
    "dict_type": ("Die Angabe ist kein Objekt.", "The value is not an object."),
    "enum": ("Der Wert ist nicht in der Liste der erlaubten.", "The value is not one of those allowed."),
    "string_pattern_mismatch": (
        "Der Wert hat nicht die verlangte Form.",
        "The value does not have the required form.",
    ),
    "unique": ("Der Wert kommt zweimal vor.", "The value is there twice."),
    "callback_url": (
        "Der Wert ist keine Adresse mit https:// und einem Rechnernamen, ohne Anmeldedaten und ohne „#“.",
        "The value is no https:// address with a host, without credentials and without `#`.",
    ),
    "callback_secret": (
        "Der Wert ist kein Geheimnis: 1 bis 512 druckbare Zeichen.",
        "The value is no secret: 1 to 512 printable characters.",
    ),
    "reply_channel": (
        "Diesen Antwortweg gibt es nicht, oder die Angabe dazu hat einen anderen Typ.",
        "There is no such reply channel, or what is said of it has another type.",
    ),
    "too_old": (
        "Der Betreiber lässt an diesem Zustellpunkt nur neuere Versionen zu.",
        "The operator allows newer versions only at this destination.",
    ),
    "form-frame": (
        "Er beginnt oder endet nicht mit der angekündigten Trennlinie.",
        "It does not begin or end with the boundary that was announced.",
    ),
    "form-part": ("Kopf oder Ende eines Teils ist nicht zu lesen.", "The head or the end of a part cannot be read."),
    "form-part-head": (
        "Der Kopf eines Teils nennt keinen Namen aus Kleinbuchstaben, oder eine Kodierung.",
        "The head of a part does not begin with a name of small letters, or names an encoding.",
    ),
    "form-part-twice": ("Ein Teil kommt zweimal vor.", "A part is there twice."),
    "form-too-many-parts": ("Es sind zu viele Teile.", "There are too many parts."),
    "format_uuid": ("Der Wert ist keine UUID.", "The value is not a UUID."),
    "service": (
        "Der Wert ist kein Leistungsschlüssel (LeiKa, 14 Ziffern, auch als URN).",
        "The value is no service key (LeiKa, 14 digits, also as a URN).",
    ),
    "region": (
        "Der Wert ist kein Gebiet (ARS mit 2, 3, 5, 9 oder 12 Ziffern, auch als URN).",
        "The value is no region (ARS of 2, 3, 5, 9 or 12 digits, also as a URN).",
    ),
    "area_terms": (
        "Es sind 1 bis 10 Suchbegriffe von höchstens 100 Zeichen, mit mindestens zwei Zeichen neben jedem „*“.",
        "There are 1 to 10 terms of 100 characters at most, with two characters at least beside each `*`.",
    ),
}
"""Of a member of a document or of a question: kinds of pydantic and of ours."""

JSON: Final[Mapping[str, tuple[str, str]]] = {
    "too-large": ("Das Dokument ist zu groß.", "The document is too large."),
    "not-utf-8": ("Das Dokument ist nicht in UTF-8 kodiert.", "The document is not encoded in UTF-8."),
    "byte-order-mark": (
        "Das Dokument beginnt mit einer Byte Order Mark (BOM); JSON ist UTF-8 ohne sie.",
        "The document begins with a byte order mark (BOM); JSON is UTF-8 without it.",
    ),
    "syntax": ("Das Dokument ist kein JSON.", "The document is not JSON."),
    "too-deep": ("Das Dokument ist zu tief verschachtelt.", "The document is nested too deeply."),
    "too-many-values": ("Das Dokument enthält zu viele Werte.", "The document holds too many values."),
    "duplicate-member": ("Ein Name kommt in einem Objekt zweimal vor.", "A name occurs twice in one object."),
    "not-a-number": ("NaN und Infinity sind keine JSON-Zahlen.", "NaN and Infinity are not JSON numbers."),
    "number-too-long": ("Eine Zahl ist zu lang.", "A number is too long."),
    "lone-surrogate": ("Ein Zeichen ist nur halb kodiert.", "A character is encoded by half."),
    "nul": ("Das Zeichen U+0000 kommt vor.", "The character U+0000 occurs."),
    "not-an-object": ("Das Dokument ist kein JSON-Objekt.", "The document is not a JSON object."),
}

JOSE: Final[Mapping[str, str]] = {
    "fewer than five segments": "es hat weniger als fünf Abschnitte",
    "more than five segments": "es hat mehr als fünf Abschnitte",
    "not three segments": "es hat nicht drei Abschnitte",
    "a segment is too long": "ein Abschnitt ist zu lang",
    "not base64url": "ein Abschnitt enthält Zeichen, die nicht zu base64url gehören, oder Füllzeichen",
    "base64url is not canonical": "ein Abschnitt ist nicht eindeutig in base64url geschrieben",
    "encrypted key is not of an RSA key of 4096 to 8192 bits": (
        "der verschlüsselte Schlüssel gehört nicht zu einem RSA-Schlüssel von 4096 bis 8192 Bit"
    ),
    "vector is not 12 bytes": "der Initialisierungsvektor hat nicht 12 Byte",
    "authentication tag is not 16 bytes": "das Authentication Tag hat nicht 16 Byte",
    "header is too long": "der Kopf ist zu lang",
    "header is not JSON": "der Kopf ist kein JSON",
    "header is not a JSON object": "der Kopf ist kein JSON-Objekt",
    "header names a member twice": "der Kopf nennt eine Angabe zweimal",
    "the payload is not detached": "der Inhalt ist nicht abgetrennt",
    "a list of keys": "eine Liste von Schlüsseln",
    "absent": "die Angabe muss fehlen",
    "absent: this is a private key": "die Angabe muss fehlen, denn dies ist ein privater Schlüssel",
    "a list of certificates in base64, that of the key first": (
        "eine Liste von Zertifikaten in base64, das des Schlüssels zuerst"
    ),
    "base64url of 4096 to 8192 bits, odd, without padding": (
        "base64url von 4096 bis 8192 Bit, ungerade, ohne Füllzeichen"
    ),
    "8 to 64 visible ASCII characters": "8 bis 64 sichtbare ASCII-Zeichen",
    "up to 64 printable ASCII characters": "bis zu 64 druckbare ASCII-Zeichen",
    "up to 255 printable ASCII characters": "bis zu 255 druckbare ASCII-Zeichen",
}
"""Of a JWE or JWS: the English words of the readers → German."""

SET: Final[Mapping[str, str]] = {
    "the key is not known": "der Schlüssel ist nicht bekannt",
    "the signature does not fit": "die Signatur passt nicht",
    "$schema is not supported; supported: set-payload 1.x": "$schema wird nicht unterstützt, nur set-payload 1.x",
    "jti is not a UUID": "jti ist keine UUID",
    "jti is the id of another event": "jti ist die Kennung eines anderen Ereignisses",
    "iss is missing": "iss fehlt",
    "iss is not the destination of the submission": "iss ist nicht der Zustellpunkt der Einreichung",
    "iss is not the destination of the reply": "iss ist nicht der Zustellpunkt der Antwort",
    "kid is not a key of the destination of this case": "kid ist kein Schlüssel des Zustellpunkts dieses Vorgangs",
    "sub is neither submission:<UUID> nor reply:<UUID>": "sub ist weder submission:<UUID> noch reply:<UUID>",
    "sub is not the submission": "sub ist nicht die Einreichung",
    "sub is not the reply": "sub ist nicht die Antwort",
    "txn is not case:<UUID>": "txn ist nicht case:<UUID>",
    "txn is not the case": "txn ist nicht der Vorgang",
    "iat is not a time in seconds since 1970": "iat ist keine Zeit in Sekunden seit 1970",
    "iat is in the future": "iat liegt in der Zukunft",
    "iat is before the submit": "iat liegt vor dem Einreichen",
    "events does not hold exactly one event": "events enthält nicht genau ein Ereignis",
    "events holds an event that is not known": "events enthält ein unbekanntes Ereignis",
    "events: a subscriber may write accept, reject and forward events": (
        "events: erlaubt sind accept, reject und forward"
    ),
    "the event is not about what sub names": "das Ereignis handelt nicht von dem, was sub nennt",
    "the event's payload is not an object": "der Inhalt des Ereignisses ist kein Objekt",
    "authenticationTags are missing": "authenticationTags fehlen",
    "authenticationTags are not as the schema demands": "authenticationTags sind nicht, wie das Schema es verlangt",
    "authenticationTags are not those of the submission": "authenticationTags sind nicht die der Einreichung",
    "authenticationTags are not those of the reply": "authenticationTags sind nicht die der Antwort",
    "problems are missing": "problems fehlen",
    "problems are not as the schema demands": "problems sind nicht, wie das Schema es verlangt",
}
"""Of a Security Event Token: English → German."""

STORAGE: Final[Mapping[str, str]] = {
    "the storage of bodies failed": "die Ablage der Teile versagt",
    "a body file cannot be opened now": "ein Teil lässt sich gerade nicht öffnen",
    "a body file cannot be read now": "ein Teil lässt sich gerade nicht lesen",
    "a body file is missing": "die Datei eines Teils fehlt",
    "a body file has a name that is not one of ours": "die Datei eines Teils hat einen Namen, den wir nicht vergeben",
    "the storage of parts failed": "der Speicher der Teile versagt",
    "the storage of parts does not answer": "der Speicher der Teile antwortet nicht",
    "the storage of parts does not know this place": "der Speicher der Teile kennt diesen Ort nicht",
    "the storage does not list its uploads": "der Speicher der Teile nennt seine Uploads nicht",
    "the storage does not abort an upload": "der Speicher der Teile bricht einen Upload nicht ab",
    "the storage answered with something that is no moment": "der Speicher der Teile nennt eine Zeit, die keine ist",
    "the storage answered with less than was asked for": "der Speicher der Teile antwortet mit weniger als verlangt",
    "a body was not there and then was": "ein Teil fehlte im Speicher der Teile und war dann da",
    "a body is missing from the storage": "ein Teil fehlt im Speicher der Teile",
    "a body has a name that is not one of ours": "ein Teil im Speicher hat einen Namen, den wir nicht vergeben",
    "the database does not answer": "die Datenbank antwortet nicht",
    "the database cannot be read": "die Datenbank ist nicht lesbar",
    "the database is not sound": "die Datenbank ist in sich nicht stimmig",
    "the database is damaged": "die Datenbank ist beschädigt",
    "the store is closed": "die Datenbank ist schon geschlossen",
    "copying the database failed": "die Datenbank ließ sich nicht kopieren",
    "taking out the rows failed": "die Zeilen ließen sich nicht entnehmen",
    "the server answered a commit with something else": "die Datenbank hat einen Commit anders beantwortet",
    "a copied table differs from what was read": "eine kopierte Tabelle weicht von der gelesenen ab",
    "rows of the copy refer to nothing": "Zeilen der Kopie verweisen ins Leere",
    "what was read is not what was written": "gelesen wurde anderes als geschrieben",
}
"""Of database and disk: English → German. Behind a colon stands what the system itself said."""

CERTIFICATE: Final[Mapping[str, tuple[str, str]]] = {
    "certificate-unreadable": (
        "Mindestens ein Zertifikat ist nicht lesbar.",
        "At least one certificate cannot be read.",
    ),
    "certificate-empty": (
        "Zu dem Schlüssel gehört kein Zertifikat.",
        "There is no certificate for the key.",
    ),
    "certificate-too-long": (
        "Die Zertifikatskette hat mehr als 8 Glieder.",
        "The certificate chain has more than 8 links.",
    ),
    "certificate-key-type": (
        "Zertifizierte Schlüssel müssen RSA-Schlüssel sein.",
        "Certified keys must be RSA keys.",
    ),
    "certificate-other-key": (
        "Das erste Zertifikat der Kette gehört zu einem anderen Schlüssel.",
        "The first certificate of the chain belongs to another key.",
    ),
    "certificate-weak-key": (
        "Ein Schlüssel der Kette ist zu kurz oder hat einen anderen Exponenten als 65537.",
        "A key of the chain is too short or has another exponent than 65537.",
    ),
    "certificate-order": (
        "Die Kette ist lückenhaft oder in falscher Reihenfolge: erst das eigene Zertifikat, zuletzt die Wurzel.",
        "The chain has a gap or is in the wrong order: one's own certificate first, the root last.",
    ),
    "certificate-not-anchored": (
        "Die Kette endet nicht bei einer eingetragenen Wurzel.",
        "The chain does not end in a registered root.",
    ),
    "certificate-leaf-is-ca": (
        "Das erste Zertifikat der Kette ist das einer Zertifizierungsstelle.",
        "The first certificate of the chain is that of a certification authority.",
    ),
    "certificate-not-a-ca": (
        "Ein ausstellendes Zertifikat darf keine Zertifikate ausstellen.",
        "An issuing certificate is not allowed to issue certificates.",
    ),
    "certificate-path-length": (
        "Die Kette ist länger, als ein ausstellendes Zertifikat es erlaubt.",
        "The chain is longer than an issuing certificate allows.",
    ),
    "certificate-critical-extension": (
        "Ein Zertifikat trägt eine kritische Erweiterung, die hier nicht geprüft werden kann.",
        "A certificate has a critical extension that cannot be checked here.",
    ),
    "certificate-key-usage": (
        "Das Zertifikat ist für diesen Zweck nicht ausgestellt (Schlüsselverwendung).",
        "The certificate was not issued for this purpose (key usage).",
    ),
    "certificate-weak-signature": (
        "Ein Zertifikat ist nicht mit RSA und mindestens SHA-256 unterschrieben.",
        "A certificate is not signed with RSA and at least SHA-256.",
    ),
    "certificate-signature": (
        "Die Unterschrift eines Zertifikats stimmt nicht.",
        "The signature of a certificate is wrong.",
    ),
    "certificate-not-yet-valid": (
        "Ein Zertifikat der Kette ist noch nicht gültig.",
        "A certificate of the chain is not valid yet.",
    ),
    "certificate-expired": (
        "Ein Zertifikat der Kette ist abgelaufen.",
        "A certificate of the chain has expired.",
    ),
}
"""Of a chain of certificates: `certificate-` and the fault."""

OTHER: Final[Mapping[str, tuple[str, str]]] = {
    "connection closed": ("die Verbindung brach ab", "the connection was closed"),
    "body": ("der Inhalt der Anfrage", "the body of the request"),
    "attachments": ("alle Anlagen zusammen", "all attachments together"),
}

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    **FORM,
    **JSON,
    **CERTIFICATE,
    **{english: (german, english) for english, german in {**JOSE, **SET, **STORAGE}.items()},
    **OTHER,
}
_PLACED: Final = re.compile(r"(?P<word>.+) (?P<place>\d+:\d+)")


def read_in(language: Literal["de", "en"], word: str) -> str:
    """A word, also with its place (`line:column`) behind it or a name before it (`claims: syntax`), as part of a
    sentence."""
    placed = _PLACED.fullmatch(word)
    found = SENTENCES.get(placed["word"] if placed else word)
    if found is None:
        name, colon, rest = word.partition(": ")
        before = read_in(language, name) if name in STORAGE else name
        return f"{before}: {read_in(language, rest)}" if colon else word
    said = found[0 if language == "de" else 1].removesuffix(".")
    return f"{said} ({placed['place']})" if placed else said
