"""What each event of the log means and what to do, for the page `docs/ereignisse.md`. A test holds the names against
the code; level and fields are read from there."""

from collections.abc import Mapping
from typing import Final

_NOTHING: Final = "nichts"
_REPORT: Final = "Bleibt es dabei: mit dem ganzen Eintrag melden."

EVENTS: Final[Mapping[str, tuple[str, str]]] = {
    "schemas.damaged": (
        "Ein Standard im Register (`standard`) ist beschädigt (`reason`): Seine Nachrichten warten, andere nicht.",
        "`amtsbote schemas remove` und neu registrieren.",
    ),
    "schemas.rules_silent": (
        "Keine Regel eines Schematron-Regelsatzes (`rules`) betraf bisher ein Dokument seines Standards (`package`).",
        "Meint der Regelsatz diese Version? Den richtigen registrieren; `amtsbote schemas show` nennt ihn.",
    ),
    "schemas.second_look_failed": (
        (
            "Der zweite Blick auf Befunde eines Standards oder Leistungspakets (`package`) scheiterte (`reason`): Das "
            "Urteil steht, aber die Befunde sagen weniger, und eine Minute lang gibt es für dieses Schema keinen."
        ),
        "Einmal: nichts. Immer wieder: Ein Absender schickt, woran er stirbt, oder das Schema ist zu groß; melden.",
    ),
    "schemas.unusable": (
        "Schemas eines Standards oder Leistungspakets (`package`) lassen sich nicht laden (`reason`).",
        "Fehlt ein Zusatz: installieren und neu starten. Sonst `amtsbote schemas verify` und neu registrieren.",
    ),
    "callback.receivers_removed": (
        "So viele Empfänger von Rückrufen (`count`) sind vergessen: Nichts ist ihnen mehr zu sagen.",
        _NOTHING,
    ),
    "store.shut": (
        "`store check` hat ein Geheimnis gefunden (`secret`, `of`), das sich nicht öffnen lässt.",
        "[Sicherung](betrieb/sicherung.md#prüfen)",
    ),
    "start.tidied": (
        (
            "Aufräumen beim Start: freigegebene Aufträge (`leases`), Dateien ohne Zeile (`orphans`), abgebrochene "
            "(`unfinished`), fehlende (`missing`)"
        ),
        "`missing` größer 0: [Störungen](betrieb/stoerungen.md)",
    ),
    "schemas.package_unusable": (
        "Einem Leistungspaket (`package`) fehlt, was es zum Prüfen braucht (`because`); Anträge werden Klärungsfälle.",
        "Den genannten Zusatz installieren und neu starten.",
    ),
    "serve.ready": ("Der Dienst nimmt Anfragen an.", _NOTHING),
    "serve.stopping": ("Geordnetes Beenden beginnt.", _NOTHING),
    "serve.stopped": ("Der Dienst ist beendet; `drained`: ob alle laufende Arbeit fertig wurde.", _NOTHING),
    "serve.given_up": (
        "Beim Beenden lief nach `serve.stop_seconds` noch Arbeit; sie wird nach dem Start fortgesetzt.",
        "Immer wieder: `serve.stop_seconds` erhöhen.",
    ),
    "serve.part_ended": (
        "Ein Teil des Dienstes (`part`) ist von selbst zu Ende gegangen; der Dienst beendet sich mit Exit-Code 1.",
        "Neu starten (systemd tut es von selbst) und melden.",
    ),
    "worker.started": ("Ein Arbeitsprozess (`worker`, `pid`) ist gestartet.", _NOTHING),
    "worker.ended": (
        "Ein Arbeitsprozess ist von selbst zu Ende gegangen (`code`); in `again_in` Sekunden startet er neu.",
        _REPORT,
    ),
    "worker.refused": (
        "Ein Arbeitsprozess konnte nicht beginnen; `because` sagt warum.",
        "Berichtigen; er wird von selbst wieder gestartet.",
    ),
    "worker.failed": ("Ein Arbeitsprozess ist an einem unerwarteten Fehler gescheitert.", _REPORT),
    "workers.given_up": (
        (
            "Beim Beenden arbeiteten diese `workers` nach `serve.stop_seconds` noch; sie werden beendet, "
            "ihre Arbeit wird nach dem Start fortgesetzt."
        ),
        "Immer wieder: `serve.stop_seconds` erhöhen.",
    ),
    "sweep.failed": (
        "Das regelmäßige Aufräumen von Dateien ohne Zeile ist gescheitert; es wird wieder versucht.",
        "Datenbank und Ablage der Teile prüfen.",
    ),
    "settings.reread": ("SIGHUP: Die Installationsdatei ist neu gelesen; `taken` gilt ab jetzt.", _NOTHING),
    "settings.restart_needed": (
        "SIGHUP: Diese `settings` sind geändert und gelten erst nach einem Neustart.",
        "Bei Gelegenheit neu starten.",
    ),
    "settings.refused": (
        (
            "SIGHUP: In der Installationsdatei oder einem Wurzelzertifikat ist ein Fehler (`because`); alles bleibt, "
            "wie es war."
        ),
        "Berichtigen; `amtsbote config check` prüft vorher.",
    ),
    "settings.not_read": ("SIGHUP: Beim Lesen ist ein unerwarteter Fehler aufgetreten; alles bleibt.", _REPORT),
    "directory.reloaded": ("Eine Änderung an den Teilnehmern ist übernommen (`revision`).", _NOTHING),
    "directory.not_reloaded": (
        (
            "Ob es Änderungen an den Teilnehmern gibt, war nicht zu erfahren (`because`); es gilt, was galt, und wird "
            "nach zwei Sekunden wieder versucht."
        ),
        "Datenbank und Hauptschlüssel prüfen.",
    ),
    "key.expires": (
        (
            "Ein verwendeter Schlüssel läuft in `days` Tagen ab (`until`). Einmal ab 90, 30 und 7 Tagen (`within`) und "
            "nach jedem Start."
        ),
        "[Wechseln](betrieb/schluessel.md#wechseln).",
    ),
    "key.expired": ("Er ist abgelaufen: Portale lehnen ihn ab.", "Sofort [wechseln](betrieb/schluessel.md#wechseln)."),
    "request.refused": ("Eine Anfrage wurde abgelehnt (`code`: siehe [Fehler](fehler.md)).", _NOTHING),
    "token.refused": (
        "Falsches Geheimnis am Token-Endpunkt, oder der Zugang ist gesperrt; `client` nur, wenn es ihn gibt.",
        "Häufig: mit dem Teilnehmer klären, ob er nach einem Wechsel noch das alte Geheimnis benutzt.",
    ),
    "request.not_stored": (
        "Speichern ging nicht, der Absender bekam 503 und sendet erneut; `full`: kein Platz.",
        "Platz schaffen, Datenträger oder Datenbank prüfen.",
    ),
    "deadline.told": (
        "Der Kontakt eines Zustellpunkts wurde erinnert: `messages` Nachrichten warten seit `days` Tagen.",
        _NOTHING,
    ),
    "deadline.nobody_told": (
        (
            "`messages` Nachrichten warten seit `days` Tagen, und niemand konnte erinnert werden: `server`: Mailserver "
            "eingestellt; `address`: Zustellpunkt hat eine E-Mail-Adresse."
        ),
        "[Fristen](betrieb/fristen.md): Mailserver einstellen, `contact.email` ergänzen, Behörde anrufen.",
    ),
    "deadline.rejected": (
        "`messages` Nachrichten wurden nicht abgeholt und sind abgelehnt.",
        "Mit der Behörde klären.",
    ),
    "deadline.deleted": ("Der Inhalt von `messages` Nachrichten ist nach Ablauf der Aufbewahrung gelöscht.", _NOTHING),
    "clock.set_back": (
        "Die Uhr wurde um `seconds` zurückgestellt. Wartende Aufträge wurden um ebenso viel vorgezogen.",
        "Zeitdienst prüfen; siehe [Störungen](betrieb/stoerungen.md).",
    ),
    "request.failed": ("Unerwarteter Fehler einer Anfrage; `number` kennt auch der Absender.", _REPORT),
    "preflight.failed": (
        "Ein Portal hat ein Dokument prüfen lassen, und es gab kein Urteil (`because`); es erhielt 422.",
        "Bei `crashed`, `timeout`, `memory`: nichts, solange es vereinzelt ist. Sonst steht dort, was fehlt.",
    ),
    "process.done": ("Geöffnet, geprüft, adressiert; `outcome`: `addressed`, `rejected`, `held`.", _NOTHING),
    "process.failed": (
        "Beim Öffnen, Prüfen oder Adressieren ist ein unerwarteter Fehler aufgetreten; ein Versuch ist verbraucht.",
        _REPORT,
    ),
    "process.not_read": (
        "Die Ablage der Teile antwortet nicht; der Auftrag kommt wieder, ohne dass ein Versuch zählt.",
        "Die [Ablage](betrieb/ablage.md) prüfen; die Verarbeitung geht von selbst weiter.",
    ),
    "process.not_needed": ("Der Auftrag war schon erledigt (`state`); nichts ist geschehen.", _NOTHING),
    "collect.passed_on": (
        "Eine Antwort der Behörde (`target`) ist für das Portal verschlüsselt und als `reply` im Vorgang.",
        _NOTHING,
    ),
    "collect.declined": (
        "Eine Antwort wurde nicht übernommen (`reason`); die Behörde liest den Grund bei ihren Antworten.",
        "Grund `no-key` oder `not-offered`: Es gibt einen Klärungsfall dazu.",
    ),
    "collect.unfit": (
        "Was eine Behörde zurückgab, ist keine Antwort (`reason`); sie liest den Grund bei ihren Antworten.",
        "Häuft es sich: mit dem Hersteller des Fachverfahrens sprechen.",
    ),
    "collect.again": (
        "Ein Ziel konnte nicht nach Antworten gefragt werden (`reason`); das geschieht später wieder.",
        "Bleibt es dabei: `amtsbote targets check`.",
    ),
    "collect.failed": ("Ein Adapter hat beim Abholen von Antworten einen Fehler geworfen.", _REPORT),
    "collect.item_failed": (
        "Eine Antwort war gerade nicht zu übernehmen, etwa weil sie sich beim Lesen änderte; sie wird wieder versucht.",
        _REPORT,
    ),
    "collect.unread": (
        "Eine Antwort war gerade nicht zu lesen (`reason`); sie wird wieder versucht, die anderen gehen weiter.",
        "Bleibt es dabei: Laufwerk des Ziels prüfen.",
    ),
    "collect.hindered": (
        (
            "Der Dienst selbst konnte eine Antwort nicht übernehmen (`reason`): kein Platz, keine Datenbank, oder das "
            "Dateisystem des Ziels hängt. Es zählt nicht als Versuch."
        ),
        "[Störungen](betrieb/stoerungen.md)",
    ),
    "collect.given_up": (
        "Eine Antwort ließ sich beim letzten Versuch (`attempt`) nicht übernehmen (`reason`); sie liegt in `fehler`.",
        (
            "[Antworten](betrieb/antworten.md#was-sich-nicht-lesen-lässt): Ursache beheben, die Behörde den Ordner neu"
            " geben lassen; mit Klärungsfall, wenn zu lesen war, was sie beantwortet."
        ),
    ),
    "collect.not_said": (
        "Einem Ziel war nicht zu sagen, was aus einer Antwort wurde (`reason`); es erfährt es beim nächsten Mal.",
        _NOTHING,
    ),
    "collect.unsaid": (
        "Einem Ziel ist seit `attempt` Versuchen nicht zu sagen, was aus einer Antwort wurde (`reason`).",
        "Rechte und Laufwerk der Ordner `erledigt`, `fehler` und `quittungen` prüfen.",
    ),
    "tell.done": ("Die Behörde weiß, was das Portal zu ihrer Antwort gesagt hat (`state`).", _NOTHING),
    "tell.again": ("Die Behörde war noch nicht zu unterrichten (`reason`).", _NOTHING),
    "tell.given_up": (
        "Die Behörde war nicht zu unterrichten, was aus ihrer Antwort wurde (`state`).",
        "`amtsbote submissions show` mit der Nummer der Antwort; der Behörde sagen.",
    ),
    "deliver.done": (
        "Ein Zustellversuch ist beendet; `delivered`, sonst `failure`.",
        "Mit `failure`: [Woran eine Zustellung scheitert](betrieb/klaerungsfaelle.md#woran-eine-zustellung-scheitert).",
    ),
    "deliver.failed": ("Der Adapter hat einen Fehler geworfen; ein Versuch ist verbraucht.", _REPORT),
    "deliver.not_needed": ("Der Auftrag war schon erledigt (`state`); nichts ist geschehen.", _NOTHING),
    "expire.done": ("Eine nie abgeschlossene Einreichung ist gelöscht.", _NOTHING),
    "callback.told": (
        "Ein Empfänger hat einen Rückruf mit 200 beantwortet: `kind`, `count` Nachrichten, beim `attempt`-ten Versuch.",
        _NOTHING,
    ),
    "callback.failed": (
        "Ein Rückruf ist gescheitert (`failure`, seit `since`, zum `tries`-ten Mal in Folge); er wird wiederholt.",
        "Meist nichts; `forbidden`, `tls`, `secret`: [Rückrufe](betrieb/rueckrufe.md).",
    ),
    "callback.stopped": (
        "**Alarm.** Ein Empfänger ist aufgegeben, weil er seit `since` nicht antwortet; verloren ist nichts.",
        "Ursache beheben, dann `amtsbote callbacks retry`: [Rückrufe](betrieb/rueckrufe.md).",
    ),
    "callback.nobody": (
        "Ein Empfänger hat keinen Rückruf mehr oder sein Zugang ist gesperrt; `count` Hinweise sind verworfen.",
        _NOTHING,
    ),
    "callback.forgotten": (
        "`count` Hinweise, die älter sind als `callbacks.keep`, sind verworfen; abrufen kann sie der Empfänger weiter.",
        "Aufgegebene Empfänger prüfen: `amtsbote callbacks list`.",
    ),
    "adapter.unusable": (
        (
            "Beim Start: Eine Adapterart eines Dritten (`point`, der Einstiegspunkt) ist nicht benutzbar; "
            "`because` sagt warum."
        ),
        "Das Paket des Adapters berichtigen oder entfernen, neu starten.",
    ),
    "target.not_ready": (
        "Ein Ziel ist nicht bereit; `because` sagt warum.",
        "Ziel instand setzen; es geht von selbst.",
    ),
    "job.lease_lost": ("Ein anderer Arbeiter hat den Auftrag übernommen; nichts ist doppelt geschehen.", _NOTHING),
    "job.failed": ("Ein Auftrag ist an einem inneren Fehler gescheitert; er wird später erneut versucht.", _REPORT),
    "job.not_given_back": (
        "Ein Auftrag ließ sich nicht zurückgeben; er wird frei, wenn seine Zeit (`work.lease`) um ist.",
        "Datenbank und Datenträger prüfen.",
    ),
    "claim.failed": (
        "Die Auftragstabelle war nicht zu lesen; es wird gleich wieder versucht.",
        "Datenbank und Datenträger prüfen.",
    ),
    "job.stuck": (
        "Ein Auftrag lässt sich auch nach allen Versuchen weder laden noch abschließen; er wird zum Klärungsfall.",
        "[Klärungsfall](betrieb/klaerungsfaelle.md) lösen.",
    ),
    "job.not_held": (
        "Auch das ging nicht; der Auftrag wird nach der längsten Wartezeit wieder versucht.",
        "Datenbank und Datenträger prüfen.",
    ),
    "signing.failed": (
        "Ereignisse konnten nicht signiert werden; spätestens beim Lesen wird es erneut versucht.",
        _REPORT,
    ),
    "store.damaged": (
        (
            "`amtsbote store check` hat einen beschädigten Teil (`part`) gefunden; `because` sagt, woran, `moved`, "
            "ob die Datei nach `damaged/` kam."
        ),
        "[Prüfen](betrieb/sicherung.md#prüfen)",
    ),
    "admin.failed": ("Ein Verwaltungsbefehl ist an einem unerwarteten Fehler gescheitert.", _REPORT),
    "admin.given-up": (
        "Beim Beenden lief noch ein Verwaltungsbefehl, oder seine Antwort wurde nicht abgeholt; er wurde abgebrochen.",
        "Nach dem Start ansehen, ob er gewirkt hat, und wiederholen.",
    ),
    "admin.not-accepted": ("Eine Verbindung zum Verwaltungssocket kam nicht zustande.", "Den Befehl wiederholen."),
    "editing.not_computed": (
        "Ein Prozess, der für einen Bearbeiter eine Arbeitsmappe las oder rechnete, kam zu keinem Ende (`because`).",
        "Einmal nichts. Häuft es sich, rechnet die Maschine zu langsam, oder jemand schickt Unfug.",
    ),
    "admin.peer-gone": ("Der Befehl hat nicht auf die Antwort gewartet.", _NOTHING),
}
"""Name → (meaning, what to do)."""
