"""Metadata sets that use every member of the published schemas, and every way of spoiling one of their values."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

HASH = {"type": "sha512", "content": "0123456789abcdef" * 8}
UUID = "8c0b9a6e-54a1-4f3d-9e2b-1f0a6c7d8e9f"
OTHER_UUID = "11111111-2222-4333-8444-555555555555"
SIGNATURE = {
    "signatureFormat": "json",
    "detachedSignature": True,
    "eidasAdesProfile": "http://uri.etsi.org/ades/191x2/level/baseline/B-B#",
    "content": "ZXlKaGJHY2lP",
}
PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBF"
DATA = {
    "hash": HASH,
    "submissionSchema": {"schemaUri": "https://schema.example/antrag/1.0", "mimeType": "application/xml"},
    "signature": SIGNATURE,
}
ATTACHMENT = {
    "hash": HASH,
    "signature": SIGNATURE,
    "purpose": "attachment",
    "filename": "Lageplan Süd.pdf",
    "description": "Lageplan",
    "mimeType": "application/pdf",
    "attachmentId": UUID,
}
PAYMENT = {
    "transactionUrl": "https://pay.example/t/1",
    "transactionId": "T-1_a",
    "transactionReference": "Kassenzeichen 4711",
    "transactionTimestamp": "2024-02-29T23:59:59+01:00",
    "paymentMethod": "GIROPAY",
    "paymentMethodDetail": "detail-1",
    "status": "BOOKED",
    "grossAmount": Decimal("12.30"),
}
CHANNELS_1 = {
    "eMail": {"address": "erika@example.org", "pgpPublicKey": PGP},
    "deMail": {"address": "erika@example.de-mail.de"},
    "fink": {"finkPostfachRef": "abc/1~x", "host": "https://fink.example"},
    "elster": {"accountId": "0123456789", "lieferTicket": "L1", "geschaeftszeichen": "Az 1"},
}
CHANNELS_2 = CHANNELS_1 | {
    "fitConnect": {
        "processStandards": ["urn:example:standard"],
        "encryptionPublicKey": {
            "kty": "RSA",
            "key_ops": ["wrapKey"],
            "alg": "RSA-OAEP-256",
            "kid": "k" * 43,
            "n": "g" + "A" * 681 + "E",
            "e": "AQAB",
        },
    },
    "idBundDeMailbox": {"mailboxUuid": UUID},
}


def full_1() -> Iterator[dict[str, Any]]:
    """Metadata 1.0.0 with every member, once per reply channel."""
    for name, channel in CHANNELS_1.items():
        yield deepcopy(
            {
                "paymentInformation": PAYMENT,
                "publicServiceType": {
                    "name": "Baumfällgenehmigung",
                    "description": "Erteilung",
                    "identifier": "urn:de:fim:leika:leistung:99093003001002",
                },
                "contentStructure": {"data": DATA, "attachments": [ATTACHMENT]},
                "authenticationInformation": [
                    {"type": "identificationReport", "version": "1.0.20", "content": "abc_-.1"}
                ],
                "replyChannel": {name: channel},
                "additionalReferenceInfo": {"senderReference": "R 1", "applicationDate": "2024-02-29"},
            }
        )


def full_2() -> Iterator[dict[str, Any]]:
    """Metadata 2.1.0 with every member, once per reply channel."""
    for name, channel in CHANNELS_2.items():
        yield deepcopy(
            {
                "$schema": "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json",
                "contentStructure": {
                    "data": DATA,
                    "attachments": [ATTACHMENT | {"purpose": "data", "fragments": [UUID, OTHER_UUID]}],
                },
                "paymentInformation": PAYMENT,
                "replyChannel": {name: channel},
                "additionalReferenceInfo": {
                    "senderReference": "R 1",
                    "applicationDate": "2024-02-29",
                    "idBundDeApplicationId": UUID,
                    "zustimmungZumDigitalenBescheid": False,
                },
                "author": {
                    "name": "Portal Hamburg",
                    "description": "Onlinedienst",
                    "url": "no uri needed",
                    "product": {"name": "P", "description": "D", "version": "1", "manufacturer": "M"},
                },
                "dataSets": [
                    {
                        "dataSetId": UUID,
                        "schema": {"schemaUri": "https://schema.example/ident", "mimeType": "application/jose"},
                        "hash": HASH,
                        "description": "Identität",
                        "content": {"any": [1, None]},
                    }
                ],
            }
        )


URIS = {
    "https://schema.example/antrag/1.0": True,
    "urn:de:fim:leika:leistung:99093003001002": True,
    "http://[2001:db8::1]:8080/a?b=c#d": True,
    "mailto:a@b.de": True,
    "a:": True,
    "x:%41": True,
    "//host/path": False,
    "relative/path": False,
    "http://exa mple/": False,
    "http://example/ä": False,
    "x:%4": False,
    "1x:y": False,
    "http://[::1/": False,
    "http://[zz]/": False,
    ":": False,
    "https://schema.fitko.de/fit-connect/metadata/2.١.0/metadata.schema.json": False,
}
"""Text → whether it is a URI, by hand."""
EMAILS = {
    "erika@example.org": True,
    "erika.muster+tag@example.org": True,
    '"a b"@example.org': True,
    "a@[192.0.2.1]": True,
    "a@[IPv6:2001:db8::1]": True,
    "a@localhost": True,
    "a@@b": False,
    "@example.org": False,
    "a@": False,
    "a..b@example.org": False,
    ".a@example.org": False,
    "a b@example.org": False,
    "a@-example.org": False,
    "a@exa_mple.org": False,
    "a@[300.1.1.1]": False,
    "ä@example.org": False,
    "a@example.org\n": False,
    "a" * 65 + "@example.org": False,
}
"""Text → whether it is a mailbox, by hand."""
TEXTS = (
    *URIS,
    *EMAILS,
    "",
    "x",
    "two words",
    "ä",
    "a" * 128,
    "A" * 128,
    "f" * 127,
    "f" * 128 + "\n",
    "7" * 10,
    "٣" * 10,
    "7" * 11,
    "7" * 36,
    "7" * 37,
    "7" * 60,
    "7" * 61,
    "x" * 150,
    "x" * 151,
    "n" * 682,
    "urn:x",
    "urn:xy:" + "z" * 249,
    "urn:X:y",
    "1.2.3",
    "01.2.3",
    "1.2",
    "text/plain",
    "text/plain; x=y",
    "2024-02-29",
    "2023-02-29",
    "2024-2-9",
    "20240229",
    "2024-02-29T12:00:00Z",
    "2024-02-29T12:00:00.123456-23:59",
    "2024-02-29T24:00:00Z",
    "2024-02-29T12:00:00",
    "2024-02-30T12:00:00Z",
    "2024-02-29 12:00:00Z",
    OTHER_UUID,
    OTHER_UUID.replace("-", ""),
    OTHER_UUID[:-1] + "g",
    OTHER_UUID + "\n",
    "eMail",
    "sha512",
    "application/json",
    "application/jose",
    "cms",
    "form",
    "report",
    "data",
    "INVOICE",
    "FAILED",
    "https://schema.fitko.de/fit-connect/metadata/2.99.0/metadata.schema.json",
    "https://schema.fitko.de/fit-connect/metadata/1.0.0/metadata.schema.json",
    PGP,
    PGP.replace("\n\n", "\n"),
    "!",
    "ab!",
    "!ab",
)
NUMBERS = (0, 1, -1, 10**20, *map(Decimal, ("0.01", "0.005", "0.011", "0.010", "1E+3", "1.5E-2", "1E-3", "-0.01")))
OTHERS: tuple[Any, ...] = (None, True, False, *NUMBERS, [], {}, [None], [{}], {"unknown": 1})
VALUES: tuple[Any, ...] = (*OTHERS, *TEXTS)

Place = tuple[str | int, ...]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in a document, the root excluded."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*here, name)
        yield from places(member, (*here, name))


def inside(document: Any, place: Place) -> Any:
    for step in place:
        document = document[step]
    return document


def replaced(document: Any, place: Place, value: Any) -> Any:
    spoilt = deepcopy(document)
    inside(spoilt, place[:-1])[place[-1]] = deepcopy(value)
    return spoilt


def removed(document: Any, place: Place) -> Any:
    spoilt = deepcopy(document)
    del inside(spoilt, place[:-1])[place[-1]]
    return spoilt


def grown(document: Any, place: Place) -> Any:
    """With one more member nobody knows, or one entry repeated."""
    spoilt = deepcopy(document)
    grown_here = inside(spoilt, place)
    if isinstance(grown_here, dict):
        grown_here["unknown"] = "x"
    if isinstance(grown_here, list):
        grown_here.extend(grown_here)
    return spoilt


def spoilt_once(documents: Iterable[dict[str, Any]]) -> Iterator[Any]:
    """Every place removed, grown, and replaced by each of `VALUES` (by one text where no text belongs). Documents after
    the first differ from it in the reply channel only, and are spoilt only there."""
    for position, document in enumerate(documents):
        yield grown(document, ())
        for place in places(document):
            if position == 0 or place[0] == "replyChannel":
                yield from spoilt_at(document, place)


def spoilt_at(document: dict[str, Any], place: Place) -> Iterator[Any]:
    yield removed(document, place)
    yield grown(document, place)
    for value in VALUES if isinstance(inside(document, place), str) else (*OTHERS, "text"):
        yield replaced(document, place, value)
