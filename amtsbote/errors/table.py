"""The one table of problems a sender can see: code, sentences in German and English, wire type, retry.

The documentation page `docs/fehler.md` is generated from it. A wire type marked uncertain in our FIT-Connect notes is
corrected here and nowhere else.
"""

from typing import Final

from amtsbote.errors import ProblemType

UNAUTHORISED: Final = ProblemType(
    code="AB-1001",
    wire="unauthorized",
    status=401,
    retry=False,
    title_de="Nicht angemeldet",
    title_en="Not authenticated",
    detail_de="Das Zugriffstoken fehlt, ist abgelaufen oder ungültig.",
    detail_en="The access token is missing, expired or invalid.",
    todo_de="Bitte ein neues Token am Token-Endpunkt holen.",
    todo_en="Fetch a new token from the token endpoint.",
)

FORBIDDEN: Final = ProblemType(
    code="AB-1002",
    wire="forbidden",
    status=403,
    retry=False,
    title_de="Nicht erlaubt",
    title_en="Not allowed",
    detail_de="Dieser Zugang darf das nicht.",
    detail_en="This client may not do that.",
    todo_de="Bitte prüfen, ob der richtige Zugang benutzt wird.",
    todo_en="Check that the right client is used.",
)

NOT_FOUND: Final = ProblemType(
    code="AB-1003",
    wire="not-found",
    status=404,
    retry=False,
    title_de="Nicht gefunden",
    title_en="Not found",
    detail_de="Diese Adresse gibt es nicht.",
    detail_en="There is nothing at this address.",
    todo_de="Bitte Adresse und Version prüfen.",
    todo_en="Check address and version.",
)

METHOD_NOT_ALLOWED: Final = ProblemType(
    code="AB-1004",
    wire="method-not-allowed",
    status=405,
    retry=False,
    title_de="Methode nicht erlaubt",
    title_en="Method not allowed",
    detail_de="Die Methode {method} gibt es an dieser Adresse nicht.",
    detail_en="The method {method} does not exist at this address.",
    todo_de="Erlaubt: {allowed}.",
    todo_en="Allowed: {allowed}.",
)

SUBMISSION_NOT_FOUND: Final = ProblemType(
    code="AB-1005",
    wire="submission-not-found",
    status=404,
    retry=False,
    title_de="Einreichung nicht gefunden",
    title_en="Submission not found",
    detail_de="Diesem Zugang ist keine Einreichung {id} bekannt.",
    detail_en="No submission {id} is known to this client.",
    todo_de="Bitte die submissionId prüfen.",
    todo_en="Check the submissionId.",
)

DESTINATION_NOT_FOUND: Final = ProblemType(
    code="AB-1006",
    wire="destination-not-found",
    status=404,
    retry=False,
    title_de="Zustellpunkt nicht gefunden",
    title_en="Destination not found",
    detail_de="Es gibt keinen Zustellpunkt {id}.",
    detail_en="There is no destination {id}.",
    todo_de="Bitte die destinationId prüfen; der Routingdienst nennt die aktuelle.",
    todo_en="Check the destinationId; the routing service names the current one.",
)

DESTINATION_INACTIVE: Final = ProblemType(
    code="AB-1007",
    wire="destination-state-invalid",
    status=422,
    retry=True,
    title_de="Zustellpunkt nimmt nichts an",
    title_en="Destination does not accept",
    detail_de="Der Zustellpunkt {id} ist nicht aktiv.",
    detail_en="The destination {id} is not active.",
    todo_de="Bitte später erneut senden oder die Behörde fragen.",
    todo_en="Send again later or ask the authority.",
)

SERVICE_NOT_OFFERED: Final = ProblemType(
    code="AB-1008",
    wire="unsupported-service",
    status=422,
    retry=False,
    title_de="Leistung wird nicht angeboten",
    title_en="Service not offered",
    detail_de="Der Zustellpunkt {id} bietet die Leistung {service} nicht an.",
    detail_en="The destination {id} does not offer the service {service}.",
    todo_de="Angeboten: {offered}.",
    todo_en="Offered: {offered}.",
)

