"""What `doctor` says about an installation, and what to do about it."""

from collections.abc import Mapping
from typing import Final

_FINE: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.fine.office": ("Der Dienst läuft und antwortet.", "The service runs and answers."),
    "doctor.fine.user": ("Der Dienst hat einen eigenen Benutzer.", "The service has a user of its own."),
    "doctor.fine.configuration": (
        "Die Installationsdatei kann nur ihr Besitzer ändern.",
        "Only its owner can change the installation file.",
    ),
    "doctor.fine.master-key": (
        "Den Hauptschlüssel liest nur der Dienst; er liegt nicht bei den Daten.",
        "Only the service reads the master key; it does not lie with the data.",
    ),
    "doctor.fine.data": ("In den Datenordner kommt nur der Dienst.", "Only the service gets into the data folder."),
    "doctor.fine.socket": (
        "An den Verwaltungssocket kommt nur der Dienst.",
        "Only the service gets at the admin socket.",
    ),
    "doctor.fine.program": (
        "Der Dienst kann sein eigenes Programm nicht ändern.",
        "The service cannot change its own program.",
    ),
    "doctor.fine.anchors": (
        "Die Wurzelzertifikate sind lesbar und gültig.",
        "The root certificates are readable and valid.",
    ),
    "doctor.fine.ends": (
        "Kein benutztes Zertifikat läuft in den nächsten 90 Tagen ab.",
        "No certificate in use ends within the next 90 days.",
    ),
    "doctor.fine.ages": ("Kein Schlüssel ist älter als drei Jahre.", "No key is older than three years."),
    "doctor.fine.stages": (
        "Hinter jedem Zustellpunkt liegt mindestens ein Ziel seiner Betriebsart.",
        "Behind every destination there is a target of its stage.",
    ),
    "doctor.fine.contacts": (
        "Wer etwas nicht abholt, kann erinnert werden.",
        "Whoever does not fetch can be told.",
    ),
    "doctor.fine.sources": (
        "In der Zuständigkeit ist nichts eingeführt, was veralten könnte.",
        "Nothing is imported into the routing registry that could grow old.",
    ),
    "doctor.fine.source": (
        "Die Quelle {source} ist frisch genug: jüngster Stand {newest}, ältester {oldest}.",
        "The source {source} is fresh enough: newest day {newest}, oldest {oldest}.",
    ),
    "doctor.source-old": (
        "Die Quelle {source} ist {age} Tage alt, erlaubt sind {most}: jüngster Stand {newest}, ältester {oldest}.",
        "The source {source} is {age} days old, {most} are allowed: newest day {newest}, oldest {oldest}.",
    ),
    "doctor.source-old.todo": (
        "Einen neueren Auszug einführen (amtsbote routes import, regions import) oder sources.stale_days_of anpassen.",
        "Import a newer extract (amtsbote routes import, regions import), or change sources.stale_days_of.",
    ),
    "doctor.no-mail-server": (
        "{count} Ende-zu-Ende-Zustellpunkte, aber kein Mailserver: Niemand wird an nicht Abgeholtes erinnert.",
        "{count} end-to-end destinations but no mail server: nobody is told what is not fetched.",
    ),
    "doctor.no-mail-server.todo": (
        "In der Installationsdatei [mail] einrichten (Handbuch: Fristen).",
        "Set up [mail] in the installation file (handbook: Fristen).",
    ),
    "doctor.no-contact": (
        "Zustellpunkt {destination} hat keine E-Mail-Adresse: Dort wird niemand an nicht Abgeholtes erinnert.",
        "Destination {destination} has no mail address: nobody there is told what is not fetched.",
    ),
    "doctor.no-contact.todo": (
        "contact.email in der Deklaration ergänzen und mit amtsbote apply laden.",
        "Add contact.email to the declaration and load it with amtsbote apply.",
    ),
    "doctor.stage-apart": (
        "Zustellpunkt {destination} ist {stage}, aber {authority} hat kein solches Ziel: alles würde zum Klärungsfall.",
        "Destination {destination} is {stage}, but {authority} has no such target: all would become dead letters.",
    ),
    "doctor.stage-apart.todo": (
        "amtsbote targets stage ZIEL {stage}, oder ein Ziel dieser Betriebsart eintragen.",
        "amtsbote targets stage TARGET {stage}, or declare a target of this stage.",
    ),
    "doctor.fine.space": ("Auf dem Datenträger ist Platz.", "There is room on the disk."),
    "doctor.fine.file-system": (
        "Der Datenordner liegt auf einem einzigen, örtlichen Dateisystem.",
        "The data folder lies on one local file system.",
    ),
    "doctor.fine.parts": (
        "Große Teile lassen sich ablegen und lesen, und niemand sonst kommt an sie heran.",
        "Large parts can be kept and read, and nobody else gets at them.",
    ),
    "doctor.fine.durability": ("fsync braucht eine glaubhafte Zeit.", "fsync takes a credible time."),
    "doctor.fine.clock": ("Die Uhr geht richtig, soweit erkennbar.", "The clock is right, as far as can be seen."),
    "doctor.fine.open-files": ("Der Dienst darf genug Dateien öffnen.", "The service may open enough files."),
}

