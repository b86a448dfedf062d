"""The admin socket: one line of JSON in, one line of JSON out, over a Unix socket of the service's own user, and of a
group where the installation names one.

Request `{"command", "arguments"}`; answer `{"ok": …}` or `{"error": {"code", "de", "en"}}`, for a refused declaration
with `mistakes`. Who asks is the uid the kernel names (SO_PEERCRED), never what the request says: root and the service's
user are the operator, an editor of the directory is known by its user name, everybody else is sent away unheard.
"""

import asyncio
import grp
import os
import pwd
import socket
import stat
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from amtsbote.admin.asking import Answer
from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office
from amtsbote.admin.people import EDITOR
from amtsbote.admin.refusals import CommandRefused, RefusedThere, as_refusal
from amtsbote.admin.turns import Turns
from amtsbote.errors import AmtsboteError
from schemas.confinement import give_back

LARGEST_MESSAGE: Final = 128 * 1024 * 1024
"""Bytes of one request or answer: a national routing table in base64 fits."""
REQUEST_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 5.0
"""How long the end waits for commands in hand, unless said otherwise."""
_LONGEST_ADDRESS: Final = 100
"""Characters; the kernel takes 107 bytes."""
_PEER: Final = struct.Struct("3i")
"""`struct ucred`: pid, uid, gid (unix(7))."""

log = structlog.get_logger()


class NoDaemon(AmtsboteError):
    """Nobody listens on the admin socket."""


@asynccontextmanager
async def admin_socket(
    office: Office,
    path: Path,
    *,
    turns: Turns | None = None,
    group: str | None = None,
    largest: int = LARGEST_MESSAGE,
    grace: float = GRACE_SECONDS,
) -> AsyncIterator["Window"]:
    """Serve the admin commands at `path` (0600, with a group 0660) as long as the context lasts; commands in hand are
    finished within `grace` seconds, or given up. `turns`: those of a second door that counts together with this one.

    The caller holds the folder lock, so a socket that is already there belongs to nobody. Raises `CommandRefused` when
    something else is in the way.
    """
    window = Window(office, turns or Turns(), largest)
    listening = _listening(path, group)
    loop = asyncio.get_running_loop()
    loop.add_reader(listening, window.accept, listening)
    try:
        yield window
    finally:
        loop.remove_reader(listening)
        _withdraw(listening, path)
        await window.close(grace)