KEY_NOT_FOUND: Final = ProblemType(
    code="AB-1009",
    wire="key-not-found",
    status=404,
    retry=False,
    title_de="Schlüssel nicht gefunden",
    title_en="Key not found",
    detail_de="Der Zustellpunkt hat keinen Schlüssel {kid}.",
    detail_en="The destination has no key {kid}.",
    todo_de="Der aktuelle steht unter encryptionKid.",
    todo_en="The current one is named by encryptionKid.",
)

CASE_NOT_FOUND: Final = ProblemType(
    code="AB-1010",
    wire="case-not-found",
    status=404,
    retry=False,
    title_de="Vorgang nicht gefunden",
    title_en="Case not found",
    detail_de="Diesem Zugang ist kein Vorgang {id} bekannt.",
    detail_en="No case {id} is known to this client.",
    todo_de="Bitte die caseId prüfen.",
    todo_en="Check the caseId.",
)

ATTACHMENT_NOT_FOUND: Final = ProblemType(
    code="AB-1011",
    wire="attachment-not-found",
    status=404,
    retry=False,
    title_de="Anlage nicht gefunden",
    title_en="Attachment not found",
    detail_de="Die Einreichung hat keine Anlage {id}.",
    detail_en="The submission has no attachment {id}.",
    todo_de="Bitte die attachmentId prüfen.",
    todo_en="Check the attachmentId.",
)

MALFORMED_BODY: Final = ProblemType(
    code="AB-1101",
    wire="malformed-request",
    status=400,
    retry=False,
    title_de="Anfrage nicht lesbar",
    title_en="Request not readable",
    detail_de="Der Inhalt der Anfrage ist kein gültiges JSON-Objekt: {reason}.",
    detail_en="The request body is not a valid JSON object: {reason}.",
    todo_de="Bitte korrigiert erneut senden.",
    todo_en="Correct it and send again.",
)

INVALID_FIELD: Final = ProblemType(
    code="AB-1102",
    wire="constraint-violation",
    status=400,
    retry=False,
    title_de="Feld ungültig",
    title_en="Invalid field",
    detail_de="Das Feld {field} ist ungültig: {reason}.",
    detail_en="The field {field} is invalid: {reason}.",
    todo_de="Bitte korrigiert erneut senden.",
    todo_en="Correct it and send again.",
)

MEDIA_TYPE: Final = ProblemType(
    code="AB-1103",
    wire="unsupported-media-type",
    status=415,
    retry=False,
    title_de="Falscher Inhaltstyp",
    title_en="Wrong content type",
    detail_de="Diese Adresse nimmt nur {expected} an.",
    detail_en="This address takes {expected} only.",
    todo_de="Bitte den Kopf Content-Type setzen.",
    todo_en="Set the Content-Type header.",
)

TOO_LARGE: Final = ProblemType(
    code="AB-1104",
    wire="content-too-large",
    status=413,
    retry=False,
    title_de="Zu groß",
    title_en="Too large",
    detail_de="{what} ist größer als {limit} Byte.",
    detail_en="{what} is larger than {limit} bytes.",
    todo_de="Bitte kleinere Teile senden.",
    todo_en="Send smaller parts.",
)

NOT_A_JWE: Final = ProblemType(
    code="AB-1105",
    wire="invalid-jwe",
    status=422,
    retry=False,
    title_de="Kein gültiges JWE",
    title_en="Not a valid JWE",
    detail_de="{what} ist kein kompaktes JWE: {reason}.",
    detail_en="{what} is not a compact JWE: {reason}.",
    todo_de="Bitte mit RSA-OAEP-256 und A256GCM verschlüsseln.",
    todo_en="Encrypt with RSA-OAEP-256 and A256GCM.",
)

