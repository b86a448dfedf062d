"""P4 `large-attachment`: one attachment of 500 MB from the PUT to the folder and the accept event in the log, and
another through the house to the subscriber of an end-to-end destination, who fetches it.

`AT_ONCE=8`: so many of them at the same time, and beside them one small attachment from a sender whose line is slow.

Memory is the PSS of daemon and helpers together, sampled all the way. No plaintext may come to the house's own disk: no
file outside data folder and target is open for writing at any sample, and in the end nothing but the target holds a
mark of the plaintext. Floor: the same bytes read, decoded, decrypted, hashed and written durably by one thread; on the
way through, read, hashed, written durably, and read and hashed again.
"""

import hashlib
import json
import mmap
import os
import sys
import tempfile
import threading
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import jwcrypto.jwk
from application_kit import Application, Enclosure, Sealed, seal
from bench_house import (
    ANNOUNCE,
    CLIENT,
    DESTINATION,
    SEALED,
    SECRET,
    SUBSCRIBER,
    House,
    build_house,
    cpu_seconds,
    running,
)
from broker_kit import children_of
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from keyring_for_tests import shared_key
from large_parts import MARK, MemoryWatch, naming, pieces_of, proportional, write_token
from portal_kit import Client, waited_for

MEGABYTES = int(os.environ.get("MEGABYTES", "500"))
AT_ONCE = int(os.environ.get("AT_ONCE", "1"))
SIZE = MEGABYTES * 1_000_000
SLOW_SIZE = 20_000_000
SLOW_STEP = 64 * 1024
SLOW_REST = 0.1
"""Seconds between two steps."""
BOUND_MB = 300
PATIENCE = 600.0
JSON = {"Content-Type": "application/json"}
ENCLOSURE = Enclosure(b"", "befliegung.tif", "image/tiff")


@dataclass(frozen=True)
class Attached:
    """An application and the encrypted attachment that goes with it."""

    sealed: Sealed
    token: Path
    digest: str


@dataclass(frozen=True)
class Load:
    """What is sent: a small application before the clock starts, the large one, and that of the slow line."""

    small: Sealed
    large: Attached
    slow: Attached
    sealed: Attached
    """For the end-to-end destination."""


def main() -> int:
    os.environ["AMTSBOTE__LIMITS__ATTACHMENT"] = str(SIZE * 2)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        house = build_house(Path(folder) / "house")
        load = _prepared(house, Path(folder))
        floor = _floor(load.large.token, Path(folder) / "floor")
        with running(house, "whole") as daemon:
            through = _measure_through(house, daemon.pid, load.sealed, Path(folder) / "floor")
            return _measure(house, daemon.pid, load, floor) or through


def _prepared(house: House, folder: Path) -> Load:
    keys = house.folder.parent / "keys"
    signing = jwcrypto.jwk.JWK.from_pyca(shared_key(keys, "portal"))

    def key_of(name: str) -> jwcrypto.jwk.JWK:
        public = jwcrypto.jwk.JWK.from_pyca(shared_key(keys, name).public_key())
        return jwcrypto.jwk.JWK(**{**public.export_public(as_dict=True), "kid": public.thumbprint()})

    def attached(size: int, name: str, destination: str = DESTINATION, key: str = "encryption") -> Attached:
        token = folder / f"{name}.jwe"
        digest = write_token(token, key_of(key), size)
        application = Application(destination, enclosures=(ENCLOSURE,))
        return Attached(seal(application, key_of(key), signing, naming(digest)), token, digest)

    small = seal(Application(DESTINATION), key_of("encryption"), signing)
    sealed = attached(SIZE, "sealed", SEALED, "subscriber-encryption")
    return Load(small, attached(SIZE, "large"), attached(SLOW_SIZE, "slow"), sealed)


