"""The admin socket: only its own user gets in, and nothing that is sent breaks it."""

import asyncio
import grp
import os
import pwd
import socket
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from chains_for_tests import NOW
from patience import PATIENCE
from store_samples import a_message

from amtsbote.admin.commands import COMMANDS
from amtsbote.admin.mistakes import DeclarationRefused, mistake
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused, RefusedThere, as_refusal
from amtsbote.admin.socket import NoDaemon, admin_socket, ask, listens
from amtsbote.errors import Misconfigured, StorageFull
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Editor
from amtsbote.model.ids import EditorId
from amtsbote.store import SqliteStore

LARGEST = 4096
NOBODY = 65534


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    store = SqliteStore.open(tmp_path / "data", readers=1)
    yield Office(store, Vault(bytes(32)), (), frozenset, {}, lambda: NOW, nobody_to_tell)
    await store.close()


@pytest.fixture
async def path(office: Office, tmp_path: Path) -> AsyncIterator[Path]:
    async with admin_socket(office, tmp_path / "run" / "admin.sock", largest=LARGEST):
        yield tmp_path / "run" / "admin.sock"


async def sent(path: Path, request: bytes) -> Any:
    """The answer to exactly these bytes."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return orjson.loads(answer)


async def test_a_command_is_answered(office: Office, path: Path) -> None:
    await office.store.write(lambda tx: tx.messages.add(a_message(), None))
    answer = await asyncio.to_thread(ask, path, "submissions.list", {})
    assert [one["id"] for one in answer["submissions"]] == ["m1"]


async def test_socket_and_folder_are_its_users_alone(path: Path) -> None:
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_actor_is_the_peers_uid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def remember(_: Office, actor: str, __: Any) -> dict[str, Any]:
        seen.append(actor)
        return {}

    monkeypatch.setitem(COMMANDS, "remember", remember)
    await asyncio.to_thread(ask, path, "remember", {"actor": "uid:0", "uid": 0})
    assert seen == [f"uid:{os.geteuid()}"]


async def test_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amtsbote.admin.socket._PEER", _Stranger())
    with pytest.raises(RefusedThere) as caught:
        await asyncio.to_thread(ask, path, "submissions.list", {})
    assert caught.value.refusal["code"] == "stranger"
    assert "4242" in caught.value.refusal["de"]


class _Stranger:
    """The kernel's answer for a peer of another user, without needing another user to run the test."""

    size = 12

    def unpack(self, _: bytes) -> tuple[int, int, int]:
        return 1, 4242, 4242


@pytest.mark.parametrize(
    ("request_line", "code"),
    [
        (b"\n", "arguments"),
        (b"{", "arguments"),
        (b"[]\n", "arguments"),
        (b"5\n", "arguments"),
        (b"{}\n", "arguments"),
        (b'{"command": 5, "arguments": {}}\n', "arguments"),
        (b'{"command": "submissions.list", "arguments": []}\n', "arguments"),
        (b'{"command": "submissions.list", "arguments": {"limit": 0}}\n', "arguments"),
        (b'{"command": "submissions.list", "arguments": {"nonsense": 0}}\n', "arguments"),
        (b'{"command": "submissions.show", "arguments": {"id": ""}}\n', "arguments"),
        (b'{"command": "submissions.show", "arguments": {"id": "nobody"}}\n', "not-found"),
        (b'{"command": "rm -rf", "arguments": {}}\n', "no-command"),
        (b"\xff\xfe\x00\n", "arguments"),
        (b'{"command": "' + b"x" * LARGEST * 3 + b'"}\n', "too-large"),
    ],
)
async def test_what_cannot_be_understood_is_refused_and_the_next_command_works(
    path: Path, request_line: bytes, code: str
) -> None:
    refusal = (await sent(path, request_line))["error"]
    assert refusal["code"] == code
    assert refusal["de"] != refusal["en"]
    assert (await asyncio.to_thread(ask, path, "submissions.list", {}))["total"] == 0


