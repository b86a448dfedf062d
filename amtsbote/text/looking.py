"""Sentences of the commands that show and switch what an installation knows."""

from collections.abc import Mapping
from typing import Final

LOOKING_HELP: Final[Mapping[str, tuple[str, str]]] = {
    "help.offset": ("Wie viele zu überspringen sind.", "How many to skip."),
    "help.limit": ("Wie viele zu zeigen sind.", "How many to show."),
    "help.tenant": ("Nur von diesem Mandanten.", "Only of this tenant."),
    "help.entry.id": ("Kennung, wie die Liste sie zeigt.", "Id as the list shows it."),
    "help.tenants": ("Mandanten ansehen, ihre Zugänge schalten.", "Look at tenants, switch their clients."),
    "help.tenants.list": ("Mandanten auflisten.", "List tenants."),
    "help.tenants.show": (
        "Einen Mandanten mit Zugängen, Zustellpunkten, Behörden und Zielen zeigen.",
        "Show a tenant with its clients, destinations, authorities and targets.",
    ),
    "help.portals": ("Portale ansehen, ihre Zugänge schalten.", "Look at portals, switch their clients."),
    "help.portals.list": ("Portale auflisten.", "List portals."),
    "help.portals.show": ("Ein Portal mit Schlüsseln und Zugängen zeigen.", "Show a portal with its keys and clients."),
    "help.editors": (
        "Bearbeiter der Routingtabellen ansehen, ihre Zugänge schalten.",
        "Look at editors of the routing tables, switch their clients.",
    ),
    "help.editors.list": ("Bearbeiter auflisten.", "List editors."),
    "help.editors.show": (
        "Einen Bearbeiter mit Bereich und Zugängen zeigen.",
        "Show an editor with its scope and clients.",
    ),
    "help.destinations": ("Zustellpunkte ansehen und schalten.", "Look at destinations and switch them."),
    "help.destinations.list": ("Zustellpunkte auflisten.", "List destinations."),
    "help.destinations.show": (
        "Einen Zustellpunkt mit den Behörden zeigen, die er erreicht.",
        "Show a destination with the authorities it reaches.",
    ),
    "help.authorities": ("Behörden ansehen.", "Look at authorities."),
    "help.authorities.list": ("Behörden auflisten.", "List authorities."),
    "help.authorities.show": (
        "Eine Behörde mit ihren Zielen und Zustellpunkten zeigen.",
        "Show an authority with its targets and destinations.",
    ),
    "help.targets": ("Ziele ansehen, prüfen und schalten.", "Look at targets, check and switch them."),
    "help.targets.list": ("Ziele auflisten.", "List targets."),
    "help.targets.show": (
        "Ein Ziel mit den Behörden zeigen, die es benutzen; Geheimes bleibt verdeckt.",
        "Show a target with the authorities that use it; what is secret stays hidden.",
    ),
    "help.targets.check": (
        "Prüfen, ob an ein Ziel zugestellt werden kann, so wie der Dienst es vor der ersten Zustellung tut.",
        "Check whether a target can be delivered to, as the service does before the first delivery.",
    ),
    "help.routes": ("Die geltenden Routingtabellen ansehen.", "Look at the routing tables in force."),
    "help.routes.list": ("Tabellen der geltenden Version auflisten.", "List the tables of the version in force."),
    "help.routes.show": ("Zeilen einer Tabelle zeigen.", "Show rows of a table."),
    "help.routes.table": (
        "gebiete, leistungen, nachfolger, orte, rollen, vertretungen oder zustaendigkeiten.",
        "gebiete, leistungen, nachfolger, orte, rollen, vertretungen or zustaendigkeiten.",
    ),
    "help.routes.containing": ("Nur Zeilen, in denen das vorkommt.", "Only rows that contain this."),
    "help.deliveries": ("Zustellungen ansehen.", "Look at deliveries."),
    "help.deliveries.list": ("Zustellungen auflisten, neueste zuerst.", "List deliveries, newest first."),
    "help.deliveries.state": ("Nur in diesem Zustand.", "Only in this state."),
    "help.deliveries.target": ("Nur an dieses Ziel.", "Only to this target."),
    "help.deliveries.show": (
        "Eine Zustellung mit ihrer Einreichung und ihren Klärungsfällen zeigen.",
        "Show a delivery with its submission and its dead letters.",
    ),
    "help.audit": ("Nachsehen, wer was geändert hat.", "See who changed what."),
    "help.audit.list": ("Änderungen auflisten, neueste zuerst.", "List changes, newest first."),
    "help.audit.subject": ("Nur an dieser Kennung.", "Only of this id."),
    "help.audit.actor": ("Nur von diesem Handelnden, z. B. uid:1000.", "Only by this actor, e.g. uid:1000."),
    "help.audit.since": (
        "Nur seit diesem Zeitpunkt (JJJJ-MM-TT oder JJJJ-MM-TTThh:mm:ss, Ortszeit).",
        "Only since this moment (YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, local time).",
    ),
    "help.audit.show": ("Eine Änderung mit vorher und nachher zeigen.", "Show one change, before and after."),
    "help.audit.number": ("Nummer, wie die Liste sie zeigt.", "Number as the list shows it."),
    "help.export": (
        "Alle Teilnehmer und Routingtabellen als Deklaration schreiben, die `apply` ohne Unterschied liest.",
        "Write all participants and routing tables as a declaration that `apply` reads without any difference.",
    ),
    "help.export.file": (
        "TOML-Datei, die entsteht; daneben ein Ordner mit Zertifikaten und Tabellen. Nichts wird überschrieben.",
        "TOML file to write; beside it a folder of certificates and tables. Nothing is overwritten.",
    ),
}

