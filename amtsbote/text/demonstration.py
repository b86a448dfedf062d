"""Sentences of the demonstration."""

from collections.abc import Mapping
from typing import Final

STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "demo.step.certificates": ("Zertifikate einer Vorführ-Zertifizierungsstelle", "Certificates of a demo authority"),
    "demo.why.certificates": (
        "Jeder Schlüssel ist zertifiziert, auch hier: eine Wurzel, eine ausstellende Stelle, drei Zertifikate.",
        "Every key is certified, here too: a root, an issuing authority, three certificates.",
    ),
    "demo.step.init": ("Eine Installation anlegen", "Make an installation"),
    "demo.why.init": (
        "Konfiguration, Hauptschlüssel, leere Datenbank, mit dem öffentlichen Befehl; die Wurzel ist Vertrauensanker.",
        "Configuration, master key and empty database, with the public command and the root as trust anchor.",
    ),
    "demo.step.apply": ("Erklären, wer teilnimmt", "Declare who takes part"),
    "demo.why.apply": (
        "Das Portal Hamburg, der Mandant Chemnitz mit Zustellpunkt, Behörde und Zielordner, und die Zuständigkeiten.",
        "The Hamburg portal, the tenant Chemnitz with destination, authority and target folder, and who is competent.",
    ),
    "demo.step.serve": ("Den Dienst starten", "Start the service"),
    "demo.why.serve": (
        "Ein eigener Prozess auf freien Anschlüssen dieses Rechners.",
        "A process of its own on free ports of this machine.",
    ),
    "demo.step.route": ("Hamburg fragt: Wer ist zuständig?", "Hamburg asks: who is responsible?"),
    "demo.why.route": (
        "Es geht um einen Baum in Chemnitz. Das Portal, ein eigener Prozess, fragt und prüft die Signatur der Antwort.",
        "It is about a tree in Chemnitz. The portal, a process of its own, asks and verifies the answer's signature.",
    ),
    "demo.step.key": ("Hamburg prüft den Schlüssel des Zustellpunkts", "Hamburg checks the destination's key"),
    "demo.why.key": (
        "Zweck, Stärke und Gültigkeit, und die Zertifikatskette bis zur Wurzel.",
        "Purpose, strength and validity, and the chain of certificates up to the root.",
    ),
    "demo.step.send": ("Hamburg signiert, verschlüsselt und sendet", "Hamburg signs, encrypts and sends"),
    "demo.why.send": (
        "Der Antrag als XML, ein Foto und ein Lageplan; jeder Teil ist für sich verschlüsselt, der Antrag signiert.",
        "The application as XML, a photo and a site plan; every part is encrypted on its own, the application signed.",
    ),
    "demo.step.delivered": ("In Chemnitz angekommen", "Arrived in Chemnitz"),
    "demo.why.delivered": (
        "Geöffnet, geprüft, zugeordnet, als Dateien übergeben. Jedes Byte wird mit dem Gesendeten verglichen.",
        "Opened, validated, routed, handed over as files. Every byte is compared with what was sent.",
    ),
    "demo.step.events": ("Hamburg liest das Ereignisprotokoll", "Hamburg reads the event log"),
    "demo.why.events": (
        "Das Portal hat jeden Eintrag geprüft: Signatur, Aussteller, Vorgang und Prüfsummen der Teile.",
        "The portal has verified every entry: signature, issuer, case and authentication tags of the parts.",
    ),
    "demo.step.rejected": ("Ein fehlerhafter Antrag wird zurückgewiesen", "A faulty application is rejected"),
    "demo.why.rejected": (
        "Im zweiten Antrag passen zwei Angaben nicht zum Schema. Das Portal erfährt welche; Chemnitz bekommt nichts.",
        "In the second application two details do not fit the schema. The portal learns which; Chemnitz gets nothing.",
    ),
    "demo.step.operator": ("Was der Betrieb sieht", "What the operator sees"),
    "demo.why.operator": (
        "Jede Einreichung mit ihrem Stand, und der Laufweg: jeder Schritt mit Dauer, Ergebnis und angewandter Regel.",
        "Every submission with its state, and the trace: every step with duration, verdict and applied rule.",
    ),
    "demo.step.decision": ("Chemnitz entscheidet", "Chemnitz decides"),
    "demo.why.decision": (
        "Das Fachverfahren legt Bescheid und Statusdatei in seinen Ordner; der Dienst nimmt beides genau einmal.",
        "The local software puts the decision and a status file into its folder; the service takes both exactly once.",
    ),
    "demo.step.mailbox": ("Der Bescheid liegt im Postfach in Hamburg", "The decision is in the mailbox in Hamburg"),
    "demo.why.mailbox": (
        "Nur das Portal kann ihn öffnen. Es prüft Summen, Ereignisse und die Signatur aus Chemnitz und nimmt ihn an.",
        "Only the portal can open it. It verifies tags, hashes, events and Chemnitz's signature, and accepts.",
    ),
}