class Window:
    """Answers everyone who comes; knows who is still there.

    It accepts by itself: what asyncio's server has accepted but not yet handed over would be lost at the end.
    """

    def __init__(self, office: Office, turns: Turns, largest: int) -> None:
        self._office = office
        self._turns = turns
        self._largest = largest
        self._here: set[asyncio.Task[None]] = set()
        self._undecided: set[asyncio.Task[Any]] = set()
        self._closing = False
        self.gave_up = False
        """Whether a command was cut off at the end: a thread that works for it may then still be there."""

    def accept(self, listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
        except OSError as error:
            log.warning("admin.not-accepted", reason=error.strerror)
            return
        task = asyncio.create_task(self._answer(connection))
        self._here.add(task)
        task.add_done_callback(self._here.discard)

    def trust(self, anchors: tuple[bytes, ...]) -> None:
        """Commands that come from now on take these roots (DER); those in hand keep theirs."""
        self._office = replace(self._office, anchors=anchors)

    async def close(self, grace: float) -> None:
        """Commands in hand are finished within `grace` seconds; who has not asked yet is sent away."""
        self._closing = True
        for task in self._undecided:
            task.cancel()
        if not self._here:
            return
        _, late = await asyncio.wait(self._here, timeout=grace)
        if late:
            self.gave_up = True
            log.warning("admin.given-up", commands=len(late), seconds=grace)
            for task in late:
                task.cancel()
            await asyncio.wait(late)

    async def _answer(self, connection: socket.socket) -> None:
        if self._closing:
            connection.close()
            return
        reader, writer = await asyncio.open_unix_connection(sock=connection, limit=self._largest)
        try:
            with ExitStack() as turn:
                answer = await self._settled(reader, writer, turn)
                if answer is not None:
                    writer.write(orjson.dumps(answer) + b"\n")
                writer.close()
                await writer.wait_closed()  # all of it was taken, however slowly
        except ConnectionError:
            log.info("admin.peer-gone")
        finally:
            writer.transport.abort()

    async def _settled(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: ExitStack
    ) -> Mapping[str, Any] | None:
        """None for somebody who only looked whether the daemon is there."""
        try:
            actor = await self._actor(writer)
            turn.enter_context(self._turns.of(actor))
            return await self._answered(actor, reader)
        except AmtsboteError as error:
            return {"error": as_refusal(error)}
        except ConnectionError:
            raise
        except Exception:
            log.exception("admin.failed")
            return {"error": as_refusal(CommandRefused("internal", "office.internal"))}

    async def _answered(self, actor: str, reader: asyncio.StreamReader) -> Mapping[str, Any] | None:
        with _among(self._undecided):
            line = await _line(reader, self._largest)
        if not line:
            return None
        size = len(line)
        command, arguments = await asyncio.to_thread(_command, line)
        del line  # that of national tables has tens of megabytes
        try:
            return {"ok": await run_command(self._office, actor, command, arguments)}
        finally:
            del arguments
            await asyncio.to_thread(give_back, size)

    async def _actor(self, writer: asyncio.StreamWriter) -> str:
        """Who asks, before a byte of the request is read. Raises `CommandRefused` for a stranger."""
        peer = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        _, uid, _ = _PEER.unpack(peer)
        if uid in {0, os.geteuid()}:
            return f"uid:{uid}"
        user = await asyncio.to_thread(_user, uid)  # may ask a directory service
        editors = await self._office.store.read(lambda tx: tx.directory.editors())
        known = (editor for editor in editors.values() if user is not None and editor.user == user)
        if editor := next(known, None):
            return f"{EDITOR}{editor.id}"
        raise CommandRefused("stranger", "office.stranger", uid=uid)


def _user(uid: int) -> str | None:
    """The name of a user; None for one without."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


@contextmanager
def _among(tasks: set[asyncio.Task[Any]]) -> Iterator[None]:
    """The present task is one of `tasks` as long as the context lasts."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("only within a task")
    tasks.add(task)
    try:
        yield
    finally:
        tasks.discard(task)


def listens(path: Path) -> bool:
    """Whether a daemon answers at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            _connect(connection, path)
        except NoDaemon:
            return False
    return True


def ask(path: Path, command: str, arguments: Mapping[str, Any]) -> Answer:
    """Have the daemon carry out a command. Raises `NoDaemon`, `CommandRefused`, or `RefusedThere` with its refusal."""
    request = orjson.dumps({"command": command, "arguments": arguments}) + b"\n"
    if len(request) > LARGEST_MESSAGE:
        raise CommandRefused("too-large", "office.too-large", limit=LARGEST_MESSAGE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection, path)
        try:
            with suppress(BrokenPipeError):  # refused before it was read: the answer says why
                connection.sendall(request)
            with connection.makefile("rb") as answers:
                answer = orjson.loads(answers.readline(LARGEST_MESSAGE))
        except (OSError, ValueError) as error:
            raise CommandRefused("no-answer", "office.no-answer", reason=type(error).__name__) from error
    if "error" in answer:
        raise RefusedThere(answer["error"])
    done: Answer = answer["ok"]
    return done


async def _line(reader: asyncio.StreamReader, largest: int) -> bytes:
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            return await reader.readline()
    except TimeoutError:
        raise CommandRefused("arguments", "office.arguments", reason="timeout") from None
    except ValueError:
        raise CommandRefused("too-large", "office.too-large", limit=largest) from None


def _command(line: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        request = orjson.loads(line)
        command, arguments = request["command"], request["arguments"]
    except orjson.JSONDecodeError:
        raise CommandRefused("arguments", "office.arguments", reason="JSON") from None
    except (KeyError, TypeError, IndexError):
        raise CommandRefused("arguments", "office.arguments", reason="command, arguments") from None
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise CommandRefused("arguments", "office.arguments", reason="command, arguments")
    return command, arguments


def _connect(connection: socket.socket, path: Path) -> None:
    try:
        with _address(path) as address:
            connection.connect(address)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NoDaemon(str(path)) from None
    except PermissionError:
        raise CommandRefused("no-permission", "office.no-permission", path=path) from None


def _listening(path: Path, group: str | None) -> socket.socket:
    """A socket nobody can connect to before it has its permissions. A folder that has to be made is the user's alone:
    one that the group can enter is the operator's to make."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.exists():
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise CommandRefused("in-the-way", "office.socket-in-the-way", path=path)
        path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(path) as address:
        bound.bind(address)
    path.chmod(0o600)
    if group is not None:
        try:
            _hand_to_group(path, group)
        except CommandRefused:
            _withdraw(bound, path)
            raise
    bound.listen()
    bound.setblocking(False)
    return bound


def _hand_to_group(path: Path, group: str) -> None:
    try:
        os.chown(path, -1, grp.getgrnam(group).gr_gid)
    except KeyError:
        raise CommandRefused("no-group", "office.no-group", group=group) from None
    except PermissionError:
        raise CommandRefused("no-group", "office.group-not-ours", group=group) from None
    path.chmod(0o660)


def _withdraw(listening: socket.socket, path: Path) -> None:
    listening.close()
    path.unlink(missing_ok=True)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path as the kernel takes it: a deep folder is reached through its descriptor."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
