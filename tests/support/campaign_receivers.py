"""Who receives in a campaign: a Fachverfahren at its folders, and the software behind an end-to-end destination."""

from collections.abc import Sequence
from hashlib import sha256, sha512
from pathlib import Path
from random import Random

from application_kit import Application, Sealed
from campaign_judge import Arrival
from delivered_folders import delivered_folder
from installation_kit import LEIPZIG
from portal_kit import Sent, Subscriber

REFUSAL = b"<!-- refuse -->"
"""What makes the subscriber of the campaign refuse an application."""


class Collector:
    """The software behind the end-to-end destination: fetches what waits, opens it, accepts or refuses it."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self._done: set[str] = set()
        self.arrivals: list[Arrival] = []

    def collect(self) -> None:
        for submission in self._subscriber.waiting():
            if submission not in self._done:
                self._answer(submission)

    def _answer(self, submission: str) -> None:
        one = self._subscriber
        fetched = one.fetch(submission)
        tokens = {name: one.fetch_attachment(submission, name) for name in fetched["attachments"]}
        sealed = Sealed(Application(LEIPZIG), fetched["encryptedMetadata"], fetched["encryptedData"], tokens)
        sent = Sent(submission, fetched["caseId"], LEIPZIG, sealed)
        data = one.decrypt(sealed.data)
        token = one.rejection(sent) if REFUSAL in data else one.acceptance(sent)
        answer = one.write(sent.case, token)
        assert answer.status_code == 204, answer.text
        self._done.add(submission)
        content = fingerprint(data, [one.decrypt(each) for each in tokens.values()])
        self.arrivals.append(Arrival("leipzig", submission, submission, content))


class Fachverfahren:
    """Reads the targets as documented, while the broker works: takes every second folder away, leaves the others."""

    def __init__(self, targets: Sequence[Path], taken: Path, chance: Random) -> None:
        self._targets = targets
        self._taken = taken
        self._chance = chance
        self._kept: set[Path] = set()
        self.arrivals: list[Arrival] = []
        self.torn: list[str] = []

    def look(self) -> None:
        for target in self._targets:
            for path in sorted(target.iterdir()):
                if not path.name.startswith(".") and path not in self._kept:
                    self._take(target.name, path)

    def _take(self, target: str, path: Path) -> None:
        try:
            self.arrivals.append(read_arrival(target, path))
        except (AssertionError, KeyError, ValueError, OSError) as error:
            self.torn.append(f"{target}/{path.name}: {error}")
        if self._chance.random() < 0.5:
            path.rename(self._taken / f"{target}-{len(self.arrivals) + len(self.torn)}")
        else:
            self._kept.add(path)


def read_arrival(target: str, path: Path) -> Arrival:
    """A folder that can be seen. Raises unless it is complete: marker, manifest, every file as the manifest has it."""
    folder = delivered_folder(path)
    for entry in (folder.manifest["data"], *folder.manifest["attachments"]):
        content = folder.files[entry["file"]]
        assert (len(content), sha512(content).hexdigest()) == (entry["size"], entry["sha512"]), entry["file"]
    ids = folder.manifest["ids"]
    assert ids["target"] == target, f"made for {ids['target']}"
    return Arrival(target, ids["message"], ids["delivery"], fingerprint(folder.data, folder.attachments))


def fingerprint(data: bytes, attachments: Sequence[bytes]) -> str:
    """Of an application's content; the order of attachments does not count."""
    return sha256(b"".join(sha256(each).digest() for each in (data, *sorted(attachments)))).hexdigest()
