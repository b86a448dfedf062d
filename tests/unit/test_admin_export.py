"""`export` and `apply` are inverse: what is written is read back as no change, and nothing secret is in it."""

import base64
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import (
    COLLECTING,
    DIRECT,
    END_TO_END,
    SCHEMA,
    SEALED,
    TARGET,
    TENANTS,
    TOWN,
    DeclaringOffice,
    declaring_office,
    destination,
    renewed,
    trusted_root,
    write_chain,
    write_private,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, SecretStr

from amtsbote.admin.bundle import secret_file
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.toml import toml_document
from amtsbote.api.adapter import Adapter, AdapterServices
from amtsbote.model.directory import Portal
from amtsbote.model.ids import KeyId, PortalId, TargetId

Key = Callable[[str], RSAPrivateKey]


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str
    password: SecretStr


@dataclass(frozen=True)
class Upload:
    """An adapter with a secret among its options."""

    name: str = "upload"
    options: ClassVar[type[BaseModel]] = Options

    def build(self, options: Mapping[str, str | int | bool], services: AdapterServices) -> Adapter:
        raise AssertionError(options, services)


UPLOAD = """
[[targets]]
id = "upload"
tenant = "chemnitz"
adapter = "upload"
stage = "test"
schemas = ["urn:test:antrag_1.0#antrag"]
options = { url = "https://amt.example", password = "streng geheim" }
"""


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        office.office = replace(office.office, adapters={**office.office.adapters, "upload": Upload()})
        yield office


def richest(folder: Path, rsa_key: Key) -> str:
    """Everything a declaration can say: both sorts of destinations, switched off ones, odd characters, a secret."""
    root = trusted_root(rsa_key)
    for name, key in (("collecting", "somebody"), ("sealed", "another")):
        write_chain(folder / f"{name}-e.pem", renewed(name, rsa_key(key), "key_encipherment"), root)
        write_private(folder / f"{name}-e.key", rsa_key(key))
    for name, key in (("collecting", "new"), ("sealed", "stranger")):
        write_chain(folder / f"{name}-s.pem", renewed(name, rsa_key(key), "digital_signature"), root)
        write_private(folder / f"{name}-s.key", rsa_key(key))
    collecting = destination(
        COLLECTING,
        tenant='"saxony"',
        name='"Sammelstelle \\"Nord\\" \\\\ \\u007F ü 🌳"',
        reach='"collecting"',
        authority="",
        serves='["saxony"]',
        stage='"off"',
        encryption_key='{ chain = "collecting-e.pem", private = "collecting-e.key" }',
        signing_key='{ chain = "collecting-s.pem", private = "collecting-s.key" }',
        signature_policy='{ absent = "reject" }',
        metadata_versions='["2.1.0"]',
        contact='{ "E-Mail" = "amt@chemnitz.example", "öffnet um" = "8" }',
        deadlines="{ told_after = [1], rejected_after = 2, accepted_kept = 400, announced_kept = 2 }",
    )
    sealed = END_TO_END.replace("encryption.pem", "sealed-e.pem").replace("signing.pem", "sealed-s.pem")
    locked = TOWN.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\nactive = false\ntest = true')
    terms = f'schemas = [{{ uri = "{SCHEMA.uri}", valid_from = 2026-07-01, valid_to = "2027-12-31" }}]'
    limited = locked.replace('id = "chemnitz"', f'id = "chemnitz"\n{terms}', 1)
    town, routes = limited.split("[routes]")
    return f"{town}{UPLOAD}{collecting}{sealed}[routes]{routes}"


async def exported(desk: DeclaringOffice) -> tuple[str, dict[str, Any]]:
    """The declaration, its files written beside where it will lie, and the answer."""
    answer = await desk.run("export", {"folder": "all.files"})
    (desk.folder / "all.files").mkdir(exist_ok=True)
    for name, content in answer["files"].items():
        (desk.folder / name).write_bytes(base64.b64decode(content))
    return answer["declaration"], answer


async def test_the_richest_declaration_comes_back_as_no_change(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(richest(desk.folder, rsa_key))
    declaration, _ = await exported(desk)
    assert (await desk.preview(declaration))["changes"] == []


async def test_everything_is_in_it(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(richest(desk.folder, rsa_key))
    declaration, answer = await exported(desk)
    written = tomllib.loads(declaration)
    directory = await desk.directory()
    for table in ("tenants", "portals", "destinations", "authorities", "targets"):
        assert [one["id"] for one in written[table]] == sorted(getattr(directory, table))
    assert set(written["routes"]) == {"gebiete", "leistungen", "rollen", "zustaendigkeiten"}
    assert len(answer["files"]) == 4 + 2 * 3
    [term] = written["tenants"][0]["schemas"]
    assert term == {"uri": SCHEMA.uri, "valid_from": date(2026, 7, 1), "valid_to": date(2027, 12, 31)}


async def test_neither_secrets_nor_private_keys_leave_the_house(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(richest(desk.folder, rsa_key))
    declaration, answer = await exported(desk)
    everything = declaration + "".join(base64.b64decode(content).decode() for content in answer["files"].values())
    assert "streng geheim" not in everything
    assert "PRIVATE KEY" not in everything
    for client in (await desk.directory()).clients.values():
        assert secret_file(desk.folder / desk.file, client.id).read_text().strip() not in everything
        assert not any(digest in everything for digest in client.secret_hashes)


async def test_what_is_missing_is_named(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(richest(desk.folder, rsa_key))
    _, answer = await exported(desk)
    assert answer["missing"] == {
        "secrets": ["saxony-software", "hamburg-portal"],
        "signing-keys": ["hamburg"],
        "options": ["upload"],
        "private-keys": [DIRECT, COLLECTING],
    }
    assert SEALED in answer["declaration"]


async def test_an_empty_installation_is_an_empty_declaration(desk: DeclaringOffice) -> None:
    answer = await desk.run("export", {"folder": "x"})
    assert (answer["declaration"], answer["files"], answer["missing"]) == ("", {}, {})


async def test_a_changed_line_of_an_export_changes_only_that(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(richest(desk.folder, rsa_key))
    declaration, _ = await exported(desk)
    shown = await desk.preview(declaration.replace("https://amt.example", "https://new.example"))
    assert [(change["id"], change["action"], list(change["fields"])) for change in shown["changes"]] == [
        ("upload", "changed", ["options"])
    ]
    await desk.apply(declaration.replace("https://amt.example", "https://new.example"))
    target = (await desk.directory()).targets[TargetId("upload")]
    assert target.options == {"url": "https://new.example", "password": "streng geheim"}


async def test_a_hidden_option_of_a_new_target_is_a_mistake(desk: DeclaringOffice) -> None:
    with pytest.raises(DeclarationRefused, match="password"):
        await desk.preview(TENANTS + UPLOAD.replace("streng geheim", "***"))


async def test_a_key_a_portal_does_not_have_needs_its_certificate(desk: DeclaringOffice) -> None:
    unknown = "A" * 43
    with pytest.raises(DeclarationRefused, match=unknown):
        await desk.preview(f'[[portals]]\nid = "new"\nname = "Neu"\nsigning_keys = ["{unknown}"]\n')


async def test_a_portal_without_keys_and_clients_comes_back(desk: DeclaringOffice) -> None:
    await desk.office.store.write(lambda tx: tx.directory.put(Portal(PortalId("bare"), "Nur ein Name", {})))
    declaration, _ = await exported(desk)
    assert (await desk.preview(declaration))["changes"] == []


async def test_a_destination_without_certificate_is_left_out_and_named(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(TOWN)
    directory = await desk.directory()
    kid = next(key.encryption_key for key in directory.destinations.values())
    bare = replace(directory.keys[KeyId(kid)], chain=())
    await desk.office.store.write(lambda tx: tx.directory.put(bare))
    declaration, answer = await exported(desk)
    assert answer["missing"]["uncertified"] == [DIRECT]
    assert "destinations" not in tomllib.loads(declaration)
    assert (await desk.preview(declaration))["changes"] == []


@pytest.mark.parametrize("folder", ["", "../up", "a/b", "x" * 300])
async def test_the_folder_of_an_export_is_one_name(desk: DeclaringOffice, folder: str) -> None:
    with pytest.raises(Exception, match="folder"):
        await desk.run("export", {"folder": folder})


# TOML

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TABLE = st.dictionaries(NAMES, VALUES, max_size=4)


@settings(max_examples=60)
@given(st.dictionaries(NAMES, TABLE.filter(bool) | st.lists(TABLE, min_size=1, max_size=3), max_size=3))
def test_what_is_written_as_toml_is_read_as_it_was(tables: dict[str, Any]) -> None:
    assert tomllib.loads(toml_document(tables)) == tables


def test_what_stays_the_same_is_left_out() -> None:
    assert toml_document({"tenants": [], "routes": {}}) == ""


def test_a_target_is_written_as_a_person_would_write_it() -> None:
    table = tomllib.loads(TARGET)["targets"]
    assert toml_document({"targets": table}).split("\n") == [
        "[[targets]]",
        'id = "folder"',
        'tenant = "chemnitz"',
        'adapter = "folder"',
        'options = { path = "/srv/eingang" }',
        "",
    ]
