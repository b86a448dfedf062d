"""Routing tables of a folder, and what an option may name: for commands that need no installation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from amtsbote.admin.refusals import CommandRefused, as_refusal
from amtsbote.admin.table_folder import content_of
from amtsbote.cli.folders import existing
from amtsbote.errors import AmtsboteError, RequestRefused
from amtsbote.model.routing import RoutingDocument
from routing.layout import COLUMNS, REQUIRED
from routing.resolver import Resolver
from routing.tables import Known, check
from schemas.package import PACKAGE_FILES, LoadedPackage, declared_facts, default_rules, installed_packages
from transport.fitconnect.server.naming import service_key
from transport.fitconnect.server.routing import KEYS


class NotChecked(AmtsboteError):
    """What is registered or given cannot be used: that is no answer."""

    code: Final = "not-checked"

    def __init__(self, cause: AmtsboteError) -> None:
        super().__init__(str(cause))
        refusal = as_refusal(cause)
        self.de, self.en = refusal["de"], refusal["en"]


def resolver_of(folder: Path, packages: Sequence[LoadedPackage]) -> Resolver:
    """Checked like tables that are applied, except for the authorities, which nobody knows here. Raises
    `CommandRefused` for a table that is not there, `Misconfigured` for what is wrong in one."""
    files = {name: folder / f"{name}.csv" for name in COLUMNS}
    tables = {name: content_of(file) for name, file in files.items() if name in REQUIRED or file.exists()}
    document = RoutingDocument(0, tables)
    check(document, Known(None, declared_facts(packages)))
    return Resolver.load(document, default_rules(packages))


def own_packages(folder: Path) -> Sequence[LoadedPackage]:
    """Those of the product and those of a folder that a person names. Raises `CommandRefused` where none lies in it:
    packages of a folder that is a level too high or too low would be left out without a word."""
    if not any(existing(folder).glob(PACKAGE_FILES)):
        meant = _meant(folder.resolve())
        key = "packages.none-here" if meant is None else "packages.none-here-but"
        raise CommandRefused("not-found", key, path=folder, meant=meant)
    return installed_packages(folder)


def _meant(folder: Path) -> Path | None:
    """The folder of packages above or beneath this one."""
    if (folder / "service.toml").exists():
        return folder.parent.parent
    if any(folder.glob("*/service.toml")):
        return folder.parent
    return next((one for one in sorted(folder.glob("*/")) if any(one.glob(PACKAGE_FILES))), None)


def asked_keys(service: str, ars: str) -> tuple[str, str]:
    """Service, also as a URN, and region. Raises `CommandRefused`."""
    for option, value in (("--service", service), ("--ars", ars)):
        if not value:
            raise CommandRefused("usage", "usage.missing", name=option)
    try:
        service = service_key(service, "service")
    except RequestRefused:
        raise CommandRefused("usage", "preflight.no-key", option="--service", value=service) from None
    if KEYS["ags"].fullmatch(ars) is not None and KEYS["ars"].fullmatch(ars) is None:
        raise CommandRefused("usage", "preflight.ags-for-ars", option="--ars", value=ars)
    if KEYS["ars"].fullmatch(ars) is None:
        raise CommandRefused("usage", "preflight.no-key", option="--ars", value=ars)
    return service, ars
