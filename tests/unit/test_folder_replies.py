"""What becomes of an answer that a Fachverfahren gives back through its folder when something is wrong with it."""

import asyncio
import errno
import json
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from folder_town import NOW, new_id, prepare
from given_replies import give_reply, given_back, status_of, told, write_reply
from jsonschema import Draft202012Validator

from adapters.folder import FolderKind, ReturningFolder
from adapters.folder.place import Place
from adapters.folder.refusals import SENTENCES as REFUSALS
from adapters.folder.statusfile import LARGEST, StatusFile, read_status
from amtsbote.api import (
    AdapterServices,
    Disk,
    Misfit,
    Ready,
    Receipt,
    ReceiptState,
    Refusal,
    Retry,
    Returned,
    Shown,
    Unfit,
    Unread,
)
from amtsbote.api.returnkit import Given
from amtsbote.errors import ItemChanged, Misconfigured
from amtsbote.model.ids import MessageId
from amtsbote.text.answers import ANSWERS

DELIVERY = "6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0007"
REPLY = MessageId("7a6a3f0c-2f0e-4f44-8a55-3f6a6e6f0009")
NO = Refusal("no-channel", "Das Portal nimmt keine Antworten an.", "The portal takes no answers.")


class Office:
    """A folder with its adapter, and what the service would do with it."""

    def __init__(self, target: Path, disk: Disk | None = None) -> None:
        self.target, self.replies = target, target / "antworten"
        self.adapter = returning_folder(target, disk)
        assert asyncio.run(self.adapter.prepare()) == Ready()

    def shown(self, limit: int = 100) -> list[Shown]:
        found = asyncio.run(self.adapter.collect(limit, ()))
        assert not isinstance(found, Retry), found
        return list(found)

    def one(self) -> Returned:
        [item] = self.shown()
        assert isinstance(item, Returned), item
        return item

    def refused(self) -> str:
        """Why the only item is unfit; it is refused, as the service does."""
        [item] = self.shown()
        assert isinstance(item, Unfit), item
        assert asyncio.run(self.adapter.refuse(item.item, item.refusal)) is None
        assert item.refusal.de in told(self.target)
        assert self.shown() == []
        return item.refusal.reason

    def acknowledge(self, item: Returned) -> None:
        assert asyncio.run(self.adapter.acknowledge(item.item, receipt(item))) is None


def returning_folder(target: Path, disk: Disk | None = None) -> ReturningFolder:
    options = {"path": str(target), "replies": "antworten"}
    adapter = FolderKind().build(options, AdapterServices(lambda: NOW, disk or Disk(), new_id))
    assert isinstance(adapter, ReturningFolder)
    return adapter


def receipt(item: Returned, state: ReceiptState = ReceiptState.PASSED_ON, *problems: str) -> Receipt:
    return Receipt(REPLY, item.answers or MessageId(""), item.label, state, datetime(2026, 2, 3, tzinfo=UTC), problems)


@dataclass(frozen=True)
class BrokenFiles:
    """A drive that reports an error for the files it is asked about."""

    are: Callable[[Path], bool]

    def install(self, patch: pytest.MonkeyPatch) -> None:
        really = os.open

        def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if isinstance(path, Path) and self.are(path):
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
            return really(path, flags, *more, **named)

        patch.setattr(os, "open", opened)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


