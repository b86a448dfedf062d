"""Two Länder, their editors, and tables that are in force: what change sets are proposed on."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from declaration_kit import DeclaringOffice

from amtsbote.admin.commands import run_command

SERVICE, OTHER = "99093003001002", "99102013104000"
CHEMNITZ, DRESDEN, GERA = "145110000000", "146120000000", "160520000000"
OPERATOR, ROOT = "uid:4711", "uid:0"
KARIN, PAUL, THEA, KISA, TREES = (f"editor:{name}" for name in ("karin", "paul", "thea", "kisa", "trees"))

LAENDER = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
[[tenants]]
id = "gera"
name = "Stadt Gera"
land = "16"
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
[[authorities]]
id = "meldeamt"
tenant = "chemnitz"
name = "Meldeamt"
[[authorities]]
id = "amt-gera"
tenant = "gera"
name = "Umweltamt"
[[editors]]
id = "karin"
name = "Karin Maier"
user = "maier"
regions = ["14"]
may_release = true
[[editors]]
id = "paul"
name = "Paul Lehmann"
user = "lehmann"
regions = ["14"]
[[editors]]
id = "thea"
name = "Thea Schulz"
user = "schulz"
regions = ["16"]
may_release = true
[[editors]]
id = "kisa"
name = "Kirsten Fischer"
user = "fischer"
regions = ["14", "16"]
tenants = ["gera"]
may_release = true
[[editors]]
id = "trees"
name = "Bodo Baum"
user = "baum"
regions = [""]
services = ["99093"]
may_release = true
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
RULES = (f"gba;{CHEMNITZ};amt;;", f"gba;{GERA};amt-gera;;", "MELDID;14;meldeamt;;")
TABLES: Mapping[str, tuple[str, ...]] = {
    "gebiete": (
        "ars;ags;name;gueltig_ab;gueltig_bis",
        f"{CHEMNITZ};14511000;Chemnitz;;",
        f"{DRESDEN};14612000;Dresden;;",
        f"{GERA};16052000;Gera;;",
    ),
    "leistungen": ("leistung;name", f"{SERVICE};Baumfällung", f"{OTHER};Anmeldung"),
    "rollen": ("leistung;rolle;gueltig_ab;gueltig_bis", f"{SERVICE};gba;;", f"{OTHER};MELDID;;"),
    "zustaendigkeiten": ("rolle;gebiet;behoerde;gueltig_ab;gueltig_bis", *RULES),
}


def rules(*rows: str) -> dict[str, str]:
    """The table of competences with these rows, as a proposal has it."""
    return {"zustaendigkeiten": csv("zustaendigkeiten", *rows)}


def csv(name: str, *rows: str) -> str:
    return b64encode("\n".join([TABLES[name][0], *rows, ""]).encode()).decode()


async def settle(desk: DeclaringOffice, folder: Path, declaration: str = LAENDER, **tables: Sequence[str]) -> None:
    """Applies the declaration with these tables; the first ones are the first version."""
    for name, rows in {**TABLES, **tables}.items():
        (folder / f"{name}.csv").write_text("\n".join([*rows, ""]), "utf-8")
    await desk.apply(declaration)


async def propose(desk: DeclaringOffice, actor: str, tables: Mapping[str, str], **wish: Any) -> dict[str, Any]:
    asked = {"tables": tables, "reason": "Neue Zuständigkeit", **wish}
    return await run_command(desk.office, actor, "routes.propose", asked)


async def release(desk: DeclaringOffice, actor: str, draft: int) -> dict[str, Any]:
    return await run_command(desk.office, actor, "routes.release", {"id": draft})


async def in_force(desk: DeclaringOffice, **wish: Any) -> list[str]:
    """The rows of the table of competences."""
    answer = await desk.run("routes.show", {"id": "zustaendigkeiten", **wish})
    return [";".join(row["cells"]) for row in answer["rows"]]
