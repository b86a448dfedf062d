"""Sentences about declarations and the administration of an installation."""

from collections.abc import Mapping
from typing import Final

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "field.missing": ("Die Angabe fehlt; bitte ergänzen.", "This key is missing; add it."),
    "field.unknown": (
        "Diese Angabe gibt es hier nicht. Möglich: {known}.",
        "There is no such key here. Possible: {known}.",
    ),
    "field.unknown-near": (
        "Diese Angabe gibt es hier nicht. Ist „{near}“ gemeint?",
        "There is no such key here. Did you mean `{near}`?",
    ),
    "field.text": ("Hier wird ein Text in Anführungszeichen erwartet.", "A text in quotes is expected here."),
    "field.list": ("Hier wird eine Liste in eckigen Klammern erwartet.", "A list in square brackets is expected here."),
    "field.table": ("Hier wird eine Tabelle mit Schlüsseln erwartet.", "A table with keys is expected here."),
    "field.truth": ("Hier wird true oder false erwartet.", "true or false is expected here."),
    "field.choice": ("Möglich ist nur: {allowed}.", "Only these are possible: {allowed}."),
    "field.pattern": (
        "Die Schreibweise stimmt nicht; erwartet wird das Muster {pattern}.",
        "It is not written as expected; the pattern is {pattern}.",
    ),
    "field.too-short": ("Hier fehlt der Inhalt; bitte ausfüllen.", "This is empty; fill it in."),
    "field.too-long": ("Das ist zu lang; höchstens {limit} sind möglich.", "This is too long; the limit is {limit}."),
    "field.not-here": ("Diese Angabe gibt es hier nicht.", "There is no such key here."),
    "field.whole": ("Hier wird eine ganze Zahl erwartet.", "A whole number is expected here."),
    "field.number": ("Hier wird eine Zahl erwartet.", "A number is expected here."),
    "field.span": ("Hier wird eine Zeitspanne in Sekunden erwartet.", "A time in seconds is expected here."),
    "field.path": ("Hier wird ein Pfad in Anführungszeichen erwartet.", "A path in quotes is expected here."),
    "field.json": (
        'Hier wird JSON erwartet, für eine Liste zum Beispiel ["wurzel.pem"].',
        'JSON is expected here, for a list for example ["root.pem"].',
    ),
    "field.at-least": ("Möglich ist {limit} und mehr.", "It must be {limit} or more."),
    "field.more-than": ("Es muss mehr als {limit} sein.", "It must be more than {limit}."),
    "field.at-most": ("Möglich ist höchstens {limit}.", "It must be {limit} at most."),
    "field.less-than": ("Es muss weniger als {limit} sein.", "It must be less than {limit}."),
    "field.absolute-path": (
        "Der Pfad muss absolut sein, also mit „/“ beginnen.",
        "It must be an absolute path: one that begins with `/`.",
    ),
    "field.address": (
        "Es muss HOST:PORT sein, z. B. 127.0.0.1:8080.",
        "It must be HOST:PORT, e.g. 127.0.0.1:8080.",
    ),
    "field.network": (
        "Es muss eine IP-Adresse oder ein Netz sein, z. B. 10.0.0.0/8.",
        "It must be an IP address or a network, e.g. 10.0.0.0/8.",
    ),
    "field.database": (
        "Hier wird eine Adresse mit postgresql:// erwartet, z. B. postgresql://amtsbote@localhost/amtsbote.",
        "It must be a postgresql:// address, e.g. postgresql://amtsbote@localhost/amtsbote.",
    ),
    "field.server-and-sender": (
        "server und sender gehören zusammen; bitte beide angeben oder keines.",
        "server and sender go together; give both or neither.",
    ),
    "field.issuer-and-keys": (
        "issuer und keys gehören zusammen; bitte beide angeben oder keines.",
        "issuer and keys go together; give both or neither.",
    ),
    "field.login-in-the-clear": (
        'Mit user braucht es transport = "starttls" oder "tls": Sonst liefe das Kennwort unverschlüsselt.',
        'With user it takes transport = "starttls" or "tls": the password would travel in the clear.',
    ),
    "field.deadlines": (
        "told_after muss aufsteigen und vor rejected_after enden.",
        "told_after must ascend and end before rejected_after.",
    ),
    "field.day": ("Es muss ein Tag sein, z. B. 2026-12-31.", "It must be a day, e.g. 2026-12-31."),
    "field.one-database": (
        "database und database_file schließen einander aus; bitte eines entfernen (auch aus der Umgebung).",
        "database and database_file exclude each other; remove one (from the environment, too).",
    ),
    "field.url": (
        "Es muss eine Adresse mit http:// oder https:// sein.",
        "It must be an http:// or https:// address.",
    ),
    "field.callback-url": (
        "Es muss eine Adresse mit https:// und einem Rechnernamen sein, ohne Anmeldedaten und ohne „#“.",
        "It must be an https:// address with a host, without credentials and without `#`.",
    ),
    "field.wrong": ("Der Wert ist nicht zulässig.", "The value is not allowed."),
}

