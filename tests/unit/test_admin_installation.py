"""Founding an installation: what is written is what the daemon reads, and nothing is ever overwritten."""

import asyncio
import errno
import os
import stat
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from chains_for_tests import NOW, as_pem, issue
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import trusted_root

from amtsbote.admin.founding import Wishes, found
from amtsbote.admin.installation_file import installation_file
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Disk
from amtsbote.api.persistence import Page
from amtsbote.daemon.anchors import read_anchors
from amtsbote.daemon.settings import Settings
from amtsbote.errors import Language, Misconfigured
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyPurpose
from amtsbote.store import FolderLock, SqliteStore
from amtsbote.text.settings import SETTINGS

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "amtsbote.example.toml"
LANGUAGES: tuple[Language, Language] = ("de", "en")


def settings_of(text: str, folder: Path) -> Settings:
    (folder / "a.toml").write_text(text, "utf-8")
    return Settings.load(folder / "a.toml")


def uncommented(text: str) -> str:
    """Every shown default set; sentences end in a full stop, settings do not."""
    lines = [
        line.removeprefix("# ") if " = " in line and not line.endswith(".") else line for line in text.splitlines()
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_values_shown_as_defaults_are_the_defaults(tmp_path: Path, language: Language) -> None:
    text = installation_file({}, language)
    assert tomllib.loads(text) == {section: {} for section in Settings.model_fields}
    shown = tomllib.loads(uncommented(text))
    assert {section: set(keys) for section, keys in shown.items()} == {
        section: set(type(field.default).model_fields) for section, field in Settings.model_fields.items()
    }
    assert settings_of(uncommented(text), tmp_path) == settings_of("", tmp_path)


def test_every_setting_is_explained_and_nothing_else() -> None:
    sections = {f"config.{section}" for section in Settings.model_fields}
    keys = {
        f"config.{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in type(field.default).model_fields
    }
    assert set(SETTINGS) == sections | keys | {"config.head", "config.declarations"}


def test_the_example_is_what_the_program_writes() -> None:
    def without_threads(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("# threads")]

    assert without_threads(EXAMPLE.read_text("utf-8")) == without_threads(installation_file({}, "en"))


def test_values_with_quotes_and_umlauts_stay_themselves(tmp_path: Path) -> None:
    text = installation_file({"keys": {"trust_anchors": ['Wurzel "ä" \\ 1.pem']}}, "de")
    assert settings_of(text, tmp_path).keys.trust_anchors == (tmp_path / 'Wurzel "ä" \\ 1.pem',)


@pytest.fixture
def anchor(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> Path:
    path = tmp_path / "wurzel.pem"
    path.write_bytes(as_pem(issue([trusted_root(rsa_key)])))
    return path


async def test_an_installation_is_complete_and_its_owners_alone(tmp_path: Path, anchor: Path) -> None:
    wishes = Wishes((anchor,), "https://bote.example/x", "127.0.0.1:9000", "127.0.0.1:9001")
    made = await _founded(tmp_path / "bote", wishes)
    settings = Settings.load(made)
    assert settings.public.url == "https://bote.example/x"
    assert (settings.public.listen, settings.metrics.listen) == ("127.0.0.1:9000", "127.0.0.1:9001")
    assert read_anchors(settings.keys.trust_anchors) == read_anchors([anchor])
    assert not settings.keys.master_key_file.is_relative_to(settings.storage.folder)
    modes = [path.stat().st_mode for path in (settings.keys.master_key_file, made.parent, settings.storage.folder)]
    assert [stat.S_IMODE(mode) for mode in modes] == [0o600, 0o700, 0o700]
    store = SqliteStore.open(settings.storage.folder, readers=1)
    directory, audit = await store.read(lambda tx: (tx.directory.load(), tx.audit.page(Page(0, 10))))
    await store.close()
    purposes = {key.purpose: kid for kid, key in directory.keys.items()}
    assert set(purposes) == {KeyPurpose.EVENTS, KeyPurpose.ADDRESSING, KeyPurpose.ACCESS_TOKEN}
    assert [row.action for row in audit] == ["key.added"] * 3
    keys = KeyStore(Vault.from_file(settings.keys.master_key_file), directory.keys.values())
    assert keys.sign(purposes[KeyPurpose.EVENTS], b"x")


async def _founded(folder: Path, wishes: Wishes) -> Path:
    return (await asyncio.to_thread(found, folder, wishes, "de", NOW)).configuration


@pytest.mark.parametrize("present", ["amtsbote.toml", "master.key", "data/amtsbote.db", "trust-anchors"])
def test_nothing_that_exists_is_overwritten(tmp_path: Path, present: str) -> None:
    (tmp_path / present).parent.mkdir(exist_ok=True)
    (tmp_path / present).write_text("important")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CommandRefused, match="nothing is overwritten"):
        found(tmp_path, Wishes(), "en", NOW)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / present).read_text() == "important"


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "master.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CommandRefused):
        found(tmp_path, Wishes(), "en", NOW)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [None, b"", b"nothing"])