class TestTaking:
    def test_a_folder_without_the_option_shows_nothing_and_makes_nothing(self, tmp_path: Path) -> None:
        adapter = FolderKind().build({"path": str(tmp_path)}, AdapterServices(lambda: NOW, Disk(), new_id))

        assert prepare(tmp_path) == Ready()
        assert not isinstance(adapter, ReturningFolder)
        assert not (tmp_path / "antworten").exists()

    def test_an_answer_to_a_delivery_names_it(self, office: Office) -> None:
        give_reply(office.replies / "b", submissionId=None, deliveryId=DELIVERY.upper())

        item = office.one()

        assert (item.answers, item.answers_delivery) == (None, DELIVERY)

    def test_names_types_and_descriptions_come_from_the_status_file_or_the_file(self, office: Office) -> None:
        given = Given(documents=(("b.pdf", b"1"), ("x.JPEG", b"2"), ("y", b"3")))
        named = {
            "file": "b.pdf",
            "name": "Bescheid Nr. 7.pdf",
            "mimeType": "application/x-pdf",
            "description": "Urschrift",
        }
        give_reply(office.replies / "b", given, documents=[named, {"file": "x.JPEG"}, {"file": "y"}])

        assert [(one.name, one.mime_type, one.description) for one in office.one().documents] == [
            ("Bescheid Nr. 7.pdf", "application/x-pdf", "Urschrift"),
            ("x.JPEG", "image/jpeg", None),
            ("y", "application/octet-stream", None),
        ]

    def test_a_byte_order_mark_does_no_harm(self, office: Office) -> None:
        folder = give_reply(office.replies / "b")
        (folder / "antwort.json").write_text((folder / "antwort.json").read_text("utf-8"), "utf-8-sig")

        assert office.one().subject == Given().subject

    def test_the_oldest_comes_first(self, office: Office) -> None:
        for number, name in enumerate("cab"):
            os.utime(give_reply(office.replies / name) / "fertig", (number, number))

        assert [item.label for item in office.shown(2)] == ["c", "a"]
        assert {item.label for item in office.shown(3)} == {"a", "b", "c"}

    def test_hidden_files_and_what_is_no_folder_do_not_matter(self, office: Office) -> None:
        (office.replies / "notiz.txt").touch()
        give_reply(office.replies / ".entwurf")
        (give_reply(office.replies / "b") / ".DS_Store").write_bytes(b"x")

        assert [item.label for item in office.shown()] == ["b"]

    @pytest.mark.parametrize("name", ["\x1b[31mrot", "\u202efdp", "zeile\nzwei", "x" * 255, "\udcff"])
    def test_a_hostile_name_is_only_a_name(self, office: Office, name: str) -> None:
        give_reply(office.replies / name)

        item = office.one()
        office.acknowledge(item)

        assert item.label.isprintable()
        assert len(item.label) <= 200
        assert len(given_back(office.target)) == 1
        assert os.fsencode(next((office.replies / "erledigt").iterdir()).name) == os.fsencode(name)[:200]

    def test_what_was_taken_is_shown_by_whoever_comes_next(self, office: Office) -> None:
        give_reply(office.replies / "b")
        first = office.one()
        give_reply(office.replies / "b", subject="Noch einer")

        again = {item.item: item for item in Office(office.target).shown() if isinstance(item, Returned)}

        assert len(again) == 2
        assert again[first.item].subject == first.subject

    def test_an_item_another_took_in_between_is_his(self, tmp_path: Path) -> None:
        other = Office(tmp_path)
        taken = []

        def overtaken(source: Path, to: Path) -> None:
            if source.name == "b":
                taken.append(other.one().item)
            source.rename(to)

        give_reply(other.replies / "b")
        [item] = Office(tmp_path, Disk(rename=overtaken)).shown() or other.shown()

        assert item.item == taken[0]
        assert len(list((tmp_path / ".amtsbote" / "antworten").iterdir())) == 1

    def test_an_id_that_is_none_of_ours_finds_nothing(self, office: Office) -> None:
        give_reply(office.replies / "b")
        item = office.one()

        for name in ("..", "../..", "", "unknown", f"{item.item}/b"):
            assert asyncio.run(office.adapter.refuse(name, NO)) is None

        assert office.one().item == item.item