_ACCESS: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.unanswered": (
        "Schlüssel und Grenzen des Dienstes sind nicht geprüft, niemand konnte antworten: {reason}",
        "Keys and limits of the service are not checked, nobody could answer: {reason}",
    ),
    "doctor.unanswered.todo": (
        "Diese Ursache beheben oder als Benutzer des Dienstes prüfen.",
        "Mend this cause, or check as the user of the service.",
    ),
    "doctor.not-running": ("Der Dienst läuft nicht.", "The service does not run."),
    "doctor.not-running.todo": (
        "Den Dienst starten und noch einmal prüfen: seine Grenzen können andere sein.",
        "Start the service and check again: its limits may be others.",
    ),
    "doctor.root": (
        "Die Daten gehören root; der Dienst läuft als root.",
        "The data belong to root; the service runs as root.",
    ),
    "doctor.root.todo": (
        "Einen eigenen Benutzer anlegen, ihm Datenordner und Hauptschlüssel geben, den Dienst unter ihm starten.",
        "Make a user of its own, give it data folder and master key, run the service as it.",
    ),
    "doctor.config-writable": ("{path} können andere ändern.", "{path} can be changed by others."),
    "doctor.config-writable.todo": ("chmod go-w {path}", "chmod go-w {path}"),
    "doctor.config-readable": (
        "{path} enthält ein Passwort und ist für andere lesbar.",
        "{path} holds a password and can be read by others.",
    ),
    "doctor.config-readable.todo": ("chmod 600 {path}", "chmod 600 {path}"),
    "doctor.folder-writable": (
        "Im Ordner {path} können andere Dateien austauschen.",
        "Others can exchange files in the folder {path}.",
    ),
    "doctor.folder-writable.todo": ("chmod go-w {path}", "chmod go-w {path}"),
    "doctor.key-missing": (
        "Der Hauptschlüssel {path} ist nicht lesbar: {reason}.",
        "The master key {path} cannot be read: {reason}.",
    ),
    "doctor.key-missing.todo": (
        "Ihn aus der Sicherung zurückholen und keys.master_key_file prüfen; ohne ihn sind die Daten verloren.",
        "Bring it back from the backup and check keys.master_key_file; without it the data are lost.",
    ),
    "doctor.key-open": (
        "Den Hauptschlüssel {path} dürfen andere lesen.",
        "The master key {path} may be read by others.",
    ),
    "doctor.key-open.todo": ("chmod 600 {path}", "chmod 600 {path}"),
    "doctor.key-owner": (
        "Der Hauptschlüssel {path} gehört dem Benutzer {uid}, nicht dem Dienst.",
        "The master key {path} belongs to user {uid}, not to the service.",
    ),
    "doctor.key-owner.todo": (
        "Ihn dem Benutzer des Dienstes geben (chown).",
        "Give it to the user of the service (chown).",
    ),
    "doctor.key-in-data": (
        "Der Hauptschlüssel {path} liegt im Datenordner: jede Kopie der Daten ist damit lesbar.",
        "The master key {path} lies in the data folder: it opens every copy of the data.",
    ),
    "doctor.key-in-data.todo": (
        "Ihn an einen anderen Ort legen und keys.master_key_file ändern.",
        "Put it somewhere else and change keys.master_key_file.",
    ),
    "doctor.data-missing": ("Den Datenordner {path} gibt es nicht.", "There is no data folder {path}."),
    "doctor.data-missing.todo": (
        "storage.folder prüfen, oder mit amtsbote init eine Installation anlegen.",
        "Check storage.folder, or make an installation with amtsbote init.",
    ),
    "doctor.data-writable": (
        "In den Datenordner {path} können andere schreiben.",
        "Others can write into the data folder {path}.",
    ),
    "doctor.data-writable.todo": ("chmod 700 {path}", "chmod 700 {path}"),
    "doctor.data-readable": (
        "In den Datenordner {path} können andere sehen.",
        "Others can look into the data folder {path}.",
    ),
    "doctor.data-readable.todo": ("chmod 700 {path}", "chmod 700 {path}"),
    "doctor.socket-open": (
        "Den Verwaltungssocket {path} können andere erreichen.",
        "Others can reach the admin socket {path}.",
    ),
    "doctor.socket-open.todo": (
        "chmod 600 {path}, und den Dienst neu starten, der ihn so anlegt.",
        "chmod 600 {path}, and restart the service, which makes it like that.",
    ),
    "doctor.program-writable": (
        "Der Dienst kann sein eigenes Programm ändern: {path} und {count} Stellen im Ganzen.",
        "The service can change its own program: {path}, and {count} places in all.",
    ),
    "doctor.program-writable.todo": (
        "Das Programm als root installieren (zum Beispiel /opt/amtsbote) und dem Dienst nur Leserechte lassen.",
        "Install the program as root (for example /opt/amtsbote) and leave the service reading rights only.",
    ),
}

