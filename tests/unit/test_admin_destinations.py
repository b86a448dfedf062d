"""What a declaration says of a destination beyond services and keys: status, ways back, callback, names of keys."""

from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from chains_for_tests import NOW, Wish
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import (
    AUTHORITIES,
    DIRECT,
    END_TO_END,
    SEALED,
    TARGET,
    TENANTS,
    DeclaringOffice,
    declaring_office,
    destination,
    trusted_root,
    write_chain,
)

from amtsbote.admin.doctor_destinations import forlorn
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.callbacks import callback_secret
from amtsbote.model.directory import Destination, Status
from amtsbote.model.ids import DestinationId
from amtsbote.model.stage import Stage

Key = Callable[[str], RSAPrivateKey]
SECRET = "insecure_unsafe_qHScgrg_kP-R31jHUwp3GkVkGJolvBchz65b74Lzue0"
SENDING = f"{TENANTS}{AUTHORITIES}{TARGET}{END_TO_END}"


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        yield office


async def place(desk: DeclaringOffice, name: str = SEALED) -> Destination:
    return (await desk.directory()).destinations[DestinationId(name)]


def calling(url: str = "https://amt.example/neu", file: str = "callback.secret") -> str:
    secret = f', secret_file = "{file}"' if file else ""
    return f'{SENDING}callback = {{ url = "{url}"{secret} }}\n'


def keep_secret(desk: DeclaringOffice, secret: str, mode: int = 0o600) -> None:
    file = desk.folder / "callback.secret"
    file.write_text(f"{secret}\n")
    file.chmod(mode)


async def refused(desk: DeclaringOffice, declaration: str) -> str:
    before = await desk.directory(), await desk.audit()
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(declaration)
    assert (await desk.directory(), await desk.audit()) == before
    return str(caught.value)


# callbacks


async def test_the_secret_of_a_callback_is_sealed_and_shown_nowhere(desk: DeclaringOffice) -> None:
    keep_secret(desk, SECRET)
    answer = await desk.apply(calling())

    callback = (await place(desk)).callback
    assert callback is not None
    assert (callback.url, callback_secret(desk.office.vault, callback, SEALED)) == ("https://amt.example/neu", SECRET)
    shown = await desk.run("destinations.show", {"id": SEALED})
    exported = await desk.run("export", {"folder": "x"})
    assert shown["destination"]["callback"] == {"url": "https://amt.example/neu", "secret": "***"}
    assert exported["missing"]["callback-secrets"] == [SEALED]
    assert SECRET not in f"{answer}{shown}{exported}{await desk.audit()}"


@pytest.mark.parametrize("file", ["callback.secret", ""])
async def test_the_same_secret_or_none_named_changes_nothing(desk: DeclaringOffice, file: str) -> None:
    keep_secret(desk, SECRET)
    await desk.apply(calling())
    before = await place(desk)

    assert (await desk.preview(calling(file=file)))["changes"] == []
    await desk.apply(calling(file=file))
    assert await place(desk) == before


async def test_a_new_secret_is_a_change_that_does_not_show_it(desk: DeclaringOffice) -> None:
    keep_secret(desk, SECRET)
    await desk.apply(calling())
    keep_secret(desk, "another")

    [change] = (await desk.apply(calling()))["changes"]

    assert change["fields"]["callback"]["after"] == {"url": "https://amt.example/neu", "secret": "*** (new)"}
    callback = (await place(desk)).callback
    assert callback is not None
    assert callback_secret(desk.office.vault, callback, SEALED) == "another"


async def test_a_callback_left_out_is_gone(desk: DeclaringOffice) -> None:
    keep_secret(desk, SECRET)
    await desk.apply(calling())
    await desk.apply(SENDING)
    assert (await place(desk)).callback is None


async def test_a_new_callback_needs_a_usable_secret_that_is_its_owners_alone(desk: DeclaringOffice) -> None:
    assert "name its `secret_file`" in await refused(desk, calling(file=""))
    for unusable in ("", "x" * 513, "two\nlines"):
        keep_secret(desk, unusable)
        assert "must hold one line" in await refused(desk, calling())
    keep_secret(desk, SECRET, 0o640)
    assert "chmod 600" in await refused(desk, calling())


