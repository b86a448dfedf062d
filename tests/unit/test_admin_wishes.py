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