JWE_HEADER: Final = ProblemType(
    code="AB-1106",
    wire="invalid-jwe-header",
    status=422,
    retry=False,
    title_de="JWE-Kopf nicht erlaubt",
    title_en="JWE header not allowed",
    detail_de="Im JWE-Kopf von {what} ist {name} nicht erlaubt.",
    detail_en="The JWE header of {what} has a {name} that is not allowed.",
    todo_de="Erlaubt: {allowed}.",
    todo_en="Allowed: {allowed}.",
)

JWE_KEY: Final = ProblemType(
    code="AB-1107",
    wire="unknown-encryption-key",
    status=422,
    retry=True,
    title_de="Falscher Schlüssel",
    title_en="Wrong key",
    detail_de="{what} ist nicht mit dem aktuellen Schlüssel des Zustellpunkts verschlüsselt.",
    detail_en="{what} is not encrypted with the destination's current key.",
    todo_de="Bitte den Schlüssel neu holen (encryptionKid {kid}).",
    todo_en="Fetch the key again (encryptionKid {kid}).",
)

ATTACHMENT_NOT_ANNOUNCED: Final = ProblemType(
    code="AB-1108",
    wire="attachment-not-announced",
    status=422,
    retry=False,
    title_de="Anlage nicht angekündigt",
    title_en="Attachment not announced",
    detail_de="Die Anlage {id} wurde beim Anlegen nicht angekündigt.",
    detail_en="The attachment {id} was not announced at creation.",
    todo_de="Bitte in announcedAttachments aufnehmen.",
    todo_en="Name it in announcedAttachments.",
)

ATTACHMENTS_MISSING: Final = ProblemType(
    code="AB-1109",
    wire="attachments-missing",
    status=422,
    retry=True,
    title_de="Anlagen fehlen",
    title_en="Attachments missing",
    detail_de="Angekündigt, aber nicht hochgeladen: {ids}.",
    detail_en="Announced but not uploaded: {ids}.",
    todo_de="Bitte hochladen und erneut absenden.",
    todo_en="Upload them and submit again.",
)

ALREADY_SUBMITTED: Final = ProblemType(
    code="AB-1110",
    wire="submission-already-submitted",
    status=409,
    retry=False,
    title_de="Bereits eingereicht",
    title_en="Already submitted",
    detail_de="Die Einreichung {id} ist abgeschlossen; andere Inhalte werden nicht mehr angenommen.",
    detail_en="The submission {id} is complete; different contents are no longer accepted.",
    todo_de="Bitte eine neue Einreichung anlegen.",
    todo_en="Create a new submission.",
)

SUBMISSION_EXPIRED: Final = ProblemType(
    code="AB-1111",
    wire="submission-expired",
    status=409,
    retry=False,
    title_de="Einreichung abgelaufen",
    title_en="Submission expired",
    detail_de="Die Einreichung {id} wurde nicht rechtzeitig abgeschlossen und gelöscht.",
    detail_en="The submission {id} was not completed in time and has been deleted.",
    todo_de="Bitte eine neue Einreichung anlegen.",
    todo_en="Create a new submission.",
)

CASE_MISMATCH: Final = ProblemType(
    code="AB-1112",
    wire="case-mismatch",
    status=422,
    retry=False,
    title_de="Vorgang gehört nicht dazu",
    title_en="Case does not belong",
    detail_de="Der Vorgang {id} gehört zu einem anderen Zustellpunkt.",
    detail_en="The case {id} belongs to another destination.",
    todo_de="Bitte ohne caseId oder mit dem richtigen Zustellpunkt senden.",
    todo_en="Send without caseId or to the right destination.",
)

INVALID_SET: Final = ProblemType(
    code="AB-1113",
    wire="invalid-set",
    status=422,
    retry=False,
    title_de="Ereignis nicht gültig",
    title_en="Event not valid",
    detail_de="Das Security Event Token ist nicht gültig: {reason}.",
    detail_en="The Security Event Token is not valid: {reason}.",
    todo_de="Bitte korrigiert erneut senden.",
    todo_en="Correct it and send again.",
)