_STATE: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.anchors-none": (
        "keys.trust_anchors ist leer: kein Schlüssel eines Zustellpunkts wird angenommen.",
        "keys.trust_anchors is empty: no key of a destination is accepted.",
    ),
    "doctor.anchors-none.todo": (
        "Das Wurzelzertifikat der Verwaltungs-PKI ablegen und eintragen; es gilt nach SIGHUP.",
        "Store the root certificate of the administration's PKI and set it; it holds after SIGHUP.",
    ),
    "doctor.anchor-unreadable": (
        "Das Wurzelzertifikat {path} ist nicht lesbar.",
        "The root certificate {path} cannot be read.",
    ),
    "doctor.anchor-unreadable.todo": (
        "Datei und Rechte prüfen; erwartet wird PEM.",
        "Check the file and its permissions; PEM is expected.",
    ),
    "doctor.anchor-ended": (
        "Das Wurzelzertifikat {path} ist am {until} abgelaufen.",
        "The root certificate {path} ended on {until}.",
    ),
    "doctor.anchor-ended.todo": (
        "Das neue Wurzelzertifikat zusätzlich eintragen und die Schlüssel darunter neu zertifizieren lassen.",
        "Add the new root certificate and have the keys certified below it.",
    ),
    "doctor.anchor-ends": (
        "Das Wurzelzertifikat {path} läuft am {until} ab.",
        "The root certificate {path} ends on {until}.",
    ),
    "doctor.anchor-ends.todo": (
        "Das neue Wurzelzertifikat zusätzlich eintragen und die Schlüssel darunter neu zertifizieren lassen.",
        "Add the new root certificate and have the keys certified below it.",
    ),
    "doctor.key-ends": (
        "Der Schlüssel {kid} von {owner} läuft am {until} ab, in {days} Tagen.",
        "The key {kid} of {owner} ends on {until}, in {days} days.",
    ),
    "doctor.key-ends.todo": (
        "Einen neuen Schlüssel anlegen, zertifizieren lassen und wechseln: amtsbote keys.",
        "Make a new key, have it certified, and rotate: amtsbote keys.",
    ),
    "doctor.key-ended": (
        "Der Schlüssel {kid} von {owner} ist am {until} abgelaufen ({days} Tage).",
        "The key {kid} of {owner} ended on {until} ({days} days).",
    ),
    "doctor.key-ended.todo": (
        "Sofort ersetzen: Portale lehnen den Zustellpunkt ab. amtsbote keys.",
        "Replace it at once: portals refuse the destination. amtsbote keys.",
    ),
    "doctor.key-old": (
        "Der Schlüssel {kid} von {owner} ist {days} Tage alt.",
        "The key {kid} of {owner} is {days} days old.",
    ),
    "doctor.key-old.todo": (
        "Ihn wechseln, wenn die Richtlinie der PKI es verlangt.",
        "Rotate it when the policy of the PKI asks for it.",
    ),
    "doctor.disk-full": ("Unter {path} sind nur noch {free} GiB frei.", "Only {free} GiB are left below {path}."),
    "doctor.disk-full.todo": (
        "Platz schaffen: der Dienst lehnt sonst Einreichungen ab (503).",
        "Make room: otherwise the service refuses submissions (503).",
    ),
    "doctor.disk-little": ("Unter {path} sind {free} GiB frei.", "{free} GiB are left below {path}."),
    "doctor.disk-little.todo": (
        "Den Platz überwachen und den Datenträger rechtzeitig vergrößern.",
        "Watch the room and enlarge the disk in time.",
    ),
    "doctor.disk-files": (
        "Unter {path} lassen sich nur noch {free} Dateien anlegen.",
        "Only {free} more files can be made below {path}.",
    ),
    "doctor.disk-files.todo": (
        "Ein Dateisystem mit mehr Inodes benutzen.",
        "Use a file system with more inodes.",
    ),
    "doctor.disk-network": (
        "{path} liegt auf einem Netzlaufwerk ({kind}).",
        "{path} lies on a network file system ({kind}).",
    ),
    "doctor.disk-network.todo": (
        "Den Datenordner auf einen örtlichen Datenträger legen: Sperren und fsync sind sonst nicht verlässlich.",
        "Put the data folder on a local disk: locks and fsync cannot be relied on otherwise.",
    ),
    "doctor.disk-memory": ("{path} liegt im Arbeitsspeicher ({kind}).", "{path} lies in memory ({kind})."),
    "doctor.disk-memory.todo": (
        "Den Datenordner auf einen Datenträger legen: ein Neustart der Maschine löscht sonst alles.",
        "Put the data folder on a disk: a restart of the machine deletes everything otherwise.",
    ),
    "doctor.disk-layer": (
        "{path} liegt in der Schicht eines Containers ({kind}).",
        "{path} lies in the layer of a container ({kind}).",
    ),
    "doctor.disk-layer.todo": (
        "Ein Volume einhängen: mit dem Container verschwinden sonst die Daten.",
        "Mount a volume: the data vanish with the container otherwise.",
    ),
    "doctor.disk-two": (
        "{path} liegt auf einem anderen Dateisystem als {other}.",
        "{path} lies on another file system than {other}.",
    ),
    "doctor.disk-two.todo": (
        "Beides auf ein Dateisystem legen: sonst erfasst kein Schnappschuss beides im selben Augenblick.",
        "Put both on one file system: no snapshot takes both at the same moment otherwise.",
    ),
    "doctor.parts-unusable": (
        "Teile lassen sich unter {place} nicht ablegen oder lesen ({reason}).",
        "Parts cannot be kept or read at {place} ({reason}).",
    ),
    "doctor.parts-unusable.todo": (
        "Adresse, Zugang und Rechte prüfen: schreiben, lesen, löschen und auflisten müssen erlaubt sein.",
        "Check address, access key and rights: writing, reading, deleting and listing must be allowed.",
    ),
    "doctor.parts-public": (
        "{place} ist ohne Anmeldung lesbar.",
        "{place} can be read without signing in.",
    ),
    "doctor.parts-public.todo": (
        "Den öffentlichen Zugriff auf den Bucket abschalten.",
        "Switch off public access to the bucket.",
    ),
    "doctor.parts-plain": (
        "{place} wird ohne TLS erreicht; die Teile sind versiegelt, der Zugang ist es nicht.",
        "{place} is reached without TLS; the parts are sealed, the access is not.",
    ),
    "doctor.parts-plain.todo": (
        "s3.endpoint auf https umstellen, oder das Netz auf Dienst und Speicher beschränken.",
        "Change s3.endpoint to https, or limit the network to service and storage.",
    ),
    "doctor.parts-unmounted": (
        "{path} ist kein Ordner für Teile oder nicht eingehängt.",
        "{path} is no folder of parts, or it is not mounted.",
    ),
    "doctor.parts-unmounted.todo": (
        "Einhängen; zum ersten Mal {path}/incoming als Benutzer des Dienstes anlegen.",
        "Mount it; for the first time make {path}/incoming as the user of the service.",
    ),
    "doctor.parts-unwritable": (
        "Unter {path} lässt sich nichts dauerhaft schreiben.",
        "Nothing can be written durably below {path}.",
    ),
    "doctor.parts-unwritable.todo": (
        "Rechte und Platz prüfen: der Benutzer des Dienstes braucht auf jedem Knoten dieselbe uid.",
        "Check rights and room: the user of the service needs the same uid on every node.",
    ),
    "doctor.parts-open": (
        "{path} ist für andere Benutzer zugänglich.",
        "{path} is open to other users.",
    ),
    "doctor.parts-open.todo": ("chmod 700 {path}", "chmod 700 {path}"),
    "doctor.fsync-unknown": (
        "Unter {path} ließ sich nichts schreiben; fsync ist nicht geprüft.",
        "Nothing could be written below {path}; fsync is not checked.",
    ),
    "doctor.fsync-unknown.todo": (
        "Als Benutzer des Dienstes prüfen.",
        "Check as the user of the service.",
    ),
    "doctor.fsync-fast": (
        "fsync unter {path} dauert {microseconds} µs: so schnell bestätigt kein Datenträger.",
        "fsync below {path} takes {microseconds} µs: no disk confirms that fast.",
    ),
    "doctor.fsync-fast.todo": (
        "Einen Datenträger benutzen, der fsync ausführt; Schalter wie nobarrier oder eatmydata entfernen.",
        "Use a disk that honours fsync; remove things like nobarrier or eatmydata.",
    ),
    "doctor.fsync-slow": (
        "fsync unter {path} dauert {milliseconds} ms.",
        "fsync below {path} takes {milliseconds} ms.",
    ),
    "doctor.fsync-slow.todo": (
        "Einen schnelleren Datenträger benutzen: jede Anfrage wartet darauf.",
        "Use a faster disk: every request waits for it.",
    ),
    "doctor.clock-wrong": (
        "Die Uhr steht auf {now}; die Daten sind jünger, oder das Jahr stimmt nicht.",
        "The clock says {now}; the data are newer, or the year is wrong.",
    ),
    "doctor.clock-wrong.todo": (
        "Die Uhr stellen und einen Zeitdienst einrichten: Fristen und Zertifikate hängen daran.",
        "Set the clock and a time service: deadlines and certificates depend on it.",
    ),
    "doctor.clock-free": (
        "Die Uhr folgt keinem Zeitdienst, soweit der Kernel weiß.",
        "The clock follows no time service, as far as the kernel knows.",
    ),
    "doctor.clock-free.todo": (
        "chrony oder systemd-timesyncd einrichten (in einem Container: auf dem Wirt).",
        "Set up chrony or systemd-timesyncd (in a container: on its host).",
    ),
    "doctor.open-files": (
        "Der Dienst darf nur {limit} Dateien öffnen.",
        "The service may open {limit} files only.",
    ),
    "doctor.open-files.todo": (
        "LimitNOFILE= auf mindestens {wanted} setzen.",
        "Set LimitNOFILE= to {wanted} or more.",
    ),
}

_REPORT: Final[Mapping[str, tuple[str, str]]] = {
    "help.doctor": (
        "Sagen, was diese Installation vom Betrieb trennt, und was jeweils zu tun ist.",
        "Say what separates this installation from production, and what to do about each thing.",
    ),
    "doctor-level.error": ("FEHLER", "ERROR"),
    "doctor-level.warning": ("WARNUNG", "WARNING"),
    "doctor-level.fine": ("gut", "fine"),
    "doctor-summary.count": ("{errors} Fehler, {warnings} Warnungen.", "{errors} errors, {warnings} warnings."),
}

DOCTOR: Final[Mapping[str, tuple[str, str]]] = {**_FINE, **_ACCESS, **_STATE, **_REPORT}
