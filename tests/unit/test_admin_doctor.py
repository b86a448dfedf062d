"""What separates an installation from production: every thing `doctor` finds, and that it says so in both languages."""

import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import NOW, Wish, as_pem, issue
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from object_storage import running_storage

from amtsbote.admin import doctor_disk, doctor_tls
from amtsbote.admin.doctor import CHECKS, examine, survey
from amtsbote.admin.doctor_advice import Level, Probed, Site
from amtsbote.admin.doctor_disk import kind_of, sync_seconds
from amtsbote.admin.doctor_parts import probed
from amtsbote.cli.entry import run
from amtsbote.daemon.settings import Mail, Settings, Sources
from amtsbote.model.routing import german_day
from amtsbote.text.catalogue import TABLE

LOCAL = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
OWNER = 4711
NEW_KEY = {"id": "00112233", "since": "2026-02-01T00:00:00+00:00", "days": 28, "former": None}
FACTS: dict[str, Any] = {
    "uid": OWNER,
    "open_files": 524288,
    "ends": [],
    "ages": [],
    "master_key": NEW_KEY,
    "stages": [],
    "fetched": [],
    "destinations": [],
    "sources": [],
    "callbacks": {"failing": 3, "stopped": 0},
}


@pytest.fixture
def root_pem(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> Path:
    chain = issue([Wish("Wurzel", rsa_key("root"), ca=True, end=NOW + timedelta(days=400))])
    file = tmp_path / "root.pem"
    file.write_bytes(as_pem(chain))
    return file


@pytest.fixture
def good(tmp_path: Path, root_pem: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An installation `doctor` has nothing to say about."""
    tmp_path.chmod(0o700)
    (tmp_path / "data" / "parts").mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    (tmp_path / "master.key").write_text("00" * 32)
    (tmp_path / "master.key").chmod(0o600)
    file = tmp_path / "amtsbote.toml"
    public = '[public]\nurl = "https://amtsbote.example"\ntrusted_proxies = ["127.0.0.1"]\n'
    file.write_text(f'{public}[keys]\ntrust_anchors = ["root.pem"]', "utf-8")
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100 * 1024**3, 50 * 1024**3))
    monkeypatch.setattr("amtsbote.admin.doctor_files._may_change", lambda path, *_: path.name == "changeable.py")
    return Site(
        file=file,
        settings=Settings.load(file),
        at=NOW,
        owner=os.geteuid() or OWNER,
        facts=FACTS,
        refused=None,
        running=True,
        mounts=LOCAL,
        synchronised=True,
        sync_seconds=0.002,
        program=(Path("/usr/bin/python3"),),
    )


class Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


def found(site: Site) -> dict[str, Level]:
    """Codes that are not *fine*. Every sentence is said once in each language."""
    advice = examine(site)
    for one in advice:
        assert "{" not in one.what("de") + one.what("en") + (one.todo("de") or "") + (one.todo("en") or "")
    return {one.code: one.level for one in advice if one.level is not Level.FINE}


def changed(site: Site, text: str) -> Site:
    site.file.write_text(text, "utf-8")
    return replace(site, settings=Settings.load(site.file))


PUBLIC = '[public]\nurl = "https://amtsbote.example"\ntrusted_proxies = ["127.0.0.1"]\n'


def test_a_good_installation_is_fine_in_every_point(good: Site) -> None:
    assert found(good) == {}
    assert [one.code for one in examine(good)] == [
        f"fine.{name}" for name in CHECKS if name not in {"database", "tls", "editing"}
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", {"url-local": Level.ERROR, "anchors-none": Level.ERROR}),
        ('[public]\nurl = "http://amtsbote.example"', {"url-plain": Level.ERROR, "anchors-none": Level.ERROR}),
        ('[public]\nlisten = "0.0.0.0:80"', {"listen-open": Level.WARNING}),
        ('[public]\nlisten = "[::]:80"', {"listen-open": Level.WARNING}),
        ('[public]\nlisten = "amtsbote.example:80"', {"listen-open": Level.WARNING}),
        ('[public]\nlisten = "[::1]:80"', {}),
        ('[public]\nlisten = "localhost:80"', {}),
        ("[public]\ntrusted_proxies = []", {"proxies-none": Level.WARNING}),
        ('[public]\nlisten = "[::1]:80"\ntrusted_proxies = ["10.0.0.1"]', {"proxies-elsewhere": Level.WARNING}),
        ('[public]\ntrusted_proxies = ["127.0.0.0/8", "10.0.0.0/8", "fc00::/7"]', {}),
        ('[public]\ntrusted_proxies = ["::1", "0.0.0.0/0"]', {"proxies-everybody": Level.ERROR}),
        ('[public]\ntrusted_proxies = ["127.0.0.1", "::/0"]', {"proxies-everybody": Level.ERROR}),
        ('[public]\ntrusted_proxies = ["::1", "128.0.0.0/1"]', {"proxies-everybody": Level.ERROR}),
        (
            '[public]\nlisten = "0.0.0.0:80"\ntrusted_proxies = []',
            {"listen-open": Level.WARNING, "proxies-none": Level.WARNING},
        ),
        ('[public]\nlisten = "0.0.0.0:80"\ntrusted_proxies = ["10.0.0.1"]', {"listen-open": Level.WARNING}),
        ('[metrics]\nlisten = "10.0.0.1:9464"', {"metrics-open": Level.WARNING}),
        (f'{PUBLIC}[admin]\nlisten = "127.0.0.1:8083"\nurl = "https://bearbeiten.example"', {}),
        (
            f'{PUBLIC}[admin]\nlisten = "127.0.0.1:8083"\nurl = "http://bearbeiten.example"',
            {"editing-plain": Level.ERROR},
        ),
        (
            '[admin]\nlisten = "0.0.0.0:8083"',
            {"editing-open": Level.WARNING, "editing-plain": Level.ERROR},
        ),
        ('[keys]\ntrust_anchors = ["gone.pem"]', {"anchor-unreadable": Level.ERROR}),
        ('[keys]\ntrust_anchors = ["amtsbote.toml"]', {"anchor-unreadable": Level.ERROR}),
        ('[keys]\nmaster_key_file = "gone"', {"key-missing": Level.ERROR}),
    ],
)
def test_settings_that_are_for_trying_only(good: Site, text: str, codes: dict[str, Level]) -> None:
    if "url" not in text and text:
        text += "\n[public]" if "[public]" not in text else ""
        proxies = "" if "trusted_proxies" in text else '\ntrusted_proxies = ["127.0.0.1"]'
        text = text.replace("[public]", f'[public]\nurl = "https://amtsbote.example"{proxies}')
    if "trust_anchors" not in text and "anchors-none" not in codes:
        text += "\n[keys]" if "[keys]" not in text else ""
        text = text.replace("[keys]", '[keys]\ntrust_anchors = ["root.pem"]')

    assert found(changed(good, text)) == codes


@pytest.mark.parametrize(
    ("name", "mode", "code"),
    [
        ("amtsbote.toml", 0o664, "config-writable"),
        ("amtsbote.toml", 0o602, "config-writable"),
        (".", 0o777, "folder-writable"),
        ("master.key", 0o640, "key-open"),
        ("master.key", 0o604, "key-open"),
        ("data", 0o770, "data-writable"),
        ("data", 0o750, "data-readable"),
    ],
)
def test_files_that_others_get_at(good: Site, name: str, mode: int, code: str) -> None:
    (good.file.parent / name).chmod(mode)

    assert set(found(good)) == {code}


def test_a_master_key_of_somebody_else_or_among_the_data(good: Site) -> None:
    if os.geteuid() == 0:
        os.chown(good.file.parent / "master.key", OWNER + 1, -1)
        assert found(good) == {"key-owner": Level.ERROR}
        os.chown(good.file.parent / "master.key", 0, -1)
    (good.file.parent / "master.key").rename(good.settings.storage.folder / "master.key")
    text = good.file.read_text("utf-8") + '\nmaster_key_file = "data/master.key"'

    assert found(changed(good, text)) == {"key-in-data": Level.ERROR}


def test_a_credential_of_systemd_may_show_the_mask_of_its_access_list(
    good: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (good.file.parent / "master.key").chmod(0o440)
    assert set(found(good)) == {"key-open"}

    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(good.file.parent))
    assert found(good) == {}

    (good.file.parent / "master.key").chmod(0o444)
    assert set(found(good)) == {"key-open"}


def test_a_socket_that_others_reach(good: Site) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(good.settings.admin.socket))
        good.settings.admin.socket.chmod(0o666)

        assert found(good) == {"socket-open": Level.ERROR}


def test_a_service_that_is_root_or_may_change_its_own_program(good: Site) -> None:
    assert found(replace(good, owner=0)) == {"root": Level.ERROR}
    assert found(replace(good, program=(Path("/opt/changeable.py"),))) == {"program-writable": Level.WARNING}


@pytest.mark.parametrize(("mode", "own", "may"), [(0o644, True, True), (0o444, False, False), (0o446, False, True)])
def test_an_owner_may_change_a_file_whatever_its_bits_say(tmp_path: Path, mode: int, own: bool, may: bool) -> None:
    from amtsbote.admin.doctor_files import _may_change

    file = tmp_path / "program.py"
    file.touch()
    file.chmod(mode)

    assert _may_change(file, os.geteuid() if own else OWNER, frozenset()) is may
    file.chmod(0o464)
    assert _may_change(file, OWNER, frozenset({file.stat().st_gid})) is True


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (90, {}),
        (89, {"key-ends": Level.WARNING}),
        (7, {"key-ends": Level.WARNING}),
        (6, {"key-ends": Level.ERROR}),
        (0, {"key-ends": Level.ERROR}),
        (-1, {"key-ended": Level.ERROR}),
    ],
)
def test_certified_keys_that_end(good: Site, days: int, codes: dict[str, Level]) -> None:
    end = {"kid": "k", "owner": "d", "until": "2027-01-01T00:00:00+00:00", "days": days}

    assert found(replace(good, facts={**FACTS, "ends": [end]})) == codes


def test_old_keys_and_a_small_limit_of_open_files(good: Site) -> None:
    facts = {**FACTS, "ages": [{"kid": "k", "owner": "", "days": 1095}], "open_files": 1024}

    assert found(replace(good, facts=facts)) == {"key-old": Level.WARNING, "open-files": Level.WARNING}
    assert found(replace(good, facts={**FACTS, "open_files": -1})) == {}  # no limit


def test_a_destination_whose_stage_no_target_has(good: Site) -> None:
    apart = {"destination": "d", "stage": "live", "authority": "chemnitz"}
    assert found(replace(good, facts={**FACTS, "stages": [apart]})) == {"stage-apart": Level.WARNING}


@pytest.mark.parametrize(
    ("newest", "own", "codes"),
    [
        (200, (), {}),
        (201, (), {"source-old": Level.WARNING}),
        (201, ("pvog=201",), {}),
        (36, ("dvdv=400", "pvog=35"), {"source-old": Level.WARNING}),
    ],
)
def test_a_source_is_old_after_the_days_it_is_given(
    good: Site, newest: int, own: tuple[str, ...], codes: dict[str, Level]
) -> None:
    day = (german_day(good.at) - timedelta(days=newest)).isoformat()
    source = {"source": "pvog", "rows": 3, "authorities": 1, "oldest": "2020-01-01", "newest": day}
    settings = good.settings.model_copy(update={"sources": Sources(stale_days_of=own)})
    site = replace(good, settings=settings, facts={**FACTS, "sources": [source]})

    assert found(site) == codes
    [told] = [one for one in examine(site) if "pvog" in one.what("en")]
    assert day in told.what("de")
    assert "2020-01-01" in told.what("en")


def test_a_source_whose_rows_have_no_day_is_not_judged(good: Site) -> None:
    source = {"source": "pvog", "rows": 3, "authorities": 0, "oldest": None, "newest": None}

    assert found(replace(good, facts={**FACTS, "sources": [source]})) == {}


def test_receivers_that_were_given_up(good: Site) -> None:
    """Those that only fail may come back by themselves."""
    facts = {**FACTS, "callbacks": {"failing": 0, "stopped": 2}}
    assert found(replace(good, facts=facts)) == {"callbacks-stopped": Level.WARNING}


def test_destinations_nobody_of_which_can_be_told(good: Site) -> None:
    facts = {**FACTS, "fetched": [{"destination": "d", "email": True}, {"destination": "e", "email": False}]}
    mail = Mail(server="mail.example:25", sender="amtsbote@example")

    silent = replace(good, facts=facts)
    reminding = replace(silent, settings=good.settings.model_copy(update={"mail": mail}))

    assert found(silent) == {"no-mail-server": Level.WARNING, "no-contact": Level.WARNING}
    assert found(reminding) == {"no-contact": Level.WARNING}


@pytest.mark.parametrize("fault", ["subscriber-locked", "unrouted"])
def test_a_destination_that_is_open_for_nobody(good: Site, fault: str) -> None:
    forlorn = {"destination": "d", "client": "c", "fault": fault}
    told = {f"destination-{fault}": Level.WARNING}
    assert found(replace(good, facts={**FACTS, "destinations": [forlorn]})) == told


def test_an_old_master_key_and_a_change_of_it_that_is_open(good: Site) -> None:
    old, open_change = {**NEW_KEY, "days": 1095}, {**NEW_KEY, "former": "44556677"}
    assert found(replace(good, facts={**FACTS, "master_key": old})) == {"master-old": Level.WARNING}
    assert found(replace(good, facts={**FACTS, "master_key": open_change})) == {"master-unfinished": Level.WARNING}
    assert found(replace(good, facts={**FACTS, "master_key": {**NEW_KEY, "days": None}})) == {}


@pytest.mark.parametrize(("days", "code"), [(399, "anchor-ends"), (310, "anchor-ends"), (400, "anchor-ended")])
def test_roots_that_end(good: Site, days: int, code: str) -> None:
    assert set(found(replace(good, at=NOW + timedelta(days=days)))) == {code}


@pytest.mark.parametrize(
    ("free", "codes"),
    [(9, {"disk-little": Level.WARNING}), (1, {"disk-little": Level.WARNING}), (0, {"disk-full": Level.ERROR})],
)
def test_little_room(good: Site, monkeypatch: pytest.MonkeyPatch, free: int, codes: dict[str, Level]) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100 * 1024**3, free * 1024**3))

    assert found(good) == codes


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("nfs4", {"disk-network"}), ("cifs", {"disk-network"}), ("tmpfs", {"disk-memory"}), ("overlay", {"disk-layer"})],
)
def test_a_file_system_that_is_no_place_for_data(good: Site, kind: str, codes: set[str]) -> None:
    point = str(good.settings.storage.folder).replace(" ", "\\040")
    mounts = f"{LOCAL}30 22 0:40 / {point} rw - {kind} server:/x rw\n"

    assert set(found(replace(good, mounts=mounts))) == codes


def test_the_innermost_and_last_mount_decides() -> None:
    mounts = LOCAL + "30 22 0:1 / /srv rw - nfs4 a rw\n31 30 0:2 / /srv/my\\040data rw - xfs b rw\nnonsense\n"

    assert kind_of(Path("/srv/my data/x"), mounts) == "xfs"
    assert kind_of(Path("/srv/mydata"), mounts) == "nfs4"
    assert kind_of(Path("/srv"), mounts + "32 30 0:3 / /srv rw - ext4 c rw\n") == "ext4"
    assert kind_of(Path("/etc"), mounts) == "ext4"
    assert kind_of(Path("/etc"), "") == ""


@pytest.mark.parametrize(
    ("seconds", "codes"),
    [(1e-6, {"fsync-fast"}), (50e-6, set()), (0.2, {"fsync-slow"}), (None, {"fsync-unknown"})],
)
def test_an_fsync_that_cannot_be_true(good: Site, seconds: float | None, codes: set[str]) -> None:
    assert set(found(replace(good, sync_seconds=seconds))) == codes


def test_fsync_is_measured_by_its_median_and_leaves_nothing(tmp_path: Path) -> None:
    ticks = iter([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 108])
    synced: list[int] = []

    assert sync_seconds(tmp_path, synced.append, lambda: next(ticks)) == 1
    assert len(synced) == doctor_disk._MEASURED
    assert list(tmp_path.iterdir()) == []
    assert sync_seconds(tmp_path / "gone") is None


def test_a_clock_that_is_behind_its_own_data_or_follows_nobody(good: Site) -> None:
    assert found(replace(good, synchronised=False)) == {"clock-free": Level.WARNING}
    assert found(replace(good, synchronised=None)) == {}
    database = good.settings.storage.folder / "amtsbote.db"
    database.touch()
    later = (NOW + timedelta(hours=1)).timestamp()
    os.utime(database, (later, later))
    assert found(good) == {"clock-wrong": Level.ERROR}
    assert "clock-wrong" in found(replace(good, at=datetime(1970, 1, 1, tzinfo=UTC)))


def test_an_editing_api_that_does_not_answer_is_told(good: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        site = changed(good, f'{good.file.read_text("utf-8")}\n[admin]\nlisten = "{address}"')
        assert found(replace(site, editing_answers=doctor_tls.answers(address))) == {}
    assert found(replace(site, editing_answers=doctor_tls.answers(address))) == {"editing-silent": Level.ERROR}
    assert doctor_tls.answers(None) is None


def test_what_nobody_could_look_at_is_not_called_fine(good: Site) -> None:
    codes = {one.code for one in examine(replace(good, facts=None, refused={"de": "belegt", "en": "in use"}))}

    assert "unanswered" in codes
    assert not codes & {"fine.ends", "fine.ages", "fine.open-files", "fine.office"}
    assert found(replace(good, running=False)) == {"not-running": Level.WARNING}


def test_a_folder_that_is_gone_is_told_once(good: Site) -> None:
    gone = changed(good, good.file.read_text("utf-8") + '\n[storage]\nfolder = "gone"')

    assert found(gone) == {"data-missing": Level.ERROR}
    assert not {one.code for one in examine(gone)} & {"fine.space", "fine.durability", "fine.file-system"}


def codes_in_source() -> Iterator[str]:
    for file in (Path(__file__).parents[2] / "amtsbote/admin").glob("doctor*.py"):
        yield from re.findall(r'(?:error|warning)\(\s*"([a-z-]+)"', file.read_text("utf-8"))
    yield from ("key-ends", "key-ended", "fine.source", *(f"fine.{name}" for name in CHECKS))


def test_every_advice_has_its_sentences_and_no_other_is_left() -> None:
    said = {key.removeprefix("doctor.").removesuffix(".todo") for key in TABLE if key.startswith("doctor.")}

    assert said == set(codes_in_source())
    assert all(f"doctor.{code}.todo" in TABLE or code.startswith("fine.") for code in said)


def test_a_new_installation_is_examined_and_not_fit_for_production(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "site"), "--json"]) == 0
    capsys.readouterr()

    assert run(["doctor", "--config", str(tmp_path / "site/amtsbote.toml"), "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    codes = {one["code"] for one in told["findings"]}
    assert {"url-local", "anchors-none", "not-running", "fine.ages", "fine.master-key"} <= codes
    assert told["errors"] == sum(one["level"] == "error" for one in told["findings"])
    assert all(one["todo_de"] and one["todo_en"] for one in told["findings"] if one["level"] != "fine")


def test_the_report_speaks_to_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "amtsbote.toml").write_text("", "utf-8")

    assert run(["--lang", "de", "doctor", "--config", str(tmp_path / "amtsbote.toml")]) == 1

    shown = capsys.readouterr().out
    assert "FEHLER" in shown
    assert "→ storage.folder prüfen" in shown
    assert "niemand konnte antworten: Unter " in shown


def test_a_master_key_that_does_not_open_is_told_and_does_not_end_the_report(good: Site) -> None:
    (good.settings.storage.folder / "amtsbote.db").touch()
    (good.file.parent / "master.key").write_text("nonsense")

    surveyed = survey(good.file, changed(good, "").settings, NOW)

    assert surveyed.facts is None
    [told] = [one for one in examine(replace(surveyed, owner=good.owner)) if one.code == "unanswered"]
    assert "master.key muss aus 64 hexadezimalen Ziffern bestehen" in told.what("de")
    assert "64 hexadecimal digits" in told.what("en")


S3 = """[public]
url = "https://amtsbote.example"
trusted_proxies = ["127.0.0.1"]
[keys]
trust_anchors = ["root.pem"]
[storage]
parts = "s3://teile/haus"
[s3]
endpoint = "ENDPOINT"
access_key = "AKID"
secret_key = "geheim"
allow_http = true
"""


@pytest.mark.parametrize(
    ("probe", "endpoint", "codes"),
    [
        (Probed(None, readable=False), "https://s3.example", {}),
        (Probed("credentials", readable=False), "https://s3.example", {"parts-unusable": Level.ERROR}),
        (Probed(None, readable=True), "https://s3.example", {"parts-public": Level.ERROR}),
        (Probed(None, readable=False), "http://s3.example", {"parts-plain": Level.WARNING}),
    ],
)
def test_parts_beyond_the_network(good: Site, probe: Probed, endpoint: str, codes: dict[str, Level]) -> None:
    good.file.chmod(0o600)

    assert found(replace(changed(good, S3.replace("ENDPOINT", endpoint)), parts=probe)) == codes


def test_a_storage_is_tried_and_nothing_stays(good: Site) -> None:
    with running_storage() as storage:
        place = storage.new_bucket()
        text = S3.replace("ENDPOINT", storage.endpoint).replace("s3://teile/haus", f"s3://{place.name}/haus")
        settings = changed(good, text).settings

        assert probed(settings) == Probed(None, readable=True)  # this storage asks nobody who he is
        assert storage.keys(place) == []
    gone = probed(settings)
    assert gone is not None
    assert gone.fault is not None
    assert "geheim" not in gone.fault
    assert probed(good.settings) is None


def test_a_shared_folder_that_is_missing_open_or_read_only(good: Site, tmp_path: Path) -> None:
    site = changed(good, S3.replace("s3://teile/haus", "netz").replace("ENDPOINT", "https://s3.example"))
    good.file.chmod(0o600)
    assert found(site) == {"parts-unmounted": Level.ERROR}

    (tmp_path / "netz" / "incoming").mkdir(parents=True)
    (tmp_path / "netz").chmod(0o750)
    assert found(site) == {"parts-open": Level.ERROR}
    (tmp_path / "netz").chmod(0o700)
    assert found(site) == {}
    assert found(replace(site, mounts=LOCAL.replace("ext4", "tmpfs")))["disk-memory"] is Level.ERROR
