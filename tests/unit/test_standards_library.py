"""The folder of registered standards: locked, found by name, verified, removed, and never half written."""

import errno
import os
import resource
import shutil
import signal
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from standards_kit import KENNUNG, PLAIN, published, registered, schema, zipped

from amtsbote.errors import Misconfigured
from schemas.standards import published as reading
from schemas.standards.contents import Contents
from schemas.standards.library import Library
from schemas.standards.lock import LOCK
from schemas.standards.published import read_published


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "registry")
    registered(library, published(tmp_path / "set", PLAIN))
    return library


def test_every_changed_missing_or_added_file_is_found(library: Library) -> None:
    lock = library.find("xhund_1.0")
    home = library.home(lock.identity)
    assert library.changes(lock) == {}

    linked = next((home / "linked/1").iterdir())
    data = linked.read_bytes()
    linked.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    (home / "published/xsd/xhund.xsd").unlink()
    (home / "published/neu.xsd").touch()

    assert library.changes(lock) == {
        f"linked/1/{linked.name}": "changed",
        "published/neu.xsd": "added",
        "published/xsd/xhund.xsd": "missing",
    }


def test_a_name_that_means_none_or_several_says_what_is_near(library: Library, tmp_path: Path) -> None:
    other = {name: text.replace(KENNUNG, "urn:verein:xhund") for name, text in PLAIN.items()}
    registered(library, published(tmp_path / "other", other))

    for name in ("xhunt_1.0", "xhund_1.0"):
        with pytest.raises(Misconfigured, match=f"{name}; registered: urn:verein:xhund_1.0, {KENNUNG}_1.0"):
            library.find(name)


def test_what_is_removed_is_gone_and_can_come_back(library: Library, tmp_path: Path) -> None:
    library.remove(library.find("xhund_1.0"))

    assert list(library.folder.iterdir()) == []
    assert registered(library, tmp_path / "set").identity == library.find("xhund_1.0").identity


def test_of_two_at_once_the_second_is_told(library: Library) -> None:
    lock = library.find("xhund_1.0")
    library.remove(lock)

    def add(meanwhile: Callable[[], None]) -> None:
        with library.adding(lock.identity) as folder:
            (folder / LOCK).write_text(lock.model_dump_json(), "utf-8")
            meanwhile()

    with pytest.raises(Misconfigured, match="by somebody else meanwhile"):
        add(meanwhile=lambda: add(meanwhile=lambda: None))

    assert library.standards() == (lock,)


def test_an_interrupted_registration_leaves_nothing(library: Library) -> None:
    lock = library.find("xhund_1.0")
    library.remove(lock)

    def interrupted() -> None:
        with library.adding(lock.identity) as folder:
            (folder / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert list(library.folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["broken", "gone", "misnamed"])
def test_a_damaged_standard_is_said_can_be_removed_and_stops_no_other(
    library: Library, tmp_path: Path, damage: str
) -> None:
    other = {name: text.replace(KENNUNG, "urn:verein:xkatze") for name, text in PLAIN.items()}
    intact = registered(library, published(tmp_path / "other", other))
    home = library.home(library.find("xhund_1.0").identity)
    name = f"{KENNUNG}_1.0"
    if damage == "broken":
        (home / LOCK).write_text("{")
    elif damage == "gone":
        (home / LOCK).unlink()
    else:
        home.rename(library.folder / "kopie")
        name = "kopie"

    contents = library.contents()

    assert contents.standards == (intact,)
    [damaged] = contents.damaged
    assert (damaged.name, damaged.identity) == (name, f"{KENNUNG}_1.0")
    for known in (f"{KENNUNG}_1.0#x", f"URN{KENNUNG[3:]}_1.0"):
        assert contents.lack(known) is damaged.why
    for foreign in (f"{KENNUNG}_1.1#x", f"{intact.identity}#x", "urn:x"):
        assert contents.lack(foreign) is None
    told = f"kopie holds {KENNUNG}_1.0: it must be called" if damage == "misnamed" else "register the standard again"
    with pytest.raises(Misconfigured, match=told):
        library.find(name)
    library.remove(library.look_up(name))
    assert library.contents() == Contents((intact,))
    assert registered(library, tmp_path / "set").identity == library.find("xhund_1.0").identity


def test_a_copy_of_a_standard_under_another_name_leaves_the_standard_as_it_is(library: Library) -> None:
    lock = library.find("xhund_1.0")
    shutil.copytree(library.home(lock.identity), library.folder / "kopie")

    library.remove(library.look_up("kopie"))

    assert library.contents() == Contents((lock,))


def test_a_file_that_cannot_be_read_is_a_change(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error", path)

    lock = library.find("xhund_1.0")
    monkeypatch.setattr(Path, "read_bytes", unreadable)

    assert set(library.changes(lock).values()) == {"unreadable"}


def test_a_published_file_that_is_gone_is_said(library: Library) -> None:
    lock = library.find("xhund_1.0")
    (library.home(lock.identity) / "published/xsd/xhund.xsd").unlink()

    with pytest.raises(Misconfigured, match=r"xsd/xhund\.xsd cannot be read"):
        library.read(lock, "xsd/xhund.xsd")


def test_a_registry_that_cannot_be_written_is_said_and_nothing_else(library: Library, tmp_path: Path) -> None:
    lock = library.find("xhund_1.0")
    (tmp_path / "file").touch()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    full = Library(tmp_path / "full")

    with pytest.raises(Misconfigured, match="cannot be written: File exists"):
        registered(Library(tmp_path / "file"), tmp_path / "set")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        with pytest.raises(Misconfigured, match="cannot be written: File too large"):
            registered(full, tmp_path / "set")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)

    assert list(full.folder.iterdir()) == []
    assert library.standards() == (lock,)


@pytest.mark.parametrize(
    "name",
    [
        "@catalogue/x.xsd",
        "@urn:a_1/x.xsd",
        "a//x.xsd",
        "a\nb.xsd",
        "a\x1b[31m.xsd",
        f"{'x' * 250}.xsd",
        f"{'ä' * 120}.xsd",
    ],
)
def test_a_name_that_could_mean_something_else_is_refused(tmp_path: Path, name: str) -> None:
    """The names that begin with `@` are the registry's own, for what it takes from elsewhere."""
    with pytest.raises(Misconfigured, match="is no name that can be kept") as refused:
        read_published(zipped(tmp_path / "x.zip", {name: "x"}))
    assert str(refused.value).isprintable()


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / os.fsdecode(b"b\xff.xsd")).touch()

    with pytest.raises(Misconfigured, match="is no name that can be kept"):
        read_published(tmp_path / "set")


