"""The installation file: what it may say, what wins, and how mistakes are told."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretBytes, SecretStr

from amtsbote.daemon import Settings
from amtsbote.daemon.configuration import Configuration, Origin, masked
from amtsbote.errors import Misconfigured


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "amtsbote.toml"
    file.write_text(text, encoding="utf-8")
    return Settings.load(file)


def test_an_empty_file_is_a_whole_installation_beside_it(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")

    assert settings.storage.folder == tmp_path / "data"
    assert settings.keys.master_key_file == tmp_path / "master.key"
    assert settings.admin.socket == tmp_path / "admin.sock"
    assert settings.public.listen == "127.0.0.1:8080"
    assert settings.metrics.listen.startswith("127.0.0.1:")


def test_relative_paths_start_at_the_file_and_absolute_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    text = '[storage]\nfolder = "/srv/a"\n[keys]\nmaster_key_file = "../k"\ntrust_anchors = ["a.pem", "/etc/b.pem"]'

    settings = loaded(tmp_path, text)

    assert settings.storage.folder == Path("/srv/a")
    assert settings.keys.master_key_file == tmp_path / "../k"
    assert settings.keys.trust_anchors == (tmp_path / "a.pem", Path("/etc/b.pem"))


def test_the_environment_wins_over_the_file_value_by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMTSBOTE__PUBLIC__LISTEN", "127.0.0.1:9")
    monkeypatch.setenv("AMTSBOTE__WORK__COLLECT_INTERVAL", "PT1S")
    monkeypatch.setenv("PUBLIC__URL", "http://not.ours")

    settings = loaded(tmp_path, '[public]\nlisten = "127.0.0.1:1"\nurl = "https://a.example/amtsbote/"')

    assert settings.public.listen == "127.0.0.1:9"
    assert settings.public.url == "https://a.example/amtsbote"
    assert settings.work.collect_interval == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[public]\nlisten = '8080'", "public.listen"),
        ("[public]\nlisten = 'a:99999'", "public.listen"),
        ("[public]\nlisten = ':80'", "public.listen"),
        ("[public]\nurl = 'ftp://secret-value'", "public.url"),
        ("[public]\nlisen = 'secret-value'", "public.lisen"),
        ("[nothing]\na = 1", "nothing"),
        ("public = 5", "public"),
        ("[limits]\ndata = 1", "limits.data"),
        ("[work]\nthreads = 0", "work.threads"),
        ("[work]\nlease = 0", "work.lease"),
        ("[work]\nfirst_retry = -1", "work.first_retry"),
        ("[work]\ncollect_interval = 'secret-value'", "work.collect_interval"),
        ("[serve]\nstop_seconds = 0", "serve.stop_seconds"),
    ],
)
def test_a_mistake_names_its_key_and_never_its_value(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, text)

    assert f"[{key}]" in str(refusal.value)
    assert "secret-value" not in str(refusal.value)


@pytest.mark.parametrize("told", ["server = 'mail.example:25'\nsender = 'a@b.example'", ""])
def test_a_login_to_a_mail_server_needs_tls(tmp_path: Path, told: str) -> None:
    login = f"[mail]\n{told}\nuser = 'amtsbote'\npassword = 'secret-value'\ntransport ="
    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, f"{login} 'none'")

    assert "in the clear" in refusal.value.en
    assert "unverschlüsselt" in refusal.value.de
    assert "secret-value" not in refusal.value.en
    for transport in ("tls", "starttls"):
        assert loaded(tmp_path, f"{login} '{transport}'").mail.user == "amtsbote"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("[public]\nlisen = 'x'", "public.listen"),
        ("[publik]\nlisten = 'x'", "public"),
        ("listen = 'x'", "public.listen"),
        ("[storage]\nsocket = 'x'", "admin.socket"),
        ("[keys]\nmaster_key = 'secret-value'", "keys.master_key_file"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_name(tmp_path: Path, text: str, near: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, text)

    assert f"`{near}`" in refusal.value.en
    assert f"„{near}“" in refusal.value.de
    assert "secret-value" not in refusal.value.en


@pytest.mark.parametrize("section", ["", "[serve]\n"])
def test_an_unknown_key_like_no_other_is_told_with_all_that_are_possible(tmp_path: Path, section: str) -> None:
    with pytest.raises(Misconfigured, match=r"Possible: (stop_seconds|public, oauth, rates, metrics, )"):
        loaded(tmp_path, f"{section}qqqqqq = 1")


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("AMTSBOTE__PUBLIC__LISEN", "Did you mean `public.listen`"),
        ("AMTSBOTE__PUBLIK__LISTEN", "Did you mean `public.listen`"),
        ("AMTSBOTE__NOTHING", "Possible: public, oauth, rates, metrics"),
        ("AMTSBOTE__NOTHING__QQQ__QQQ", "Possible: public, oauth, rates, metrics"),
        ("AMTSBOTE__PUBLIC__LISTEN__MORE", "Did you mean `public.listen`"),
        ("AMTSBOTE__KEYS__MASTER_KEY", "Did you mean `keys.master_key_file`"),
        ("AMTSBOTE__PUBLIC", "JSON"),
        ("AMTSBOTE__KEYS__TRUST_ANCHORS", "JSON"),
        ("amtsbote__public__url", "http:// or https://"),
    ],
)
def test_a_mistake_of_the_environment_names_its_variable_and_never_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, said: str
) -> None:
    monkeypatch.setenv(variable, "secret-value")

    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, "")

    assert f"\n{variable} " in refusal.value.en
    assert f"\n{variable} " in refusal.value.de
    assert said in refusal.value.en
    assert "secret-value" not in refusal.value.en


def test_mistakes_of_file_and_environment_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMTSBOTE__NOTHING__A", "1")

    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, "[work]\nthreads = 0")

    assert "AMTSBOTE__NOTHING__A" in refusal.value.en
    assert "[work.threads]" in refusal.value.en


def test_the_master_key_can_lie_where_systemd_hands_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[keys]\nmaster_key_file = '$CREDENTIALS_DIRECTORY/master.key'"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/amtsbote.service")

    assert loaded(tmp_path, text).keys.master_key_file == Path("/run/credentials/amtsbote.service/master.key")

    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert loaded(tmp_path, text).keys.master_key_file == tmp_path / "$CREDENTIALS_DIRECTORY/master.key"


def test_every_value_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "amtsbote.toml"
    file.write_text('[public]\nlisten = "127.0.0.1:1"\nurl = "https://a.example"\n[work]\nlease = 60', "utf-8")
    monkeypatch.setenv("AMTSBOTE__PUBLIC__LISTEN", "127.0.0.1:9")
    monkeypatch.setenv("AMTSBOTE__LIMITS", '{"attachments": 3}')

    found = Configuration.read(file)

    origins = {name: origin for name, origin in found.origins.items() if origin is not Origin.DEFAULT}
    assert origins == {
        "public.listen": Origin.ENVIRONMENT,
        "public.url": Origin.FILE,
        "work.lease": Origin.FILE,
        "limits.attachments": Origin.ENVIRONMENT,
    }
    assert set(found.origins) == set(found.shown())
    assert (found.shown()["public.listen"], found.shown()["limits.attachments"]) == ("127.0.0.1:9", 3)
    assert found.shown()["work.lease"] == 60


@pytest.mark.parametrize(
    "value",
    [SecretStr("hunter2"), SecretBytes(b"hunter2"), "postgresql://me:hunter2@db/amtsbote", (SecretStr("hunter2"),)],
)
def test_a_secret_is_never_shown(value: object) -> None:
    assert "hunter2" not in str(masked(value))
    assert "***" in str(masked(value))


def test_every_mistake_has_a_line_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as refusal:
        loaded(tmp_path, "[limits]\ndata = 1\nmetadata = 2\n[serve]\nstop_seconds = 0")

    assert [line.count("]") for line in str(refusal.value).splitlines() if "[" in line] == [1, 1, 1]


@pytest.mark.parametrize(("content", "said"), [(b"= 1", "not valid TOML"), (b"\xff", "not valid TOML")])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)

    with pytest.raises(Misconfigured, match=said):
        Settings.load(tmp_path / "a.toml")
    with pytest.raises(Misconfigured, match="cannot be read"):
        Settings.load(tmp_path / "nothing.toml")
