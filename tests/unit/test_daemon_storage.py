"""Where the settings say that parts lie, and what is refused before anything is written there."""

from pathlib import Path

import pytest

from amtsbote.api.bodies import Bodies
from amtsbote.api.operations import Disk
from amtsbote.daemon.configuration import Configuration
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_parts
from amtsbote.errors import Misconfigured
from amtsbote.store.objects import ObjectBodies

S3 = 's3://teile.example/haus/teile"\n[s3]\nendpoint = "https://s3.example.org"\naccess_key = "AKID"\n'


def opened(folder: Path, parts: str) -> Bodies:
    file = folder / "amtsbote.toml"
    file.write_text(f'[storage]\nparts = "{parts}')
    return open_parts(Settings.load(file), Disk())


def test_without_a_word_parts_lie_in_the_data_folder(tmp_path: Path) -> None:
    opened(tmp_path, '"\nfolder = "daten"\n')

    assert (tmp_path / "daten" / "parts" / "incoming").is_dir()


def test_a_shared_folder_lies_beside_the_installation_file_and_keeps_what_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "netz" / "incoming").mkdir(parents=True)
    bodies = opened(tmp_path, 'netz"\n')
    name = bodies.begin().keep()

    assert bodies.set_aside(name)
    assert (tmp_path / "netz" / "damaged" / name[3:]).is_file()
    assert not (tmp_path / "data").exists()


def test_a_shared_folder_that_is_not_mounted_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "netz").mkdir()

    with pytest.raises(Misconfigured, match="not mounted") as refused:
        opened(tmp_path, 'netz"\n')

    assert "nicht eingehängt" in refused.value.de
    assert list((tmp_path / "netz").iterdir()) == []


def test_a_bucket_is_opened_with_the_key_of_the_settings_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("geheim\n")

    assert isinstance(opened(tmp_path, S3 + 'secret_key = "geheim"\n'), ObjectBodies)
    assert isinstance(opened(tmp_path, S3 + 'secret_key_file = "secret"\n'), ObjectBodies)
    monkeypatch.setenv("AMTSBOTE__S3__SECRET_KEY", "geheim")
    assert isinstance(opened(tmp_path, S3), ObjectBodies)


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        (S3, "s3.secret_key"),
        ('s3://teile"\n[s3]\naccess_key = "a"\nsecret_key = "b"\n', "s3.endpoint"),
        (S3.replace("https:", "http:") + 'secret_key = "geheim"\n', "allow_http"),
        (S3 + 'secret_key_file = "nirgends"\n', "s3.secret_key_file"),
        (S3 + 'secret_key_file = "zwei zeilen"\n', "one line"),
        ('s3:/teile"\n', "not mounted"),
        ('s3://T/"\n', "storage.parts"),
        ('s3://teile/../daneben?x"\n', "storage.parts"),
        ('gs://teile"\n', "storage.parts"),
    ],
)
def test_what_is_not_complete_is_refused_by_name_and_without_the_secret(tmp_path: Path, parts: str, names: str) -> None:
    (tmp_path / "zwei zeilen").write_text("geheim\nnoch eine\n")

    with pytest.raises(Misconfigured) as refused:
        opened(tmp_path, parts)

    assert names in refused.value.en
    assert "geheim" not in refused.value.en.replace("geheimen", "")


def test_the_extra_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "amtsbote.store.objects", None)

    with pytest.raises(Misconfigured, match=r"amtsbote\[s3\]"):
        opened(tmp_path, S3 + 'secret_key = "geheim"\n')


def test_the_secret_key_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "amtsbote.toml"
    file.write_text('[storage]\nparts = "' + S3 + 'secret_key = "geheim"\n')

    shown = Configuration.read(file).shown()

    assert shown["s3.secret_key"] == "***"
    assert shown["storage.parts"] == "s3://teile.example/haus/teile"
