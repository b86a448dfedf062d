"""What an operator reads about callbacks and their receivers."""

from collections.abc import Mapping
from typing import Final

CALLBACKS: Final[Mapping[str, tuple[str, str]]] = {
    "help.callbacks": (
        "Ansehen, wie es Empfängern von Rückrufen geht, und aufgegebene wieder anrufen.",
        "See how it goes with receivers of callbacks, and call those again that were given up.",
    ),
    "help.callbacks.list": (
        "Empfänger auflisten, die nicht antworten oder aufgegeben sind, neueste zuerst.",
        "List receivers that do not answer or were given up, newest first.",
    ),
    "help.callbacks.all": ("Auch die, denen es gut geht.", "Those too with which all is well."),
    "help.callbacks.show": (
        "Einen Empfänger zeigen: Adresse, letzter Fehler, was noch zu sagen ist. Das Geheimnis bleibt verdeckt.",
        "Show a receiver: address, last failure, what is still to be told. The secret stays hidden.",
    ),
    "help.callbacks.retry": (
        "Einen Empfänger sofort wieder anrufen, auch einen aufgegebenen; die Wartezeiten beginnen von vorn.",
        "Call a receiver again at once, also one that was given up; the waits begin anew.",
    ),
    "column.url": ("Adresse", "Address"),
    "column.failing-since": ("gestört seit", "failing since"),
    "column.waiting": ("wartend", "waiting"),
    "receiver.working": ("in Ordnung", "well"),
    "receiver.failing": ("antwortet nicht", "does not answer"),
    "receiver.stopped": ("aufgegeben", "given up"),
    "office.receiver-unknown": (
        "Einen Empfänger {id} gibt es nicht; amtsbote callbacks list --all zeigt alle, die schon angerufen wurden.",
        "There is no receiver {id}; amtsbote callbacks list --all shows all that were called so far.",
    ),
    "doctor.fine.callbacks": (
        "Kein Empfänger von Rückrufen ist aufgegeben.",
        "No receiver of callbacks has been given up.",
    ),
    "doctor.callbacks-stopped": (
        "{count} Empfänger von Rückrufen sind aufgegeben; sie erfahren Neues nur noch, wenn sie selbst nachsehen.",
        "{count} receivers of callbacks have been given up; they learn of news only by looking themselves.",
    ),
    "doctor.callbacks-stopped.todo": (
        "amtsbote callbacks list zeigt Adresse und Fehler; ist er behoben: amtsbote callbacks retry ID.",
        "amtsbote callbacks list shows address and failure; once mended: amtsbote callbacks retry ID.",
    ),
}