SCENERY: Final[Mapping[str, tuple[str, str]]] = {
    "demo.title": (
        "Von Hamburg nach Chemnitz: ein Antrag auf Baumfällung, vom Portal bis ins Fachverfahren",
        "From Hamburg to Chemnitz: an application to fell a tree, from the portal into the local software",
    ),
    "demo.story": (
        "Eine Bürgerin stellt in Hamburgs Portal den Antrag; ihr Baum steht in Chemnitz. Alle Personen sind erfunden.",
        "A citizen applies in Hamburg's portal; her tree stands in Chemnitz. All persons are invented.",
    ),
    "demo.held": ("erfüllt, {seconds} s", "held, {seconds} s"),
    "demo.try": ("Zum Ausprobieren, in einem anderen Fenster:", "To try out, in another window:"),
    "demo.stays": ("Der Dienst läuft weiter. Strg-C beendet ihn.", "The service keeps running. Ctrl-C ends it."),
    "demo.stopped": ("Beendet; es läuft kein Prozess mehr.", "Stopped; no process is left running."),
    "demo.kept": ("Zum Nachsehen bleibt der Ordner: {folder}", "The folder stays for you to look at: {folder}"),
    "demo.removed": (
        "Der Ordner {folder} ist wieder gelöscht; mit --keep bleibt er.",
        "The folder {folder} is deleted again; --keep keeps it.",
    ),
    "demo.folder.foreign": (
        "{path} gibt es schon, und keine Vorführung hat es angelegt. Bitte mit --folder einen anderen Ordner nennen.",
        "{path} exists and was made by no demonstration. Name another folder with --folder.",
    ),
    "demo.folder.busy": (
        "In {path} läuft schon eine Vorführung.",
        "A demonstration is already running in {path}.",
    ),
    "demo.help": (
        "Spielt den Fall von Hamburg nach Chemnitz vor, Schritt für Schritt.",
        "Plays the case from Hamburg to Chemnitz, step by step.",
    ),
    "demo.help.once": (
        "Von selbst enden; Rückgabewert 0 nur, wenn jeder Schritt gehalten hat.",
        "End by itself; exit code 0 only if every step held.",
    ),
    "demo.help.folder": ("Datenordner; er wird neu angelegt.", "Data folder; it is made fresh."),
    "demo.help.keep": (
        "Mit --once: den Datenordner am Ende nicht löschen.",
        "With --once: do not delete the data folder at the end.",
    ),
    "demo.finding.code": ("Befund", "Finding"),
    "demo.finding.line": ("Zeile", "Line"),
    "demo.finding.place": ("Stelle", "Place"),
    "demo.finding.sentence": ("Bedeutung", "Meaning"),
}

FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "demo.fact.folder": ("Datenordner", "data folder"),
    "demo.fact.root": ("Wurzelzertifikat", "root certificate"),
    "demo.fact.certificates": ("Zertifikate", "certificates"),
    "demo.fact.strength": ("Verfahren", "algorithms"),
    "demo.fact.declaration": ("Deklaration", "declaration"),
    "demo.fact.secret": ("Geheimnis des Portals", "the portal's secret"),
    "demo.fact.process": ("Prozess", "process"),
    "demo.fact.address": ("Adresse", "address"),
    "demo.fact.health": ("Bereitschaft", "readiness"),
    "demo.fact.metrics": ("Messwerte", "metrics"),
    "demo.fact.log": ("Protokoll", "log"),
    "demo.fact.question": ("Frage", "question"),
    "demo.fact.service": ("Leistung", "service"),
    "demo.fact.region": ("Gebiet", "region"),
    "demo.fact.destination": ("Zustellpunkt", "destination"),
    "demo.fact.broker": ("Dienst", "service"),
    "demo.fact.route-signature": ("Signatur geprüft mit", "signature verified with"),
    "demo.fact.key": ("Schlüssel", "key"),
    "demo.fact.submission": ("Einreichung", "submission"),
    "demo.fact.case": ("Vorgang", "case"),
    "demo.fact.parts": ("verschlüsselte Teile", "encrypted parts"),
    "demo.fact.authority": ("Behörde", "authority"),
    "demo.fact.package": ("geprüft nach", "validated by"),
    "demo.fact.signature": ("Signatur des Portals", "the portal's signature"),
    "demo.fact.times": ("eingereicht → geschrieben", "submitted → written"),
    "demo.fact.given": ("zurückgegeben", "given back"),
    "demo.fact.passed-on": ("übernommen, jetzt in", "passed on, now in"),
    "demo.fact.reply": ("Antwort", "reply"),
    "demo.fact.decision": ("Inhalt", "content"),
    "demo.fact.decision-parts": ("Prüfsummen wie im Ereignisprotokoll", "tags as in the event log"),
    "demo.fact.decision-signature": ("signiert vom Zustellpunkt", "signed by the destination"),
    "demo.fact.receipt": ("Quittung in Chemnitz", "receipt in Chemnitz"),
    "demo.fact.equal": ("Byte für Byte gleich", "equal byte by byte"),
}