def test_hidden_files_are_left_out_but_for_the_one_that_xta_imports(tmp_path: Path) -> None:
    files = {".git/x.xsd": "", "__MACOSX/x.xsd": "", "a/._x.xsd": "", "a/.xsd": "", "./b.xsd": ""}

    assert set(read_published(zipped(tmp_path / "x.zip", files))) == {"a/.xsd", "b.xsd"}


@pytest.mark.parametrize("damaged", ["content", "directory", "size"])
def test_a_damaged_zip_is_refused(tmp_path: Path, damaged: str) -> None:
    file = zipped(tmp_path / "x.zip", {"x.xsd": schema(*(f"<xs:element name='e{n}'/>" for n in range(300)))})
    data = bytearray(file.read_bytes())
    member = data.index(b"PK\1\2")
    at, bad = {
        "content": (60, b"\xff" * 30),
        "directory": (member, b"XXXX"),
        "size": (member + 24, (100).to_bytes(4, "little")),
    }[damaged]
    data[at : at + len(bad)] = bad
    file.write_bytes(data)

    with pytest.raises(Misconfigured, match=r"cannot be (read|unpacked)"):
        read_published(file)


@pytest.mark.parametrize("name", ["../x.xsd", "/etc/x.xsd", "a/../../x.xsd", "C:/x.xsd", "..\\x.xsd"])
def test_a_zip_whose_names_lead_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured, match="leads out of the ZIP"):
        read_published(zipped(tmp_path / "x.zip", {name: "x"}))


def test_links_are_refused_in_folder_and_zip(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/x.xsd").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/xsd").symlink_to("/etc")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        member = zipfile.ZipInfo("x.xsd")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")

    for path in (tmp_path / "set", tmp_path / "folder", tmp_path / "x.zip"):
        with pytest.raises(Misconfigured, match="is a link"):
            read_published(path)


def test_what_is_too_large_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE", 1000)
    monkeypatch.setattr(reading, "MAX_TOTAL", 1500)
    monkeypatch.setattr(reading, "MAX_FILES", 3)

    for files in ({"a": b"x" * 1001}, {"a": b"x" * 999, "b": b"x" * 999}, dict.fromkeys("abcd", b"")):
        for path in (zipped(tmp_path / "x.zip", files), published(tmp_path / f"set{len(files)}", files)):
            with pytest.raises(Misconfigured, match="larger than a standard may be"):
                read_published(path)


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xsd").write_text("<x/>")

    os.mkfifo(tmp_path / "pipe")

    for name in ("x.xsd", "pipe"):
        with pytest.raises(Misconfigured, match="neither a folder nor a ZIP"):
            read_published(tmp_path / name)
