"""What a Fachverfahren finds in its folder."""

import os
import stat
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from delivered_folders import delivered_folders
from folder_town import REFERENCE, deliver, prepare

from amtsbote.api import Delivered, Original, Ready, VerifiedParts
from amtsbote.api.testkit import DATA, HOSTILE_NAMES, verified_parts, work_order
from amtsbote.model.content import SchemaRef, SignatureResult, SignatureVerdict
from amtsbote.model.ids import KeyId


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "posteingang"
    folder.mkdir()
    assert prepare(folder) == Ready()
    return folder


def with_types(parts: VerifiedParts, *mime_types: str) -> VerifiedParts:
    typed = (
        replace(each, about=replace(each.about, mime_type=kind))
        for each, kind in zip(parts.attachments, mime_types, strict=True)
    )
    return replace(parts, attachments=tuple(typed))


class TestLayout:
    def test_a_message_is_one_folder_with_data_attachments_manifest_and_marker(self, target: Path) -> None:
        parts = with_types(verified_parts(DATA, (b"plan", b"photo")), "application/pdf", "image/jpeg")

        assert deliver(target, parts=parts) == Delivered(REFERENCE)

        [folder] = delivered_folders(target)
        manifest = folder.files.pop("manifest.json")
        assert folder.files == {"daten.xml": DATA, "anlage-01.pdf": b"plan", "anlage-02.jpg": b"photo", "fertig": b""}
        assert manifest.isascii()

    def test_the_manifest_says_all_that_is_known(self, target: Path) -> None:
        signature = SignatureResult(SignatureVerdict.NOT_VERIFIABLE, KeyId("thumbprint"), "unknown-key")
        order = replace(work_order(), signature=signature, marked=True, metadata_version="2.2.0", fully_validated=False)
        parts = verified_parts(DATA, (b"plan",))
        about = parts.attachments[0].about

        deliver(target, order, parts)

        assert delivered_folders(target)[0].manifest == {
            "format": "amtsbote-manifest",
            "version": 1,
            "kind": "submission",
            "test": False,
            "ids": {
                "message": order.message,
                "case": order.case,
                "delivery": order.delivery,
                "destination": order.destination,
                "authority": order.authority,
                "target": order.target,
                "portal": order.portal,
            },
            "service": {"key": "99093003001002", "name": "Baumfällgenehmigung"},
            "region": "145110000000",
            "schema": {"uri": "urn:example:antrag:1.0", "mimeType": "application/xml"},
            "package": "antrag 1.0",
            "metadata": {"version": "2.2.0", "fullyValidated": False},
            "signature": {
                "verdict": "not-verifiable",
                "reason": "unknown-key",
                "key": "thumbprint",
                "marked": True,
            },
            "times": {"submitted": "2026-02-03T04:05:06.000Z", "written": "2026-02-03T04:06:07.890Z"},
            "senderReference": "AZ 12/2026",
            "data": {
                "file": "daten.xml",
                "mimeType": "application/xml",
                "size": len(DATA),
                "sha512": parts.data_sha512,
            },
            "attachments": [
                {
                    "id": about.id,
                    "file": "anlage-01.pdf",
                    "mimeType": "application/pdf",
                    "size": 4,
                    "sha512": about.sha512,
                    "purpose": "attachment",
                    "originalName": "Anlage 0.pdf",
                    "description": None,
                }
            ],
        }

    @pytest.mark.parametrize(
        ("mime_type", "name"),
        [
            ("application/xml", "daten.xml"),
            ("application/json", "daten.json"),
            ("Application/JSON; charset=utf-8", "daten.json"),
            ("something/else", "daten.xml"),
        ],
    )
    def test_data_is_named_by_its_type(self, target: Path, mime_type: str, name: str) -> None:
        deliver(target, replace(work_order(), schema=SchemaRef("urn:x", mime_type)), verified_parts(b"{}"))

        assert delivered_folders(target)[0].files[name] == b"{}"

    def test_mapped_data_lies_beside_what_was_sent(self, target: Path) -> None:
        sent = SchemaRef("urn:example:antrag_0.9", "application/json")
        source = verified_parts(b"{}")
        original = Original(sent, source.data, source.data_size, source.data_sha512)

        deliver(target, work_order(), replace(verified_parts(b"<a/>"), original=original))

        (folder,) = delivered_folders(target)
        assert (folder.files["daten.xml"], folder.files["original.json"]) == (b"<a/>", b"{}")
        assert folder.manifest["schema"] == {"uri": "urn:example:antrag:1.0", "mimeType": "application/xml"}
        assert folder.manifest["original"] == {
            "file": "original.json",
            "schema": {"uri": "urn:example:antrag_0.9", "mimeType": "application/json"},
            "size": 2,
            "sha512": source.data_sha512,
        }

    @pytest.mark.parametrize(
        ("mime_type", "extension"),
        [
            ("image/tiff", ".tif"),
            ("IMAGE/PNG ;x=y", ".png"),
            ("text/html", ".bin"),
            ("image/svg+xml", ".bin"),
            ("application/x-msdownload", ".bin"),
            ("../../x", ".bin"),
            ("", ".bin"),
        ],
    )
    def test_an_extension_comes_from_a_fixed_table_only(self, target: Path, mime_type: str, extension: str) -> None:
        deliver(target, parts=with_types(verified_parts(DATA, (b"x",)), mime_type))

        assert f"anlage-01{extension}" in delivered_folders(target)[0].files

    def test_more_than_99_attachments_keep_their_order_and_their_own_names(self, target: Path) -> None:
        contents = tuple(str(number).encode() for number in range(101))

        deliver(target, parts=verified_parts(DATA, contents))

        [folder] = delivered_folders(target)
        assert folder.attachments == contents
        assert {"anlage-01.pdf", "anlage-99.pdf", "anlage-101.pdf"} <= set(folder.files)

    @pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
    def test_an_original_name_is_in_the_manifest_and_nowhere_else(
        self, tmp_path: Path, target: Path, name: str | None
    ) -> None:
        parts = verified_parts(DATA, (b"x",))
        named = replace(parts.attachments[0], about=replace(parts.attachments[0].about, filename=name))
        before = {path for path in tmp_path.rglob("*") if target not in path.parents}

        deliver(target, parts=replace(parts, attachments=(named,)))

        [folder] = delivered_folders(target)
        assert folder.manifest["attachments"][0]["originalName"] == name
        assert set(folder.files) == {"daten.xml", "anlage-01.pdf", "manifest.json", "fertig"}
        assert {path for path in tmp_path.rglob("*") if target not in path.parents} == before

    def test_a_service_that_is_no_key_cannot_lead_out_of_the_folder(self, target: Path) -> None:
        deliver(target, replace(work_order(), service="../../x y\x00"))

        [folder] = delivered_folders(target)
        assert folder.path.name == f"20260203T040506Z_xy_{work_order().delivery}"

    def test_the_folder_sorts_by_the_arrival_in_universal_time(self, target: Path) -> None:
        summer = datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

        assert deliver(target, replace(work_order(), submitted_at=summer)) == Delivered(
            f"20260630T233000Z_99093003001002_{work_order().delivery}"
        )

    @pytest.mark.parametrize("umask", [0o000, 0o077])
    def test_the_group_may_read_and_nobody_else_whatever_the_umask(self, tmp_path: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            assert prepare(tmp_path) == Ready()
            deliver(tmp_path, parts=verified_parts(DATA, (b"x",)))
        finally:
            os.umask(before)

        made = list(tmp_path.rglob("*"))
        assert len(made) == 8
        for path in made:
            ours = ".amtsbote" in path.relative_to(tmp_path).parts
            folder_mode = 0o750 if ours else 0o770
            assert stat.S_IMODE(path.lstat().st_mode) == (folder_mode if path.is_dir() else 0o660), path

    def test_the_group_an_operator_hands_down_reaches_the_files(self, tmp_path: Path) -> None:
        os.chown(tmp_path, -1, other_group())
        tmp_path.chmod(0o2770)
        assert prepare(tmp_path) == Ready()

        deliver(tmp_path)

        assert {path.stat().st_gid for path in tmp_path.rglob("*")} == {tmp_path.stat().st_gid}


def other_group() -> int:
    """A group this process may give folders to and that its new files do not have anyway."""
    allowed = {4242, *os.getgroups()} if os.geteuid() == 0 else set(os.getgroups())
    others = allowed - {os.getegid()}
    if not others:
        pytest.skip("this process has one group only")
    return min(others)
