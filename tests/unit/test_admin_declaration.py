"""Reading a declaration: every mistake is named with its place and what to do, and nothing else is read or written."""

import re
import stat
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from declaration_kit import (
    AUTHORITIES,
    COLLECTING,
    DIRECT,
    END_TO_END,
    PORTAL,
    SERVICE,
    TARGET,
    TENANTS,
    TOWN,
    destination,
)
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.admin.bundle import Bundle, as_document, gather, hash_of, make_secrets, secret_file
from amtsbote.admin.declaration import Declaration, read_declaration
from amtsbote.admin.mistakes import MOST_SHOWN, DeclarationRefused, place_of
from amtsbote.admin.rules import broken_rules
from amtsbote.api.operations import Disk
from amtsbote.model.directory import Holding


def written(folder: Path, text: str) -> Path:
    path = folder / "town.toml"
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, text: str) -> DeclarationRefused:
    with pytest.raises(DeclarationRefused) as caught:
        read_declaration(written(folder, text))
    return caught.value


def broken(text: str) -> list[str]:
    return [mistake.en for mistake in broken_rules(Declaration.model_validate(tomllib.loads(text)))]


TERM = '[[tenants]]\nid = "a"\nname = "A"\nland = "14"\nschemas = [{{ uri = "urn:x"{} }}]\n'


