"""What is sent in a campaign, and what has to become of it."""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from application_kit import PHOTO, SITE_PLAN, UNSPOILT, Application, Enclosure, Spoil, one_bit_of, sample
from campaign_receivers import REFUSAL
from installation_kit import CHEMNITZ, LEIPZIG, SAXONY

CHEMNITZ_TARGETS = frozenset({"chemnitz", "archive"})
BURGSTAEDT, PLAUEN = "145225102060", "145230320320"
REGION = b"145110000000"
SAMPLE_ID = b"0f6a3a52-8d1e-4b8f-a0c4-51f3f0a5d302"
LARGE = 400_000
"""Bytes: enough to become a part of its own, in a file."""


@dataclass(frozen=True)
class Item:
    """One application and its end; None: a person has to decide."""

    application: Application
    targets: frozenset[str] = frozenset()
    end: str | None = "accept-submission"
    spoil: Spoil = UNSPOILT


def one_of(chance: Random) -> Item:
    """Of one of the kinds, at random."""
    [kind] = chance.choices([make for _, make in _KINDS], [weight for weight, _ in _KINDS])
    return kind()


def _document(name: str = "gueltig-kleinster-antrag", region: str = "145110000000", more: bytes = b"") -> bytes:
    """A document no other is equal to."""
    own = sample(name).replace(SAMPLE_ID, str(uuid.uuid4()).encode())
    return own.replace(REGION, region.encode()) + more


def _to_chemnitz() -> Item:
    return Item(Application(CHEMNITZ, _document()), CHEMNITZ_TARGETS)


def _with_enclosures() -> Item:
    large = Enclosure(os.urandom(LARGE), "Befliegung.tif", "image/tiff")
    small = Enclosure(SITE_PLAN + os.urandom(8), "Lageplan.pdf", "application/pdf")
    application = Application(CHEMNITZ, _document(), (large, small), version="v1", metadata="1.0.0", compressed=True)
    return Item(application, CHEMNITZ_TARGETS)


def _collected() -> Item:
    return Item(Application(SAXONY, _document(region=BURGSTAEDT), region=BURGSTAEDT), frozenset({"saxony"}))


def _collected_for_chemnitz() -> Item:
    return Item(Application(SAXONY, _document()), CHEMNITZ_TARGETS)


def _end_to_end() -> Item:
    enclosure = Enclosure(PHOTO + os.urandom(8), "Eiche.jpg", "image/jpeg")
    return Item(Application(LEIPZIG, _document(), (enclosure,), region=None), frozenset({"leipzig"}))


def _refused_end_to_end() -> Item:
    application = Application(LEIPZIG, _document(more=REFUSAL), region=None)
    return Item(application, frozenset({"leipzig"}), "reject-submission")


def _schema_violated() -> Item:
    return Item(Application(CHEMNITZ, _document("ungueltig-datum")), end="reject-submission")


def _tampered() -> Item:
    return Item(Application(CHEMNITZ, _document()), end="reject-submission", spoil=Spoil(after={"data": one_bit_of(3)}))


def _other_hash() -> Item:
    spoil = Spoil(before={"data": lambda data: data + b"\n"})
    return Item(Application(CHEMNITZ, _document()), end="reject-submission", spoil=spoil)


def _nobody_competent() -> Item:
    return Item(Application(SAXONY, _document(region=PLAUEN), region=PLAUEN), end=None)


_KINDS: tuple[tuple[int, Callable[[], Item]], ...] = (
    (6, _to_chemnitz),
    (3, _with_enclosures),
    (3, _collected),
    (2, _collected_for_chemnitz),
    (3, _end_to_end),
    (1, _refused_end_to_end),
    (1, _schema_violated),
    (1, _tampered),
    (1, _other_hash),
    (1, _nobody_competent),
)
"""Weight and kind."""