EVENT_NOT_POSSIBLE: Final = ProblemType(
    code="AB-1114",
    wire="event-not-possible",
    status=409,
    retry=False,
    title_de="Ereignis jetzt nicht möglich",
    title_en="Event not possible now",
    detail_de="Das Ereignis {event} ist im Zustand {state} nicht möglich.",
    detail_en="The event {event} is not possible in state {state}.",
    todo_de="Endzustände ändern sich nicht mehr.",
    todo_en="Final states do not change.",
)

REGION_KEY: Final = ProblemType(
    code="AB-1115",
    wire="invalid-area",
    status=400,
    retry=False,
    title_de="Gebiet nicht angegeben",
    title_en="Area not given",
    detail_de="Genau eines von ars, ags oder areaId muss angegeben sein.",
    detail_en="Exactly one of ars, ags or areaId must be given.",
    todo_de="Bitte die Anfrage korrigieren.",
    todo_en="Correct the request.",
)

REQUEST_TIMEOUT: Final = ProblemType(
    code="AB-1116",
    wire="request-timeout",
    status=408,
    retry=True,
    title_de="Zu langsam gesendet",
    title_en="Sent too slowly",
    detail_de="Der Inhalt der Anfrage kam nicht oder zu langsam; es wurde nichts angenommen.",
    detail_en="The request body did not come or came too slowly; nothing was accepted.",
    todo_de="Bitte über eine neue Verbindung erneut senden.",
    todo_en="Send again over a new connection.",
)

MALFORMED_HTTP: Final = ProblemType(
    code="AB-1117",
    wire="malformed-http",
    status=400,
    retry=False,
    title_de="Kein gültiges HTTP",
    title_en="Not valid HTTP",
    detail_de="Die Anfrage ist kein gültiges HTTP/1.1.",
    detail_en="The request is not valid HTTP/1.1.",
    todo_de="Bitte korrigiert erneut senden.",
    todo_en="Correct it and send again.",
)

HEAD_TOO_LARGE: Final = ProblemType(
    code="AB-1118",
    wire="request-header-fields-too-large",
    status=431,
    retry=False,
    title_de="Kopf der Anfrage zu groß",
    title_en="Head of the request too large",
    detail_de="Adresse und Kopfzeilen sind zusammen größer als {bytes} Byte oder mehr als {lines} Zeilen.",
    detail_en="Address and header fields together are larger than {bytes} bytes or more than {lines} lines.",
    todo_de="Bitte mit weniger Kopfzeilen erneut senden.",
    todo_en="Send again with fewer header fields.",
)

INTERNAL: Final = ProblemType(
    code="AB-1901",
    wire="internal-error",
    status=500,
    retry=True,
    title_de="Interner Fehler",
    title_en="Internal error",
    detail_de="Das hat nicht geklappt; der Fehler ist unter der Nummer {number} protokolliert.",
    detail_en="That did not work; the error is logged under number {number}.",
    todo_de="Bitte später erneut senden.",
    todo_en="Send again later.",
)

OVERLOADED: Final = ProblemType(
    code="AB-1902",
    wire="overloaded",
    status=503,
    retry=True,
    title_de="Überlastet",
    title_en="Overloaded",
    detail_de="Der Dienst nimmt gerade nichts mehr an.",
    detail_en="The service cannot take more at the moment.",
    todo_de="Bitte nach {seconds} Sekunden erneut senden.",
    todo_en="Send again after {seconds} seconds.",
)

STORAGE_FULL: Final = ProblemType(
    code="AB-1904",
    wire="insufficient-storage",
    status=507,
    retry=True,
    title_de="Kein Speicherplatz",
    title_en="No storage",
    detail_de="Der Dienst kann gerade nichts speichern; es wurde nichts angenommen.",
    detail_en="The service cannot store at the moment; nothing was accepted.",
    todo_de="Bitte später erneut senden.",
    todo_en="Send again later.",
)