def test_a_whole_town_is_read(tmp_path: Path) -> None:
    declaration = read_declaration(written(tmp_path, TOWN))
    assert [tenant.id for tenant in declaration.tenants] == ["chemnitz", "saxony"]
    assert [client.id for client in declaration.clients()] == ["hamburg-portal", "saxony-software"]
    assert declaration.destinations[0].holding is Holding.BROKER
    assert declaration.files() == (
        "portal.pem", "encryption.pem", "encryption.key", "signing.pem", "signing.key",
        "gebiete.csv", "leistungen.csv", "rollen.csv", "zustaendigkeiten.csv",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('[[tenants]]\nid = "a"\nname = "A"', "[[tenants]] #1 · land", "missing"),
        ('[[tenants]]\nid = "a"\nname = "A"\nlandd = "14"', "[[tenants]] #1 · landd", "Did you mean `land`?"),
        ('[[tennants]]\nid = "a"', "[tennants]", "Did you mean `tenants`?"),
        ("[zzz]\n", "[zzz]", "Possible: tenants, portals"),
        ('[[tenants]]\nid = "a b"\nname = "A"\nland = "14"', "[[tenants]] #1 · id", "pattern"),
        ('[[tenants]]\nid = "a"\nname = "A"\nland = "17"', "[[tenants]] #1 · land", "pattern"),
        ('[[tenants]]\nid = "a"\nname = 5\nland = "14"', "[[tenants]] #1 · name", "text in quotes"),
        ('[[tenants]]\nid = "a"\nname = ""\nland = "14"', "[[tenants]] #1 · name", "empty"),
        ('[[tenants]]\nid = "a"\nname = "A"\nland = "14"\nclients = "x"', "[[tenants]] #1 · clients", "list"),
        (TERM.format(", valid_from = 1782864000"), "schemas #1 · valid_from", "must be a day"),
        (TERM.format(", valid_to = 2026-07-01T00:00:00Z"), "schemas #1 · valid_to", "must be a day"),
        ('[[portals]]\nid = "p"\nname = "P"\nclients = [{ id = "c", active = "perhaps" }]', "#1 · active", "true or"),
        ("tenants = [1]", "[[tenants]] #1", "table"),
        ('routes = "x"', "[routes]", "table"),
        (destination(holding='"nobody"'), "· holding", "'broker', 'end-to-end'"),
        (destination(services=f'[{{ service = "{SERVICE}" }}]'), "services #1 · regions", "missing"),
        (destination(signature_policy='{ valid = "maybe" }'), "signature_policy · valid", "'accept'"),
        (destination("11111111-0000-4000-8000-00000000000G"), "· id", "pattern"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    refused = refusal(tmp_path, text)
    sentences = [mistake.sentence("en") for mistake in refused.mistakes]
    assert any(place in sentence and words in sentence for sentence in sentences), sentences
    assert all(mistake.de != mistake.en for mistake in refused.mistakes)
    assert "town.toml" in refused.de


def test_values_are_never_repeated(tmp_path: Path) -> None:
    refused = refusal(tmp_path, '[[tenants]]\nid = "GEHEIM GEHEIM"\nname = 5\nland = "GEHEIM"')
    assert "GEHEIM" not in str(refused)


def test_a_flood_of_mistakes_is_counted_and_cut(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "[[tenants]]\n" * 1000)
    assert len(refused.mistakes) == MOST_SHOWN
    assert "3000 mistakes" in refused.en


@pytest.mark.parametrize("text", ["[[tenants]", "a = ", "= 1", "[a]\n[a]", "a" * 100])
def test_broken_toml_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert "not valid TOML" in str(refusal(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DeclarationRefused, match="not valid TOML"):
        read_declaration(path)


def test_a_missing_declaration_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeclarationRefused, match="cannot be read"):
        read_declaration(tmp_path / "nothing.toml")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(DeclarationRefused):
        assert read_declaration(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TENANTS + TENANTS, "Tenant `chemnitz` is there twice"),
        (PORTAL + PORTAL, "Client `hamburg-portal` is there twice"),
        (TENANTS + PORTAL.replace("hamburg-portal", "saxony-software"), "Client `saxony-software` is there twice"),
        (TERM.format(", valid_from = 2026-07-02, valid_to = 2026-07-01"), "urn:x would never be taken"),
        (TERM.format('}, { uri = "urn:x"'), "Schema urn:x is there twice"),
        (TARGET + TARGET, "Target `folder` is there twice"),
        (AUTHORITIES + '[remove]\nauthorities = ["amt"]', "Authority `amt` is listed under [remove]"),
        (TARGET + '[remove]\ntargets = ["folder"]', "Target `folder` is listed under [remove]"),
        (destination(authority=""), "needs `authority`"),
        (destination(serves='["saxony"]'), "none needs `serves`"),
        (destination(COLLECTING, reach='"collecting"'), "needs `serves`"),
        (destination(COLLECTING, reach='"collecting"', authority="", serves="[]"), "needs `serves`"),
        (destination(subscriber='"saxony-software"'), "for end-to-end destinations only"),
        (END_TO_END.replace('"direct"', '"collecting"'), "always direct"),
        (END_TO_END.replace('subscriber = "saxony-software"\n', ""), "needs `subscriber`"),
        (destination(status='"created"'), "here `stage` switches"),
        (destination(callback='{ url = "https://a.example", secret_file = "s" }'), "what this service opens"),
        (destination(signing_key='{ chain = "s.pem", private = "s.key", kid = "my-own-key" }'), "by its thumbprint"),
        (destination(reply_channels="{ pigeon = {} }"), "`pigeon` does not exist here"),
        (destination(reply_channels="{ eMail = { processStandards = ['a'] } }"), "`eMail.processStandards`"),
        (destination(reply_channels="{ fitConnect = { processStandards = true } }"), "`fitConnect.processStandards`"),
        (
            destination(reply_channels="{ fitConnect = { processStandards = ['urn:x'] } }"),
            "standard:antwort:1.0; name it",
        ),
        (destination(reply_channels="{ fitConnect = {} }"), "standard:antwort:1.0; name it"),
        (destination(oldest_metadata_version='"2.1.1"'), "older than oldest_metadata_version (2.1.1)"),
        (destination(DIRECT, holding='"end-to-end"', subscriber='"s"'), "leave out `private`"),
    ],
)
def test_a_broken_rule_is_named(text: str, words: str) -> None:
    assert any(words in sentence for sentence in broken(text)), broken(text)


@pytest.mark.parametrize("name", ["encryption_key", "signing_key", "services"])
def test_what_only_a_created_destination_may_do_without_is_named(name: str) -> None:
    for text in (destination(**{name: ""}), re.sub(rf"^{name} = .*\n", "", END_TO_END, flags=re.MULTILINE)):
        [mistake] = broken_rules(Declaration.model_validate(tomllib.loads(text)))
        assert (mistake.place, mistake.en) == (f"[[destinations]] #1 · {name}", "This key is missing; add it.")


def test_a_sound_declaration_breaks_no_rule() -> None:
    assert broken(TOWN + END_TO_END.replace("[[destinations]]", "[[destinations]]")) == []


