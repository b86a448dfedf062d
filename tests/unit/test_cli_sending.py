"""What the operator's own sender makes of its options, before anything is sent."""

from pathlib import Path

import pytest
from schemas_for_tests import REF, dog_tax

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.entry import run
from amtsbote.cli.sending import Letter, application_for
from amtsbote.model.content import SchemaRef
from amtsbote.model.ids import DestinationId, KeyId
from schemas.package import bundled_packages
from transport.fitconnect.client import DestinationView, OfferedSchemas

PLACE = DestinationId("2f1c9a58-6f0e-4f6e-9a43-0b7f5f0a1c11")
SERVICE = "urn:de:fim:leika:leistung:99093003001002"
CHEMNITZ = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:145110000000"

PACKAGES = bundled_packages()


def offering(*services: OfferedSchemas) -> DestinationView:
    return DestinationView(PLACE, "Amt", "active", KeyId("kid"), ("2.1.0",), services)


def letter(**wishes: object) -> Letter:
    nothing = {"data": None, "attachments": (), "service": None, "region": None, "signing_key": None}
    return Letter(destination=PLACE, fragment_size=1, wait=0, language="en", **{**nothing, **wishes})  # type: ignore[arg-type]  # a table of wishes


ONE = OfferedSchemas(SERVICE, (REF,), (CHEMNITZ,))


def test_without_options_service_region_and_document_are_those_of_the_destination() -> None:
    application = application_for(letter(), offering(ONE), PACKAGES)

    assert (application.service, application.region, application.schema) == ("99093003001002", "145110000000", REF)
    assert b"<regionalschluessel>145110000000<" in application.data


def test_a_document_and_attachments_of_the_operator_are_sent_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")

    application = application_for(
        letter(data=tmp_path / "a.xml", attachments=(tmp_path / "plan.pdf",)), offering(ONE), bundled_packages()
    )

    assert application.data == b"<a/>"
    assert [(file.filename, file.mime_type) for file in application.attachments] == [("plan.pdf", "application/pdf")]


def test_the_extension_of_the_file_chooses_between_xml_and_json(tmp_path: Path) -> None:
    xml, json = dog_tax("1.1").about.schemas
    both = OfferedSchemas("urn:de:fim:leika:leistung:99102013104000", (xml, json), (CHEMNITZ,))
    for name, chosen in (("a.json", json), ("a.XML", xml), ("a.txt", xml)):
        (tmp_path / name).write_bytes(b"{}")
        assert application_for(letter(data=tmp_path / name), offering(both), PACKAGES).schema == chosen


def test_an_offer_without_a_known_schema_is_passed_over() -> None:
    strange = OfferedSchemas("urn:x:99093003001001", (SchemaRef("urn:other", "application/json"),), ())

    assert application_for(letter(), offering(strange, ONE), PACKAGES).service == "99093003001002"


@pytest.mark.parametrize(
    ("wish", "offer", "code"),
    [
        ({"service": "00000000000000"}, ONE, "service"),
        ({}, OfferedSchemas(SERVICE, (), (CHEMNITZ,)), "service"),
        ({}, OfferedSchemas(SERVICE, (REF,), ()), "region"),
        ({}, OfferedSchemas(SERVICE, (REF,), ("urn:x:rs:14",)), "region"),
        ({}, OfferedSchemas(SERVICE, (REF,), (CHEMNITZ, "urn:x:rs:146120000000")), "region"),
        ({"region": "14511"}, ONE, "region"),
        ({"region": "١٤٥١١٠٠٠٠٠٠٠"}, ONE, "region"),
        ({"data": Path("/nowhere/antrag.xml")}, ONE, "file"),
        ({"attachments": (Path("/nowhere/plan.pdf"),)}, ONE, "file"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(
    wish: dict[str, object], offer: OfferedSchemas, code: str
) -> None:
    with pytest.raises(CommandRefused) as refused:
        application_for(letter(**wish), offering(offer), PACKAGES)

    assert refused.value.code == code


def test_a_secret_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "site")]) == 0
    config = ["--config", str(tmp_path / "site/amtsbote.toml")]
    capsys.readouterr()

    code = run(["--lang", "de", "submissions", "send", PLACE, "--client", "x", "--secret-file", "/nowhere", *config])

    assert code == 1
    assert "/nowhere ist nicht lesbar" in capsys.readouterr().err


def test_whoever_does_not_say_where_the_installation_is_hears_how_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)

    assert run(["--lang", "de", "submissions", "list"]) == 1

    assert "--config oder AMTSBOTE_CONFIG" in capsys.readouterr().err


def test_a_service_that_does_not_run_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "site"), "--public-url", "http://127.0.0.1:9"]) == 0
    (tmp_path / "secret").write_text("s")
    config = ["--config", str(tmp_path / "site/amtsbote.toml")]
    capsys.readouterr()

    code = run(["submissions", "send", PLACE, "--client", "x", "--secret-file", str(tmp_path / "secret"), *config])

    assert code == 1
    assert "127.0.0.1 cannot be reached" in capsys.readouterr().err
