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
    todo_de="Bitte eine dieser Methoden benutzen: {allowed}.",
    todo_en="Use one of these methods: {allowed}.",
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
    todo_de="Bitte eine angebotene Leistung nennen ({offered}) oder den Zustellpunkt beim Routingdienst erfragen.",
    todo_en="Name a service that is offered ({offered}), or ask the routing service for the destination.",
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
    detail_de="Die Nachricht hat keine Anlage {id}.",
    detail_en="The message has no attachment {id}.",
    todo_de="Bitte die attachmentId prüfen.",
    todo_en="Check the attachmentId.",
)

REPLY_NOT_FOUND: Final = ProblemType(
    code="AB-1012",
    wire="reply-not-found",
    status=404,
    retry=False,
    title_de="Antwort nicht gefunden",
    title_en="Reply not found",
    detail_de="Diesem Zugang ist keine Antwort {id} bekannt.",
    detail_en="No reply {id} is known to this client.",
    todo_de="Bitte die replyId prüfen.",
    todo_en="Check the replyId.",
)

MESSAGE_DELETED: Final = ProblemType(
    code="AB-1013",
    wire="message-deleted",
    status=410,
    retry=False,
    title_de="Inhalt gelöscht",
    title_en="Content deleted",
    detail_de="Der Inhalt der Nachricht {id} wurde nach Ablauf der Aufbewahrung gelöscht.",
    detail_en="The content of the message {id} has been deleted at the end of its retention.",
    todo_de="Das Ereignisprotokoll des Vorgangs bleibt lesbar.",
    todo_en="The event log of its case can still be read.",
)

REPLIES_NOT_OFFERED: Final = ProblemType(
    code="AB-1014",
    wire="replies-not-offered",
    status=409,
    retry=False,
    title_de="Antworten nicht möglich",
    title_en="Replies not possible",
    detail_de="Im Vorgang {id} sind Antworten nicht möglich: Der Zustellpunkt bietet den Kanal fitConnect nicht an.",
    detail_en="Replies are not possible in the case {id}: its destination does not offer the channel fitConnect.",
    todo_de="Bitte einen der angebotenen Rückkanäle benutzen (replyChannels des Zustellpunkts).",
    todo_en="Use one of the channels it offers (replyChannels of the destination).",
)

CASE_NOT_OPEN: Final = ProblemType(
    code="AB-1015",
    wire="case-not-open",
    status=409,
    retry=False,
    title_de="Vorgang noch nicht oder nicht mehr offen",
    title_en="Case not open",
    detail_de="Im Vorgang {id} gibt es keine Einreichung, die eingereicht und nicht abgelehnt ist.",
    detail_en="The case {id} has no submission that was submitted and not rejected.",
    todo_de="Antworten setzen eine eingereichte Nachricht voraus.",
    todo_en="Replies need a submission they answer.",
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
    todo_de="Bitte ein JSON-Objekt in UTF-8 senden, in dem jeder Name einmal vorkommt.",
    todo_en="Send one JSON object in UTF-8 in which each name occurs once.",
)

INVALID_FIELD: Final = ProblemType(
    code="AB-1102",
    wire="constraint-violation",
    status=400,
    retry=False,
    title_de="Feld ungültig",
    title_en="Invalid field",
    detail_de="Das Feld {field} ist nicht wie vereinbart: {reason}.",
    detail_en="The field {field} is not as agreed: {reason}.",
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
    todo_de="Bitte den Kopf Content-Type: {expected} senden.",
    todo_en="Send the header Content-Type: {expected}.",
)