DECLARATION: Final[Mapping[str, tuple[str, str]]] = {
    "declaration.user-twice": (
        "Der Benutzer „{user}“ gehört schon zum Bearbeiter „{other}“; eine Person ist ein Bearbeiter.",
        "The user `{user}` belongs to the editor `{other}` already; one person is one editor.",
    ),
    "declaration.refused": (
        "{file} wird nicht übernommen: {count} Fehler. Es wurde nichts geändert.",
        "{file} is not applied: {count} mistakes. Nothing was changed.",
    ),
    "declaration.unreadable": ("{file} ist nicht lesbar: {reason}.", "{file} cannot be read: {reason}."),
    "declaration.not-toml": ("{file} ist kein gültiges TOML: {reason}.", "{file} is not valid TOML: {reason}."),
    "declaration.key-retired": (
        "Der Schlüssel {kid} ist außer Dienst und kann nicht wieder verwendet werden; bitte einen neuen angeben.",
        "The key {kid} is retired and cannot be used again; name a new one.",
    ),
    "declaration.file-missing": (
        "Die Datei {file} ist nicht lesbar: {reason}. Der Pfad gilt ab dem Ordner der Deklaration.",
        "The file {file} cannot be read: {reason}. The path starts at the declaration's folder.",
    ),
    "declaration.file-too-large": (
        "Die Datei {file} ist größer als {limit} Byte.",
        "The file {file} is larger than {limit} bytes.",
    ),
    "declaration.secret-short": (
        "Das Geheimnis in {file} ist zu kurz: mindestens {limit} Zeichen Zufall (256 Bit).",
        "The secret in {file} is too short: at least {limit} random characters (256 bits).",
    ),
    "declaration.secret-unwritable": (
        "Das Geheimnis {file} lässt sich nicht schreiben: {reason}. Es wurde nichts geändert.",
        "The secret {file} cannot be written: {reason}. Nothing was changed.",
    ),
    "declaration.secret-open": (
        "Das Geheimnis {file} ist für andere lesbar; bitte: chmod 600 {file}",
        "The secret {file} may be read by others; please: chmod 600 {file}",
    ),
    "declaration.twice": ("{kind} „{id}“ steht zweimal da.", "{kind} `{id}` is there twice."),
    "declaration.unknown": (
        "{kind} „{id}“ gibt es weder hier noch in der Installation.",
        "{kind} `{id}` exists neither here nor in the installation.",
    ),
    "declaration.still-used": (
        "{kind} „{id}“ kann nicht entfernt werden: {user} verweist noch darauf.",
        "{kind} `{id}` cannot be removed: {user} still refers to it.",
    ),
    "declaration.declared-and-removed": (
        "{kind} „{id}“ steht zugleich unter [remove].",
        "{kind} `{id}` is listed under [remove] as well.",
    ),
    "declaration.foreign": (
        "{kind} „{id}“ gehört zum Mandanten „{owner}“, nicht zu „{tenant}“.",
        "{kind} `{id}` belongs to tenant `{owner}`, not to `{tenant}`.",
    ),
    "declaration.fixed": (
        "„{field}“ lässt sich nach dem Anlegen nicht ändern (bisher „{before}“). Bitte einen neuen Eintrag anlegen.",
        "`{field}` cannot change once created (so far `{before}`). Make a new entry.",
    ),
    "declaration.direct-authority": (
        "Ein direkter Zustellpunkt, den dieser Dienst öffnet, braucht „authority“; keiner braucht „serves“.",
        "A direct destination this service opens needs `authority`; none needs `serves`.",
    ),
    "declaration.collecting-serves": (
        "Ein Sammel-Zustellpunkt braucht „serves“ (Mandanten) und keine „authority“.",
        "A collecting destination needs `serves` (tenants) and no `authority`.",
    ),
    "declaration.subscriber-needed": (
        "Ein Ende-zu-Ende-Zustellpunkt braucht „subscriber“: einen Zugang seines Mandanten.",
        "An end-to-end destination needs `subscriber`: a client of its tenant.",
    ),
    "declaration.subscriber-idle": (
        "„subscriber“ gibt es nur bei Ende-zu-Ende-Zustellpunkten.",
        "`subscriber` is for end-to-end destinations only.",
    ),
    "declaration.end-to-end-collecting": (
        "Ein Ende-zu-Ende-Zustellpunkt ist immer direkt: Verschlüsseltes kann nicht verteilt werden.",
        "An end-to-end destination is always direct: what is encrypted cannot be distributed.",
    ),
    "declaration.private-needed": (
        "Der private Schlüssel fehlt: „private“ mit der PEM-Datei angeben.",
        "The private key is missing: name its PEM file as `private`.",
    ),
    "declaration.private-refused": (
        "Den privaten Schlüssel hält hier der Empfänger: „private“ weglassen, „chain“ genügt.",
        "The subscriber holds the private key here: leave out `private`, `chain` is enough.",
    ),
    "declaration.key-shared": (
        "Der Schlüssel {kid} ist schon für {user} eingetragen; jeder Schlüssel hat genau einen Zweck.",
        "The key {kid} is already registered for {user}; each key has exactly one purpose.",
    ),
    "declaration.key-holding": (
        "Der private Teil von {kid} liegt am falschen Ort: bei Ende-zu-Ende nur beim Empfänger, sonst hier.",
        "The private half of {kid} is in the wrong place: end-to-end only with the subscriber, else here.",
    ),
    "declaration.certificate": ("Zertifikat {file}: {reason}", "Certificate {file}: {reason}"),
    "declaration.key-unreadable": (
        "Der private Schlüssel {file} ist keine lesbare, unverschlüsselte PEM-Datei mit einem RSA-Schlüssel.",
        "The private key {file} is not a readable, unencrypted PEM file with an RSA key.",
    ),
    "declaration.no-anchor": (
        "Die Installation hat noch keinen Vertrauensanker: [keys] trust_anchors in amtsbote.toml setzen.",
        "The installation has no trust anchor yet: set [keys] trust_anchors in amtsbote.toml.",
    ),
    "declaration.secret-unknown": (
        "Für den neuen Zugang „{id}“ fehlt das Geheimnis.",
        "The new client `{id}` has no secret.",
    ),
    "declaration.adapter-unknown": (
        "Den Adapter „{adapter}“ gibt es nicht. Vorhanden: {known}.",
        "There is no adapter `{adapter}`. Available: {known}.",
    ),
    "declaration.schema-unknown": (
        "Kein Leistungspaket und kein registrierter Standard kennt das Schema {uri} ({mime_type}). Bekannt: {known}.",
        "No service package and no registered standard knows the schema {uri} ({mime_type}). Known: {known}.",
    ),
    "declaration.form-unknown": (
        "Kein Leistungspaket kennt das Schema {uri}. Bekannt: {known}.",
        "No service package knows the schema {uri}. Known: {known}.",
    ),
    "declaration.schema-unusable": (
        "Nach dem Schema {uri} lässt sich hier nichts prüfen: {reason}.",
        "Nothing can be judged by the schema {uri} here: {reason}.",
    ),
    "declaration.wish-unmet": (
        "Über {destination} kommt {schema}; nichts führt zu {wanted}, wie {target} es verlangt. Wählbar: {reachable}.",
        "{schema} comes through {destination}; nothing leads to {wanted}, as {target} wants it. Choose: {reachable}.",
    ),
    "declaration.term-unknown": (
        "Das Schema {uri} kennt kein Leistungspaket und kein Standard, und kein Zustellpunkt des Mandanten führt es.",
        "No service package and no standard knows the schema {uri}, and no destination of the tenant lists it.",
    ),
    "declaration.term-twice": ("Das Schema {uri} steht zweimal da.", "Schema {uri} is there twice."),
    "declaration.term-order": (
        "valid_to liegt vor valid_from: Das Schema {uri} würde nie angenommen.",
        "valid_to is before valid_from: schema {uri} would never be taken.",
    ),
    "declaration.service-twice": (
        "Die Leistung {service} steht zweimal in diesem Zustellpunkt.",
        "Service {service} is there twice in this destination.",
    ),
    "declaration.reply-standard": (
        "Was dieser Dienst zurückschickt, ist {standard}; bitte bei fitConnect in processStandards nennen.",
        "What this service sends back is {standard}; name it in processStandards of fitConnect.",
    ),
    "declaration.versions-too-old": (
        "Jede dieser Versionen ist älter als oldest_metadata_version ({oldest}): Niemand könnte etwas einreichen.",
        "Each of these versions is older than oldest_metadata_version ({oldest}): nobody could submit anything.",
    ),
    "kind.tenant": ("Mandant", "Tenant"),
    "kind.portal": ("Portal", "Portal"),
    "kind.client": ("Zugang", "Client"),
    "kind.destination": ("Zustellpunkt", "Destination"),
    "kind.authority": ("Behörde", "Authority"),
    "kind.target": ("Ziel", "Target"),
    "kind.key": ("Schlüssel", "Key"),
    "kind.editor": ("Bearbeiter", "Editor"),
    "kind.draft": ("Änderungssatz", "Change set"),
    "kind.routing": ("Routingtabellen", "Routing tables"),
}

