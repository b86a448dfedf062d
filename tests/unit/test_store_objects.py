"""Parts in S3-compatible storage: what only a storage beyond the network can do wrong."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from object_storage import ObjectStorage, running_storage
from ports import free_port

from amtsbote.api.bodies import Swept
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.store.objects import ObjectBodies
from amtsbote.store.upload import Upload
from amtsbote.store.uploads import Bucket, UnfinishedUploads, signed

NAME = f"ab/ab{'0' * 30}.part"
LARGE = 11 * 1024 * 1024
DEAD = Bucket("http://127.0.0.1:1", "teile", "", "eu-central-1", "AKID", "geheim")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    with running_storage() as started:
        yield started


def write(place: ObjectBodies, size: int) -> str:
    body = place.begin()
    try:
        for _ in range(0, size, 1024 * 1024):
            body.write(bytes(1024 * 1024))
        return body.keep()
    except BaseException:
        body.discard()
        raise


def test_keys_are_the_prefix_and_the_names_of_the_rows(storage: ObjectStorage) -> None:
    place = storage.new_bucket("haus/teile")
    name = write(ObjectBodies(place, now), 1024)
    ObjectBodies(place, now).set_aside(write(ObjectBodies(place, now), 1024))

    first, second = sorted(storage.keys(place), key=lambda key: "damaged" in key)
    assert first == f"haus/teile/{name}"
    assert second.startswith("haus/teile/damaged/")


def test_what_a_killed_node_began_is_swept_when_it_is_old(storage: ObjectStorage) -> None:
    place = storage.new_bucket()
    bodies = ObjectBodies(place, now)
    storage.begin_upload(place, NAME)
    storage.begin_upload(place, "fremd.part")

    assert bodies.sweep(frozenset(), datetime(2001, 1, 1, tzinfo=UTC)) == Swept(0, 0, ())
    assert bodies.sweep(frozenset(), now()) == Swept(0, 1, ())
    assert bodies.sweep(frozenset(), now()) == Swept(0, 0, ())
    assert storage.uploads(place) == 1


def test_a_bucket_that_is_not_there_says_nothing_of_a_body(storage: ObjectStorage) -> None:
    place = replace(storage.new_bucket(), name="nirgends")
    bodies = ObjectBodies(place, now)

    for call in every_call(bodies):
        with pytest.raises(StorageFailed):
            call()


def every_call(bodies: ObjectBodies) -> tuple[Callable[[], object], ...]:
    return (
        lambda: next(bodies.read(NAME)),
        lambda: write(bodies, 1024),
        lambda: write(bodies, LARGE),
        lambda: bodies.orphans(frozenset()),
        lambda: bodies.sweep(frozenset()),
        lambda: bodies.set_aside(NAME) or bodies.missing(frozenset({NAME})),
    )


def test_a_storage_that_is_gone_is_an_error_within_seconds() -> None:
    bodies = ObjectBodies(DEAD, now)
    began = time.monotonic()

    for call in every_call(bodies):
        with pytest.raises(StorageFailed) as failed:
            call()
        assert "geheim" not in str(failed.value)
    with pytest.raises(StorageFailed):
        UnfinishedUploads(DEAD, now).begun()
    assert time.monotonic() - began < 40


def test_a_storage_that_breaks_off_every_request_fails_the_upload_and_nobody_waits() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:
        threading.Thread(target=broken, args=(server,), daemon=True).start()
        with pytest.raises(StorageFailed):
            write(ObjectBodies(replace(DEAD, endpoint=f"http://127.0.0.1:{port}"), now), 4 * LARGE)


def broken(server: socket.socket) -> None:
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        return


def test_wherever_the_client_of_the_storage_gives_up_the_writer_hears_it_and_never_waits() -> None:
    for taken in range(4):

        def send(pieces: Iterator[bytes], taken: int = taken) -> None:
            for _ in range(taken):
                next(pieces)
            raise OSError("gone")

        upload = Upload(send)
        with pytest.raises(OSError, match="gone"):
            feed(upload, 20)
        upload.abort()


def feed(upload: Upload, pieces: int) -> None:
    for _ in range(pieces):
        upload.feed(b"x")
    upload.finish()


def test_an_aborted_upload_is_never_completed() -> None:
    ended: list[str] = []

    def send(pieces: Iterator[bytes]) -> None:
        try:
            ended.append(f"completed {len(list(pieces))}")
        except Exception:
            ended.append("given up")
            raise

    for finish in (False, True):
        upload = Upload(send)
        upload.feed(b"x")
        if finish:
            upload.finish()
        upload.abort()
        upload.abort()

    assert ended == ["given up", "completed 1"]


def test_an_object_that_vanishes_while_it_is_read_is_damaged(storage: ObjectStorage) -> None:
    bodies = ObjectBodies(storage.new_bucket(), now, piece=10)
    name = write(bodies, 1024)
    pieces = bodies.read(name)
    next(pieces)
    bodies.remove(name)

    with pytest.raises(Damaged):
        list(pieces)


def test_requests_are_signed_as_the_published_example_is() -> None:
    example = Bucket(
        "https://examplebucket.s3.amazonaws.com",
        "",
        "",
        "us-east-1",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    url = "https://examplebucket.s3.amazonaws.com/?lifecycle="

    authorization = signed(example, "GET", url, datetime(2013, 5, 24, tzinfo=UTC))["authorization"]

    assert authorization.endswith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")


def test_the_secret_key_is_not_shown() -> None:
    assert "geheim" not in repr(DEAD)
