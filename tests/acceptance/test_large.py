"""Large attachments pass in constant memory, at once and slowly too; large documents delay nobody."""

import hashlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from acceptance_words import NewBroker
from application_kit import Application, Enclosure, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from large_parts import PIECE, MemoryWatch, naming, own_memory, pieces_of, write_token
from portal_kit import Portal, Sent
from processes_for_tests import becomes_true

LARGE = 200_000_000
MEDIUM = 20 * PIECE
GROWTH = 64 * 1024 * 1024
AT_ONCE = 8


class Upload:
    """A submission with one large attachment, its token on disk."""

    def __init__(self, portal: Portal, folder: Path, size: int, destination: str = CHEMNITZ) -> None:
        self.portal = portal
        self.enclosure = Enclosure(b"", "befliegung.tif", "image/tiff")
        self.token = folder / self.enclosure.id
        self.digest = write_token(self.token, portal.encryption_key(destination), size)
        region = {CHEMNITZ: "145110000000", LEIPZIG: "147130000000"}[destination]
        application = Application(destination, enclosures=(self.enclosure,), region=region)
        sealed = portal.seal(application, naming(self.digest))
        created = portal.announce(application).json()
        self.sent = Sent(created["submissionId"], created["caseId"], destination, sealed)

    @property
    def size(self) -> int:
        return self.token.stat().st_size

    def attach(self, pieces: Iterator[bytes] | None = None) -> httpx.Response:
        headers = {"Content-Length": str(self.size)}
        content = pieces_of(self.token) if pieces is None else pieces
        return self.portal.attach(self.sent.submission, self.enclosure.id, content, headers=headers)

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
def test_an_attachment_of_200_mb_passes_with_less_than_64_mb_of_growth(new_broker: NewBroker, tmp_path: Path) -> None:
    broker = new_broker()
    upload = Upload(warm(broker), tmp_path, LARGE)

    with MemoryWatch(broker.running.pid) as watch:
        answer = upload.attach()
        assert answer.status_code == 204, answer.text
        upload.submit()
        upload.arrived(broker)

    assert watch.growth < GROWTH, f"{watch.growth >> 20} MB of growth"


@pytest.mark.timeout(300)
def test_a_subscriber_fetches_200_mb_of_ciphertext_with_less_than_64_mb_of_growth(
    new_broker: NewBroker, tmp_path: Path
) -> None:
    broker = new_broker()
    upload = Upload(warm(broker), tmp_path, LARGE, LEIPZIG)
    subscriber = broker.subscriber()
    subscriber.token()
    fetched = hashlib.sha512()

    with MemoryWatch(broker.running.pid) as watch:
        answer = upload.attach()
        assert answer.status_code == 204, answer.text
        upload.submit()
        path = f"/submission-api/v2/submissions/{upload.sent.submission}/attachments/{upload.enclosure.id}"
        headers = {"Authorization": f"Bearer {subscriber.token()}"}
        with subscriber.http.stream("GET", f"{broker.base}{path}", headers=headers) as answer:
            assert answer.status_code == 200
            assert int(answer.headers["content-length"]) == upload.size
            for chunk in answer.iter_raw():
                fetched.update(chunk)

    with upload.token.open("rb") as file:
        assert hashlib.file_digest(file, "sha512").digest() == fetched.digest()
    assert watch.growth < GROWTH, f"{watch.growth >> 20} MB of growth"


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


class CutOff(Exception):
    """The sender's line."""


def test_an_upload_cut_off_anywhere_is_repeated_cleanly(broker: RunningBroker, portal: Portal, tmp_path: Path) -> None:
    upload = Upload(portal, tmp_path, MEDIUM)

    def until(end: int) -> Iterator[bytes]:
        for number, piece in enumerate(pieces_of(upload.token)):
            if number == end:
                raise CutOff
            yield piece

    for end in (0, 1, MEDIUM // PIECE - 1):
        with pytest.raises(CutOff):
            upload.attach(until(end))
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