def _floor(token: Path, copy: Path) -> float:
    """Megabytes of plaintext per second."""
    began = time.perf_counter()
    decryptor = Cipher(AES(bytes(32)), GCM(bytes(12))).decryptor()
    digest = hashlib.sha512()
    with copy.open("wb") as file:
        for piece in pieces_of(token):
            letters = piece.replace(b".", b"")
            plain = decryptor.update(b64decode(letters[: len(letters) // 4 * 4], altchars=b"-_"))
            digest.update(plain)
            file.write(plain)
        os.fsync(file.fileno())
    copy.unlink()
    return MEGABYTES / (time.perf_counter() - began)


def _measure(house: House, pid: int, load: Load, floor: float) -> int:
    client = Client(f"http://{house.public}", CLIENT, SECRET)
    _send(client, load.small)
    cpu, began = cpu_seconds(pid), time.perf_counter()
    own = (house.folder / "data", house.inbox, house.folder / "daemon.log")
    with MemoryWatch(pid, proportional) as memory, WrittenFiles(pid, own) as files:
        wanted = _send_all(house, load)
    seconds, cpu = time.perf_counter() - began, cpu_seconds(pid) - cpu
    peak, marked = memory.peak / 2**20, _marked(house.folder, house.inbox)
    arrived = sorted(map(_digest, house.inbox.glob("*/anlage-01.tif"))) == sorted(wanted)
    rate = AT_ONCE * MEGABYTES / seconds
    print(
        f"machine cores={os.cpu_count()} before_mb={memory.before / 2**20:.0f} bound_mb={BOUND_MB} at_once={AT_ONCE} "
        f"megabytes={MEGABYTES} arrived={arrived}"
    )
    print(f"plaintext on disk: files_with_a_mark={len(marked)} other_files_written={len(files.others)}")
    print(
        f"large-attachment ratio={rate / floor:.2f} rate={rate:.0f} floor={floor:.0f} "
        f"cpu_ms_per_message={cpu * 1000 / AT_ONCE:.0f} peak_mb={peak:.0f}"
    )
    return 0 if arrived and peak < BOUND_MB and not marked and not files.others else 1


def _measure_through(house: House, pid: int, sealed: Attached, copy: Path) -> int:
    """Up to an end-to-end destination and down to its subscriber; nothing is opened on the way."""
    floor = _floor_through(sealed.token, copy)
    client = Client(f"http://{house.public}", CLIENT, SECRET)
    subscriber = Client(f"http://{house.public}", SUBSCRIBER, SECRET)
    subscriber.token()
    cpu, began = cpu_seconds(pid), time.perf_counter()
    with MemoryWatch(pid, proportional) as memory:
        view = _submit(client, sealed.sealed, sealed.token, pieces_of(sealed.token))
        turned = time.perf_counter()
        fetched = _fetched(subscriber, view["submissionId"])
    up, down, cpu = turned - began, time.perf_counter() - turned, cpu_seconds(pid) - cpu
    peak, arrived = memory.peak / 2**20, fetched == _digest(sealed.token)
    rate = MEGABYTES / (up + down)
    print(
        f"through: up_mb_per_second={MEGABYTES / up:.0f} down_mb_per_second={MEGABYTES / down:.0f} arrived={arrived} "
        f"ratio={rate / floor:.2f} rate={rate:.0f} floor={floor:.0f} cpu_ms_per_message={cpu * 1000:.0f} "
        f"peak_mb={peak:.0f} bound_mb={BOUND_MB}"
    )
    return 0 if arrived and peak < BOUND_MB else 1


def _floor_through(token: Path, copy: Path) -> float:
    """Megabytes of plaintext per second."""
    began, digest = time.perf_counter(), hashlib.sha512()
    with copy.open("wb") as file:
        for piece in pieces_of(token):
            digest.update(piece)
            file.write(piece)
        os.fsync(file.fileno())
    _digest(copy)
    copy.unlink()
    return MEGABYTES / (time.perf_counter() - began)


def _fetched(subscriber: Client, submission: str) -> str:
    """SHA-512 of what comes over the wire."""
    address = f"{subscriber.base}/submission-api/v2/submissions/{submission}/attachments/{ENCLOSURE.id}"
    headers, digest = {"Authorization": f"Bearer {subscriber.token()}"}, hashlib.sha512()
    with subscriber.http.stream("GET", address, headers=headers, timeout=PATIENCE) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_raw():
            digest.update(chunk)
    return digest.hexdigest()


def _send_all(house: House, load: Load) -> list[str]:
    """Returns the digests of what must arrive."""

    def one(attached: Attached, pieces: Iterator[bytes]) -> str:
        _send(Client(f"http://{house.public}", CLIENT, SECRET), attached.sealed, attached.token, pieces)
        return attached.digest

    with ThreadPoolExecutor(AT_ONCE + 1) as senders:
        sent = [senders.submit(one, load.large, pieces_of(load.large.token)) for _ in range(AT_ONCE)]
        if AT_ONCE > 1:
            sent.append(senders.submit(one, load.slow, _slowly(load.slow.token)))
        return [each.result() for each in sent]


def _slowly(token: Path) -> Iterator[bytes]:
    with token.open("rb") as file:
        while piece := file.read(SLOW_STEP):
            yield piece
            time.sleep(SLOW_REST)


def _send(client: Client, sealed: Sealed, token: Path | None = None, pieces: Iterable[bytes] = ()) -> None:
    case = _submit(client, sealed, token, pieces)["caseId"]
    ends = {"accept-submission": True}
    waited_for(lambda: ends.get(client.events(case)[-1].name), "acceptance", PATIENCE)


def _submit(client: Client, sealed: Sealed, token: Path | None, pieces: Iterable[bytes]) -> dict[str, str]:
    view: dict[str, str] = client.good("POST", "/v2/submissions", content=_announcement(sealed), headers=JSON).json()
    path = f"/v2/submissions/{view['submissionId']}"
    if token is not None:
        headers = {"Content-Type": "application/jose", "Content-Length": str(token.stat().st_size)}
        client.good("PUT", f"{path}/attachments/{ENCLOSURE.id}", content=pieces, headers=headers)
    client.good("PUT", path, json=sealed.body)
    return view


def _announcement(sealed: Sealed) -> bytes:
    application = sealed.application
    about = {"announcedAttachments": application.parts, "destinationId": application.destination}
    return json.dumps(json.loads(ANNOUNCE) | about).encode()


class WrittenFiles:
    """What a daemon and its helpers have open for writing, apart from these folders and files, sampled to the end."""

    def __init__(self, daemon: int, allowed: tuple[Path, ...]) -> None:
        self._daemon = daemon
        self._allowed = tuple(str(path.resolve()) for path in allowed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.others: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.05):
            for process in [self._daemon, *children_of(self._daemon)]:
                self.others.update(path for path in _written(process) if not path.startswith(self._allowed))


def _written(process: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            path = str(descriptor.readlink())
            if not path.startswith(("/dev/", "/proc/")) and path.startswith("/") and _for_writing(process, descriptor):
                yield path


def _for_writing(process: int, descriptor: Path) -> bool:
    about = Path(f"/proc/{process}/fdinfo/{descriptor.name}").read_text()
    flags = next(line.split()[1] for line in about.splitlines() if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY


def _marked(folder: Path, target: Path) -> list[Path]:
    """Files below `folder`, outside the target, that show a piece of the plaintext."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_relative_to(target))
    return [path for path in files if path.stat().st_size and _shows(path)]


def _shows(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(MARK) >= 0


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