FAILURES: Final[Mapping[str, tuple[str, str]]] = {
    "demo.failed.unexpected": ("Unerwarteter Fehler {name}: {reason}", "Unexpected error {name}: {reason}"),
    "demo.failed.command": (
        "„{command}“ endete mit {code}: {reason}",
        "`{command}` ended with {code}: {reason}",
    ),
    "demo.failed.command-slow": (
        "„{command}“ war nach {seconds} Sekunden nicht fertig.",
        "`{command}` had not finished after {seconds} seconds.",
    ),
    "demo.failed.portal": ("Das Portal meldet: {reason}", "The portal says: {reason}"),
    "demo.failed.portal-silent": (
        "Das Portal hat sich {seconds} Sekunden lang nicht gemeldet.",
        "The portal has said nothing for {seconds} seconds.",
    ),
    "demo.failed.portal-ended": (
        "Das Portal ist aus dem Tritt geraten; sein Protokoll: {log}",
        "The portal has lost its way; its log: {log}",
    ),
    "demo.failed.no-end": (
        "Nach {seconds} Sekunden steht noch kein Ende im Ereignisprotokoll.",
        "After {seconds} seconds the event log has not come to an end.",
    ),
    "demo.failed.broker-ended": (
        "Der Dienst endete mit {code}; sein Protokoll: {log}",
        "The service ended with {code}; its log: {log}",
    ),
    "demo.failed.broker-silent": (
        "Der Dienst ist nicht bereit; sein Protokoll: {log}",
        "The service is not ready; its log: {log}",
    ),
    "demo.failed.destination": (
        "Die Auskunft nennt einen anderen Zustellpunkt: {destination}",
        "The answer names another destination: {destination}",
    ),
    "demo.failed.not-delivered": (
        "In {folder} ist der Antrag nicht angekommen.",
        "The application has not arrived in {folder}.",
    ),
    "demo.failed.twice": (
        "Der Antrag ist zweimal angekommen: {first} und {second}",
        "The application has arrived twice: {first} and {second}",
    ),
    "demo.failed.missing": (
        "In {folder} liegt nicht genau das, was gesendet wurde.",
        "What lies in {folder} is not exactly what was sent.",
    ),
    "demo.failed.differs": (
        "{copy} ist nicht gleich dem Gesendeten: {original}",
        "{copy} is not equal to what was sent: {original}",
    ),
    "demo.failed.signature": (
        "Die Signatur des Portals gilt nicht als gültig: {manifest}",
        "The portal's signature does not count as valid: {manifest}",
    ),
    "demo.failed.no-events": ("Das Ereignisprotokoll ist leer.", "The event log is empty."),
    "demo.failed.not-accepted": ("Der Antrag wurde nicht angenommen.", "The application was not accepted."),
    "demo.failed.not-rejected": (
        "Der fehlerhafte Antrag wurde nicht zurückgewiesen.",
        "The faulty application was not rejected.",
    ),
    "demo.failed.findings": (
        "Zwei Befunde waren zu erwarten, es sind {count}.",
        "Two findings were to be expected, there are {count}.",
    ),
    "demo.failed.rejected-delivered": (
        "Der zurückgewiesene Antrag ist in Chemnitz angekommen.",
        "The rejected application has arrived in Chemnitz.",
    ),
    "demo.failed.states": (
        "Die Liste der Einreichungen zeigt andere Stände als angenommen und zurückgewiesen: {states}",
        "The list of submissions shows other states than accepted and rejected: {states}",
    ),
    "demo.failed.trace": (
        "Der Laufweg zeigt nicht genau die fünf Schritte: {steps}",
        "The trace does not show exactly the five steps: {steps}",
    ),
    "demo.failed.not-taken": (
        "In {folder} wurde der Bescheid nicht abgeholt.",
        "The decision was not picked up in {folder}.",
    ),
    "demo.failed.refused": ("Der Bescheid wurde nicht übernommen: {reason}", "The decision was refused: {reason}"),
    "demo.failed.decision-signature": (
        "Die Signatur des Zustellpunkts über den Bescheid gilt nicht.",
        "The destination's signature over the decision does not count.",
    ),
    "demo.failed.decision-case": (
        "Der Bescheid beantwortet etwas anderes: {answers}",
        "The decision answers something else: {answers}",
    ),
    "demo.failed.decision-not-accepted": (
        "Das Portal hat den Bescheid nicht angenommen.",
        "The portal has not accepted the decision.",
    ),
    "demo.failed.no-receipt": (
        "In {file} steht nicht „{state}“.",
        "{file} does not say “{state}”.",
    ),
}

DEMONSTRATION: Final[Mapping[str, tuple[str, str]]] = {**STEPS, **SCENERY, **FACTS, **FAILURES}