async def test_an_unexpected_error_is_answered_without_its_details(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(_: Office, __: str, ___: Any) -> dict[str, Any]:
        raise RuntimeError("inner secret")

    monkeypatch.setitem(COMMANDS, "broken", broken)
    with pytest.raises(RefusedThere) as caught:
        await asyncio.to_thread(ask, path, "broken", {})
    assert caught.value.refusal["code"] == "internal"
    assert "inner secret" not in str(caught.value.refusal)
    assert "admin.failed" in capsys.readouterr().out


async def test_a_peer_that_only_looks_leaves_no_trace(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(listens, path)
    await asyncio.to_thread(ask, path, "submissions.list", {})
    assert capsys.readouterr().out == ""


async def test_a_command_in_hand_is_finished_before_the_socket_is_gone(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Office, __: str, ___: Any) -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        return {"done": True}

    monkeypatch.setitem(COMMANDS, "slow", slow)
    socket_file = tmp_path / "admin.sock"
    async with admin_socket(office, socket_file) as window:
        asked = asyncio.create_task(asyncio.to_thread(ask, socket_file, "slow", {}))
        await begun.wait()
        asyncio.get_running_loop().call_soon(go_on.set)
    assert not window.gave_up
    assert await asked == {"done": True}
    assert not socket_file.exists()


async def test_a_peer_that_does_not_take_its_answer_does_not_keep_the_daemon(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()

    async def much(_: Office, __: str, ___: Any) -> dict[str, Any]:
        done.set()
        return {"much": "x" * 5_000_000}

    monkeypatch.setitem(COMMANDS, "much", much)
    with socket.socket(socket.AF_UNIX) as peer:
        async with asyncio.timeout(PATIENCE), admin_socket(office, tmp_path / "admin.sock", grace=0.05) as window:
            peer.connect(str(tmp_path / "admin.sock"))
            peer.sendall(b'{"command": "much", "arguments": {}}\n')
            await done.wait()
        assert window.gave_up
        with pytest.raises(ValueError, match="unexpected end of data"):
            orjson.loads(b"".join(iter(lambda: peer.recv(1 << 20), b"")))


async def test_a_command_that_takes_too_long_is_given_up_at_the_end(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = asyncio.Event()

    async def endless(_: Office, __: str, ___: Any) -> dict[str, Any]:
        begun.set()
        await asyncio.Event().wait()
        return {}

    monkeypatch.setitem(COMMANDS, "endless", endless)
    async with asyncio.timeout(PATIENCE), admin_socket(office, tmp_path / "admin.sock", grace=0.05) as window:
        asked = asyncio.create_task(asyncio.to_thread(ask, tmp_path / "admin.sock", "endless", {}))
        await begun.wait()
    with pytest.raises(CommandRefused, match="has not answered"):
        await asked
    assert window.gave_up
    assert "admin.given-up" in capsys.readouterr().out


async def test_somebody_who_never_asks_does_not_keep_the_daemon(office: Office, tmp_path: Path) -> None:
    async with admin_socket(office, tmp_path / "admin.sock"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "admin.sock")
        await asyncio.to_thread(ask, tmp_path / "admin.sock", "submissions.list", {})
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_socket_left_by_a_killed_daemon_is_replaced(office: Office, tmp_path: Path) -> None:
    left = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    assert not listens(left)
    async with admin_socket(office, left):
        assert await asyncio.to_thread(listens, left)


async def test_a_file_in_the_way_is_not_removed(office: Office, tmp_path: Path) -> None:
    (tmp_path / "admin.sock").write_text("important")
    with pytest.raises(CommandRefused, match="in the way"):
        async with admin_socket(office, tmp_path / "admin.sock"):
            pass
    assert (tmp_path / "admin.sock").read_text() == "important"


async def test_a_folder_deeper_than_the_kernel_takes_works(office: Office, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*(["a-rather-long-folder-name"] * 8)) / "admin.sock"
    async with admin_socket(office, deep):
        assert await asyncio.to_thread(ask, deep, "submissions.list", {}) == {
            "total": 0,
            "offset": 0,
            "submissions": [],
        }


def test_nobody_there_is_said(tmp_path: Path) -> None:
    assert not listens(tmp_path / "nothing.sock")
    with pytest.raises(NoDaemon):
        ask(tmp_path / "nothing.sock", "submissions.list", {})


@asynccontextmanager
async def answering(path: Path, answer: bytes) -> AsyncIterator[None]:
    """A server that answers every connection with these bytes."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"nonsense\n", b'{"ok": {"tru'])
async def test_a_daemon_that_dies_while_answering_is_said(tmp_path: Path, answer: bytes) -> None:
    async with answering(tmp_path / "admin.sock", answer):
        with pytest.raises(CommandRefused, match="has not answered"):
            await asyncio.to_thread(ask, tmp_path / "admin.sock", "submissions.list", {})


def test_a_refused_declaration_travels_with_its_mistakes() -> None:
    refused = DeclarationRefused("town.toml", [mistake("[routes]", "field.text")])
    there = RefusedThere(as_refusal(refused))
    assert as_refusal(there)["mistakes"] == [
        {"place": "[routes]", "de": mistake("", "field.text").de, "en": mistake("", "field.text").en}
    ]
    assert as_refusal(there)["code"] == "declaration"


def test_an_error_with_one_sentence_says_it_in_both_languages() -> None:
    assert as_refusal(Misconfigured("wrong")) == {"code": "refused", "de": "wrong", "en": "wrong"}


def test_a_store_in_trouble_is_told_in_both_languages_with_what_to_do() -> None:
    refusal = as_refusal(StorageFull("no room"))
    assert refusal["code"] == "storage"
    assert "(no room). Instand setzen" in refusal["de"]
    assert "(no room). Mend that" in refusal["en"]


# editors


class _Peer:
    """The kernel's answer for a peer that is this user."""

    size = 12

    def __init__(self, uid: int) -> None:
        self._uid = uid

    def unpack(self, _: bytes) -> tuple[int, int, int]:
        return 1, self._uid, 0


@pytest.fixture
async def editor(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whoever asks now is the user `nobody`, an editor of the directory; its user name."""
    user = pwd.getpwuid(NOBODY).pw_name
    entry = Editor(EditorId("karin"), "Karin Maier", user, ("14",))
    await office.store.write(lambda tx: tx.directory.put(entry))
    monkeypatch.setattr("amtsbote.admin.socket._PEER", _Peer(NOBODY))
    return user


@pytest.mark.usefixtures("editor")
async def test_an_editor_of_the_directory_gets_in_for_the_routing_tables_alone(path: Path) -> None:
    assert await asyncio.to_thread(ask, path, "routes.drafts", {}) == {"total": 0, "offset": 0, "drafts": []}
    with pytest.raises(RefusedThere) as caught:
        await asyncio.to_thread(ask, path, "submissions.list", {})
    assert caught.value.refusal["code"] == "not-allowed"


async def test_a_user_without_a_name_is_no_editor_who_has_no_user(
    office: Office, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who comes with a client alone, over HTTP."""
    entry = Editor(EditorId("karin"), "Karin Maier", None, ("14",))
    await office.store.write(lambda tx: tx.directory.put(entry))
    nameless = next(uid for uid in range(2_000_000, 2_000_100) if _has_no_name(uid))
    monkeypatch.setattr("amtsbote.admin.socket._PEER", _Peer(nameless))

    with pytest.raises(RefusedThere) as caught:
        await asyncio.to_thread(ask, path, "routes.drafts", {})
    assert caught.value.refusal["code"] == "stranger"


def _has_no_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return True
    return False


async def test_an_editor_acts_under_its_own_name(path: Path, editor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def remember(_: Office, actor: str, __: Any) -> dict[str, Any]:
        seen.append(actor)
        return {}

    monkeypatch.setitem(COMMANDS, "routes.drafts", remember)
    await asyncio.to_thread(ask, path, "routes.drafts", {"actor": "uid:0"})
    assert (seen, editor) == (["editor:karin"], pwd.getpwuid(NOBODY).pw_name)


@pytest.mark.usefixtures("editor")
async def test_one_editor_has_two_requests_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: asyncio.Queue[None] = asyncio.Queue()
    released = asyncio.Event()

    async def slow(_: Office, __: str, ___: Any) -> dict[str, Any]:
        begun.put_nowait(None)
        async with asyncio.timeout(PATIENCE):
            await released.wait()
        return {}

    monkeypatch.setitem(COMMANDS, "routes.drafts", slow)
    async with asyncio.TaskGroup() as two:
        for _ in range(2):
            two.create_task(asyncio.to_thread(ask, path, "routes.drafts", {}))
            await begun.get()
        with pytest.raises(RefusedThere) as caught:
            await asyncio.to_thread(ask, path, "routes.drafts", {})
        released.set()
    assert caught.value.refusal["code"] == "busy"
    await asyncio.to_thread(ask, path, "routes.drafts", {})


async def test_a_group_may_connect_where_the_installation_names_one(office: Office, tmp_path: Path) -> None:
    own = grp.getgrgid(os.getegid()).gr_name
    async with admin_socket(office, tmp_path / "run" / "admin.sock", group=own):
        assert mode(tmp_path / "run" / "admin.sock") == 0o660
        assert (tmp_path / "run" / "admin.sock").stat().st_gid == os.getegid()
        assert mode(tmp_path / "run") == 0o700


async def test_a_group_that_is_not_there_is_named(office: Office, tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match="no-such-group"):
        async with admin_socket(office, tmp_path / "admin.sock", group="no-such-group"):
            pass
