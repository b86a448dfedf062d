"""Large attachments pass in constant memory, at once and slowly too; large documents delay nobody."""

import hashlib
import json
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from acceptance_words import NewBroker
from application_kit import Application, Enclosure, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from large_parts import PIECE, MemoryWatch, naming, own_memory, pieces_of, write_tokens
from object_storage import running_storage
from portal_kit import Portal, Sent, Subscriber
from processes_for_tests import becomes_true

LARGE = 200_000_000
MEDIUM = 20 * PIECE
GROWTH = 64 * 1024 * 1024
AT_ONCE = 8


class CutOff(Exception):
    """The sender's line."""


class Upload:
    """A submission with one large attachment, its tokens on disk: one, or several `fragments`."""

    def __init__(
        self, portal: Portal, folder: Path, size: int, destination: str = CHEMNITZ, fragments: int = 0
    ) -> None:
        self.portal = portal
        self.enclosure = Enclosure(b"", "befliegung.tif", "image/tiff")
        names = [str(uuid.uuid4()) for _ in range(fragments)]
        self.tokens = {name: folder / name for name in names or [self.enclosure.id]}
        self.digest = write_tokens([*self.tokens.values()], portal.encryption_key(destination), size)
        region = {CHEMNITZ: "145110000000", LEIPZIG: "147130000000"}[destination]
        application = Application(destination, enclosures=(self.enclosure,), region=region)
        sealed = portal.seal(application, naming(self.digest, *names))
        created = portal.announce(application, announcedAttachments=[*self.tokens]).json()
        self.sent = Sent(created["submissionId"], created["caseId"], destination, sealed)

    @property
    def token(self) -> Path:
        """The only one, or the first."""
        return next(iter(self.tokens.values()))

    def attach(self, pieces: Iterator[bytes] | None = None) -> httpx.Response:
        """The only part, or the first fragment."""
        return self._attach(self.token, pieces_of(self.token) if pieces is None else pieces)

    def attach_all(self) -> None:
        for token in self.tokens.values():
            answer = self._attach(token, pieces_of(token))
            assert answer.status_code == 204, answer.text

    def _attach(self, token: Path, pieces: Iterator[bytes]) -> httpx.Response:
        headers = {"Content-Length": str(token.stat().st_size)}
        return self.portal.attach(self.sent.submission, token.name, pieces, headers=headers)

    def until(self, end: int) -> Iterator[bytes]:
        """The first pieces, and then nothing more."""
        for number, piece in enumerate(pieces_of(self.token)):
            if number == end:
                raise CutOff
            yield piece

    def submit(self) -> None:
        answer = self.portal.submit(self.sent.submission, self.sent.sealed)
        assert answer.status_code == 200, answer.text

    def arrived(self, broker: RunningBroker) -> None:
        """Accepted, delivered once, byte by byte what was sent."""
        self.portal.ends_with(self.sent, "accept-submission", seconds=120)
        target = broker.installation.target("chemnitz")
        [attachment] = [path for path in target.glob("*/anlage-01.tif") if self._named_in(path.parent)]
        with attachment.open("rb") as file:
            assert hashlib.file_digest(file, "sha512").hexdigest() == self.digest

    def _named_in(self, folder: Path) -> bool:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return bool(manifest["ids"]["message"] == self.sent.submission)


def warm(broker: RunningBroker) -> Portal:
    """Whatever is loaded on first use is loaded now."""
    portal = broker.portal()
    portal.accepted(Application(CHEMNITZ))
    return portal


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fragments", [0, 4])
def test_an_attachment_of_200_mb_passes_with_less_than_64_mb_of_growth(
    new_broker: NewBroker, tmp_path: Path, fragments: int
) -> None:
    broker = new_broker()
    upload = Upload(warm(broker), tmp_path, LARGE, fragments=fragments)

    with MemoryWatch(broker.running.pid) as watch:
        upload.attach_all()
        upload.submit()
        upload.arrived(broker)

    assert watch.growth < GROWTH, f"{watch.growth >> 20} MB of growth"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fragments", [0, 4])
def test_a_subscriber_fetches_200_mb_of_ciphertext_with_less_than_64_mb_of_growth(
    new_broker: NewBroker, tmp_path: Path, fragments: int
) -> None:
    broker = new_broker()
    upload = Upload(warm(broker), tmp_path, LARGE, LEIPZIG, fragments)
    subscriber = broker.subscriber()
    subscriber.token()

    with MemoryWatch(broker.running.pid) as watch:
        upload.attach_all()
        upload.submit()
        fetched = {name: fetch(subscriber, upload.sent, name) for name in upload.tokens}

    assert fetched == {name: Fetched.of(token) for name, token in upload.tokens.items()}
    assert watch.growth < GROWTH, f"{watch.growth >> 20} MB of growth"


@dataclass(frozen=True)
class Fetched:
    size: int
    sha512: str

    @classmethod
    def of(cls, token: Path) -> "Fetched":
        with token.open("rb") as file:
            return cls(token.stat().st_size, hashlib.file_digest(file, "sha512").hexdigest())


def fetch(subscriber: Subscriber, sent: Sent, attachment: str) -> Fetched:
    """What comes over the wire, which says how much it will be before it comes."""
    path = f"/submission-api/v2/submissions/{sent.submission}/attachments/{attachment}"
    headers, fetched = {"Authorization": f"Bearer {subscriber.token()}"}, hashlib.sha512()
    with subscriber.http.stream("GET", f"{subscriber.base}{path}", headers=headers) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_raw():
            fetched.update(chunk)
        return Fetched(int(answer.headers["content-length"]), fetched.hexdigest())


