"""Words of the house as a person reads them: states, reasons, kinds (architecture, sections 3 and 4)."""

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "state.announced": ("angekündigt", "announced"),
    "state.submitted": ("eingereicht", "submitted"),
    "state.delivering": ("in Zustellung", "being delivered"),
    "state.accepted": ("angenommen", "accepted"),
    "state.rejected": ("abgelehnt", "rejected"),
    "state.expired": ("verfallen", "expired"),
    "state.held": ("Klärungsfall", "needs a person"),
    "state.deleted": ("gelöscht", "deleted"),
    "delivery.pending": ("offen", "pending"),
    "delivery.delivered": ("zugestellt", "delivered"),
    "delivery.dead": ("Klärungsfall", "needs a person"),
    "job.process": ("öffnen, prüfen, adressieren", "open, inspect, address"),
    "job.deliver": ("zustellen", "deliver"),
    "job.expire": ("verfallen lassen", "expire"),
    "job.collect": ("Antworten abholen", "pick up replies"),
    "job.take": ("eine Antwort noch einmal versuchen", "try a reply again"),
    "job.tell": ("Behörde über ihre Antwort unterrichten", "tell the authority about its reply"),
    "job.callback": ("Empfänger benachrichtigen", "notify receivers"),
    "job.deadline": ("Fristen und Aufbewahrung", "deadlines and retention"),
    "event.create": ("angelegt", "created"),
    "event.submit": ("eingereicht", "submitted"),
    "event.notify": ("Empfänger benachrichtigt", "receiver notified"),
    "event.forward": ("weitergeleitet", "forwarded"),
    "event.accept": ("angenommen", "accepted"),
    "event.reject": ("abgelehnt", "rejected"),
    "event.delete": ("gelöscht", "deleted"),
    "message.submission.to-destination": ("Einreichung", "submission"),
    "message.reply.to-destination": ("Antwort des Portals", "reply of the portal"),
    "message.reply.to-portal": ("Antwort der Behörde", "reply of the authority"),
    "signature.absent": ("nicht vorhanden", "absent"),
    "signature.valid": ("gültig", "valid"),
    "signature.not-verifiable": ("nicht prüfbar", "not verifiable"),
    "signature.invalid": ("ungültig", "invalid"),
    "verdict.ok": ("in Ordnung", "ok"),
    "verdict.rejected": ("abgelehnt", "rejected"),
    "verdict.held": ("Klärungsfall", "needs a person"),
    "verdict.retry": ("später erneut", "again later"),
    "verdict.failed": ("fehlgeschlagen", "failed"),
}

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "reason.nobody-competent": (
        "Für diese Leistung an diesem Ort ist keine Behörde eingetragen.",
        "No authority is registered for this service at this place.",
    ),
    "reason.nobody-competent.todo": (
        "Zuständigkeit in den Routingtabellen ergänzen und mit „amtsbote apply“ laden.",
        "Add the rule to the routing tables and load them with `amtsbote apply`.",
    ),
    "reason.several-competent": (
        "Für diese Leistung an diesem Ort sind mehrere Behörden möglich.",
        "Several authorities are possible for this service at this place.",
    ),
    "reason.several-competent.todo": (
        "Einer zuweisen, oder die Regeln in den Routingtabellen ergänzen und mit „amtsbote apply“ laden.",
        "Assign it to one, or add to the rules of the routing tables and load them with `amtsbote apply`.",
    ),
    "reason.region-unknown": (
        "Weder Fachdaten noch Einreichung noch Zustellpunkt nennen das Gebiet.",
        "Neither the data nor the submission nor the destination names the region.",
    ),
    "reason.region-unknown.todo": (
        "Den Ort beim Absender klären; hat der direkte Zustellpunkt nur ein Gebiet, es dort eintragen.",
        "Ask the sender for the place; if the direct destination has only one region, enter it there.",
    ),
    "reason.region-disagrees": (
        "Fachdaten, Einreichung und Zustellpunkt nennen verschiedene Gebiete.",
        "The data, the submission and the destination name different regions.",
    ),
    "reason.region-disagrees.todo": (
        "Mit dem Absender klären, welcher Ort gemeint ist; gehört er zum Angebot, ihn beim Zustellpunkt eintragen.",
        "Ask the sender which place is meant; if it belongs to the offer, enter it at the destination.",
    ),
    "reason.authority-disagrees": (
        "Nach den Routingtabellen ist eine andere Behörde zuständig als die des gewählten Zustellpunkts.",
        "By the routing tables another authority is competent than the one of the chosen destination.",
    ),
    "reason.authority-disagrees.todo": (
        "Routingtabellen und Zustellpunkt vergleichen und den Irrtum beheben.",
        "Compare routing tables and destination and correct the mistake.",
    ),
    "reason.tenant-not-served": (
        "Die zuständige Behörde gehört zu einem Mandanten, den dieser Sammel-Zustellpunkt nicht bedient.",
        "The competent authority belongs to a tenant that this collecting destination does not serve.",
    ),
    "reason.tenant-not-served.todo": (
        "Den Mandanten in „serves“ des Zustellpunkts aufnehmen oder an dessen eigenen Zustellpunkt verweisen.",
        "Add the tenant to `serves` of the destination, or refer the sender to its own destination.",
    ),
    "reason.no-target": (
        "Die zuständige Behörde hat kein Ziel, an das zugestellt werden kann.",
        "The competent authority has no target to deliver to.",
    ),
    "reason.no-target.todo": (
        "Der Behörde mit „amtsbote apply“ ein Ziel geben.",
        "Give the authority a target with `amtsbote apply`.",
    ),
    "reason.signature": (
        "Die Signatur des Portals verlangt nach der Regel dieses Zustellpunkts die Entscheidung einer Person.",
        "By the rule of this destination the portal's signature needs the decision of a person.",
    ),
    "reason.signature.todo": (
        "Zertifikat und Signatur mit dem Portal klären.",
        "Clarify certificate and signature with the portal.",
    ),
    "reason.processing-failed": (
        "Die Verarbeitung ist wiederholt an einem inneren Fehler gescheitert.",
        "Processing failed repeatedly because of an internal error.",
    ),
    "reason.processing-failed.todo": (
        "Die Fehlernummer im Protokoll nachsehen und die Ursache beheben.",
        "Look up the error number in the log and remove the cause.",
    ),
    "reason.part-damaged": (
        "Ein gespeicherter Teil ist beschädigt oder fehlt auf dem Datenträger.",
        "A stored part is damaged or missing on the disk.",
    ),
    "reason.part-damaged.todo": (
        "Datenträger prüfen, Teil aus der Sicherung zurückholen; sonst den Absender um neue Einreichung bitten.",
        "Check the disk and restore the part from backup; otherwise ask the sender to submit again.",
    ),
    "reason.delivery-refused": (
        "Das Ziel hat die Zustellung endgültig abgelehnt.",
        "The target has refused the delivery for good.",
    ),
    "reason.delivery-refused.todo": (
        "Mit der Behörde klären, warum ihr Fachverfahren ablehnt.",
        "Ask the authority why its software refuses.",
    ),
    "reason.delivery-unknown": (
        "Es ist nicht bekannt, ob die Zustellung angekommen ist.",
        "It is not known whether the delivery has arrived.",
    ),
    "reason.delivery-unknown.todo": (
        "Im Fachverfahren nachsehen, ob der Vorgang angekommen ist.",
        "Look in the authority's software whether the case has arrived.",
    ),
    "reason.attempts-used-up": (
        "Alle Zustellversuche sind gescheitert.",
        "All attempts to deliver have failed.",
    ),
    "reason.attempts-used-up.todo": (
        "Das Ziel prüfen: erreichbar, beschreibbar, Platz frei?",
        "Check the target: reachable, writable, space left?",
    ),
    "reason.reply-impossible": (
        "Die Behörde hat geantwortet, aber die Antwort erreicht das Portal nicht.",
        "The authority has answered, but the answer does not reach the portal.",
    ),
    "reason.reply-impossible.todo": (
        "Mit der Behörde klären, dass sie anders antwortet; oder die Ursache beheben und sie neu geben lassen.",
        "See to it that the authority answers in another way; or mend the cause and let it give the answer anew.",
    ),
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {**STATES, **REASONS}
