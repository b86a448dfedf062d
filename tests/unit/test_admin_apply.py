"""Applying a declaration to a real store: what is shown is what is recorded, and what is wrong changes nothing."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from chains_for_tests import NOW, Wish, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import (
    AUTHORITIES,
    COLLECTING,
    DIRECT,
    END_TO_END,
    PORTAL,
    TABLES,
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

from amtsbote.admin.apply import plan, record
from amtsbote.admin.bundle import as_document, hash_of, secret_file
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.releasing import standing_on
from amtsbote.keys.keystore import KeyStore
from amtsbote.model.directory import ClientRole, KeyPurpose
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, TargetId
from amtsbote.model.routing import RoutingDocument
from routing.tables import Known, check

Key = Callable[[str], RSAPrivateKey]


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        yield office


async def refused(desk: DeclaringOffice, declaration: str) -> str:
    """Every mistake, in English. Nothing may have changed."""
    before = await desk.directory(), await desk.audit()
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(declaration)
    assert (await desk.directory(), await desk.audit()) == before
    assert all(mistake.de.strip() for mistake in caught.value.mistakes)
    return str(caught.value)


async def test_a_town_becomes_entries_keys_tables_and_audit_rows(desk: DeclaringOffice) -> None:
    done = await desk.apply(TOWN)
    directory = await desk.directory()
    inbox = directory.destinations[DestinationId(DIRECT)]
    assert directory.keys[inbox.encryption_key].purpose is KeyPurpose.ENCRYPTION
    assert directory.keys[inbox.signing_key].owner == DIRECT
    assert len(directory.keys[inbox.signing_key].chain) == 2
    assert directory.clients[ClientId("saxony-software")].role is ClientRole.SUBSCRIBER
    assert directory.clients[ClientId("hamburg-portal")].owner == "hamburg"
    assert done["recorded"] == {"revision": directory.revision, "routing": 1, "draft": None}
    assert desk.told == [directory.revision]
    rows = await desk.audit()
    assert {(row.action, row.subject) for row in rows} == {
        (f"{change['kind']}.{change['action']}", change["id"]) for change in done["changes"]
    }
    assert {row.actor for row in rows} == {"uid:4711"}
    assert {row.at for row in rows} == {NOW}


async def test_the_imported_keys_work(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    directory = await desk.directory()
    inbox = directory.destinations[DestinationId(DIRECT)]
    assert len(KeyStore(desk.office.vault, directory.keys.values()).sign(inbox.signing_key, b"x")) == 512


async def test_applying_again_changes_nothing(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    assert (await desk.preview(TOWN))["changes"] == []


async def test_a_preview_changes_nothing_and_tells_nobody(desk: DeclaringOffice) -> None:
    shown = await desk.preview(TOWN)
    assert shown["without_secret"] == ["saxony-software", "hamburg-portal"]
    assert {change["action"] for change in shown["changes"]} == {"added"}
    assert not (await desk.directory()).tenants
    assert not await desk.audit()
    assert not desk.told


async def test_a_change_names_its_fields_before_and_after(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    shown = await desk.preview(TOWN.replace("Stadt Chemnitz", "Chemnitz, Stadt"))
    assert shown["changes"] == [
        {
            "action": "changed",
            "kind": "tenant",
            "id": "chemnitz",
            "fields": {"name": {"before": "Stadt Chemnitz", "after": "Chemnitz, Stadt"}},
        }
    ]


async def test_what_a_declaration_does_not_name_stays(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    await desk.apply(TENANTS.replace("Freistaat Sachsen", "Sachsen"))
    directory = await desk.directory()
    assert directory.destinations
    assert await desk.office.store.read(lambda tx: tx.routing.version(NOW.date())) == 1


async def test_one_changed_table_makes_a_version_with_the_other_tables(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN.replace('land = "14"', 'land = "14"\nfour_eyes = false'))
    (desk.folder / "leistungen.csv").write_text(TABLES["leistungen.csv"] + "99050012104000;Gewerbe\n")
    done = await desk.apply('[routes]\nleistungen = "leistungen.csv"')
    document = await desk.office.store.read(lambda tx: tx.routing.current(NOW.date()))
    assert [change["id"] for change in done["changes"]] == ["leistungen"]
    assert document is not None
    assert document.version == 2
    assert document.tables["gebiete"] == TABLES["gebiete.csv"].encode()


async def test_neither_difference_nor_audit_holds_a_secret(desk: DeclaringOffice) -> None:
    shown = orjson.dumps(await desk.apply(TOWN)).decode() + repr(await desk.audit())
    secret = secret_file(desk.folder / desk.file, "hamburg-portal").read_text().strip()
    private = (desk.folder / "signing.key").read_text().splitlines()[5]
    assert secret not in shown
    assert hash_of(secret) not in shown
    assert private not in shown
    assert "sealed" not in shown


async def test_a_secret_is_made_once_and_found_again_when_applying_died_before_recording(
    desk: DeclaringOffice,
) -> None:
    await desk.apply(TOWN)
    secrets = {client.id: client.secret_hashes for client in (await desk.directory()).clients.values()}
    file = secret_file(desk.folder / desk.file, "hamburg-portal")
    assert secrets[ClientId("hamburg-portal")] == (hash_of(file.read_text().strip()),)
    assert desk.gather(TOWN).secrets["hamburg-portal"] == secrets[ClientId("hamburg-portal")][0]


async def test_a_client_whose_secret_file_was_deleted_keeps_its_secret(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    secret_file(desk.folder / desk.file, "hamburg-portal").unlink()
    shown = await desk.preview(TOWN)
    assert shown["without_secret"] == []
    assert shown["changes"] == []


async def test_a_new_secret_file_replaces_the_secret(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    file = secret_file(desk.folder / desk.file, "hamburg-portal")
    file.write_text("n" * 43)
    await desk.apply(PORTAL)
    assert (await desk.directory()).clients[ClientId("hamburg-portal")].secret_hashes == (hash_of("n" * 43),)


async def test_a_new_client_without_a_secret_cannot_be_recorded(desk: DeclaringOffice) -> None:
    bundle = desk.gather(TOWN)
    shown = await desk.preview(TOWN)
    with pytest.raises(DeclarationRefused, match="has no secret"):
        await desk.run("apply", {"bundle": as_document(bundle), "basis": shown["basis"]})


async def test_what_is_recorded_is_what_was_shown(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    bundle = desk.gather(TENANTS.replace("Freistaat Sachsen", "Sachsen"))
    shown = await desk.preview(TENANTS.replace("Freistaat Sachsen", "Sachsen"))
    await desk.apply(TENANTS.replace("Stadt Chemnitz", "Chemnitz"))
    with pytest.raises(CommandRefused, match="Somebody else"):
        await desk.run("apply", {"bundle": as_document(bundle), "basis": shown["basis"]})
    assert (await desk.directory()).tenants["saxony"].name == "Freistaat Sachsen"  # type: ignore[index]


async def test_a_change_between_planning_and_recording_undoes_the_whole_unit(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    directory = await desk.directory()
    standing = await desk.office.store.read(lambda tx: standing_on(tx, NOW.date()))
    planned = plan(desk.office, desk.gather(TENANTS.replace("Stadt", "Dorf")), directory, standing)
    await desk.apply(TENANTS.replace("Freistaat", "Land"))
    rows = len(await desk.audit())
    with pytest.raises(Exception, match="directory"):
        await desk.office.store.write(record(planned, "uid:1", NOW))
    assert len(await desk.audit()) == rows


async def tables(desk: DeclaringOffice) -> RoutingDocument | None:
    return await desk.office.store.read(lambda tx: tx.routing.current(NOW.date()))


# keys and certificates


async def test_a_renewed_certificate_keeps_the_private_key(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(TOWN)
    before = await desk.directory()
    write_chain(
        desk.folder / "signing.pem", renewed("signing", rsa_key("signing"), "digital_signature"), trusted_root(rsa_key)
    )
    (desk.folder / "signing.key").write_text("not needed any more")
    done = await desk.apply(TOWN)
    kid = before.destinations[DestinationId(DIRECT)].signing_key
    after = await desk.directory()
    assert [(change["kind"], change["action"]) for change in done["changes"]] == [("key", "changed")]
    assert after.keys[kid].sealed_private == before.keys[kid].sealed_private
    assert after.keys[kid].chain != before.keys[kid].chain


async def test_a_new_key_replaces_the_old_one_which_stays_for_what_is_under_way(
    desk: DeclaringOffice, rsa_key: Key
) -> None:
    await desk.apply(TOWN)
    old = (await desk.directory()).destinations[DestinationId(DIRECT)].encryption_key
    write_chain(
        desk.folder / "encryption.pem",
        Wish("new", rsa_key("new"), frozenset({"key_encipherment"})),
        trusted_root(rsa_key),
    )
    write_private(desk.folder / "encryption.key", rsa_key("new"))
    await desk.apply(TOWN)
    directory = await desk.directory()
    assert directory.destinations[DestinationId(DIRECT)].encryption_key != old
    assert old in directory.keys


async def test_an_end_to_end_destination_keeps_only_public_keys(desk: DeclaringOffice) -> None:
    await desk.apply(TENANTS + AUTHORITIES + TARGET + END_TO_END)
    assert [key.sealed_private for key in (await desk.directory()).keys.values()] == [None, None]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda wish: wish.but(end=NOW - timedelta(seconds=1)), "expired"),
        (lambda wish: wish.but(start=NOW + timedelta(seconds=1), end=NOW + timedelta(days=1)), "not valid yet"),
        (lambda wish: wish.but(uses=frozenset({"key_encipherment"})), "key usage"),
        (lambda wish: wish.but(ca=True), "certification authority"),
    ],
)
async def test_a_key_with_an_unfit_certificate_is_refused(
    desk: DeclaringOffice, rsa_key: Key, spoil: Callable[[Wish], Wish], words: str
) -> None:
    good = Wish("signing", rsa_key("signing"), frozenset({"digital_signature"}))
    write_chain(desk.folder / "signing.pem", spoil(good), trusted_root(rsa_key))
    found = await refused(desk, TOWN)
    assert words in found
    assert "signing.pem" in found


async def test_an_uncertified_key_is_refused(desk: DeclaringOffice, rsa_key: Key) -> None:
    stranger = issuer("Fremd", rsa_key("stranger"))
    write_chain(
        desk.folder / "signing.pem", Wish("signing", rsa_key("signing"), frozenset({"digital_signature"})), stranger
    )
    assert "does not end in a registered root" in await refused(desk, TOWN)


async def test_a_file_can_be_applied_again_after_its_certificates_have_expired(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    desk.at(NOW + timedelta(days=10_000))
    assert (await desk.preview(TOWN))["changes"] == []
    assert "portal.pem" in await refused(desk, PORTAL.replace("hamburg", "bremen"))


async def test_a_portal_certificate_is_checked_as_well(desk: DeclaringOffice, rsa_key: Key) -> None:
    write_chain(
        desk.folder / "portal.pem", Wish("portal", rsa_key("portal"), frozenset({"key_encipherment"})),
        trusted_root(rsa_key),
    )  # fmt: skip
    assert "portal.pem" in await refused(desk, TOWN)


async def test_without_anchors_no_key_is_taken(desk: DeclaringOffice) -> None:
    desk.office = replace(desk.office, anchors=())
    assert "trust_anchors" in await refused(desk, TOWN)


async def test_a_private_key_that_does_not_belong_to_the_certificate_is_refused(
    desk: DeclaringOffice, rsa_key: Key
) -> None:
    write_private(desk.folder / "signing.key", rsa_key("portal"))
    assert "belongs to another key" in await refused(desk, TOWN)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\x00"])
async def test_an_unreadable_private_key_is_refused(desk: DeclaringOffice, content: bytes) -> None:
    (desk.folder / "signing.key").write_bytes(content)
    assert "signing.key" in await refused(desk, TOWN)


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
async def test_an_unreadable_chain_is_refused(desk: DeclaringOffice, content: bytes) -> None:
    (desk.folder / "signing.pem").write_bytes(content)
    assert "signing.pem" in await refused(desk, TOWN)


async def test_a_broker_held_destination_needs_its_private_key(desk: DeclaringOffice) -> None:
    declaration = TOWN.replace(', private = "signing.key"', "")
    assert "private key is missing" in await refused(desk, declaration)


async def test_one_key_has_one_purpose_and_one_destination(desk: DeclaringOffice, rsa_key: Key) -> None:
    both = frozenset({"key_encipherment", "digital_signature"})
    write_chain(desk.folder / "signing.pem", Wish("both", rsa_key("encryption"), both), trusted_root(rsa_key))
    write_private(desk.folder / "signing.key", rsa_key("encryption"))
    assert "exactly one purpose" in await refused(desk, TOWN)


async def test_a_key_of_another_destination_is_refused(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN)
    second = destination(COLLECTING, reach='"collecting"', authority="", serves='["saxony"]')
    assert "already registered" in await refused(desk, second)


# what must fit together


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        (TENANTS + AUTHORITIES, "Target `folder` exists neither here"),
        (TOWN.replace('adapter = "folder"', 'adapter = "folder"\nschemas = ["urn:typo"]'), "knows the schema urn:typo"),
        (AUTHORITIES + TARGET, "Tenant `chemnitz` exists neither here"),
        (TOWN.replace('authority = "amt"', 'authority = "nobody"'), "Authority `nobody` exists neither here"),
        (TOWN.replace('authority = "amt"', 'authority = "landesamt"'), "belongs to tenant `saxony`"),
        (TOWN.replace('tenant = "chemnitz"\nadapter', 'tenant = "saxony"\nadapter'), "belongs to tenant `saxony`"),
        (TOWN.replace('adapter = "folder"', 'adapter = "foldr"'), "Available: folder"),
        (TOWN.replace('path = "/srv', 'pfad = "/srv'), "[[targets]] #1 · options · pfad"),
        (TOWN.replace('path = "/srv/eingang"', 'path = "eingang"'), "must be an absolute path"),
        (
            TOWN.replace("urn:test:antrag_1.0#antrag", "urn:test:other"),
            "no registered standard knows the schema",
        ),
        (TOWN.replace("application/xml", "text/xml"), "no registered standard knows the schema"),
        (TENANTS.replace('"14"', '"14"\nschemas = [{ uri = "urn:typo" }]'), "knows the schema urn:typo, and no"),
        (TENANTS + AUTHORITIES + TARGET + END_TO_END.replace("saxony-software", "nobody"), "Client `nobody`"),
    ],
)
async def test_what_does_not_fit_is_refused(desk: DeclaringOffice, declaration: str, words: str) -> None:
    assert words in await refused(desk, declaration)


async def test_a_subscriber_must_be_a_client_of_the_tenant(desk: DeclaringOffice) -> None:
    declaration = TENANTS + PORTAL + AUTHORITIES + TARGET + END_TO_END.replace("saxony-software", "hamburg-portal")
    assert "belongs to tenant `hamburg`, not to `saxony`" in await refused(desk, declaration)


async def test_two_destinations_for_one_authority_and_service_are_refused(desk: DeclaringOffice) -> None:
    second = destination(COLLECTING, name='"Zweiter"')
    assert "Zweiter" in await refused(desk, TOWN.replace("[routes]", f"{second}\n[routes]"))


async def test_routing_tables_are_checked_with_their_line(desk: DeclaringOffice) -> None:
    (desk.folder / "zustaendigkeiten.csv").write_text(TABLES["zustaendigkeiten.csv"].replace(";amt;", ";niemand;"))
    assert "zustaendigkeiten, line 2, column behoerde" in await refused(desk, TOWN)


async def test_mistakes_of_tables_that_are_not_listed_are_counted(desk: DeclaringOffice) -> None:
    wrong = "".join(f"r{number};145110000000;niemand-{number};;\n" for number in range(300))
    (desk.folder / "zustaendigkeiten.csv").write_text(TABLES["zustaendigkeiten.csv"] + wrong)
    assert "300 mistakes" in await refused(desk, TOWN)


async def test_tables_that_stay_are_not_checked_again_unless_an_authority_goes(
    desk: DeclaringOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []

    def counting(document: RoutingDocument, known: Known) -> None:
        checked.append(len(known.authorities or ()))
        check(document, known)

    monkeypatch.setattr("amtsbote.admin.weighing.check", counting)
    await desk.apply(TOWN)
    await desk.preview(TOWN)
    await desk.preview(TENANTS.replace("Stadt", "Dorf"))
    assert checked == [2]
    await desk.preview('[remove]\nauthorities = ["landesamt"]')
    assert checked == [2, 1]


async def test_an_incomplete_first_set_of_tables_is_refused(desk: DeclaringOffice) -> None:
    assert "[routes]" in await refused(desk, '[routes]\ngebiete = "gebiete.csv"')


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda text: text.replace(f'{DIRECT}"\ntenant = "chemnitz"', f'{DIRECT}"\ntenant = "saxony"'), "tenant"),
        (lambda text: text.replace('id = "amt"\ntenant = "chemnitz"', 'id = "amt"\ntenant = "saxony"'), "tenant"),
        (lambda text: text.replace("saxony-software", "x").replace("hamburg-portal", "saxony-software"), "owner"),
    ],
)
async def test_what_messages_rely_on_cannot_change(
    desk: DeclaringOffice, change: Callable[[str], str], field: str
) -> None:
    await desk.apply(TOWN)
    assert f"`{field}` cannot change" in await refused(desk, change(TOWN))


async def test_targets_and_authorities_can_be_taken_away(desk: DeclaringOffice) -> None:
    await desk.apply(TENANTS + AUTHORITIES + TARGET)
    done = await desk.apply('[remove]\nauthorities = ["amt", "never-was"]\ntargets = ["folder"]')
    directory = await desk.directory()
    assert {change["action"] for change in done["changes"]} == {"removed"}
    assert AuthorityId("amt") not in directory.authorities
    assert TargetId("folder") not in directory.targets
    assert (await desk.audit())[0].after is None


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ('[remove]\ntargets = ["folder"]', "Grünflächenamt still refers to it"),
        ('[remove]\nauthorities = ["amt"]', "Zustellpunkt still refers to it"),
        ('[remove]\nauthorities = ["amt"]', "zustaendigkeiten, line 2"),
    ],
)
async def test_what_is_still_used_cannot_be_taken_away(desk: DeclaringOffice, declaration: str, words: str) -> None:
    await desk.apply(TOWN)
    assert words in await refused(desk, declaration)