ENCRYPTION_ISSUE: Final = ProblemType(
    code="AB-2001",
    wire="encryption-issue",
    status=None,
    retry=False,
    title_de="Entschlüsselung fehlgeschlagen",
    title_en="Decryption failed",
    detail_de="{what} ließ sich nicht entschlüsseln.",
    detail_en="{what} could not be decrypted.",
    todo_de="Bitte mit dem Schlüssel des Zustellpunkts neu verschlüsseln und neu einreichen.",
    todo_en="Encrypt again with the destination's key and submit anew.",
)

HASH_MISMATCH: Final = ProblemType(
    code="AB-2002",
    wire="hash-mismatch",
    status=None,
    retry=False,
    title_de="Hashwert stimmt nicht",
    title_en="Hash does not match",
    detail_de="Der SHA-512-Hashwert von {what} stimmt nicht mit den Metadaten überein.",
    detail_en="The SHA-512 hash of {what} does not match the metadata.",
    todo_de="Bitte den Hash über die unverschlüsselten Bytes bilden und neu einreichen.",
    todo_en="Hash the unencrypted bytes and submit anew.",
)

METADATA_SYNTAX: Final = ProblemType(
    code="AB-2003",
    wire="syntax-violation",
    status=None,
    retry=False,
    title_de="Metadaten nicht lesbar",
    title_en="Metadata not readable",
    detail_de="Die Metadaten sind kein gültiges JSON: {reason}.",
    detail_en="The metadata is not valid JSON: {reason}.",
    todo_de="Bitte korrigiert neu einreichen.",
    todo_en="Correct it and submit anew.",
)

METADATA_SCHEMA_MISSING: Final = ProblemType(
    code="AB-2004",
    wire="missing-schema",
    status=None,
    retry=False,
    title_de="Schema der Metadaten fehlt",
    title_en="Metadata schema missing",
    detail_de="Die Metadaten nennen kein Schema ($schema).",
    detail_en="The metadata names no schema ($schema).",
    todo_de="Bitte $schema angeben.",
    todo_en="Name $schema.",
)

METADATA_SCHEMA_UNSUPPORTED: Final = ProblemType(
    code="AB-2005",
    wire="unsupported-schema",
    status=None,
    retry=False,
    title_de="Schema der Metadaten nicht unterstützt",
    title_en="Metadata schema not supported",
    detail_de="Das Metadatenschema {schema} wird nicht unterstützt.",
    detail_en="The metadata schema {schema} is not supported.",
    todo_de="Unterstützt: {supported}.",
    todo_en="Supported: {supported}.",
)

METADATA_INVALID: Final = ProblemType(
    code="AB-2006",
    wire="schema-violation",
    status=None,
    retry=False,
    title_de="Metadaten entsprechen nicht dem Schema",
    title_en="Metadata does not satisfy its schema",
    detail_de="Die Metadaten entsprechen nicht dem Schema {schema}: {count} Befunde.",
    detail_en="The metadata does not satisfy schema {schema}: {count} findings.",
    todo_de="Die Befunde stehen im Ereignis; bitte korrigiert neu einreichen.",
    todo_en="The findings are in the event; correct and submit anew.",
)

SERVICE_MISMATCH: Final = ProblemType(
    code="AB-2007",
    wire="service-mismatch",
    status=None,
    retry=False,
    title_de="Leistung stimmt nicht überein",
    title_en="Service does not match",
    detail_de="Metadaten und Einreichung nennen verschiedene Leistungen.",
    detail_en="Metadata and submission name different services.",
    todo_de="Bitte dieselbe Leistung angeben.",
    todo_en="Name the same service.",
)

ATTACHMENTS_MISMATCH: Final = ProblemType(
    code="AB-2008",
    wire="attachments-mismatch",
    status=None,
    retry=False,
    title_de="Anlagen stimmen nicht überein",
    title_en="Attachments do not match",
    detail_de="Metadaten und Einreichung nennen verschiedene Anlagen: {ids}.",
    detail_en="Metadata and submission name different attachments: {ids}.",
    todo_de="Bitte jede hochgeladene Anlage in den Metadaten nennen.",
    todo_en="Name every uploaded attachment in the metadata.",
)