def test_a_service_named_twice_in_a_destination_is_refused() -> None:
    one = f'{{ service = "{SERVICE}", name = "x", regions = ["14"], schemas = [{{ uri = "u", mime_type = "m" }}] }}'
    assert any("is there twice" in sentence for sentence in broken(destination(services=f"[{one}, {one}]")))


def with_files(folder: Path) -> Path:
    path = written(folder, TOWN)
    for name in read_declaration(path).files():
        (folder / name).write_bytes(b"content of " + name.encode())
    return path


def test_a_bundle_carries_every_file_and_survives_the_journey(tmp_path: Path) -> None:
    bundle = gather(with_files(tmp_path))
    assert bundle.files["portal.pem"] == b"content of portal.pem"
    assert Bundle.model_validate(as_document(bundle)) == bundle


def test_all_missing_files_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DeclarationRefused) as caught:
        gather(written(tmp_path, TOWN))
    assert len(caught.value.mistakes) == 9
    assert "portal.pem" in caught.value.mistakes[0].de


def test_a_bundle_without_the_content_of_a_file_is_refused(tmp_path: Path) -> None:
    document = as_document(gather(with_files(tmp_path)))
    files = document["files"]
    assert isinstance(files, dict)
    del files["portal.pem"]
    with pytest.raises(ValueError, match=r"portal\.pem"):
        Bundle.model_validate(document)


def test_secrets_do_not_travel(tmp_path: Path) -> None:
    path = with_files(tmp_path)
    made = make_secrets(path, ["hamburg-portal"])
    secret = secret_file(path, "hamburg-portal").read_text().strip()
    bundle = gather(path)
    assert bundle.secrets == made == {"hamburg-portal": hash_of(secret)}
    assert secret not in str(as_document(bundle))


def test_a_generated_secret_has_256_bits_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = with_files(tmp_path)
    make_secrets(path, ["a", "b"])
    files = [secret_file(path, client) for client in ("a", "b")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in (*files, files[0].parent)] == [0o600, 0o600, 0o700]
    first, second = (file.read_text().strip() for file in files)
    assert len(first) == 43
    assert first != second


def test_a_secret_is_durable_before_it_has_its_name_and_so_is_the_name(tmp_path: Path) -> None:
    path = with_files(tmp_path)
    synced: list[tuple[str, bool, bool]] = []

    def sync(descriptor: int) -> None:
        there = Path(f"/proc/self/fd/{descriptor}").readlink()
        content = there.is_file() and len(there.read_text().strip()) == 43
        synced.append((there.parent.name, content, secret_file(path, "a").exists()))

    make_secrets(path, ["a"], disk=Disk(sync=sync))
    assert synced == [
        (tmp_path.parent.name, False, False),
        ("secrets", True, False),
        (tmp_path.name, False, True),
    ]
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["a.secret"]


def test_a_secret_that_cannot_be_made_durable_gets_no_name(tmp_path: Path) -> None:
    path = with_files(tmp_path)
    (tmp_path / "secrets").mkdir()

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(DeclarationRefused, match="Input/output error"):
        make_secrets(path, ["a"], disk=Disk(sync=fail))
    assert not list((tmp_path / "secrets").iterdir())


def test_a_secret_file_is_never_overwritten(tmp_path: Path) -> None:
    path = with_files(tmp_path)
    make_secrets(path, ["a"])
    before = secret_file(path, "a").read_text()
    with pytest.raises(DeclarationRefused, match="cannot be written: File exists"):
        make_secrets(path, ["a"])
    assert secret_file(path, "a").read_text() == before


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [("short", 0o600, "too short"), ("x" * 43, 0o644, "chmod 600"), ("ü" * 43, 0o600, "cannot be read")],
)
def test_a_weak_secret_file_is_refused(tmp_path: Path, content: str, mode: int, words: str) -> None:
    path = with_files(tmp_path)
    path.write_text(TOWN.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\nsecret_file = "mine"'))
    (tmp_path / "mine").write_text(content)
    (tmp_path / "mine").chmod(mode)
    with pytest.raises(DeclarationRefused, match=words):
        gather(path)


def test_places_are_counted_as_a_person_counts() -> None:
    assert place_of(["destinations", 0, "services", 1, "name"]) == "[[destinations]] #1 · services #2 · name"
    assert place_of(["routes", "gebiete"]) == "[routes] · gebiete"
    assert place_of([]) == ""
