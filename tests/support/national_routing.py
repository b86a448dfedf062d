"""Routing tables the size of Germany, made up in its proportions: no reference material needed."""

from random import Random

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument

MUNICIPALITIES = 10_944
SERVICES = 600
ROLES = 20
EXCEPTIONS = 100_000
EXCEPTION_AUTHORITIES = 997


def national_regions() -> list[str]:
    """Keys of 16 Länder × 25 districts; as many municipalities as there are, in associations of up to four."""
    districts = [f"{land:02}{district // 10}{district % 10:02}" for land in range(1, 17) for district in range(25)]
    keys = []
    for number in range(MUNICIPALITIES):
        row, district = divmod(number, len(districts))
        keys.append(f"{districts[district]}5{row // 4:03}{row:03}")
    return keys


def national_services() -> list[str]:
    return [f"99{number:012}" for number in range(SERVICES)]


def national_authority(role: int, region: str) -> AuthorityId:
    return AuthorityId(f"behoerde-{region}-{role % 4}")


def national_document(version: int = 1) -> RoutingDocument:
    """Every municipality has an authority for every role; exceptions held for a year of the past."""
    regions = national_regions()
    choose = Random(0)  # noqa: S311  (a table for a measurement)
    gebiete = [f"{ars};{ars[:5]}{ars[9:]};Gemeinde {ars};;" for ars in regions]
    leistungen = [f"{service};Leistung {service}" for service in national_services()]
    rollen = [f"{service};r{number % ROLES};;" for number, service in enumerate(national_services())]
    rules = [f"r{role};{ars};{national_authority(role, ars)};;;" for role in range(ROLES) for ars in regions]
    exceptions: dict[tuple[int, str, int], str] = {}
    while len(exceptions) < EXCEPTIONS:
        role, ars, year = choose.randrange(ROLES), choose.choice(regions), choose.randrange(2000, 2020)
        authority = f"ausnahme-{choose.randrange(EXCEPTION_AUTHORITIES)}"
        exceptions.setdefault((role, ars[: choose.choice((2, 5, 9, 12, 12))], year), authority)
    rules += [
        f"r{role};{prefix};{authority};{year}-01-01;{year}-12-31;1"
        for (role, prefix, year), authority in sorted(exceptions.items())
    ]
    tables = {
        "gebiete": ["ars;ags;name;gueltig_ab;gueltig_bis", *gebiete],
        "leistungen": ["leistung;name", *leistungen],
        "rollen": ["leistung;rolle;gueltig_ab;gueltig_bis", *rollen],
        "zustaendigkeiten": ["rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;prioritaet", *rules],
    }
    return RoutingDocument(version, {name: "\n".join([*lines, ""]).encode() for name, lines in tables.items()})


def national_authorities() -> set[AuthorityId]:
    own = {national_authority(role, ars) for role in range(4) for ars in national_regions()}
    return own | {AuthorityId(f"ausnahme-{number}") for number in range(EXCEPTION_AUTHORITIES)}
