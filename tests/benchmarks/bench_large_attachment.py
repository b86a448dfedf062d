"""P4 `large-attachment`: one attachment of 500 MB from the PUT to the folder and the accept event in the log.

Memory is the PSS of daemon and helpers together, sampled all the way. No plaintext may come to the house's own disk: no
file outside data folder and target is open for writing at any sample, and in the end nothing but the target holds a
mark of the plaintext. Floor: the same bytes read, decoded, decrypted, hashed and written durably by one thread.
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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import jwcrypto.jwk
from application_kit import Application, Enclosure, Sealed, seal
from bench_house import ANNOUNCE, CLIENT, DESTINATION, SECRET, House, build_house, cpu_seconds, running
from broker_kit import children_of
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from keyring_for_tests import shared_key
from large_parts import MARK, MemoryWatch, naming, pieces_of, proportional, write_token
from portal_kit import Client, waited_for

MEGABYTES = int(os.environ.get("MEGABYTES", "500"))
SIZE = MEGABYTES * 1_000_000
BOUND_MB = 300
PATIENCE = 600.0
JSON = {"Content-Type": "application/json"}
ENCLOSURE = Enclosure(b"", "befliegung.tif", "image/tiff")


@dataclass(frozen=True)
class Load:
    """What is sent: a small application before the clock starts, and the large one."""

    small: Sealed
    large: Sealed
    token: Path
    digest: str


def main() -> int:
    os.environ["AMTSBOTE__LIMITS__ATTACHMENT"] = str(SIZE * 2)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        house = build_house(Path(folder) / "house")
        load = _prepared(house, Path(folder) / "token")
        floor = _floor(load.token, Path(folder) / "floor")
        with running(house, "whole") as daemon:
            return _measure(house, daemon.pid, load, floor)


def _prepared(house: House, token: Path) -> Load:
    keys = house.folder.parent / "keys"
    encryption = jwcrypto.jwk.JWK.from_pyca(shared_key(keys, "encryption").public_key())
    key = jwcrypto.jwk.JWK(**{**encryption.export_public(as_dict=True), "kid": encryption.thumbprint()})
    signing = jwcrypto.jwk.JWK.from_pyca(shared_key(keys, "portal"))
    digest = write_token(token, key, SIZE)
    large = seal(Application(DESTINATION, enclosures=(ENCLOSURE,)), key, signing, naming(digest))
    return Load(seal(Application(DESTINATION), key, signing), large, token, digest)


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
    _send(client, load.small, None)
    cpu, began = cpu_seconds(pid), time.perf_counter()
    own = (house.folder / "data", house.inbox, house.folder / "daemon.log")
    with MemoryWatch(pid, proportional) as memory, WrittenFiles(pid, own) as files:
        _send(client, load.large, load.token)
    seconds, cpu = time.perf_counter() - began, cpu_seconds(pid) - cpu
    peak, marked = memory.peak / 2**20, _marked(house.folder, house.inbox)
    arrived = [_digest(file) for file in house.inbox.glob("*/anlage-01.tif")] == [load.digest]
    print(f"machine cores={os.cpu_count()} before_mb={memory.before / 2**20:.0f} bound_mb={BOUND_MB} arrived={arrived}")
    print(f"plaintext on disk: files_with_a_mark={len(marked)} other_files_written={len(files.others)}")
    print(
        f"large-attachment ratio={MEGABYTES / seconds / floor:.2f} rate={MEGABYTES / seconds:.0f} floor={floor:.0f} "
        f"cpu_ms_per_message={cpu * 1000:.0f} peak_mb={peak:.0f}"
    )
    return 0 if arrived and peak < BOUND_MB and not marked and not files.others else 1


def _send(client: Client, sealed: Sealed, token: Path | None) -> None:
    view = client.good("POST", "/v2/submissions", content=_announcement(sealed), headers=JSON).json()
    path = f"/v2/submissions/{view['submissionId']}"
    if token is not None:
        headers = {"Content-Type": "application/jose", "Content-Length": str(token.stat().st_size)}
        client.good("PUT", f"{path}/attachments/{ENCLOSURE.id}", content=pieces_of(token), headers=headers)
    client.good("PUT", path, json={"encryptedMetadata": sealed.metadata, "encryptedData": sealed.data})
    ends = {"accept-submission": True}
    waited_for(lambda: ends.get(client.events(view["caseId"])[-1].name), "acceptance", PATIENCE)


def _announcement(sealed: Sealed) -> bytes:
    announced = {"announcedAttachments": [each.id for each in sealed.application.enclosures]}
    return json.dumps(json.loads(ANNOUNCE) | announced).encode()


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
