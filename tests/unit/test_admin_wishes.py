"""What a declaration is told of a target's wish that messages cannot meet, and of packages that judge nothing here."""

import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import AUTHORITIES, COLLECTING, TARGET, TENANTS, DeclaringOffice, declaring_office, destination
from schemas_for_tests import dog_tax, trade
from standards_kit import PLAIN, published, registered

from amtsbote.admin.mistakes import DeclarationRefused, Mistake
from amtsbote.model.content import SchemaRef
from schemas.forms import Forms
from schemas.standards.library import Library

OLD, OLD_JSON = dog_tax("1.0").about.schemas
NEW, NEW_JSON = dog_tax("1.1").about.schemas
RULED = trade().about.schemas[0]
STRANGER = SchemaRef("urn:test:fremd_1.0#antrag", "application/xml")


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        known = {OLD, OLD_JSON, NEW, NEW_JSON, RULED, STRANGER}
        forms = Forms((dog_tax("1.0"), dog_tax("1.1")))
        office.office = replace(office.office, schemas=lambda: known, forms=forms)
        yield office


def inbox(*schemas: SchemaRef, **changes: str) -> str:
    listed = ", ".join(f'{{ uri = "{each.uri}", mime_type = "{each.mime_type}" }}' for each in schemas)
    services = f'[{{ service = "99102013104000", name = "Hunde", regions = ["14511"], schemas = [{listed}] }}]'
    return destination(**{"services": services, **changes})


def wanting(*schemas: SchemaRef) -> str:
    return f"{TARGET}schemas = {json.dumps([each.uri for each in schemas])}\n"


PEOPLE = TENANTS + AUTHORITIES


async def refused(desk: DeclaringOffice, declaration: str) -> tuple[Mistake, ...]:
    before = await desk.directory()
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(declaration)
    assert await desk.directory() == before
    return caught.value.mistakes


async def test_each_accepted_schema_from_which_nothing_leads_to_the_wish_is_named_with_what_can_be_had(
    desk: DeclaringOffice,
) -> None:
    data, new = await refused(desk, PEOPLE + wanting(OLD) + inbox(OLD, OLD_JSON, NEW))

    assert data.place == new.place == "[[targets]] #1 · schemas"
    assert data.de == (
        f"Über Zustellpunkt kommt {OLD_JSON.uri}; nichts führt zu {OLD.uri}, wie folder es verlangt. "
        f"Wählbar: {OLD_JSON.uri}."
    )
    assert new.en == (
        f"{NEW.uri} comes through Zustellpunkt; nothing leads to {OLD.uri}, as folder wants it. "
        f"Choose: {NEW.uri}, {NEW_JSON.uri}."
    )


@pytest.mark.parametrize(
    ("wish", "accepted"),
    [
        ((NEW,), (OLD, NEW, NEW_JSON)),
        ((NEW, OLD_JSON), (OLD, OLD_JSON, NEW)),
        ((NEW,), (STRANGER,)),
        ((), (OLD, OLD_JSON)),
    ],
    ids=["mapped", "one of several", "another standard", "no wish"],
)
async def test_a_wish_that_can_be_met_is_taken(
    desk: DeclaringOffice, wish: tuple[SchemaRef, ...], accepted: tuple[SchemaRef, ...]
) -> None:
    await desk.apply(PEOPLE + wanting(*wish) + inbox(*accepted))
    assert (await desk.directory()).targets


async def test_whoever_brings_the_way_is_told_and_nobody_else(desk: DeclaringOffice) -> None:
    """A destination or an authority declared later; one that serves others or is of another stage is no way."""
    await desk.apply(PEOPLE.replace('targets = ["folder"]', "") + wanting(OLD) + inbox(NEW))

    [authority] = await refused(desk, AUTHORITIES.partition('[[authorities]]\nid = "landesamt"')[0])
    assert authority.place == "[[authorities]] #1 · targets"

    await desk.apply(inbox(OLD) + AUTHORITIES)
    [direct] = await refused(desk, inbox(OLD_JSON))
    assert direct.place == "[[destinations]] #1 · services"
    collecting = {"reach": '"collecting"', "authority": "", "serves": '["chemnitz"]'}
    gathered = await refused(desk, inbox(NEW, place=COLLECTING, **collecting))
    assert any(each.de.startswith(f"Über Zustellpunkt kommt {NEW.uri};") for each in gathered)
    elsewhere = await refused(desk, inbox(NEW, place=COLLECTING, **collecting | {"serves": '["saxony"]'}))
    assert not any(NEW.uri in each.de for each in elsewhere), "only its keys are refused"
    await desk.apply(inbox(NEW, stage='"test"') + wanting(OLD))


KASSE = """
[[authorities]]
id = "kasse"
tenant = "chemnitz"
name = "Stadtkasse"
targets = ["kasse"]
"""


