"""What each setting of the installation file means. A test holds the keys against the settings."""

from collections.abc import Mapping
from typing import Final

SETTINGS: Final[Mapping[str, tuple[str, str]]] = {
    "config.head": (
        "Installationsdatei von Amtsbote. Pfade gelten ab diesem Ordner. Auskommentiertes gilt mit dem gezeigten Wert.",
        "Amtsbote installation file. Paths start at this folder. What is commented out holds with the value shown.",
    ),
    "config.declarations": (
        "Wer teilnimmt (Mandanten, Portale, Zustellpunkte, Routen), steht in Deklarationen: amtsbote apply.",
        "Who takes part (tenants, portals, destinations, routes) stands in declarations: amtsbote apply.",
    ),
    "config.public": (
        "Wo Portale und Empfänger den Dienst erreichen; davor steht in der Regel ein Reverse-Proxy mit TLS.",
        "Where portals and subscribers reach the service, normally behind a reverse proxy with TLS.",
    ),
    "config.public.listen": ("Adresse, HOST:PORT.", "Address, HOST:PORT."),
    "config.public.url": (
        "Adresse von außen, mit Pfad. Sie gilt für immer: signierte Ereignisse tragen sie.",
        "Address from outside, with any path. For ever: signed events carry it.",
    ),
    "config.metrics": (
        "Messwerte (Prometheus) und Zustand, nur intern.",
        "Metrics (Prometheus) and health, inside only.",
    ),
    "config.metrics.listen": ("Adresse, HOST:PORT.", "Address, HOST:PORT."),
    "config.storage": ("Wo alles liegt, was nicht verloren gehen darf.", "Where everything lies that must survive."),
    "config.storage.folder": (
        "Datenordner; genau ein Dienst benutzt ihn.",
        "Data folder; exactly one service uses it.",
    ),
    "config.keys": ("Schlüssel und Vertrauen.", "Keys and trust."),
    "config.keys.master_key_file": (
        "Hauptschlüssel, außerhalb des Datenordners. Ohne ihn sind die Daten nicht lesbar: getrennt sichern.",
        "Master key, outside the data folder. Without it the data cannot be read: back it up apart.",
    ),
    "config.keys.trust_anchors": (
        "PEM-Dateien der Wurzelzertifikate, in denen jede Kette enden muss.",
        "PEM files of the root certificates every chain must end in.",
    ),
    "config.admin": ("Verwaltung auf diesem Rechner.", "Administration on this machine."),
    "config.admin.socket": (
        "Unix-Socket; nur der Benutzer des Dienstes und root dürfen ihn benutzen.",
        "Unix socket; only the service's user and root may use it.",
    ),
    "config.limits": (
        "Was eine Anfrage, eine Einreichung und der ganze Dienst kosten dürfen; Größen in Byte.",
        "What one request, one submission and the whole service may cost; sizes in bytes.",
    ),
    "config.limits.metadata": ("Ein verschlüsselter Metadatensatz.", "One encrypted metadata set."),
    "config.limits.data": ("Ein verschlüsselter Fachdatensatz.", "One encrypted data set."),
    "config.limits.document": ("Ein XML-Dokument, entschlüsselt.", "One XML document, decrypted."),
    "config.limits.attachment": ("Eine verschlüsselte Anlage.", "One encrypted attachment."),
    "config.limits.attachments": ("Anlagen einer Einreichung.", "Attachments of one submission."),
    "config.limits.in_flight": (
        "Anfragen, die zugleich im Speicher sind; darüber antwortet der Dienst 503.",
        "Requests in memory at once; beyond it the service answers 503.",
    ),
    "config.work": ("Wie Aufträge abgearbeitet werden; Zeiten in Sekunden.", "How jobs are worked off; seconds."),
    "config.work.threads": (
        "Rechenthreads, jeder mit einem Prüfprozess; sonst einer je Prozessorkern.",
        "Computing threads, each with a validation process; otherwise one per processor core.",
    ),
    "config.work.lease": (
        "Wie lange ein Auftrag einem Arbeiter gehört.",
        "How long a job belongs to a worker.",
    ),
    "config.work.attempts": (
        "Versuche, bevor ein Mensch gefragt wird.",
        "Attempts before a person is asked.",
    ),
    "config.work.first_retry": ("Abstand zum zweiten Versuch.", "Time until the second attempt."),
    "config.work.longest_retry": ("Längster Abstand zwischen Versuchen.", "Longest time between attempts."),
    "config.work.announced_for": (
        "Wie lange eine nie abgeschlossene Einreichung bleibt.",
        "How long a submission that is never completed is kept.",
    ),
    "config.work.validation_timeout": ("Höchstdauer einer Prüfung.", "Longest time of one validation."),
    "config.serve": ("Der Dienst selbst.", "The service itself."),
    "config.serve.stop_seconds": (
        "Wie lange beim Beenden auf laufende Arbeit gewartet wird.",
        "How long stopping waits for work in hand.",
    ),
}