@pytest.mark.parametrize(
    "url",
    [
        "http://amt.example",
        "https://",
        "https://user@amt.example",
        "https://amt.example/#x",
        "https://amt.example:0/",
        "https://amt.example:99999/",
        "https://[::1/",
        "https://amt.example/ü",
        "https://amt.example/a b",
        f"https://amt.example/{'x' * 2048}",
        "ftp://amt.example",
        "amt.example",
    ],
)
async def test_an_address_that_cannot_be_called_is_refused(desk: DeclaringOffice, url: str) -> None:
    keep_secret(desk, SECRET)
    assert "must be an https:// address" in await refused(desk, calling(url))


# status


async def test_a_destination_may_be_declared_before_it_has_keys_and_services(desk: DeclaringOffice) -> None:
    bare = destination(
        SEALED,
        tenant='"saxony"',
        holding='"end-to-end"',
        authority="",
        subscriber='"saxony-software"',
        status='"created"',
        encryption_key="",
        signing_key="",
        services="",
    )
    await desk.apply(f"{TENANTS}{bare}")

    made = await place(desk)
    assert (made.status, made.status_since, made.encryption_key, made.services) == (Status.CREATED, None, "", ())
    assert (await desk.preview((await desk.run("export", {"folder": "x"}))["declaration"]))["changes"] == []


async def test_a_status_remembers_since_when_it_is(desk: DeclaringOffice) -> None:
    await desk.apply(SENDING)
    assert ((await place(desk)).status, (await place(desk)).status_since) == (Status.ACTIVE, None)
    closed = f'{SENDING}status = "inactive"\n'
    await desk.apply(closed)
    desk.at(NOW + timedelta(days=1))

    assert (await desk.preview(closed))["changes"] == []
    assert ((await place(desk)).status, (await place(desk)).status_since) == (Status.INACTIVE, NOW)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("active", "created", "cannot become `created` again"),
        ("inactive", "created", "cannot become `created` again"),
        ("decommissioned", "active", "cannot be taken back"),
    ],
)
async def test_no_status_leads_back(desk: DeclaringOffice, first: str, second: str, words: str) -> None:
    await desk.apply(f'{SENDING}status = "{first}"\n')
    assert words in await refused(desk, f'{SENDING}status = "{second}"\n')


# keys by other names


async def test_a_subscribers_key_may_have_a_name_of_its_own_and_keeps_it(desk: DeclaringOffice, rsa_key: Key) -> None:
    own = SENDING.replace('"encryption.pem" }', '"encryption.pem", kid = "leipzig-2026" }')
    await desk.apply(own)

    assert (await place(desk)).encryption_key == "leipzig-2026"
    assert (await desk.preview(SENDING))["changes"] == []
    exported = await desk.run("export", {"folder": "x"})
    assert 'kid = "leipzig-2026"' in exported["declaration"]
    assert thumbprint(rsa_key("encryption").public_key()) not in exported["declaration"]


async def test_two_keys_cannot_have_one_name(desk: DeclaringOffice, rsa_key: Key) -> None:
    root = trusted_root(rsa_key)
    write_chain(desk.folder / "new.pem", Wish("new", rsa_key("new"), frozenset({"key_encipherment"})), root)
    await desk.apply(SENDING.replace('"encryption.pem" }', '"encryption.pem", kid = "leipzig-2026" }'))
    taken = SENDING.replace('"encryption.pem" }', '"new.pem", kid = "leipzig-2026" }')
    assert "is called leipzig-2026 already" in await refused(desk, taken)


# what else is said