class TestReading:
    def test_a_file_that_changes_is_not_read_to_its_end(self, office: Office) -> None:
        give_reply(office.replies / "b", Given(documents=(("b.pdf", b"x" * 300_000),)))
        chunks = (item := office.one()).documents[0].chunks()
        [file] = office.target.glob(".amtsbote/antworten/*/b/b.pdf")

        next(chunks)
        with file.open("r+b") as opened:
            opened.write(b"y")
        os.utime(file, (1, 1))

        with pytest.raises(ItemChanged):
            list(chunks)
        assert office.one().item == item.item

    @pytest.mark.parametrize("other", ["gone", "shorter", "longer", "link", "another"])
    def test_a_file_that_is_another_by_now_is_not_read(self, office: Office, other: str) -> None:
        give_reply(office.replies / "b", Given(documents=(("b.pdf", b"x" * 300_000),)))
        document = office.one().documents[0]
        [file] = office.target.glob(".amtsbote/antworten/*/b/b.pdf")

        file.unlink()
        if other == "link":
            file.symlink_to("/etc/hostname")
        elif other != "gone":
            file.write_bytes(b"x" * (300_000 + {"shorter": -1, "longer": 1, "another": 0}[other]))
            os.utime(file, (1, 1))

        with pytest.raises(ItemChanged):
            list(document.chunks())

    def test_a_file_that_grows_is_stopped_at_its_size(self, office: Office) -> None:
        give_reply(office.replies / "b", Given(documents=(("b.pdf", b"x" * 10),)))
        chunks = office.one().documents[0].chunks()
        [file] = office.target.glob(".amtsbote/antworten/*/b/b.pdf")
        file.write_bytes(b"x" * 10_000_000)

        with pytest.raises(ItemChanged):
            list(chunks)


def without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def replaced_by_link(name: str) -> Callable[[Path], object]:
    def replace(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to("/etc/hostname")

    return replace


def replaced_by_socket(folder: Path) -> None:
    (folder / "Bescheid.pdf").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        descriptor = os.open(folder, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{descriptor}/Bescheid.pdf")
        os.close(descriptor)


def replaced_by_pipe(folder: Path) -> None:
    (folder / "Bescheid.pdf").unlink()
    os.mkfifo(folder / "Bescheid.pdf")


def replaced_by_folder(folder: Path) -> None:
    (folder / "Bescheid.pdf").unlink()
    (folder / "Bescheid.pdf").mkdir()


UNFIT: list[tuple[str, Callable[[Path], object]]] = [
    ("no-status", without("antwort.json")),
    ("no-file", replaced_by_link("antwort.json")),
    ("status-too-large", lambda folder: (folder / "antwort.json").write_bytes(b" " * (LARGEST + 1))),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b"")),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b"\xff\xfe{\0}\0")),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b'{"version": 1, "version": 1}')),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b"[" * 200_000)),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b"NaN")),
    ("status-unreadable", lambda folder: (folder / "antwort.json").write_bytes(b"[]")),
    ("document-missing", without("Bescheid.pdf")),
    ("document-not-named", lambda folder: (folder / "Vergessen.pdf").touch()),
    ("document-not-named", lambda folder: (folder / "Unterordner").mkdir()),
    ("no-file", replaced_by_link("Bescheid.pdf")),
    ("no-file", replaced_by_socket),
    ("no-file", replaced_by_pipe),
    ("no-file", replaced_by_folder),
]


