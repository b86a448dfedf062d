"""What each metric means and when to worry, for the page `docs/metriken.md`. A test holds the names against the meter.

Names as Prometheus shows them: a counter ends in `_total`.
"""

from collections.abc import Mapping
from typing import Final

METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "amtsbote_operation_seconds": ("Dauer", "`fsync` oder `commit` über 0,1 s: Datenträger zu langsam"),
    "amtsbote_operation_cpu_seconds_total": ("Rechenzeit des Threads", ""),
    "amtsbote_operation_failures_total": ("gescheiterte Aufrufe", "`commit`, `fsync`, `rename`: jeder"),
    "amtsbote_jobs": (
        (
            "Zeilen der Auftragstabelle: `process` (öffnen, prüfen, adressieren), `deliver` (zustellen), `expire` "
            "(verfallen lassen), `collect` (nach Antworten sehen), `take` (eine Antwort noch einmal versuchen), `tell` "
            "(der Behörde sagen, was das Portal entschied), `callback` (Rückruf), `deadline` (Fristen)"
        ),
        "`process`, `deliver` oder `take` wächst und sinkt nicht",
    ),
    "amtsbote_jobs_waiting": ("fällige Aufträge, die niemand in der Hand hat", "wächst und sinkt nicht"),
    "amtsbote_jobs_oldest_due_seconds": (
        "wie lange der älteste davon schon fällig ist; 0 ohne einen",
        "`process` oder `deliver` über 300",
    ),
    "amtsbote_deliveries_total": (
        "Zustellversuche: `delivered` (zugestellt), `again` (es wird wiederholt), `held` (Klärungsfall)",
        "`again` oder `held` eines Ziels steigt",
    ),
    "amtsbote_test_deliveries_total": (
        "dasselbe für [Testeinreichungen](betrieb/testbetrieb.md); in `amtsbote_deliveries_total` sind sie nicht",
        "",
    ),
    "amtsbote_replies_total": (
        (
            "[Antworten](betrieb/antworten.md) der Behörden: beim Abholen `passed-on` (als Antwort im Vorgang), "
            "`declined` (nicht übernommen, die Behörde liest den Grund), `again` (es wird wiederholt), `given-up` "
            "(aufgegeben); später `accepted` oder `rejected` (so hat das Portal entschieden)"
        ),
        "`given-up` oder `rejected` steigt",
    ),
    "amtsbote_test_replies_total": (
        "dasselbe für Antworten auf [Testeinreichungen](betrieb/testbetrieb.md)",
        "",
    ),
    "amtsbote_editing_answers_total": ("Antworten der API für Bearbeiter, nach Status", "5xx steigt"),
    "amtsbote_answers_total": (
        "Antworten der öffentlichen Dienste je HTTP-Status",
        "`5…` steigt",
    ),
    "amtsbote_problems_total": (
        "abgelehnte Anfragen je Code der [Fehlertabelle](fehler.md)",
        "`AB-1305` (zu viele Anfragen) oder `AB-1901` (interner Fehler) steigt",
    ),
    "amtsbote_tokens_total": (
        "Anfragen nach einem Token: `granted` (ausgestellt) oder der Fehler nach RFC 6749",
        "`invalid_client` oder `slow_down` steigt: falsche oder geratene Geheimnisse",
    ),
    "amtsbote_callbacks_total": (
        "Rückrufe: `told` (beantwortet), `failed` (es wird wiederholt), `stopped` (Empfänger aufgegeben)",
        "`stopped` steigt: [Rückrufe](betrieb/rueckrufe.md)",
    ),
    "amtsbote_callback_receivers": (
        "Empfänger, deren letzter Rückruf scheiterte: `failing` (es wird wiederholt), `stopped` (aufgegeben)",
        "`stopped` über 0",
    ),
    "amtsbote_callback_notices": (
        "was Empfängern noch zu sagen ist; aufgegebene mitgezählt",
        "wächst und sinkt nicht",
    ),
    "amtsbote_store_up": (
        "1, wenn die Datenbank bei dieser Abfrage antwortete; bei 0 gelten Zahlen aus ihr von vorher",
        "0",
    ),
    "amtsbote_helpers_busy": ("Prüfprozesse, die gerade ein Dokument haben", "dauernd alle"),
    "amtsbote_dead_letters": ("offene [Klärungsfälle](betrieb/klaerungsfaelle.md) je Grund", "steigt"),
    "amtsbote_test_dead_letters": (
        "offene Klärungsfälle zu Testeinreichungen je Grund; in `amtsbote_dead_letters` sind sie nicht",
        "",
    ),
    "amtsbote_dead_letter_oldest_seconds": (
        "Alter des ältesten offenen Klärungsfalls; 0 ohne einen",
        "älter, als ein Antrag liegen darf",
    ),
    "amtsbote_helper_restarts": (
        "ersetzte Prüfprozesse seit dem Start",
        "steigt: jemand sendet Dokumente, an denen die Prüfung stirbt",
    ),
    "amtsbote_second_looks_failed": (
        (
            "[zweite Blicke](betrieb/standards.md#ein-dokument-prüfen) auf Befunde, die seit dem Start scheiterten "
            "(Absturz, Zeit, Speicher): Das Urteil steht, die Befunde sind karger"
        ),
        "steigt: Das Protokoll nennt den Standard (`schemas.second_look_failed`)",
    ),
    "amtsbote_silent_rules_documents": (
        (
            "Dokumente, die ein [Schematron-Regelsatz](betrieb/standards.md#schematron) seit dem Start geprüft hat, "
            "ohne dass eine seiner Regeln eines betraf; 0, sobald eine es tut"
        ),
        "über 20: Der Regelsatz meint wohl eine andere Version",
    ),
    "amtsbote_key_expiry_seconds": (
        (
            "Zeit bis zum Ablauf eines zertifizierten [Schlüssels](betrieb/schluessel.md), je Zustellpunkt (`owner`); "
            "danach negativ"
        ),
        "unter 2592000 (30 Tage)",
    ),
    "amtsbote_source_newest_timestamp_seconds": (
        (
            "jüngster Stand des aus einer Quelle [Eingeführten](betrieb/zustaendigkeit.md#aus-registern-einführen)"
            ", als Zeitpunkt; das Alter ist `time() -` dieser Wert"
        ),
        "Alter über 17280000 (200 Tage), je Quelle nach Bedarf",
    ),
    "amtsbote_orphans": ("beim Start gefundene Dateien ohne Zeile; sie werden entfernt", "viele nach einem Absturz"),
}
"""Name → (meaning, alarm). Empty alarm: none suggested."""
