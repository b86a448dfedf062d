"""What every place for large sealed parts keeps: a folder, and S3-compatible storage."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from object_storage import ObjectStorage, running_storage

from amtsbote.api.bodies import PIECE, Bodies, Swept
from amtsbote.api.envelope import PartProof
from amtsbote.api.operations import Disk
from amtsbote.errors import Damaged
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.model.ids import KeyId, MessageId, PartId
from amtsbote.store import BodyFiles
from amtsbote.store.objects import ObjectBodies

LARGE = 11 * 1024 * 1024
"""More than two requests of an upload."""
MAKERS = ("folder", "s3")
NAME = f"ab/ab{'0' * 30}.part"

Make = Callable[[int], Bodies]


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    with running_storage() as started:
        yield started


@pytest.fixture(scope="module", params=MAKERS)
def make(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, storage: ObjectStorage
) -> Callable[[int], Bodies]:
    """Makes an empty place whose pieces have so many bytes."""

    def folder(piece: int) -> Bodies:
        return BodyFiles(tmp_path_factory.mktemp("place") / "parts", Disk(), piece=piece)

    def objects(piece: int) -> Bodies:
        return ObjectBodies(storage.new_bucket(), lambda: datetime.now(UTC), piece=piece)

    return folder if request.param == "folder" else objects


@pytest.fixture
def place(make: Make) -> Bodies:
    return make(10)


def keep(place: Bodies, content: bytes, name: str | None = None) -> str:
    body = place.begin(name)
    body.write(content)
    return body.keep()


def test_a_kept_body_is_read_in_pieces(place: Bodies) -> None:
    body = place.begin()
    for each in (b"0123456789abc", b"", b"defghij"):
        body.write(each)

    assert list(place.read(body.keep())) == [b"0123456789", b"abcdefghij"]
    assert list(place.read(keep(place, b"short"))) == [b"short"]
    assert list(place.read(keep(place, b""))) == []


def test_however_it_is_written_it_is_read_in_whole_pieces(make: Make) -> None:
    place = make(7)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.binary(max_size=40), max_size=8))
    def holds(written: list[bytes]) -> None:
        body = place.begin()
        for each in written:
            body.write(each)
        pieces = list(place.read(body.keep()))

        assert b"".join(pieces) == b"".join(written)
        assert all(len(piece) == 7 for piece in pieces[:-1])
        assert all(pieces)

    holds()


def test_a_large_body_goes_up_in_parts_and_comes_back_as_it_was(make: Make) -> None:
    place, content = make(PIECE), os.urandom(LARGE)
    body = place.begin()
    for start in range(0, LARGE, 99_991):
        body.write(content[start : start + 99_991])

    name = body.keep()

    assert b"".join(place.read(name)) == content
    assert place.sweep(frozenset({name})) == Swept(0, 0, ())


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_an_interrupted_upload_leaves_nothing(place: Bodies, size: int) -> None:
    body = place.begin()
    body.write(bytes(size))

    body.discard()
    body.discard()

    assert place.sweep(frozenset()) == Swept(0, 0, ())


def test_discarding_after_keeping_changes_nothing(place: Bodies) -> None:
    body = place.begin()
    body.write(b"x")
    name = body.keep()

    body.discard()

    assert list(place.read(name)) == [b"x"]


def test_a_missing_body_is_damaged_and_removing_it_is_fine(place: Bodies) -> None:
    name = keep(place, b"x")
    place.remove(name)
    place.remove(name)

    with pytest.raises(Damaged):
        next(place.read(name))


@pytest.mark.parametrize("name", ["", "../x", f"cd/{NAME[3:]}", NAME + "\n", f"damaged/{NAME[3:]}", "/" + NAME])
def test_a_name_that_is_not_ours_is_refused(place: Bodies, name: str) -> None:
    calls: tuple[Callable[[str], object], ...] = (
        lambda name: next(place.read(name)),
        place.remove,
        place.set_aside,
        place.begin,
    )
    for call in calls:
        with pytest.raises(Damaged):
            call(name)


def test_a_body_that_moves_here_keeps_its_name_also_at_the_second_attempt(place: Bodies) -> None:
    place.begin(NAME).write(b"interrupted")

    assert keep(place, b"first", NAME) == NAME
    assert keep(place, b"second", NAME) == NAME
    assert list(place.read(NAME)) == [b"second"]


def test_what_is_set_aside_is_in_nobodys_way(place: Bodies) -> None:
    name = keep(place, b"x")

    assert place.set_aside(name)

    assert not place.set_aside(name)
    assert place.missing(frozenset({name})) == (name,)
    assert place.sweep(frozenset({name})) == Swept(0, 0, (name,))
    with pytest.raises(Damaged):
        next(place.read(name))


def test_sweeping_removes_what_nobody_owns_and_tells_what_is_missing(place: Bodies) -> None:
    owned, orphan, gone = keep(place, b"owned"), keep(place, b"orphan"), f"ff/{'f' * 32}.part"
    claims = frozenset({owned, gone})

    assert place.orphans(claims) == (orphan,)
    assert place.missing(claims) == (gone,)
    assert place.sweep(claims) == Swept(1, 0, (gone,))
    assert place.sweep(claims) == Swept(0, 0, (gone,))
    assert list(place.read(owned)) == [b"owned"]


def test_what_another_node_may_be_about_to_own_is_spared(place: Bodies) -> None:
    name = keep(place, b"its row is not committed yet")
    writing = place.begin()
    writing.write(bytes(LARGE))
    now = datetime.now(UTC)

    assert place.sweep(frozenset(), now - timedelta(days=1)).orphans == 0
    assert list(place.read(name)) != []
    assert place.sweep(frozenset(), now + timedelta(days=1)).orphans == 1
    writing.discard()


def test_bodies_written_at_once_do_not_mix(make: Make) -> None:
    place, numbers = make(PIECE), count(1)
    contents = [bytes([next(numbers)]) * (LARGE // 2) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda content: keep(place, content), contents))

    assert [b"".join(place.read(name)) for name in names] == contents


async def test_a_body_cut_off_or_prolonged_anywhere_is_damaged(make: Make) -> None:
    place = make(PIECE)
    room, message, part = PartRoom(Vault(b"k" * 32), place), MessageId("m"), PartId("p")
    kept = await room.keep(message, part, os.urandom(3 * PIECE), PartProof("tag", KeyId("key")))
    assert kept.file is not None
    sealed = b"".join(place.read(kept.file))

    for length in (0, 1, PIECE - 1, PIECE, 2 * PIECE, len(sealed) - 1):
        keep(place, sealed[:length], kept.file)
        with pytest.raises(Damaged):
            list(room.chunks(kept))
    keep(place, sealed + b"x", kept.file)
    with pytest.raises(Damaged):
        list(room.chunks(kept))
    keep(place, sealed, kept.file)
    assert len(b"".join(room.chunks(kept))) == 3 * PIECE
