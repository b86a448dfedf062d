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
    "config.public.listen": (
        "Wo der Dienst Anfragen annimmt, HOST:PORT.",
        "Where the service takes requests, HOST:PORT.",
    ),
    "config.public.url": (
        "Adresse von außen, mit Pfad. Sie gilt für immer: signierte Ereignisse tragen sie.",
        "Address from outside, with any path. For ever: signed events carry it.",
    ),
    "config.public.trusted_proxies": (
        "Reverse-Proxys (IP-Adressen oder Netze), deren X-Forwarded-For geglaubt wird, nur zum Zählen von Anfragen.",
        "Reverse proxies (IP addresses or networks) whose X-Forwarded-For is believed, for counting requests alone.",
    ),
    "config.public.routing_snapshot": (
        "Ob jeder die ganzen Routingtabellen als signierte Datei abrufen darf (GET /routing-api/v2/snapshot).",
        "Whether everybody may fetch the whole routing tables as a signed file (GET /routing-api/v2/snapshot).",
    ),
    "config.oauth": ("Der Token-Endpunkt.", "The token endpoint."),
    "config.oauth.basic": (
        "Ob Zugangsdaten auch als HTTP Basic angenommen werden; der öffentliche Dienst tut es nicht.",
        "Whether credentials are also taken as HTTP Basic; the public service does not.",
    ),
    "config.oauth.failures": (
        "Falsche Geheimnisse in Folge, je Zugang und Adresse, bevor gewartet werden muss.",
        "Wrong secrets in a row, of one client from one address, before it has to wait.",
    ),
    "config.oauth.longest_wait": (
        "Längste Wartezeit danach; sie beginnt mit einer Sekunde und verdoppelt sich.",
        "Longest wait afterwards; it begins with a second and doubles.",
    ),
    "config.rates": (
        "Anfragen je Minute, gezählt in jedem Prozess; darüber 429. 0: keine Grenze.",
        "Requests in a minute, counted in each process; 429 beyond them. 0: no limit.",
    ),
    "config.rates.client": (
        "Je Zugang, nach seinem Token; auch Anfragen nach Token zählen.",
        "Of one client, by its token; asking for tokens counts, too.",
    ),
    "config.rates.address": (
        "Je Adresse ohne Token, sofern ein Proxy aus trusted_proxies sie nennt.",
        "Of one address without a token, where a proxy of trusted_proxies names it.",
    ),
    "config.metrics": (
        "Messwerte (Prometheus) und Zustand, nur intern.",
        "Metrics (Prometheus) and health, inside only.",
    ),
    "config.metrics.listen": (
        "Adresse, HOST:PORT. Nie nach außen geben.",
        "Address, HOST:PORT. Never to be reached from outside.",
    ),
    "config.storage": ("Wo alles liegt, was nicht verloren gehen darf.", "Where everything lies that must survive."),
    "config.storage.folder": (
        "Datenordner; genau ein Dienst benutzt ihn.",
        "Data folder; exactly one service uses it.",
    ),
    "config.storage.database": (
        "PostgreSQL, postgresql://BENUTZER:KENNWORT@RECHNER/DATENBANK; leer: SQLite im Datenordner.",
        "PostgreSQL, postgresql://USER:PASSWORD@HOST/DATABASE; empty: SQLite in the data folder.",
    ),
    "config.storage.database_file": (
        "Datei mit dieser Adresse als einziger Zeile, damit hier kein Kennwort steht; statt database.",
        "File with this address as its only line, so that no password stands here; instead of database.",
    ),
    "config.storage.parts": (
        "Große Teile: ein Ordner, den alle Knoten einhängen, oder s3://BUCKET/PRÄFIX; leer: parts im Datenordner.",
        "Large parts: a folder that all nodes mount, or s3://BUCKET/PREFIX; empty: parts in the data folder.",
    ),
    "config.s3": (
        "S3-kompatibler Speicher, wenn storage.parts einen nennt.",
        "S3-compatible storage, where storage.parts names one.",
    ),
    "config.s3.endpoint": (
        "Adresse, https://RECHNER; der Bucket ist der erste Teil des Pfads.",
        "Address, https://HOST; the bucket is the first segment of the path.",
    ),
    "config.s3.region": ("Region, wie der Speicher sie führt.", "Region, as the storage has it."),
    "config.s3.access_key": ("Kennung des Zugangs.", "Name of the access key."),
    "config.s3.secret_key": (
        "Geheimer Schlüssel dazu; besser als Umgebungsvariable oder in secret_key_file.",
        "Its secret key; better as an environment variable or in secret_key_file.",
    ),
    "config.s3.secret_key_file": (
        "Datei mit dem geheimen Schlüssel als einziger Zeile; statt secret_key.",
        "File with the secret key as its only line; instead of secret_key.",
    ),
    "config.s3.allow_http": (
        "Ob endpoint ohne TLS sein darf; nur in einem vertrauenswürdigen Netz.",
        "Whether endpoint may be without TLS; only in a trusted network.",
    ),
    "config.mirror": (
        "Der Knoten, dessen Routingtabellen hier gelten, anstelle von eigenen (amtsbote routes mirror).",
        "The node whose routing tables hold here instead of own ones (amtsbote routes mirror).",
    ),
    "config.mirror.issuer": (
        "Adresse seiner Routing-API, wie seine Snapshots sie nennen; leer: hier gelten eigene Tabellen.",
        "Address of its routing API as its snapshots name it; empty: own tables hold here.",
    ),
    "config.mirror.keys": (
        "Datei mit seinen Schlüsseln (jwks.json). Eine Signatur von einem davon steht für die Freigabe.",
        "File of its keys (jwks.json). A signature of one of them stands for the release.",
    ),
    "config.schemas": ("Registrierte Standards und eigene Leistungspakete.", "Registered standards and own packages."),
    "config.schemas.packages": (
        "Ordner eigener Leistungspakete, <Name>/<Version>/service.toml; gelesen beim Start. Knoten halten das Gleiche.",
        "Folder of own service packages, <name>/<version>/service.toml each; read at the start. Nodes hold the same.",
    ),
    "config.schemas.registry": (
        "Ordner der registrierten Standards. Mehrere Knoten teilen ihn sich oder halten das Gleiche.",
        "Folder of the registered standards. Several nodes share it or hold the same.",
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
    "config.admin": ("Verwaltung: auf diesem Rechner und für Bearbeiter.", "Administration: here, and for editors."),
    "config.admin.listen": (
        "Wo die API für Bearbeiter der Routingtabellen antwortet, z. B. 127.0.0.1:8083; ohne Angabe nirgends.",
        "Where the API for editors of the routing tables answers, e.g. 127.0.0.1:8083; nowhere without it.",
    ),
    "config.admin.url": (
        "Ihre Adresse von außen, mit https; ohne Angabe http:// und listen.",
        "Its address as seen from outside, with https; without it http:// and listen.",
    ),
    "config.admin.socket": (
        "Unix-Socket; nur der Benutzer des Dienstes und root dürfen ihn benutzen, mit group auch Bearbeiter.",
        "Unix socket; only the service's user and root may use it, with group also editors.",
    ),
    "config.admin.group": (
        "Unix-Gruppe, deren Mitglieder sich verbinden dürfen; zugelassen werden nur Bearbeiter der Deklaration.",
        "Unix group whose members may connect; only editors of the declaration are admitted.",
    ),
    "config.limits": (
        "Was eine Anfrage, eine Einreichung und der ganze Dienst kosten dürfen; Größen in Byte.",
        "What one request, one submission and the whole service may cost; sizes in bytes.",
    ),
    "config.limits.metadata": (
        "Ein verschlüsselter Metadatensatz; darüber 413.",
        "One encrypted metadata set; 413 beyond it.",
    ),
    "config.limits.data": (
        "Ein verschlüsselter Fachdatensatz; darüber 413.",
        "One encrypted data set; 413 beyond it.",
    ),
    "config.limits.document": (
        "Ein Dokument in XML oder JSON, entschlüsselt; darüber Ablehnung.",
        "One document in XML or JSON, decrypted; rejected beyond it.",
    ),
    "config.limits.attachment": (
        "Eine verschlüsselte Anlage oder ein Fragment; darüber 413.",
        "One encrypted attachment or fragment; 413 beyond it.",
    ),
    "config.limits.attachments": (
        "Anlagen einer Einreichung; eine in Fragmenten zählt so oft, wie sie Fragmente hat.",
        "Attachments of one submission; one in fragments counts as many as it has fragments.",
    ),
    "config.limits.attachments_total": (
        "Alle Anlagen einer Einreichung zusammen, verschlüsselt und noch einmal entschlüsselt.",
        "All attachments of one submission together, encrypted and again decrypted.",
    ),
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
        "Wie lange ein Auftrag einem Arbeiter gehört. Eine Zustellung darf halb so lange dauern.",
        "How long a job belongs to a worker. A delivery may take half of it.",
    ),
    "config.work.attempts": (
        "Versuche, bevor ein Mensch gefragt wird.",
        "Attempts before a person is asked.",
    ),
    "config.work.first_retry": (
        "Abstand zum zweiten Versuch; er verdoppelt sich, ± 20 %.",
        "Time until the second attempt; it doubles, ± 20 %.",
    ),
    "config.work.longest_retry": (
        "Längster Abstand zwischen Versuchen. Mit den Vorgaben dauern zwölf Versuche gut eine Stunde.",
        "Longest time between attempts. With the defaults twelve attempts take a good hour.",
    ),
    "config.work.collect_interval": (
        "Abstand, in dem nachgesehen wird, was ein Fachverfahren zurückgibt.",
        "Time between two looks at what a Fachverfahren gives back.",
    ),
    "config.work.validation_timeout": (
        "Höchstdauer einer Prüfung; danach wird der Prüfprozess ersetzt.",
        "Longest time of one validation; then its process is replaced.",
    ),
    "config.mail": (
        "Wie Kontakte von Zustellpunkten an nicht Abgeholtes erinnert werden; ohne Server steht es nur im Protokoll.",
        "How contacts of destinations are told what is not fetched; without a server only the log says so.",
    ),
    "config.mail.server": ("Mailserver, HOST:PORT.", "Mail server, HOST:PORT."),
    "config.mail.sender": ("Absenderadresse.", "Address of the sender."),
    "config.mail.transport": (
        "Schutz der Verbindung: starttls, tls oder none.",
        "Protection of the connection: starttls, tls or none.",
    ),
    "config.mail.user": ("Benutzer, wenn der Server einen verlangt.", "User, where the server wants one."),
    "config.mail.password": ("Passwort; besser als Datei.", "Password; better as a file."),
    "config.mail.password_file": (
        "Datei mit dem Passwort, damit kein Geheimnis in der Installationsdatei steht.",
        "File that holds the password, so that no secret stands in the installation file.",
    ),
    "config.callbacks": (
        "Wie Empfänger angerufen werden, die Neues gesagt haben wollen; Zeiten in Sekunden.",
        "How receivers are called that want to be told of news; seconds.",
    ),
    "config.callbacks.allow": (
        "Netze, die trotzdem angerufen werden dürfen, z. B. 10.1.2.0/24; ohne Eintrag nur das öffentliche Internet.",
        "Networks that may be called all the same, e.g. 10.1.2.0/24; without any, only the public internet.",
    ),
    "config.callbacks.refuse": (
        "Eigene Netze mit öffentlichen Adressen, die nicht angerufen werden dürfen; allow geht vor.",
        "Networks of your own with public addresses that may not be called; allow comes first.",
    ),
    "config.callbacks.extra_ca": (
        "PEM-Datei mit Zertifizierungsstellen, denen neben denen des Systems vertraut wird.",
        "PEM file of certification authorities trusted besides those of the system.",
    ),
    "config.callbacks.pause": (
        "Zwischen zwei Rückrufen an denselben Empfänger; was inzwischen geschieht, sagt der nächste.",
        "Between two callbacks to one receiver; the next one tells what happened meanwhile.",
    ),
    "config.callbacks.most": (
        "Hinweise in einem Rückruf.",
        "Notices told in one callback.",
    ),
    "config.callbacks.timeout": (
        "Für einen ganzen Rückruf, von der Namensauflösung bis zur Antwort.",
        "For a whole callback, from the look-up of the name to the answer.",
    ),
    "config.callbacks.first_retry": (
        "Abstand zum zweiten Versuch; er verdoppelt sich, ± 20 %.",
        "Time until the second attempt; it doubles, ± 20 %.",
    ),
    "config.callbacks.longest_retry": (
        "Längster Abstand zwischen Versuchen.",
        "Longest time between attempts.",
    ),
    "config.callbacks.give_up": (
        "Wie lange ein Empfänger angerufen wird, der nicht antwortet; danach Alarm, und weiter auf Befehl.",
        "How long a receiver is called that does not answer; then an alarm, and on by command.",
    ),
    "config.callbacks.keep": (
        "Wie lange aufgehoben wird, was ein Empfänger nicht gesagt bekam.",
        "How long what a receiver could not be told is kept.",
    ),
    "config.sources": (
        "Wann Eingeführtes der Zuständigkeit zu alt ist: „amtsbote doctor“ warnt dann.",
        "When what was imported into the routing registry is too old: `amtsbote doctor` then warns.",
    ),
    "config.sources.stale_days": (
        "Tage, die der jüngste Stand einer Quelle alt sein darf.",
        "Days the newest day of a source may be old.",
    ),
    "config.sources.stale_days_of": (
        "Andere Fristen einzelner Quellen, NAME=TAGE, z. B. pvog=35.",
        "Other numbers of days for single sources, NAME=DAYS, e.g. pvog=35.",
    ),
    "config.serve": ("Der Dienst selbst.", "The service itself."),
    "config.serve.stop_seconds": (
        "Wie lange beim Beenden auf laufende Arbeit gewartet wird.",
        "How long stopping waits for work in hand.",
    ),
}