TOO_LARGE: Final = ProblemType(
    code="AB-1104",
    wire="content-too-large",
    status=413,
    retry=False,
    title_de="Zu groß",
    title_en="Too large",
    detail_de="Größer als {limit} Byte: {what}.",
    detail_en="Larger than {limit} bytes: {what}.",
    todo_de="Bitte kleinere Teile senden: große Anlagen in Fragmenten, vieles in mehreren Einreichungen.",
    todo_en="Send smaller parts: large attachments in fragments, much of it in several submissions.",
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
    todo_de="Bitte mit RSA-OAEP-256 und A256GCM verschlüsseln und nichts als das kompakte JWE senden.",
    todo_en="Encrypt with RSA-OAEP-256 and A256GCM and send nothing but the compact JWE.",
)

JWE_HEADER: Final = ProblemType(
    code="AB-1106",
    wire="invalid-jwe-header",
    status=422,
    retry=False,
    title_de="JWE-Kopf nicht erlaubt",
    title_en="JWE header not allowed",
    detail_de="Im JWE-Kopf von {what} fehlt {name} oder hat einen Wert, der nicht erlaubt ist.",
    detail_en="In the JWE header of {what}, {name} is missing or has a value that is not allowed.",
    todo_de="Bitte neu verschlüsseln. Für {name} gilt: {allowed}.",
    todo_en="Encrypt it again. For {name} this holds: {allowed}.",
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
    todo_de="Bitte Zustellpunkt und Schlüssel neu holen (encryptionKid {kid}), neu verschlüsseln und erneut senden.",
    todo_en="Fetch the destination and its key again (encryptionKid {kid}), encrypt anew and send again.",
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
    todo_de="Angekündigt wird beim Anlegen: bitte eine neue Einreichung, die sie in announcedAttachments nennt.",
    todo_en="Attachments are announced at creation: create a new submission that names it in announcedAttachments.",
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
    detail_de="Die Nachricht {id} ist abgeschlossen; andere Inhalte werden nicht mehr angenommen.",
    detail_en="The message {id} is complete; different contents are no longer accepted.",
    todo_de="Bitte eine neue Einreichung oder Antwort anlegen.",
    todo_en="Create a new submission or reply.",
)

SUBMISSION_EXPIRED: Final = ProblemType(
    code="AB-1111",
    wire="submission-expired",
    status=409,
    retry=False,
    title_de="Nachricht abgelaufen",
    title_en="Message expired",
    detail_de="Die Nachricht {id} wurde nicht rechtzeitig abgeschlossen und gelöscht.",
    detail_en="The message {id} was not completed in time and has been deleted.",
    todo_de="Bitte eine neue Einreichung oder Antwort anlegen.",
    todo_en="Create a new submission or reply.",
)