OFFICE: Final[Mapping[str, tuple[str, str]]] = {
    "office.no-command": ("Den Befehl {command} gibt es nicht.", "There is no command {command}."),
    "office.arguments": ("Der Befehl ist nicht lesbar: {reason}.", "The command is not readable: {reason}."),
    "office.too-large": (
        "Die Nachricht ist größer als {limit} Byte.",
        "The message is larger than {limit} bytes.",
    ),
    "office.stranger": (
        "Benutzer {uid} darf diese Installation nicht verwalten.",
        "User {uid} may not administer this installation.",
    ),
    "office.changed-meanwhile": (
        "Jemand anderes hat inzwischen etwas geändert. Bitte noch einmal versuchen.",
        "Somebody else has changed something meanwhile. Try again.",
    ),
    "office.internal": (
        "Das hat nicht geklappt; Näheres steht im Protokoll des Dienstes.",
        "That did not work; the service's log says more.",
    ),
    "office.storage": (
        "Datenbank oder Datenträger antworten gerade nicht ({reason}). Instand setzen, nachsehen, wiederholen.",
        "Database or disk do not answer at the moment ({reason}). Mend that, have a look, and repeat.",
    ),
    "office.submission-unknown": ("Die Einreichung {id} gibt es nicht.", "There is no submission {id}."),
    "office.no-answer": (
        "Der Dienst hat nicht geantwortet: {reason}.",
        "The service has not answered: {reason}.",
    ),
    "office.socket-in-the-way": (
        "{path} ist kein Socket und steht im Weg. Bitte wegräumen oder [admin] socket ändern.",
        "{path} is not a socket and is in the way. Move it or change [admin] socket.",
    ),
    "office.no-permission": (
        "Kein Zugriff auf den Admin-Socket {path}: bitte als Benutzer des Dienstes aufrufen.",
        "No access to the admin socket {path}: call it as the service's user.",
    ),
    "office.locked": (
        "Unter {path} antwortet kein Dienst.",
        "No service answers at {path}.",
    ),
    "office.anchor": (
        "Der Vertrauensanker {path} ist keine lesbare PEM-Datei mit Zertifikaten.",
        "The trust anchor {path} is not a readable PEM file of certificates.",
    ),
    "office.nothing-there": (
        (
            "Unter {socket} antwortet kein Dienst, und unter {path} ist keine Datenbank. Läuft er sonst auf diesem"
            " Rechner, bitte starten oder den Betrieb verständigen; neu anlegen: amtsbote init ORDNER"
        ),
        (
            "No service answers at {socket}, and there is no database at {path}. If it runs on this machine at other"
            " times, start it or tell its operator; to make a new one: amtsbote init FOLDER"
        ),
    ),
    "office.not-running": (
        (
            "Unter {socket} antwortet kein Dienst: Er läuft gerade nicht, oder [admin] socket ist ein anderer. Ohne ihn"
            " arbeitet nur sein eigener Benutzer mit {path}. Bitte den Betrieb verständigen."
        ),
        (
            "No service answers at {socket}: it is not running, or [admin] socket is another one. Without it only its"
            " own user works with {path}. Tell the operator."
        ),
    ),
    "office.not-initialised": (
        "Unter {path} liegt keine Datenbank. Bitte zuerst: amtsbote init ORDNER",
        "There is no database at {path}. First run: amtsbote init FOLDER",
    ),
}

ADMINISTRATION: Final[Mapping[str, tuple[str, str]]] = {**FIELDS, **DECLARATION, **OFFICE}