DATA_SCHEMA_UNSUPPORTED: Final = ProblemType(
    code="AB-2009",
    wire="unsupported-schema",
    status=None,
    retry=False,
    title_de="Fachdatenschema nicht unterstützt",
    title_en="Data schema not supported",
    detail_de="Der Zustellpunkt nimmt das Fachdatenschema {schema} für diese Leistung nicht an.",
    detail_en="The destination does not take data schema {schema} for this service.",
    todo_de="Angenommen: {supported}.",
    todo_en="Accepted: {supported}.",
)

DATA_MISSING: Final = ProblemType(
    code="AB-2010",
    wire="missing-data",
    status=None,
    retry=False,
    title_de="Fachdaten fehlen",
    title_en="Data missing",
    detail_de="Die Einreichung enthält keine Fachdaten.",
    detail_en="The submission contains no data.",
    todo_de="Bitte mit Fachdaten neu einreichen.",
    todo_en="Submit anew with data.",
)

DATA_SYNTAX: Final = ProblemType(
    code="AB-2011",
    wire="syntax-violation",
    status=None,
    retry=False,
    title_de="Fachdaten nicht lesbar",
    title_en="Data not readable",
    detail_de="Die Fachdaten sind kein zulässiges XML: {reason}.",
    detail_en="The data is not permitted XML: {reason}.",
    todo_de="Bitte korrigiert neu einreichen.",
    todo_en="Correct it and submit anew.",
)

DATA_AGAINST_SCHEMA: Final = ProblemType(
    code="AB-2012",
    wire="schema-violation",
    status=None,
    retry=False,
    title_de="Fachdaten entsprechen nicht dem Schema",
    title_en="Data does not satisfy its schema",
    detail_de="Die Fachdaten entsprechen nicht dem Schema {schema}: {count} Befunde.",
    detail_en="The data does not satisfy schema {schema}: {count} findings.",
    todo_de="Die Befunde stehen im Ereignis; bitte korrigiert neu einreichen.",
    todo_en="The findings are in the event; correct and submit anew.",
)

SIGNATURE_REFUSED: Final = ProblemType(
    code="AB-2013",
    wire="invalid-signature",
    status=None,
    retry=False,
    title_de="Signatur nicht akzeptiert",
    title_en="Signature not accepted",
    detail_de="Die Signatur des Portals über die Fachdaten ist {verdict}; der Zustellpunkt lehnt das ab.",
    detail_en="The portal's signature over the data is {verdict}; the destination refuses that.",
    todo_de="Bitte mit dem registrierten Schlüssel signieren.",
    todo_en="Sign with the registered key.",
)

PART_TOO_LARGE: Final = ProblemType(
    code="AB-2014",
    wire="content-too-large",
    status=None,
    retry=False,
    title_de="Inhalt zu groß",
    title_en="Content too large",
    detail_de="{what} ist entschlüsselt größer als {limit} Byte.",
    detail_en="{what} is larger than {limit} bytes when decrypted.",
    todo_de="Bitte kleinere Teile senden.",
    todo_en="Send smaller parts.",
)

REJECTED_BY_PERSON: Final = ProblemType(
    code="AB-2015",
    wire="rejected-by-person",
    status=None,
    retry=False,
    title_de="Von einer Person abgelehnt",
    title_en="Rejected by a person",
    detail_de="Die Einreichung wurde nach Prüfung durch eine Person abgelehnt: {reason}",
    detail_en="A person has looked at the submission and rejected it: {reason}",
    todo_de="Bitte die Begründung beachten und bei Bedarf neu einreichen.",
    todo_en="Note the reason, and submit anew if need be.",
)

TABLE: Final[tuple[ProblemType, ...]] = tuple(
    sorted((row for row in list(globals().values()) if isinstance(row, ProblemType)), key=lambda row: row.code)
)
"""Every row, by code."""