class TestRefusing:
    @pytest.mark.parametrize(("reason", "spoil"), UNFIT)
    def test_what_is_wrong_is_said_in_the_folder_and_nothing_is_deleted(
        self, office: Office, reason: str, spoil: Callable[[Path], object]
    ) -> None:
        folder = write_reply(office.replies / "Bescheid 7")
        spoil(folder)
        (folder / "fertig").touch()
        files = sorted(path.name for path in folder.iterdir())

        assert office.refused() == reason

        assert sorted(path.name for path in (office.replies / "fehler" / "Bescheid 7").iterdir()) == files
        said = (office.replies / "fehler" / "Bescheid 7.grund.txt").read_text("utf-8-sig")
        assert said.startswith("Diese Antwort wurde nicht gesendet.")
        assert f"({reason})" in said

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"submissionId": None}, "Genau eines von submissionId und deliveryId ist anzugeben."),
            ({"deliveryId": DELIVERY}, "Genau eines von submissionId und deliveryId ist anzugeben."),
            ({"submissionId": "../../x"}, "submissionId ist nicht so"),
            ({"format": "amtsbote-manifest"}, "format ist nicht so"),
            ({"version": 2}, "version ist nicht so"),
            ({"kind": "Bescheid!"}, "kind ist nicht so"),
            ({"kind": None}, "kind fehlt."),
            ({"subject": ""}, "subject ist nicht so"),
            ({"subject": "  "}, "subject ist nicht so"),
            ({"subject": "zwei\nZeilen"}, "subject ist nicht so"),
            ({"subject": "x" * 201}, "subject ist nicht so"),
            ({"subject": "\u202efdp"}, "subject ist nicht so"),
            ({"subject": 7}, "subject ist nicht so"),
            ({"text": "Klingel \x07"}, "text ist nicht so"),
            ({"text": "x" * 20_001}, "text ist nicht so"),
            ({"betreff": "x"}, "betreff ist nicht vorgesehen."),
            ({"\x1b[31m": "x"}, "?[31m ist nicht vorgesehen."),
            ({"documents": [{"file": "../antwort.json"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": ".."}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": "..\\x"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": "/etc/passwd"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": ".versteckt"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": "antwort.json"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"file": "fertig"}]}, "documents.0.file ist nicht so"),
            ({"documents": [{"name": "x"}]}, "documents.0.file fehlt."),
            ({"documents": [{"file": "x", "name": "a/b"}]}, "documents.0.name ist nicht so"),
            ({"documents": [{"file": "x", "mimeType": "pdf"}]}, "documents.0.mimeType ist nicht so"),
            ({"documents": [{"file": "x"}, {"file": "x"}]}, "Eine Datei ist in documents zweimal genannt."),
            ({"documents": [{"file": f"{n}"} for n in range(101)]}, "documents ist nicht so"),
        ],
    )  # fmt: skip
    def test_a_status_file_is_judged_field_by_field(self, office: Office, wrong: dict[str, Any], said: str) -> None:
        give_reply(office.replies / "b", **wrong)

        assert office.refused() == "status-unreadable"
        assert said in told(office.target)

    def test_a_link_to_a_folder_is_not_followed(self, office: Office, tmp_path: Path) -> None:
        elsewhere = give_reply(tmp_path / "elsewhere")
        (office.replies / "b").symlink_to(elsewhere)

        assert office.refused() == "no-folder"

        assert (office.replies / "fehler" / "b").is_symlink()
        assert len(list(elsewhere.iterdir())) == 4

    def test_the_same_name_refused_again_gets_a_number(self, office: Office) -> None:
        for _ in range(3):
            give_reply(office.replies / "b", kind="?")
            office.refused()

        found = sorted(path.name for path in (office.replies / "fehler").iterdir())
        assert found == ["b", "b.2", "b.2.grund.txt", "b.3", "b.3.grund.txt", "b.grund.txt"]

    def test_a_corrected_answer_is_another_item(self, office: Office) -> None:
        give_reply(office.replies / "b", kind="?")
        office.refused()
        corrected = office.replies / "fehler" / "b"
        (corrected / "antwort.json").write_text(
            (corrected / "antwort.json").read_text("utf-8").replace('"?"', '"bescheid"'), "utf-8"
        )

        corrected.rename(office.replies / "b")

        assert office.one().label == "b"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as somebody else")
    def test_what_may_not_be_read_or_moved_is_said_once_and_works_once_it_may(self, office: Office) -> None:
        folder = give_reply(office.replies / "b")
        folder.chmod(0o755)
        for path in (office.target, *office.target.rglob("*")):
            if folder not in (path, *path.parents):
                path.chmod(0o777)

        untaken, [said], again, unreadable, taken = as_nobody(office.target, folder)

        assert untaken == ["not-movable"]
        assert again == []
        assert unreadable == ["not-readable"]
        assert taken == ["Returned"]
        assert "darf den Ordner b nicht verschieben" in said


def as_nobody(target: Path, folder: Path) -> list[list[str]]:
    """What a service without rights is shown while the rights of the folder change under its hands."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.chdir(target)  # the folders above it are closed to others
            os.setresuid(65534, 65534, 0)
            os.write(writing, json.dumps(_shown_to_nobody(folder)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(process, 0)
    with os.fdopen(reading, "rb") as pipe:
        found: list[list[str]] = json.loads(pipe.read())
    return found


def _shown_to_nobody(folder: Path) -> list[list[str]]:
    adapter = ReturningFolder(Place(Path(), Disk()), "antworten", AdapterServices(lambda: NOW, Disk(), new_id))

    def look() -> list[str]:
        found = asyncio.run(adapter.collect(9, ()))
        assert not isinstance(found, Retry), found
        for one in found:
            if isinstance(one, Unfit):
                assert asyncio.run(adapter.refuse(one.item, one.refusal)) is None
        return [one.refusal.reason if isinstance(one, Unfit) else "Returned" for one in found]

    def as_root(work: Callable[[], object]) -> None:
        os.seteuid(0)
        work()
        os.seteuid(65534)

    shown = [look(), [told(Path())], look()]
    as_root(lambda: folder.chmod(0o777))
    as_root(lambda: (folder / "antwort.json").chmod(0o600))
    shown.append(look())
    refused = folder.parent / "fehler" / folder.name
    as_root(lambda: (refused / "antwort.json").chmod(0o644))
    as_root(lambda: refused.rename(folder))
    shown.append(look())
    return shown


class TestSettling:
    def test_a_receipt_says_what_became_of_an_answer(self, office: Office) -> None:
        give_reply(office.replies / "b")
        item = office.one()
        office.acknowledge(item)
        file = office.replies / "quittungen" / f"{REPLY}.json"

        assert json.loads(file.read_bytes()) == {
            "format": "amtsbote-quittung",
            "version": 1,
            "replyId": REPLY,
            "submissionId": Given().submission,
            "folder": "b",
            "state": "uebergeben",
            "at": "2026-02-03T00:00:00Z",
            "problems": [],
        }
        asyncio.run(office.adapter.tell(receipt(item, ReceiptState.REJECTED, "Die Prüfsumme stimmt nicht.")))
        assert json.loads(file.read_bytes())["state"] == "abgelehnt"
        assert json.loads(file.read_bytes())["problems"] == ["Die Prüfsumme stimmt nicht."]

    def test_a_first_word_that_a_kill_left_half_said_is_gone_with_the_next(self, office: Office) -> None:
        give_reply(office.replies / "b")
        item = office.one()
        office.acknowledge(item)
        left = office.replies / "quittungen" / f".{REPLY}.json.first"
        left.write_bytes(b"{")

        asyncio.run(office.adapter.tell(receipt(item, ReceiptState.ACCEPTED)))

        assert [file.name for file in left.parent.iterdir()] == [f"{REPLY}.json"]

    def test_an_acknowledged_folder_lies_where_its_people_look(self, office: Office) -> None:
        for _ in range(2):
            give_reply(office.replies / "b")
            office.acknowledge(office.one())

        assert sorted(path.name for path in (office.replies / "erledigt").iterdir()) == ["b", "b.2"]
        assert list((office.target / ".amtsbote" / "antworten").iterdir()) == []

    def test_an_empty_claim_of_a_crash_goes_away(self, office: Office) -> None:
        (office.target / ".amtsbote" / "antworten" / new_id()).mkdir()

        assert office.shown() == []
        assert list((office.target / ".amtsbote" / "antworten").iterdir()) == []


class TestTrouble:
    def test_a_probe_that_a_crash_left_is_removed_when_it_is_old(self, office: Office) -> None:
        left = [office.replies / ".amtsbote-probe", office.replies / ".amtsbote-probe.1"]
        for folder in left:
            folder.mkdir()
        os.utime(left[0], (0, 0))

        Office(office.target)

        assert [folder.exists() for folder in left] == [False, True]

    def test_nothing_is_read_before_the_taking_is_durable(self, tmp_path: Path) -> None:
        office = Office(tmp_path)
        steps: list[str] = []
        sync, rename = Disk().sync, Disk().rename

        def synced(descriptor: int) -> None:
            steps.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            sync(descriptor)

        def renamed(source: Path, to: Path) -> None:
            steps.append("rename")
            rename(source, to)

        give_reply(office.replies / "b")
        watched = returning_folder(tmp_path, Disk(synced, renamed))
        found = asyncio.run(watched.collect(1, ()))

        assert not isinstance(found, Retry)
        claims = tmp_path / ".amtsbote" / "antworten"
        assert steps == ["rename", str(claims / found[0].item), str(claims), str(office.replies)]

    @pytest.mark.parametrize(
        ("number", "reason"), [(errno.ENOSPC, "disk-full"), (errno.EIO, "disk-error"), (errno.EROFS, "not-permitted")]
    )
    def test_trouble_with_the_disk_means_later(self, tmp_path: Path, number: int, reason: str) -> None:
        office = Office(tmp_path)
        give_reply(office.replies / "b")

        def broken(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        adapter = returning_folder(tmp_path, Disk(sync=broken))

        assert asyncio.run(adapter.collect(1, ())) == Retry(reason)
        item = office.one()
        assert asyncio.run(adapter.acknowledge(item.item, receipt(item))) == Retry(reason)
        assert asyncio.run(adapter.refuse(item.item, NO)) == Retry(reason)
        assert asyncio.run(adapter.tell(receipt(item))) == Retry(reason)
        assert office.one().item == item.item

    @pytest.mark.parametrize("file", ["antwort.json", "Bescheid.pdf"])
    def test_an_answer_that_cannot_be_read_keeps_no_other_waiting(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, file: str
    ) -> None:
        for number, name in enumerate("abc"):
            os.utime(give_reply(office.replies / name) / "fertig", (number, number))
        broken = BrokenFiles(lambda path: path.parts[-2:] == ("a", file))
        with monkeypatch.context() as patch:
            broken.install(patch)
            shown = {one.label: one for one in office.shown()}
            again = asyncio.run(office.adapter.show(shown["a"].item))
            others = asyncio.run(office.adapter.collect(1, {shown["a"].item}))

        assert [type(shown[name]) for name in "abc"] == [Unread, Returned, Returned]
        assert again == shown["a"] == Unread(shown["a"].item, "a", "disk-error")
        assert not isinstance(others, Retry)
        assert [type(one) for one in others] == [Returned]
        mended = asyncio.run(office.adapter.show(shown["a"].item))
        assert isinstance(mended, Returned)
        assert mended.item == shown["a"].item

    def test_an_answer_that_cannot_be_taken_keeps_no_other_waiting(self, tmp_path: Path) -> None:
        stuck = True

        def rename(source: Path, to: Path) -> None:
            if stuck and source.name == "Bescheid Müller":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            source.rename(to)

        office = Office(tmp_path, Disk(rename=rename))
        for number, name in enumerate(("Bescheid Müller", "b")):
            os.utime(give_reply(office.replies / name) / "fertig", (number, number))

        first, second = office.shown()
        assert first == Unread(first.item, "Bescheid Müller", "disk-error")
        assert isinstance(second, Returned)
        assert "Müller" not in first.item
        assert [one.item for one in office.shown()] == [second.item, first.item]
        assert asyncio.run(office.adapter.collect(9, {first.item, second.item})) == []
        assert asyncio.run(office.adapter.show(first.item)) == first

        assert asyncio.run(office.adapter.refuse(first.item, NO)) is None
        assert NO.de in (office.replies / "fehler" / "Bescheid Müller.grund.txt").read_text("utf-8-sig")
        assert [one.item for one in office.shown()] == [second.item]
        stuck = False
        assert {one.label for one in office.shown()} == {"Bescheid Müller", "b"}
        assert asyncio.run(office.adapter.show(first.item)) is None

    def test_where_all_of_it_is_gone_no_answer_is_to_blame(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_reply(office.replies / "a")
        item = office.one()

        def vanish(path: Path) -> bool:
            if office.target.exists():
                office.target.rename(office.target.with_name("vanished"))
            return True

        BrokenFiles(vanish).install(monkeypatch)

        assert asyncio.run(office.adapter.collect(9, ())) == Retry("folder-missing")
        assert asyncio.run(office.adapter.show(item.item)) == Retry("folder-missing")

    def test_another_folder_in_the_place_of_the_prepared_one_is_not_served(self, office: Office) -> None:
        office.target.rename(office.target.with_name("away"))
        office.target.mkdir()
        other = Office(office.target)
        give_reply(other.replies / "b")

        assert asyncio.run(office.adapter.collect(1, ())) == Retry("folder-replaced")
        assert other.one().label == "b"

    @pytest.mark.parametrize("name", ["antworten", "antworten/erledigt", "antworten/fehler", "antworten/quittungen"])
    def test_a_link_in_the_place_of_a_folder_of_answers_is_a_misfit(self, office: Office, name: str) -> None:
        (office.target / name).rename(office.target / "away")
        (office.target / name).symlink_to(office.target / "away")

        assert isinstance(asyncio.run(office.adapter.prepare()), Misfit)
        assert asyncio.run(office.adapter.collect(1, ())) == Retry("symbolic-link")

    @pytest.mark.parametrize("name", ["../x", "a/b", ".amtsbote", "", "Ä", "x" * 41])
    def test_the_name_of_the_folder_is_plain(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(Misconfigured):
            FolderKind().build({"path": str(tmp_path), "replies": name}, AdapterServices(lambda: NOW, Disk(), new_id))

    def test_folders_of_answers_are_open_for_the_group(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o2770)
        umask = os.umask(0o077)
        try:
            office = Office(tmp_path)
        finally:
            os.umask(umask)

        modes = {path.name: path.stat().st_mode & 0o7777 for path in (office.replies, *office.replies.iterdir())}
        assert modes == dict.fromkeys(("antworten", "erledigt", "fehler", "quittungen"), 0o2770)
        assert list(office.replies.rglob(".*")) == []


class TestTheSchema:
    """What vendors of local software check their files with before they give them back."""

    @pytest.fixture
    def valid(self) -> Callable[[Any], bool]:
        schema = json.loads((Path(__file__).parents[2] / "docs/betrieb/antwort.schema.json").read_bytes())
        validator = Draft202012Validator(schema)
        return lambda document: bool(validator.is_valid(document))

    def test_the_page_is_made_from_the_code(self) -> None:
        page = Path(__file__).parents[2] / "docs/betrieb/antwort.schema.json"

        written = json.loads(page.read_bytes())

        assert written.pop("$schema") == Draft202012Validator.META_SCHEMA["$id"]
        assert written == StatusFile.model_json_schema(by_alias=True) | {"title": "antwort.json"}, "docs/generate.py"

    def test_the_example_of_the_handbook_is_valid_and_is_read(self, valid: Callable[[Any], bool]) -> None:
        page = (Path(__file__).parents[2] / "docs/betrieb/antworten.md").read_text("utf-8")
        [example] = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)

        assert valid(json.loads(example))
        assert read_status(example.encode()).kind == "bescheid"

    @pytest.mark.parametrize(
        "wrong",
        [{"submissionId": None, "deliveryId": None}, {"kind": "urteil"}, {"subject": ""}, {"x": 1}, {"version": 2}],
    )
    def test_it_refuses_what_the_service_refuses(self, valid: Callable[[Any], bool], wrong: dict[str, Any]) -> None:
        good = status_of(Given())

        assert valid(good)
        assert not valid({name: value for name, value in {**good, **wrong}.items() if value is not None})

    def test_every_reason_stands_in_the_handbook(self) -> None:
        page = (Path(__file__).parents[2] / "docs/betrieb/antworten.md").read_text("utf-8")
        words = {*REFUSALS, *(key.removeprefix("answer.") for key in ANSWERS)}

        assert {word for word in words if f"`{word}`" not in page} == set()