def wanting_of_further(*schemas: SchemaRef) -> str:
    """A second target, of the authority that gets copies."""
    target = TARGET.replace('id = "folder"', 'id = "kasse"').replace("/srv/eingang", "/srv/kasse")
    return f"{target}schemas = {json.dumps([each.uri for each in schemas])}\n"


def tables_with(folder: Path, *rules: str, further: str = "kka;;;weitere") -> str:
    tables = {
        "gebiete": "ars;ags;name;gueltig_ab;gueltig_bis\n145110000000;;Chemnitz;;\n020000000000;;Hamburg;;\n",
        "leistungen": "leistung;name\n99102013104000;Hunde\n",
        "rollen": f"leistung;rolle;gueltig_ab;gueltig_bis;art\n99102013104000;sta;;;\n99102013104000;{further}\n",
        "zustaendigkeiten": "\n".join(
            ["rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stage", "sta;14;amt;;;", *rules, ""]
        ),
    }
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(rows, "utf-8")
    return "[routes]\n" + "".join(f'{name} = "{name}.csv"\n' for name in tables)


async def test_a_target_of_a_further_recipient_cannot_wish_for_what_nothing_leads_to(
    desk: DeclaringOffice, tmp_path: Path
) -> None:
    people = PEOPLE + KASSE + wanting()
    routes = tables_with(tmp_path, "kka;14511;kasse;;;")

    [unmet] = await refused(desk, people + wanting_of_further(OLD) + inbox(NEW) + routes)
    assert unmet.place == "[[targets]] #2 · schemas"
    assert unmet.de.startswith(f"Über Zustellpunkt kommt {NEW.uri}; nichts führt zu {OLD.uri}, wie kasse es verlangt")
    await desk.apply(people + wanting_of_further(NEW) + inbox(OLD) + routes)
    [by_destination] = await refused(desk, inbox(OLD_JSON))
    assert by_destination.place == "[[destinations]] #1 · services"


@pytest.mark.parametrize(
    ("rule", "further"),
    [
        ("kka;02;kasse;;;", "kka;;;weitere"),
        ("kka;14511;kasse;;2025-12-31;", "kka;;;weitere"),
        ("kka;14511;kasse;;;off", "kka;;;weitere"),
        ("kka;14511;kasse;;;", "kka;;;entfaellt"),
        ("kka;14511;kasse;;;", "kka;;2025-12-31;weitere"),
        ("psw;14511;kasse;;;", "kka;;;weitere"),
    ],
    ids=["elsewhere", "ended", "off", "no recipient", "none any more", "another role"],
)
async def test_who_gets_nothing_of_the_destination_may_wish_for_anything(
    desk: DeclaringOffice, tmp_path: Path, rule: str, further: str
) -> None:
    routes = tables_with(tmp_path, rule, further=further)

    await desk.apply(PEOPLE + KASSE + wanting() + wanting_of_further(OLD) + inbox(NEW) + routes)


async def test_tables_that_bring_a_further_recipient_are_the_place_of_its_unmet_wish(
    desk: DeclaringOffice, tmp_path: Path
) -> None:
    before = tables_with(tmp_path, "psw;14511;kasse;;;")
    await desk.apply(PEOPLE + KASSE + wanting() + wanting_of_further(OLD) + inbox(NEW) + before)

    [unmet] = await refused(desk, tables_with(tmp_path, "kka;14511;kasse;;;"))

    assert unmet.place == "[routes]"


@pytest.mark.parametrize("side", ["destination", "target"])
async def test_schemas_of_a_package_that_judges_nothing_here_are_refused_with_what_to_install(
    desk: DeclaringOffice, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setitem(sys.modules, "saxonche", None)
    desk.office = replace(desk.office, forms=Forms((dog_tax("1.1"), trade())))
    accepted, wish = (RULED, ()) if side == "destination" else (NEW, (RULED, NEW))

    [unusable] = await refused(desk, PEOPLE + wanting(*wish) + inbox(accepted))

    assert unusable.place == ("[[destinations]] #1 · services" if wish == () else "[[targets]] #1 · schemas")
    assert "install amtsbote[schematron]" in unusable.en
    assert "bitte amtsbote[schematron] installieren" in unusable.de


async def test_a_schema_of_a_damaged_standard_is_called_damaged_and_not_unknown(
    desk: DeclaringOffice, tmp_path: Path
) -> None:
    library = Library(tmp_path / "registry")
    lock = registered(library, published(tmp_path / "xhund", PLAIN))
    (library.home(lock.identity) / "lock.json").unlink()
    desk.office = replace(desk.office, lack=library.contents().lack)

    [damaged] = await refused(
        desk, PEOPLE + wanting() + inbox(SchemaRef(f"{lock.identity}#anmeldung.hund.0100", "application/xml"))
    )

    assert "lock.json fehlt oder ist beschädigt" in damaged.de
