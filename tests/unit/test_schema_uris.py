"""Which spellings of a `schemaUri` are the same key; everything else stays unknown."""

import pytest

from amtsbote.model.schema_uris import spelled_as_known

XBAU = "urn:xoev-de:bmk:standard:xbau_2.6#baugenehmigung.antrag.0200"
OTHER = "urn:xoev-de:bmk:standard:xbau_2.6#baugenehmigung.bescheid.0300"
ALONE = "urn:xoev-de:muster:standard:xhund_1.0#anmeldung.hund.0100"
FIM = "https://schema.fitko.de/fim/s00000114_1.1.schema.json"
KNOWN = (XBAU, OTHER, ALONE, FIM)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (XBAU, XBAU),
        ("URN:XOEV-DE:bmk:standard:xbau_2.6#baugenehmigung.antrag.0200", XBAU),
        ("urn:xoev-de:muster:standard:xhund_1.0", ALONE),
        ("urn:xoev-de:muster:standard:xhund_1.0#", ALONE),
        (FIM, FIM),
        ("HTTPS://Schema.FITKO.de:443/fim/s00000114_1.1.schema.json", FIM),
        ("https://schema.fitko.de/fim/S00000114_1.1.schema.json", FIM),
    ],
)
def test_the_same_key_in_another_spelling_is_found(given: str, known: str) -> None:
    assert spelled_as_known(given, KNOWN) == known


@pytest.mark.parametrize(
    "given",
    [
        "urn:xoev-de:bmk:standard:xbau_2.6",
        "urn:xoev-de:bmk:standard:xbau_2.6#Baugenehmigung.antrag.0200",
        "urn:xoev-de:bmk:standard:XBau_2.6#baugenehmigung.antrag.0200",
        "urn:xoev-de:muster:standard:xhund",
        "urn:xoev-de:muster:standard:xhund_1.1",
        "http://schema.fitko.de/fim/s00000114_1.1.schema.json",
        "https://schema.fitko.de/fim/s00000114_1.1",
        "https://schema.fitko.de/fim/s00000114_1.2.schema.json",
        "https://schema.fitko.de/fim/S00000114_1.1.Schema.json",
        "https://schema.fitko.de.evil.example/fim/s00000114_1.1.schema.json",
        "https://[schema",
        "",
    ],
)
def test_what_is_another_key_or_could_be_several_stays_as_it_is(given: str) -> None:
    assert spelled_as_known(given, KNOWN) == given