CASE_MISMATCH: Final = ProblemType(
    code="AB-1112",
    wire="case-mismatch",
    status=422,
    retry=False,
    title_de="Vorgang gehört nicht dazu",
    title_en="Case does not belong",
    detail_de="Der Vorgang {id} gehört zu einem anderen Zustellpunkt, oder nur eines von beiden ist ein Test.",
    detail_en="The case {id} belongs to another destination, or only one of the two is a test.",
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
    todo_de="Endzustände ändern sich nicht mehr, und weitergeleitet wird eine Nachricht nur einmal.",
    todo_en="Final states do not change, and a message is forwarded only once.",
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

DESTINATION_NOT_TEST: Final = ProblemType(
    code="AB-1119",
    wire="destination-state-invalid",
    status=422,
    retry=False,
    title_de="Testzugang darf hier nicht senden",
    title_en="Test client may not send here",
    detail_de="Der Zugang {client} ist nur zum Testen zugelassen, der Zustellpunkt {id} ist kein Testzustellpunkt.",
    detail_en="The client {client} is admitted for tests only, and the destination {id} is no test destination.",
    todo_de="Bitte an einen Testzustellpunkt senden oder den Zugang des Echtbetriebs verwenden.",
    todo_en="Send to a test destination, or use the client of the live service.",
)

TOO_MANY_ATTACHMENTS: Final = ProblemType(
    code="AB-1120",
    wire="constraint-violation",
    status=400,
    retry=False,
    title_de="Zu viele Anlagen",
    title_en="Too many attachments",
    detail_de="In announcedAttachments stehen {count} Anlagen und Fragmente; erlaubt sind {limit}.",
    detail_en="There are {count} attachments and fragments in announcedAttachments; {limit} are allowed.",
    todo_de="Bitte auf mehrere Einreichungen desselben Vorgangs (caseId) verteilen oder größere Fragmente bilden.",
    todo_en="Spread them over several submissions of one case (caseId), or make larger fragments.",
)

REPEATED_HEADER: Final = ProblemType(
    code="AB-1121",
    wire="repeated-header",
    status=400,
    retry=False,
    title_de="Kopfzeile mehrfach vorhanden",
    title_en="Header repeated",
    detail_de="Die Kopfzeile {name} kommt mehrfach vor; welche gilt, ist nicht entscheidbar.",
    detail_en="The header {name} occurs more than once; there is no telling which one holds.",
    todo_de="Bitte genau eine senden; auch ein Proxy dazwischen darf keine hinzufügen.",
    todo_en="Send exactly one; a proxy on the way must not add another either.",
)

DOCUMENT_NOT_CHECKED: Final = ProblemType(
    code="AB-1122",
    wire="document-not-checked",
    status=422,
    retry=False,
    title_de="Dokument nicht geprüft",
    title_en="Document not checked",
    detail_de="Die Prüfung des Dokuments ergab kein Urteil: Sie brach ab, oder dem Dienst fehlt etwas dafür.",
    detail_en="Checking the document gave no verdict: it broke off, or the service lacks something for it.",
    todo_de="Bitte das Dokument prüfen oder den Betreiber fragen; gespeichert wurde nichts.",
    todo_en="Look at the document or ask the operator; nothing was stored.",
)

MALFORMED_FORM: Final = ProblemType(
    code="AB-1123",
    wire="malformed-request",
    status=400,
    retry=False,
    title_de="Formular nicht lesbar",
    title_en="Form not readable",
    detail_de="Der Inhalt der Anfrage ist kein gültiges Formular: {reason}.",
    detail_en="The request body is not a valid form: {reason}.",
    todo_de="Bitte als multipart/form-data senden, jeden Teil einmal, mit seinem Namen zuerst.",
    todo_en="Send multipart/form-data, each part once, with its name first.",
)

INSUFFICIENT_SCOPE: Final = ProblemType(
    code="AB-1301",
    wire="insufficient-scope",
    status=403,
    retry=False,
    title_de="Token reicht nicht aus",
    title_en="Token not sufficient",
    detail_de="Das Zugriffstoken trägt den Scope {scope} nicht.",
    detail_en="The access token does not carry the scope {scope}.",
    todo_de="Bitte ein Token ohne eigene Angabe von Scopes holen, oder mit diesem.",
    todo_en="Fetch a token without naming scopes, or with this one.",
)

REGION_NOT_PERMITTED: Final = ProblemType(
    code="AB-1302",
    wire="region-not-permitted",
    status=403,
    retry=False,
    title_de="Gebiet nicht erlaubt",
    title_en="Region not permitted",
    detail_de="Dieses Token darf nur für die Gebiete {allowed} senden; hier geht es um {wanted}.",
    detail_en="This token may send for the regions {allowed} only; this concerns {wanted}.",
    todo_de="Bitte region angeben, ein Token mit weiterem Scope holen oder den Betreiber fragen.",
    todo_en="Name the region, fetch a token with a wider scope, or ask the operator.",
)

NOT_ACCEPTABLE: Final = ProblemType(
    code="AB-1303",
    wire="not-acceptable",
    status=406,
    retry=False,
    title_de="So nicht lieferbar",
    title_en="Not acceptable",
    detail_de="Diese Adresse antwortet nur mit {given}; der Kopf Accept schließt das aus.",
    detail_en="This address answers with {given} only; the Accept header excludes it.",
    todo_de="Bitte Accept um {given} ergänzen oder weglassen.",
    todo_en="Add {given} to Accept, or leave it out.",
)

LENGTH_REQUIRED: Final = ProblemType(
    code="AB-1304",
    wire="length-required",
    status=411,
    retry=False,
    title_de="Länge fehlt",
    title_en="Length required",
    detail_de="Die Anfrage hat keinen Inhalt, oder seine Länge fehlt.",
    detail_en="The request has no body, or its length is missing.",
    todo_de="Bitte mit Content-Length oder in Stücken (Transfer-Encoding: chunked) senden.",
    todo_en="Send it with Content-Length or in chunks (Transfer-Encoding: chunked).",
)

TOO_MANY_REQUESTS: Final = ProblemType(
    code="AB-1305",
    wire="too-many-requests",
    status=429,
    retry=True,
    title_de="Zu viele Anfragen",
    title_en="Too many requests",
    detail_de="Von hier kamen mehr Anfragen, als in einer Minute erlaubt sind ({limit}).",
    detail_en="More requests came from here than a minute allows ({limit}).",
    todo_de="Bitte nach {seconds} Sekunden erneut senden.",
    todo_en="Send again after {seconds} seconds.",
)

DESTINATION_NOT_READY: Final = ProblemType(
    code="AB-1401",
    wire="destination-state-invalid",
    status=409,
    retry=False,
    title_de="Zustellpunkt nicht vollständig",
    title_en="Destination not complete",
    detail_de="Der Zustellpunkt {id} kann nicht aktiv werden; es fehlt: {missing}.",
    detail_en="The destination {id} cannot become active; missing: {missing}.",
    todo_de="Bitte ergänzen, Schlüssel mit POST …/keys, und dann den Status ändern.",
    todo_en="Add it, keys with POST …/keys, and then change the status.",
)

DESTINATION_STATUS: Final = ProblemType(
    code="AB-1402",
    wire="destination-state-invalid",
    status=409,
    retry=False,
    title_de="Statuswechsel nicht möglich",
    title_en="Change of status not possible",
    detail_de="Der Zustellpunkt {id} ist {status} und kann nicht {wanted} werden.",
    detail_en="The destination {id} is {status} and cannot become {wanted}.",
    todo_de="Bitte einen dieser Status angeben: {allowed}.",
    todo_en="Name one of these instead: {allowed}.",
)

DESTINATION_RESTS: Final = ProblemType(
    code="AB-1403",
    wire="destination-state-invalid",
    status=409,
    retry=True,
    title_de="Zustellpunkt ruht noch nicht lange genug",
    title_en="Destination not inactive for long enough",
    detail_de="Der Zustellpunkt {id} muss {days} Tage lang inaktiv sein, bevor er außer Betrieb geht.",
    detail_en="The destination {id} must be inactive for {days} days before it is decommissioned.",
    todo_de="Möglich ab {from_day}.",
    todo_en="Possible from {from_day}.",
)

DESTINATION_IN_USE: Final = ProblemType(
    code="AB-1404",
    wire="destination-state-invalid",
    status=409,
    retry=True,
    title_de="Zustellpunkt wird noch gebraucht",
    title_en="Destination still in use",
    detail_de="Am Zustellpunkt {id} sind noch {count} Einreichungen oder Antworten nicht abgeschlossen.",
    detail_en="At the destination {id} {count} submissions or replies have not ended yet.",
    todo_de="Bitte abholen und annehmen oder ablehnen.",
    todo_en="Fetch them and accept or reject them.",
)

DESTINATION_AMBIGUOUS: Final = ProblemType(
    code="AB-1405",
    wire="destination-ambiguous",
    status=409,
    retry=False,
    title_de="Zustellpunkt nicht eindeutig",
    title_en="Destination ambiguous",
    detail_de="Für {authority} und {service} gäbe es mehrere Zustellpunkte mit gemeinsamen Gebieten: {names}.",
    detail_en="For {authority} and {service} there would be several destinations with regions in common: {names}.",
    todo_de="Bitte Leistung oder Gebiet nur bei einem lassen.",
    todo_en="Leave the service or the region to one of them.",
)

DESTINATIONS_TOO_MANY: Final = ProblemType(
    code="AB-1406",
    wire="too-many-destinations",
    status=409,
    retry=False,
    title_de="Zu viele Zustellpunkte",
    title_en="Too many destinations",
    detail_de="Dieser Zugang hat {limit} Zustellpunkte; mehr sind nicht möglich.",
    detail_en="This client has {limit} destinations; there can be no more.",
    todo_de="Bitte nicht mehr gebrauchte außer Betrieb nehmen oder den Betreiber fragen.",
    todo_en="Decommission those that are not needed any more, or ask the operator.",
)

DESTINATION_CLOSED: Final = ProblemType(
    code="AB-1407",
    wire="destination-state-invalid",
    status=409,
    retry=False,
    title_de="Zustellpunkt außer Betrieb",
    title_en="Destination decommissioned",
    detail_de="Der Zustellpunkt {id} ist außer Betrieb und lässt sich nicht mehr ändern.",
    detail_en="The destination {id} is decommissioned and cannot be changed any more.",
    todo_de="Bitte einen neuen Zustellpunkt anlegen.",
    todo_en="Create a new destination.",
)

KEY_REFUSED: Final = ProblemType(
    code="AB-1411",
    wire="invalid-key",
    status=422,
    retry=False,
    title_de="Schlüssel nicht angenommen",
    title_en="Key not accepted",
    detail_de="Der Schlüssel wird nicht angenommen: „{member}“ ist nicht zulässig; verlangt ist {allowed}.",
    detail_en="The key is not accepted: `{member}` is not allowed; it must be {allowed}.",
    todo_de="Bitte berichtigt erneut senden.",
    todo_en="Correct it and send it again.",
)

KEY_TAKEN: Final = ProblemType(
    code="AB-1412",
    wire="key-already-exists",
    status=409,
    retry=False,
    title_de="Schlüssel schon vergeben",
    title_en="Key taken",
    detail_de="Unter dem Namen {kid} oder mit diesem Modul ist schon ein anderer Schlüssel eingetragen.",
    detail_en="Another key is registered under the name {kid} or with this modulus.",
    todo_de="Bitte einen neuen Schlüssel erzeugen und als kid seinen Fingerabdruck (RFC 7638) verwenden.",
    todo_en="Make a new key and use its thumbprint (RFC 7638) as kid.",
)

KEY_RETIRED: Final = ProblemType(
    code="AB-1413",
    wire="key-retired",
    status=409,
    retry=False,
    title_de="Schlüssel außer Dienst",
    title_en="Key retired",
    detail_de="Der Schlüssel {kid} ist außer Dienst und wird nicht mehr verwendet.",
    detail_en="The key {kid} is retired and is not used any more.",
    todo_de="Bitte einen neuen Schlüssel eintragen.",
    todo_en="Register a new key.",
)

KEY_NOT_USABLE: Final = ProblemType(
    code="AB-1414",
    wire="key-not-found",
    status=422,
    retry=False,
    title_de="Diesen Schlüssel gibt es nicht",
    title_en="No such key",
    detail_de="{field}: Der Zustellpunkt {id} hat keinen Schlüssel {kid} für diesen Zweck.",
    detail_en="{field}: the destination {id} has no key {kid} for this purpose.",
    todo_de="Bitte den Schlüssel erst mit POST …/keys eintragen.",
    todo_en="Register the key with POST …/keys first.",
)

KEYS_TOO_MANY: Final = ProblemType(
    code="AB-1415",
    wire="too-many-keys",
    status=409,
    retry=False,
    title_de="Zu viele Schlüssel",
    title_en="Too many keys",
    detail_de="Der Zustellpunkt {id} hat {limit} Schlüssel, die nicht außer Dienst sind; mehr sind nicht möglich.",
    detail_en="The destination {id} has {limit} keys that are not retired; there can be no more.",
    todo_de="Bitte den Betreiber fragen: „amtsbote keys retire“ stellt abgelöste außer Dienst.",
    todo_en="Ask the operator: `amtsbote keys retire` retires those that were replaced.",
)

CHAIN_REFUSED: Final = ProblemType(
    code="AB-1416",
    wire="invalid-key",
    status=422,
    retry=False,
    title_de="Zertifikate nicht angenommen",
    title_en="Certificates not accepted",
    detail_de="Der Schlüssel wird nicht angenommen, wegen „x5c“: {reason}.",
    detail_en="The key is not accepted because of `x5c`: {reason}.",
    todo_de="Bitte mit der ganzen, gültigen Kette erneut senden.",
    todo_en="Send it again with the whole, valid chain.",
)

EDITING_INVALID: Final = ProblemType(
    code="AB-1501",
    wire="constraint-violation",
    status=400,
    retry=False,
    title_de="Frage nicht lesbar",
    title_en="Question not readable",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Bitte korrigiert erneut senden.",
    todo_en="Correct it and send again.",
)

EDITING_NOT_FOUND: Final = ProblemType(
    code="AB-1502",
    wire="not-found",
    status=404,
    retry=False,
    title_de="Nicht gefunden",
    title_en="Not found",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Bitte die Angabe prüfen.",
    todo_en="Check what you named.",
)

EDITING_NOT_ALLOWED: Final = ProblemType(
    code="AB-1503",
    wire="forbidden",
    status=403,
    retry=False,
    title_de="Nicht erlaubt",
    title_en="Not allowed",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Bitte den Betreiber fragen.",
    todo_en="Ask the operator.",
)

EDITING_OUT_OF_SCOPE: Final = ProblemType(
    code="AB-1504",
    wire="out-of-scope",
    status=403,
    retry=False,
    title_de="Außerhalb des Bereichs",
    title_en="Out of scope",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Es wurde nichts geändert.",
    todo_en="Nothing was changed.",
)

EDITING_SECOND_PERSON: Final = ProblemType(
    code="AB-1505",
    wire="second-person-needed",
    status=403,
    retry=False,
    title_de="Zweite Person nötig",
    title_en="Second person needed",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Es wurde nichts geändert.",
    todo_en="Nothing was changed.",
)

EDITING_CONFLICT: Final = ProblemType(
    code="AB-1506",
    wire="conflicting-change",
    status=409,
    retry=False,
    title_de="Steht anderem entgegen",
    title_en="In conflict",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Es wurde nichts geändert.",
    todo_en="Nothing was changed.",
)

TABLES_REFUSED: Final = ProblemType(
    code="AB-1507",
    wire="tables-refused",
    status=422,
    retry=False,
    title_de="Tabellen nicht angenommen",
    title_en="Tables not accepted",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Jeder Fehler steht in mistakes.",
    todo_en="Every mistake is in mistakes.",
)

EDITING_BUSY: Final = ProblemType(
    code="AB-1508",
    wire="too-many-requests",
    status=429,
    retry=True,
    title_de="Noch beschäftigt",
    title_en="Still busy",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Bitte nach {seconds} Sekunden erneut senden.",
    todo_en="Send again after {seconds} seconds.",
)

EDITING_NOT_COMPUTED: Final = ProblemType(
    code="AB-1509",
    wire="not-computed",
    status=422,
    retry=False,
    title_de="Nicht zu berechnen",
    title_en="Not computed",
    detail_de="{said}",
    detail_en="{said}",
    todo_de="Es wurde nichts geändert.",
    todo_en="Nothing was changed.",
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
    status=503,
    retry=True,
    title_de="Kein Speicherplatz",
    title_en="No storage",
    detail_de="Der Dienst kann gerade nichts speichern; es wurde nichts angenommen.",
    detail_en="The service cannot store at the moment; nothing was accepted.",
    todo_de="Bitte später erneut senden.",
    todo_en="Send again later.",
)

STORAGE_UNAVAILABLE: Final = ProblemType(
    code="AB-1905",
    wire="storage-unavailable",
    status=503,
    retry=True,
    title_de="Speicher nicht erreichbar",
    title_en="Storage unavailable",
    detail_de="Der Dienst erreicht gerade Datenbank oder Datenträger nicht; es wurde nichts angenommen.",
    detail_en="The service does not reach its database or disk at the moment; nothing was accepted.",
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
    todo_de="Bitte die Metadaten als ein JSON-Objekt in UTF-8 verschlüsseln und neu einreichen.",
    todo_en="Encrypt the metadata as one JSON object in UTF-8 and submit anew.",
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
    todo_de="Bitte $schema angeben und neu einreichen.",
    todo_en="Name $schema and submit anew.",
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
    todo_de="Bitte in einer dieser Versionen neu einreichen: {supported}.",
    todo_en="Submit anew in one of these versions: {supported}.",
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
    todo_de="Bitte in den Metadaten dieselbe Leistung nennen wie beim Anlegen und neu einreichen.",
    todo_en="Name the same service in the metadata as at creation and submit anew.",
)

ATTACHMENTS_MISMATCH: Final = ProblemType(
    code="AB-2008",
    wire="attachments-mismatch",
    status=None,
    retry=False,
    title_de="Anlagen stimmen nicht überein",
    title_en="Attachments do not match",
    detail_de="Metadaten und hochgeladene Anlagen oder Fragmente passen nicht zusammen. In den Metadaten genannt, aber "
    "nicht hochgeladen: {missing}. Hochgeladen, aber in den Metadaten nicht genannt: {foreign}.",
    detail_en="Metadata and uploaded attachments or fragments do not fit together. Named by the metadata and not "
    "uploaded: {missing}. Uploaded and not named by the metadata: {foreign}.",
    todo_de="Bitte jedes Teil ankündigen, hochladen und in den Metadaten nennen, dann neu einreichen.",
    todo_en="Announce, upload and name every part in the metadata, then submit anew.",
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
    todo_de="Bitte nach einem dieser Schemata neu einreichen: {supported}.",
    todo_en="Submit anew by one of these schemas: {supported}.",
)

DATA_MISSING: Final = ProblemType(
    code="AB-2010",
    wire="missing-data",
    status=None,
    retry=False,
    title_de="Fachdaten fehlen",
    title_en="Data missing",
    detail_de="Die Einreichung enthält keine Fachdaten, oder die Metadaten beschreiben keine.",
    detail_en="The submission contains no data, or the metadata describes none.",
    todo_de="Bitte mit encryptedData und contentStructure.data neu einreichen.",
    todo_en="Submit anew with encryptedData and contentStructure.data.",
)

DATA_SYNTAX: Final = ProblemType(
    code="AB-2011",
    wire="syntax-violation",
    status=None,
    retry=False,
    title_de="Fachdaten nicht lesbar",
    title_en="Data not readable",
    detail_de="Die Fachdaten sind weder zulässiges XML noch zulässiges JSON: {reason}.",
    detail_en="The data is neither permitted XML nor permitted JSON: {reason}.",
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
    todo_de="Bitte mit dem registrierten Schlüssel über genau die Bytes der Fachdaten signieren und neu einreichen.",
    todo_en="Sign exactly the bytes of the data with the registered key and submit anew.",
)

PART_TOO_LARGE: Final = ProblemType(
    code="AB-2014",
    wire="content-too-large",
    status=None,
    retry=False,
    title_de="Inhalt zu groß",
    title_en="Content too large",
    detail_de="Entschlüsselt größer als {limit} Byte: {what}.",
    detail_en="Larger than {limit} bytes when decrypted: {what}.",
    todo_de="Bitte kleinere Teile neu einreichen; auf mehr als das Hundertfache entpackt wird nichts.",
    todo_en="Submit smaller parts anew; nothing is inflated to more than a hundred times its size.",
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

FRAGMENTS_MISMATCH: Final = ProblemType(
    code="AB-2016",
    wire="hash-mismatch",
    status=None,
    retry=False,
    title_de="Hashwert der Fragmente stimmt nicht",
    title_en="Hash of the fragments does not match",
    detail_de="Die Fragmente von {what} ergeben in der Reihenfolge der Metadaten nicht den angegebenen "
    "SHA-512-Hashwert: {ids}.",
    detail_en="The fragments of {what}, in the order of the metadata, do not give the SHA-512 hash stated: {ids}.",
    todo_de="Bitte die Fragmente in der Reihenfolge der Datei nennen, den Hash über die ganze unverschlüsselte Datei "
    "bilden und neu einreichen.",
    todo_en="Name the fragments in the order of the file, hash the whole unencrypted file, and submit anew.",
)

NOT_FETCHED: Final = ProblemType(
    code="AB-2017",
    wire="timeout",
    status=None,
    retry=True,
    title_de="Nicht abgeholt",
    title_en="Not fetched",
    detail_de="Die Nachricht wurde in {days} Tagen weder angenommen noch abgelehnt; ihre Frist ist abgelaufen.",
    detail_en="The message was neither accepted nor rejected within {days} days; its deadline has passed.",
    todo_de="Bitte beim Empfänger nachfragen und erneut senden.",
    todo_en="Ask the receiver, then send again.",
)

REPLY_CHANNEL_UNSUPPORTED: Final = ProblemType(
    code="AB-2020",
    wire="unsupported-reply-channel",
    status=None,
    retry=False,
    title_de="Antwortkanal wird nicht angeboten",
    title_en="Reply channel not offered",
    detail_de="Der Zustellpunkt antwortet nicht über den Kanal {channel}.",
    detail_en="The destination does not answer over the channel {channel}.",
    todo_de="Bitte einen dieser Kanäle wählen oder keinen angeben: {offered}.",
    todo_en="Choose one of these channels or name none: {offered}.",
)

DATA_SCHEMA_NOT_YET: Final = ProblemType(
    code="AB-2021",
    wire="unsupported-schema",
    status=None,
    retry=False,
    title_de="Fachdatenschema gilt noch nicht",
    title_en="Data schema not yet in force",
    detail_de="Der Zustellpunkt nimmt das Fachdatenschema {schema} erst ab {begin} an.",
    detail_en="The destination takes data schema {schema} from {begin} on only.",
    todo_de="Bitte nach einem dieser Schemata neu einreichen: {supported}.",
    todo_en="Submit anew by one of these schemas: {supported}.",
)

DATA_SCHEMA_OVER: Final = ProblemType(
    code="AB-2022",
    wire="unsupported-schema",
    status=None,
    retry=False,
    title_de="Fachdatenschema gilt nicht mehr",
    title_en="Data schema no longer in force",
    detail_de="Der Zustellpunkt hat das Fachdatenschema {schema} nur bis {end} angenommen.",
    detail_en="The destination took data schema {schema} until {end} only.",
    todo_de="Bitte nach einem dieser Schemata neu einreichen: {supported}.",
    todo_en="Submit anew by one of these schemas: {supported}.",
)

TABLE: Final[tuple[ProblemType, ...]] = tuple(
    sorted((row for row in list(globals().values()) if isinstance(row, ProblemType)), key=lambda row: row.code)
)
"""Every row, by code."""
