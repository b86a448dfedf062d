"""Sentences about Klärungsfälle: how a person looks at them and settles them."""

from collections.abc import Mapping
from typing import Final

LETTERS_HELP: Final[Mapping[str, tuple[str, str]]] = {
    "help.deadletters": ("Klärungsfälle ansehen und lösen.", "Look at dead letters and settle them."),
    "help.deadletters.list": (
        "Offene Klärungsfälle auflisten; wer am längsten wartet, zuerst.",
        "List open dead letters; who waits longest comes first.",
    ),
    "help.deadletters.all": ("Auch die erledigten.", "The settled ones too."),
    "help.deadletters.show": (
        "Einen Klärungsfall zeigen: Grund, was zu tun ist, Verlauf.",
        "Show a dead letter: reason, what to do, history.",
    ),
    "help.deadletters.retry": (
        "Dort weitermachen, wo es nicht weiterging; vorher die Ursache beheben.",
        "Go on where it got stuck; remove the cause first.",
    ),
    "help.deadletters.reject": (
        "Die Einreichung endgültig ablehnen; das Portal liest die Begründung.",
        "Reject the submission for good; the portal reads the reason.",
    ),
    "help.deadletters.assign": (
        "Behörde oder Ziel bestimmen oder das Gebiet berichtigen; die Routingtabellen ändern daran nichts mehr.",
        "Name authority or target, or correct the region; the routing tables no longer change that.",
    ),
    "help.deadletters.drop": (
        "Eine Kopie aufgeben, deren Ziel nie wiederkommt; die Einreichung selbst bleibt, wie sie ist.",
        "Give up a copy whose target never returns; the submission itself stays as it is.",
    ),
    "help.deadletters.yes": ("Nicht nachfragen.", "Do not ask."),
    "help.deadletters.hand-over": (
        "Eine Person oder ein Team zuständig machen.",
        "Make a person or a team responsible.",
    ),
    "help.deadletters.note": ("Eine Notiz in den Verlauf schreiben.", "Write a note into the history."),
    "help.deadletters.id": ("Kennung des Klärungsfalls.", "Id of the dead letter."),
    "help.deadletters.authority": ("Behörde, die zuständig ist.", "Authority that is competent."),
    "help.deadletters.target": (
        "Einziges Ziel, statt der Ziele der Behörde.",
        "The only target, in place of the authority's.",
    ),
    "help.deadletters.region": (
        "Richtiges Gebiet: ARS oder 2, 3, 5 oder 9 Stellen davon.",
        "The right region: ARS or the first 2, 3, 5 or 9 digits of it.",
    ),
    "help.deadletters.reason": (
        "Begründung, höchstens 500 Zeichen, ohne personenbezogene Daten.",
        "The reason, at most 500 characters, without personal data.",
    ),
    "help.deadletters.to-portal": (
        "Begründung für das Portal, höchstens 500 Zeichen, ohne personenbezogene Daten.",
        "The reason as the portal will read it, at most 500 characters, without personal data.",
    ),
    "help.deadletters.owner": ("Name der Person oder des Teams.", "Name of the person or the team."),
    "help.deadletters.text": (
        "Text der Notiz, höchstens 500 Zeichen, ohne personenbezogene Daten.",
        "Text of the note, at most 500 characters, without personal data.",
    ),
}

LETTERS_OUTPUT: Final[Mapping[str, tuple[str, str]]] = {
    "letter.none": ("Keine Klärungsfälle.", "No dead letters."),
    "letter.id": ("Klärungsfall", "Dead letter"),
    "letter.submission": ("Einreichung", "Submission"),
    "letter.reason": ("Grund", "Reason"),
    "letter.owner": ("Zuständig", "Owner"),
    "letter.opened": ("Seit", "Since"),
    "letter.stand": ("Stand", "Settled"),
    "letter.history": ("Verlauf", "History"),
    "letter.open": ("offen", "open"),
    "settlement.retried": ("erneut versucht", "retried"),
    "settlement.rejected": ("abgelehnt", "rejected"),
    "settlement.assigned": ("zugewiesen", "assigned"),
    "settlement.dropped": ("Kopie aufgegeben", "copy given up"),
    "letter-action.noted": ("Notiz", "note"),
    "letter-action.handed-over": ("übergeben", "handed over"),
    "letter-action.retried": ("erneut versucht", "retried"),
    "letter-action.rejected": ("abgelehnt", "rejected"),
    "letter-action.assigned": ("zugewiesen", "assigned"),
    "letter-action.dropped": ("Kopie aufgegeben", "copy given up"),
    "letter.ask-reject": (
        "Die Einreichung zu {id} endgültig ablehnen? Das lässt sich nicht zurücknehmen.",
        "Reject the submission of {id} for good? This cannot be undone.",
    ),
}

LETTERS_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "office.letter-unknown": ("Den Klärungsfall {id} gibt es nicht.", "There is no dead letter {id}."),
    "office.letter-settled": (
        "Der Klärungsfall {id} ist seit {at} erledigt.",
        "The dead letter {id} has been settled since {at}.",
    ),
    "office.letter-state": (
        "Das geht nicht mehr: Die Einreichung {id} ist im Zustand {state}.",
        "That is not possible any more: submission {id} is {state}.",
    ),
    "office.letter-not-held": (
        "Der Klärungsfall {id} hält die Einreichung nicht auf (es ist eine Kopie); ablehnen lässt sie sich nicht mehr.",
        "The dead letter {id} does not hold the submission (it is a copy); it can no longer be rejected.",
    ),
    "office.letter-no-copy": (
        "Der Klärungsfall {id} betrifft keine Kopie, sondern die Einreichung selbst: „retry“, „assign“ oder „reject“.",
        "The dead letter {id} is not about a copy but about the submission itself: `retry`, `assign` or `reject`.",
    ),
    "office.letter-addressed": (
        "Die Einreichung zu {id} ist schon adressiert: das Ziel instand setzen und „retry“, oder „reject“.",
        "The submission of {id} is addressed already: repair the target and `retry`, or `reject`.",
    ),
    "office.assign-nothing": (
        "Bitte --authority, --target oder --region angeben.",
        "Name --authority, --target or --region.",
    ),
    "office.authority-unknown": ("Die Behörde {id} gibt es nicht.", "There is no authority {id}."),
    "office.target-unknown": ("Das Ziel {id} gibt es nicht.", "There is no target {id}."),
    "office.assign-authority": (
        "Das Ziel {id} gehört nicht zu genau einer Behörde; bitte auch --authority angeben.",
        "The target {id} does not belong to exactly one authority; name --authority, too.",
    ),
    "office.assign-tenant": (
        "Die Behörde {id} gehört zum Mandanten {tenant}, den der Zustellpunkt nicht erreicht.",
        "The authority {id} belongs to tenant {tenant}, which the destination does not reach.",
    ),
    "office.assign-target": (
        "Das Ziel {id} gehört zum Mandanten {tenant}, nicht zu dem der Behörde.",
        "The target {id} belongs to tenant {tenant}, not to that of the authority.",
    ),
    "office.assign-no-target": (
        "Die Behörde {id} hat kein Ziel; bitte --target angeben.",
        "The authority {id} has no target; name --target.",
    ),
    "office.assign-region": (
        "Der Zustellpunkt {id} bietet die Leistung im Gebiet {region} nicht an.",
        "The destination {id} does not offer the service in region {region}.",
    ),
}

LETTERS: Final[Mapping[str, tuple[str, str]]] = {**LETTERS_HELP, **LETTERS_OUTPUT, **LETTERS_REFUSED}