@pytest.mark.timeout(300)
def test_eight_slow_uploads_at_once_take_no_more_memory_than_one_and_stop_nobody(
    new_broker: NewBroker, tmp_path: Path
) -> None:
    broker = new_broker()
    quick = warm(broker)
    uploads = [Upload(broker.portal(), tmp_path, MEDIUM) for _ in range(AT_ONCE)]
    in_step, halfway, go_on = threading.Barrier(AT_ONCE), threading.Barrier(AT_ONCE + 1), threading.Event()

    def slowly(token: Path) -> Iterator[bytes]:
        """One piece when all others have sent theirs; half of them, and then nothing until `go_on`."""
        for number, piece in enumerate(pieces_of(token)):
            in_step.wait(60)
            if number == MEDIUM // PIECE // 2:
                halfway.wait(60)
                assert go_on.wait(25)
            yield piece

    with MemoryWatch(broker.running.pid) as watch, ThreadPoolExecutor(AT_ONCE) as senders:
        answers = [senders.submit(upload.attach, slowly(upload.token)) for upload in uploads]
        halfway.wait(60)
        quick.accepted(Application(CHEMNITZ))
        go_on.set()
        assert [answer.result().status_code for answer in answers] == [204] * AT_ONCE
        for upload in uploads:
            upload.submit()
        for upload in uploads:
            upload.arrived(broker)

    assert watch.growth < GROWTH, f"{watch.growth >> 20} MB of growth"


def test_an_upload_cut_off_anywhere_is_repeated_cleanly(broker: RunningBroker, portal: Portal, tmp_path: Path) -> None:
    upload = Upload(portal, tmp_path, MEDIUM)

    for end in (0, 1, MEDIUM // PIECE - 1):
        with pytest.raises(CutOff):
            upload.attach(upload.until(end))
        refused = portal.submit(upload.sent.submission, upload.sent.sealed)
        assert refused.status_code == 422, refused.text

    assert upload.attach().status_code == 204
    assert upload.attach().status_code == 204
    upload.submit()
    upload.arrived(broker)


def a_document_of_20_mb() -> bytes:
    """As many trees as fit. That is more than the schema allows: it is rejected once the whole has been read."""
    small = sample("gueltig-kleinster-antrag")
    begin, end = small.index(b"    <baum>"), small.index(b"</baum>\n") + len(b"</baum>\n")
    tree = small[begin:end].replace(b"neben der Terrasse", b"neben der Terrasse, links" + b" am Zaun" * 60)
    room = 20 * 1024 * 1024 - len(small)
    return small[:begin] + tree * (room // len(tree)) + small[end:]


class Stopper(threading.Thread):
    """Stops every helper that has a large document in its hands, so that it stays there."""

    def __init__(self, broker: RunningBroker) -> None:
        super().__init__()
        self._usual = {helper: own_memory(helper) for helper in broker.helpers()}
        self._over = threading.Event()
        self.stopped: list[int] = []

    def run(self) -> None:
        while not self._over.wait(0.001):
            for helper in self._usual.keys() - set(self.stopped):
                if own_memory(helper) - self._usual[helper] > 10_000_000:
                    os.kill(helper, signal.SIGSTOP)
                    self.stopped.append(helper)

    def let_go(self) -> None:
        self._over.set()
        self.join()
        for helper in self.stopped:
            os.kill(helper, signal.SIGCONT)


@contextmanager
def large_documents_stay_in_validation(broker: RunningBroker) -> Iterator[Stopper]:
    stopper = Stopper(broker)
    stopper.start()
    try:
        yield stopper
    finally:
        stopper.let_go()


@pytest.mark.timeout(300)
def test_two_documents_of_20_mb_in_validation_do_not_delay_small_ones(new_broker: NewBroker) -> None:
    broker = new_broker(WORK__THREADS="2", WORK__VALIDATION_TIMEOUT="PT2M")
    portal = warm(broker)
    document = a_document_of_20_mb()

    with large_documents_stay_in_validation(broker) as stopper:
        heavy = [portal.send(Application(CHEMNITZ, data=document)) for _ in range(2)]
        assert becomes_true(lambda: bool(stopper.stopped))
        for _ in range(5):
            portal.accepted(Application(CHEMNITZ))
        assert [portal.events(sent.case)[-1].name for sent in heavy] == ["submit-submission"] * 2

    for sent in heavy:
        rejected = portal.ends_with(sent, "reject-submission", seconds=60)
        assert rejected.problems == [("schema-violation", "data")]


@pytest.mark.timeout(300)
def test_parts_in_object_storage_come_and_go_and_a_dead_storage_is_a_503(new_broker: NewBroker, tmp_path: Path) -> None:
    with running_storage() as storage:
        place = storage.new_bucket("haus")
        broker = new_broker(
            STORAGE__PARTS=f"s3://{place.name}/haus",
            S3__ENDPOINT=place.endpoint,
            S3__ACCESS_KEY=place.access_key,
            S3__SECRET_KEY=place.secret_key,
            S3__ALLOW_HTTP="true",
        )
        upload, late = (Upload(broker.portal(), tmp_path, MEDIUM) for _ in range(2))
        with pytest.raises(CutOff):
            upload.attach(upload.until(12))
        assert becomes_true(lambda: storage.uploads(place) == 0, 60)
        assert storage.keys(place) == []

        assert upload.attach().status_code == 204
        upload.submit()
        upload.arrived(broker)
        assert len(storage.keys(place)) == 1
        assert list((broker.installation.folder / "data").rglob("*.part")) == []

    assert late.attach().status_code == 503
    assert place.secret_key not in broker.logs()
