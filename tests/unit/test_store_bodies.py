"""Files of large sealed parts: nothing half, nothing outside the folder, nothing that no row owns."""

from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.api.bodies import Swept
from amtsbote.api.operations import Disk
from amtsbote.errors import Damaged, StorageFailed, StorageFull
from amtsbote.store import BodyFiles


class Names:
    """Random bytes that are not random: 1, 2, 3, …"""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self, size: int) -> bytes:
        self.last += 1
        return self.last.to_bytes(size, "little")


NAME_1, NAME_2 = (f"{number:02x}/{number:02x}{'00' * 15}.part" for number in (1, 2))


def files(folder: Path, disk: Disk | None = None) -> BodyFiles:
    return BodyFiles(folder, disk or Disk(), piece=10, random=Names())


def keep(bodies: BodyFiles, content: bytes) -> str:
    body = bodies.begin()
    body.write(content)
    return body.keep()


def on_disk(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_kept_body_is_read_in_pieces(tmp_path: Path) -> None:
    bodies = files(tmp_path / "bodies")
    body = bodies.begin()
    body.write(b"0123456789abc")
    body.write(b"")
    body.write(b"defghij")

    name = body.keep()

    assert name == NAME_1
    assert list(bodies.read(name)) == [b"0123456789", b"abcdefghij"]
    assert list(bodies.read(keep(bodies, b"short"))) == [b"short"]
    assert list(bodies.read(keep(bodies, b""))) == []


def test_bodies_are_for_this_user_only(tmp_path: Path) -> None:
    bodies = files(tmp_path / "bodies")
    name = keep(bodies, b"x")

    assert S_IMODE((tmp_path / "bodies" / name).stat().st_mode) == 0o600
    assert {S_IMODE(path.stat().st_mode) for path in (tmp_path / "bodies").iterdir()} == {0o700}


def test_a_body_is_synced_before_it_is_renamed_and_its_folder_after(tmp_path: Path) -> None:
    done: list[str] = []

    def sync(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append(f"sync {target.relative_to(tmp_path)}")

    def rename(source: Path, target: Path) -> None:
        done.append(f"rename to {target.relative_to(tmp_path)}")
        source.rename(target)

    bodies = files(tmp_path / "parts", Disk(sync=sync, rename=rename))
    done.clear()
    keep(bodies, b"x")

    assert done == [f"sync parts/incoming/{Path(NAME_1).name}", f"rename to parts/{NAME_1}", "sync parts/01"]


def test_all_folders_and_the_name_of_theirs_are_durable_before_the_first_body(tmp_path: Path) -> None:
    done: list[tuple[str, int]] = []

    def sync(descriptor: int) -> None:
        folder = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append((str(folder.relative_to(tmp_path)), len(list(folder.iterdir()))))

    files(tmp_path / "parts", Disk(sync=sync))

    assert done == [("parts", 257), (".", 1)]


def test_a_discarded_body_leaves_nothing(tmp_path: Path) -> None:
    bodies = files(tmp_path)
    body = bodies.begin()
    body.write(b"x")
    assert on_disk(tmp_path) != []

    body.discard()
    body.discard()

    assert on_disk(tmp_path) == []


def test_discarding_after_keeping_changes_nothing(tmp_path: Path) -> None:
    bodies = files(tmp_path)
    body = bodies.begin()
    name = body.keep()

    body.discard()

    assert on_disk(tmp_path) == [name]


@pytest.mark.parametrize("fails", ["sync of the file", "rename", "sync of the folder"])
def test_a_body_that_could_not_be_kept_is_gone_after_discarding(tmp_path: Path, fails: str) -> None:
    syncs = iter(["sync of the file", "sync of the folder"])
    armed = False

    def sync(_: int) -> None:
        if armed and next(syncs) == fails:
            raise OSError(5, "I/O error")

    def rename(source: Path, target: Path) -> None:
        if fails == "rename":
            raise OSError(28, "No space left on device")
        source.rename(target)

    bodies = files(tmp_path, Disk(sync=sync, rename=rename))
    armed = True
    body = bodies.begin()
    with pytest.raises(StorageFull if fails == "rename" else StorageFailed):
        body.keep()
    body.discard()

    assert on_disk(tmp_path) == []


def test_a_missing_body_is_damaged_and_removing_it_is_fine(tmp_path: Path) -> None:
    bodies = files(tmp_path)
    name = keep(bodies, b"x")
    bodies.remove(name)
    bodies.remove(name)

    with pytest.raises(Damaged):
        next(bodies.read(name))


HOSTILE = [
    "",
    "/etc/passwd",
    "../outside",
    f"01/../{NAME_1}",
    f"02/{Path(NAME_1).name}",
    NAME_1.upper().replace("PART", "part") + "\n",
    NAME_1 + "\x00",
    NAME_1.removesuffix(".part"),
    f"incoming/{Path(NAME_1).name}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_not_ours_is_refused(tmp_path: Path, name: str) -> None:
    bodies = files(tmp_path / "bodies")
    (tmp_path / "outside").write_bytes(b"not ours")

    with pytest.raises(Damaged):
        next(bodies.read(name))
    with pytest.raises(Damaged):
        bodies.remove(name)
    assert (tmp_path / "outside").exists()


@given(st.text())
def test_no_invented_name_is_followed(name: str) -> None:
    bodies = BodyFiles.__new__(BodyFiles)
    bodies._folder = Path("/nowhere")

    with pytest.raises(Damaged):
        next(bodies.read(name))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    bodies = files(tmp_path / "bodies")
    (tmp_path / "outside").write_bytes(b"not ours")
    (tmp_path / "bodies" / NAME_1).symlink_to(tmp_path / "outside")

    with pytest.raises(Damaged):
        next(bodies.read(NAME_1))


def test_sweeping_removes_what_nobody_owns_and_tells_what_is_missing(tmp_path: Path) -> None:
    bodies = files(tmp_path)
    owned, orphan = keep(bodies, b"owned"), keep(bodies, b"orphan")
    unfinished = bodies.begin()
    unfinished.write(b"half")
    gone = f"ff/{'ff' * 16}.part"
    (tmp_path / "ff" / "something else").write_bytes(b"")
    claims = frozenset({owned, gone})

    assert bodies.orphans(claims) == (orphan,)
    assert bodies.missing(claims) == (gone,)
    assert bodies.sweep(claims) == Swept(orphans=1, unfinished=1, missing=(gone,))

    assert on_disk(tmp_path) == [owned, "ff/something else"]
    assert bodies.sweep(claims) == Swept(orphans=0, unfinished=0, missing=(gone,))
    unfinished.discard()


def test_two_bodies_never_share_a_file(tmp_path: Path) -> None:
    bodies = BodyFiles(tmp_path, Disk(), random=lambda size: b"\x01" * size)
    first = bodies.begin()

    with pytest.raises(StorageFailed):
        bodies.begin()
    first.discard()


def test_reading_a_body_halfway_closes_it(tmp_path: Path) -> None:
    bodies = files(tmp_path)
    name = keep(bodies, b"0123456789abc")
    before = len(list(Path("/proc/self/fd").iterdir()))

    pieces = bodies.read(name)
    next(pieces)
    pieces.close()

    assert len(list(Path("/proc/self/fd").iterdir())) == before