async def test_ways_back_and_the_oldest_metadata_version_come_back_as_declared(desk: DeclaringOffice) -> None:
    said = (
        'oldest_metadata_version = "1.3.0"\n'
        "[destinations.reply_channels]\neMail = { usePgp = true }\nelster = {}\n"
        'fitConnect = { processStandards = ["urn:amtsbote:standard:antwort:1.0"] }\n'
    )
    await desk.apply(f"{TENANTS}{AUTHORITIES}{TARGET}{destination()}{said}")

    made = await place(desk, DIRECT)
    assert made.oldest_metadata_version == "1.3.0"
    assert made.reply_channels == {
        "eMail": {"usePgp": True},
        "elster": {},
        "fitConnect": {"processStandards": ("urn:amtsbote:standard:antwort:1.0",)},
    }
    assert made.takes_replies
    shown = await desk.run("destinations.show", {"id": DIRECT})
    assert shown["destination"]["reply_channels"]["fitConnect"] == {
        "processStandards": ["urn:amtsbote:standard:antwort:1.0"]
    }


# destinations their subscribers manage

MANAGED = SENDING.replace('id = "saxony-software"', 'id = "saxony-software"\nmanages = true')


async def changed_by_its_subscriber(desk: DeclaringOffice) -> Destination:
    """As `Managing` records it."""
    changed = replace(await place(desk), name="Neu", status=Status.INACTIVE, status_since=NOW, services=())
    await desk.office.store.write(lambda tx: tx.directory.put(changed))
    return changed


async def test_what_a_subscriber_manages_stays_as_it_is_and_is_told(desk: DeclaringOffice, rsa_key: Key) -> None:
    await desk.apply(MANAGED)
    changed = await changed_by_its_subscriber(desk)
    new = Wish("new", rsa_key("new"), frozenset({"key_encipherment"}))
    write_chain(desk.folder / "encryption.pem", new, trusted_root(rsa_key))
    keep_secret(desk, SECRET)

    calls = 'callback = { url = "https://amt.example", secret_file = "callback.secret" }\n'
    shown = await desk.apply(f'{MANAGED}stage = "test"\n{calls}')

    assert shown["kept"] == [{"id": SEALED, "fields": ["name", "services", "status", "callback", "encryption_key"]}]
    assert [change["fields"] for change in shown["changes"]] == [{"stage": {"before": "live", "after": "test"}}]
    assert await place(desk) == replace(changed, stage=Stage.TEST)


async def test_an_export_of_a_managed_destination_is_no_change_and_keeps_nothing(desk: DeclaringOffice) -> None:
    await desk.apply(MANAGED)
    changed = replace(await place(desk), name="Neu", status=Status.INACTIVE, status_since=NOW)
    await desk.office.store.write(lambda tx: tx.directory.put(changed))
    exported = await desk.run("export", {"folder": "x"})
    (desk.folder / "x").mkdir()
    for name, content in exported["files"].items():
        (desk.folder / name).write_bytes(b64decode(content))

    shown = await desk.preview(exported["declaration"])

    assert (shown["changes"], shown["kept"]) == ([], [])


@pytest.mark.parametrize("said", ["here", "before"])
async def test_where_the_right_to_manage_is_taken_away_the_declaration_holds_again(
    desk: DeclaringOffice, said: str
) -> None:
    await desk.apply(MANAGED)
    await changed_by_its_subscriber(desk)
    kept = await desk.preview(f"{AUTHORITIES}{END_TO_END}")
    assert (kept["changes"], len(kept["kept"])) == ([], 1)

    if said == "before":
        await desk.apply(TENANTS)
    shown = await desk.apply(SENDING if said == "here" else f"{AUTHORITIES}{TARGET}{END_TO_END}")

    assert shown["kept"] == []
    assert ((await place(desk)).name, (await place(desk)).status) == ("Zustellpunkt", Status.ACTIVE)


async def test_doctor_names_an_open_destination_without_a_subscriber_or_an_authority(desk: DeclaringOffice) -> None:
    await desk.apply(MANAGED)
    assert forlorn(await desk.directory()) == []

    await desk.apply(MANAGED.replace('authority = "landesamt"\n', ""))
    await desk.run("tenants.client-off", {"id": "saxony-software"})

    told = forlorn(await desk.directory())
    assert [(one["destination"], one["fault"]) for one in told] == [(SEALED, "subscriber-locked"), (SEALED, "unrouted")]
    await desk.run("destinations.stage", {"id": SEALED, "stage": "off"})
    assert forlorn(await desk.directory()) == []