def test_an_anchor_that_is_no_certificate_is_refused_before_anything_is_made(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "wurzel.pem").write_bytes(content)
    with pytest.raises(Misconfigured, match="trust anchor"):
        found(tmp_path / "bote", Wishes((tmp_path / "wurzel.pem",)), "en", NOW)
    assert not (tmp_path / "bote").exists()


@pytest.mark.parametrize(
    ("wishes", "option"),
    [
        (Wishes(listen="nowhere"), "--listen: It must be HOST:PORT"),
        (Wishes(public_url="ftp://x"), "--public-url: It must be an http://"),
        (Wishes(metrics_listen="127.0.0.1:99999"), "--metrics-listen: It must be HOST:PORT"),
    ],
)
def test_values_the_daemon_would_refuse_are_named_by_their_option_before_anything_is_made(
    tmp_path: Path, anchor: Path, wishes: Wishes, option: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        found(tmp_path / "bote", replace(wishes, anchors=(anchor,)), "en", NOW)
    assert option in caught.value.en
    assert ".draft" not in caught.value.en + caught.value.de
    assert caught.value.de != caught.value.en
    assert not (tmp_path / "bote").exists()


class _Watched:
    """Notes what is made durable, and what was there at that moment."""

    def __init__(self, folder: Path, fail_at: int = 0) -> None:
        self.folder = folder
        self.synced: list[tuple[str, bool]] = []
        self.fail_at = fail_at

    def disk(self) -> Disk:
        return Disk(sync=self.sync)

    def sync(self, descriptor: int) -> None:
        name = os.path.relpath(Path(f"/proc/self/fd/{descriptor}").readlink(), self.folder.parent)
        self.synced.append((name, (self.folder / "data" / "amtsbote.db").exists()))
        if len(self.synced) == self.fail_at:
            raise OSError(errno.EIO, "Input/output error")
        os.fsync(descriptor)


SYNCED = [
    (".", False), ("bote", False),
    ("bote/trust-anchors/1.pem", False), ("bote/trust-anchors", False),
    ("bote/amtsbote.draft", False), ("bote/data", True), ("bote", True),
]  # fmt: skip
"""File or folder, and whether the database was there by then: the name of the key is durable before it."""


@pytest.fixture
def without_rsa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the service's keys takes seconds; these tests are about files."""
    monkeypatch.setattr("amtsbote.admin.founding.new_service_keys", lambda _: ())


@pytest.mark.usefixtures("without_rsa")
def test_everything_is_made_durable_and_the_key_before_the_database(tmp_path: Path, anchor: Path) -> None:
    watched = _Watched(tmp_path / "bote")
    found(tmp_path / "bote", Wishes((anchor,)), "en", NOW, watched.disk())
    assert watched.synced == SYNCED


@pytest.mark.usefixtures("without_rsa")
@pytest.mark.parametrize("fail_at", range(2, len(SYNCED) + 1))
def test_a_failure_leaves_nothing_in_the_way_of_the_next_attempt(tmp_path: Path, anchor: Path, fail_at: int) -> None:
    (tmp_path / "bote").mkdir()
    (tmp_path / "bote" / "notes.txt").write_text("important")
    watched = _Watched(tmp_path / "bote", fail_at - 1)
    with pytest.raises(CommandRefused, match="Input/output error"):
        found(tmp_path / "bote", Wishes((anchor,)), "en", NOW, watched.disk())
    left = {path.name for path in (tmp_path / "bote").rglob("*")}
    assert left == {"notes.txt", "data", "amtsbote.lock"}
    assert Settings.load(found(tmp_path / "bote", Wishes((anchor,)), "en", NOW).configuration)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandRefused, match="cannot be made"):
        found(tmp_path / "file" / "bote", Wishes(), "en", NOW)


def test_a_data_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    with FolderLock.take(tmp_path / "data"), pytest.raises(Misconfigured):
        found(tmp_path, Wishes(), "en", NOW)
    assert not (tmp_path / "data" / "amtsbote.db").exists()