LOOKING_OUTPUT: Final[Mapping[str, tuple[str, str]]] = {
    "column.id": ("Kennung", "Id"),
    "column.name": ("Name", "Name"),
    "column.land": ("Land", "Land"),
    "column.tenant": ("Mandant", "Tenant"),
    "column.signing-keys": ("Signaturschlüssel", "Signing keys"),
    "column.holding": ("Schlüssel bei", "Key held by"),
    "column.reach": ("Art", "Reach"),
    "column.user": ("Unix-Benutzer", "Unix user"),
    "column.tenants": ("Mandanten", "Tenants"),
    "column.may-release": ("darf freigeben", "may release"),
    "column.targets": ("Ziele", "Targets"),
    "column.adapter": ("Adapter", "Adapter"),
    "column.options": ("Optionen", "Options"),
    "column.rows": ("Zeilen", "Rows"),
    "column.bytes": ("Byte", "Bytes"),
    "column.sha256": ("SHA-256", "SHA-256"),
    "column.submission": ("Einreichung", "Submission"),
    "column.target": ("Ziel", "Target"),
    "column.primary": ("maßgeblich", "primary"),
    "column.state": ("Zustand", "State"),
    "column.failure": ("letzter Fehler", "last failure"),
    "column.number": ("Nr.", "No."),
    "column.time": ("Zeit", "Time"),
    "column.actor": ("Wer", "Who"),
    "column.action": ("Was", "What"),
    "column.subject": ("Woran", "On what"),
    "column.field": ("Angabe", "Field"),
    "column.before": ("vorher", "before"),
    "column.after": ("nachher", "after"),
    "column.table": ("Tabelle", "Table"),
    "looking.none": ("Nichts gefunden.", "Nothing found."),
    "looking.count": ("{shown} von {total}", "{shown} of {total}"),
    "looking.related.destinations": ("Zustellpunkte: {ids}", "Destinations: {ids}"),
    "looking.related.authorities": ("Behörden: {ids}", "Authorities: {ids}"),
    "looking.related.targets": ("Ziele: {ids}", "Targets: {ids}"),
    "switching.changed": ("Geändert: {kind} {id}.", "Changed: {kind} {id}."),
    "switching.same": ("Nichts zu ändern: {kind} {id}.", "Nothing to change: {kind} {id}."),
    "targets.ready": ("{id}: bereit.", "{id}: ready."),
    "targets.misfit": ("{id}: falsch eingerichtet. {reason}", "{id}: wrongly configured. {reason}"),
    "targets.unavailable": ("{id}: zurzeit nicht erreichbar. {reason}", "{id}: not available now. {reason}"),
    "routes.version": ("Version {version} der Routingtabellen", "Version {version} of the routing tables"),
    "export.exists": (
        "{path} gibt es schon; es wird nichts überschrieben.",
        "{path} exists already; nothing is overwritten.",
    ),
    "export.cannot-write": ("{path} lässt sich nicht schreiben: {reason}.", "{path} cannot be written: {reason}."),
    "export.made": (
        "Geschrieben: {path} und {count} Dateien in {folder}",
        "Written: {path} and {count} files in {folder}",
    ),
    "export.head": (
        (
            "Stand {revision}, Routingtabellen Version {routing}. „amtsbote apply“ liest diese Datei an derselben"
            " Installation ohne Unterschied."
        ),
        (
            "Revision {revision}, routing tables version {routing}. `amtsbote apply` reads this file at the same"
            " installation without any difference."
        ),
    ),
    "export.secrets": (
        "Geheimnisse der Zugänge stehen nicht hier. Bekannte Zugänge behalten ihres; einem neuen macht apply eines.",
        "Secrets of clients are not here. Known clients keep theirs; apply makes one for a new client.",
    ),
    "export.private-keys": (
        (
            "Private Schlüssel stehen nicht hier. Bekannte bleiben; an einer anderen Installation ist „private“ zu"
            " ergänzen bei: {ids}"
        ),
        "Private keys are not here. Known ones stay; at another installation add `private` to: {ids}",
    ),
    "export.signing-keys": (
        (
            "Von Portalen sind nur die Schlüssel bekannt, nicht die Zertifikate: signing_keys nennt sie. An einer"
            " anderen Installation stehen dafür signing_certificates: {ids}"
        ),
        (
            "Of portals only the keys are known, not their certificates: signing_keys names them. At another"
            " installation use signing_certificates instead: {ids}"
        ),
    ),
    "export.options": (
        (
            "Geheime Optionen stehen als *** hier. apply behält dort den bekannten Wert; einem neuen Ziel ist er zu"
            " geben: {ids}"
        ),
        "Secret options stand here as ***. apply keeps the known value there; a new target must be given it: {ids}",
    ),
    "export.uncertified": (
        "Zustellpunkte ohne Zertifikat fehlen hier; apply lässt sie, wie sie sind: {ids}",
        "Destinations without a certificate are missing here; apply leaves them as they are: {ids}",
    ),
    "office.entry-unknown": ("{kind} {id} gibt es nicht.", "{kind} {id} does not exist."),
    "office.delivery-unknown": ("Die Zustellung {id} gibt es nicht.", "There is no delivery {id}."),
    "office.audit-unknown": ("Die Änderung {id} gibt es nicht.", "There is no change {id}."),
    "office.table-unknown": (
        "Die Tabelle {id} gibt es nicht. Möglich: {known}.",
        "There is no table {id}. Possible: {known}.",
    ),
    "office.no-routes": (
        "Es gibt noch keine Routingtabellen. „amtsbote apply“ lädt sie.",
        "There are no routing tables yet. `amtsbote apply` loads them.",
    ),
    "office.ambiguous": ("{reason}", "{reason}"),
    "office.no-adapter": (
        "Den Adapter „{adapter}“ des Ziels {id} gibt es hier nicht.",
        "There is no adapter `{adapter}` here, which target {id} needs.",
    ),
    "office.adapter-options": (
        "Der Adapter „{adapter}“ nimmt die Optionen des Ziels {id} nicht. Bitte mit „amtsbote apply“ berichtigen.",
        "The adapter `{adapter}` does not take the options of target {id}. Correct them with `amtsbote apply`.",
    ),
    "office.target-silent": (
        "Das Ziel hat {seconds} s lang nicht geantwortet.",
        "The target did not answer for {seconds} s.",
    ),
    "declaration.signing-key-unknown": (
        (
            "Den Signaturschlüssel {kid} kennt dieses Portal noch nicht; bitte sein Zertifikat unter"
            " signing_certificates angeben."
        ),
        "This portal does not know the signing key {kid} yet; give its certificate under signing_certificates.",
    ),
    "declaration.option-hidden": (
        "Die Option {name} steht hier als ***, und es gibt keinen bekannten Wert; bitte den Wert eintragen.",
        "The option {name} stands here as ***, and no value is known; enter it.",
    ),
}

LOOKING: Final[Mapping[str, tuple[str, str]]] = {**LOOKING_HELP, **LOOKING_OUTPUT}
