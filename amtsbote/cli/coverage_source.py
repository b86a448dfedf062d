"""What a coverage is made of: tables, what the packages say, and the destinations; of an installation, or of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from amtsbote.admin.comparing import document_of
from amtsbote.admin.declaration import Declaration, read_declaration
from amtsbote.admin.destinations import without_keys
from amtsbote.admin.lines import lines_named
from amtsbote.admin.opening import at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.table_files import read_tables
from amtsbote.cli.offline import own_packages
from amtsbote.daemon.settings import Settings
from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.routing import DefaultRule, RoutingDocument
from routing.inboxes import Inboxes
from schemas.package import LoadedPackage, bundled_packages, default_rules, installed_packages


@dataclass(frozen=True, slots=True)
class Source:
    document: RoutingDocument
    defaults: tuple[DefaultRule, ...]
    inboxes: Inboxes | None
    """None where nobody has said which destinations there are."""
    effective: date | None = None
    """First day of a change set, if it has one."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a person names instead of an installation."""

    tables: Path | None
    packages: Path | None
    declaration: Path | None

    def demand_tables(self) -> None:
        """Raises `CommandRefused` for what would be passed over without a word."""
        idle = [name for name in ("packages", "declaration") if getattr(self, name) is not None]
        if self.tables is None and idle:
            raise CommandRefused("usage", "coverage.only-with-tables", option=f"--{idle[0]}")


def source_of(files: Files, draft: int | None, config: Path) -> Source:
    """Tables from a folder, those of a change set, or those in force."""
    files.demand_tables()
    if files.tables is None:
        return _of_installation(draft, config)
    if draft is not None:
        raise CommandRefused("usage", "coverage.draft-or-tables")
    tables = RoutingDocument(0, read_tables([], files.tables))
    return Source(tables, default_rules(_packages(files.packages, config)), _declared(files.declaration))


def _of_installation(draft: int | None, config: Path) -> Source:
    with at_the_office(Settings.load(config)) as ask:
        answer = ask("routes.document", {"draft": draft})
        inboxes = Inboxes.read(ask("routes.inboxes", {}))
    effective = answer["effective"]
    return Source(*document_of(answer), inboxes, None if effective is None else date.fromisoformat(effective))


def _packages(own: Path | None, config: Path) -> Sequence[LoadedPackage]:
    if own is not None:
        return own_packages(own)
    return installed_packages(Settings.load(config).schemas.packages) if config.exists() else bundled_packages()


def _declared(file: Path | None) -> Inboxes | None:
    """The destinations and authorities a declaration names; keys and the like are not looked at."""
    if file is None:
        return None
    with lines_named(file):
        declaration = read_declaration(file)
    return Inboxes.of(map(without_keys, declaration.destinations), _authorities(declaration))


def _authorities(declaration: Declaration) -> list[Authority]:
    return [Authority(AuthorityId(one.id), TenantId(one.tenant), one.name, ()) for one in declaration.authorities]
