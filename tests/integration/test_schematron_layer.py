"""Schematron as a layer of the verdict: over registered standards and service packages, in the helper processes."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from schemas_for_tests import REF, sample, tree_felling
from schematron_kit import assertion, pattern, report, rule, schema
from standards_kit import PLAIN, SPACE, VALID, published, registered

from amtsbote.cli.entry import run
from amtsbote.errors import Misconfigured
from amtsbote.model.content import SchemaRef
from amtsbote.model.report import Verdict
from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome, Severity
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed, HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.package import load_package
from schemas.preflight import Preflight
from schemas.registry import SchemaRegistry
from schemas.schematron.silence import ENOUGH, Silence
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from schemas.standards.lock import Lock, LockedRules
from schemas.standards.plans import plans_of
from schemas.trying import troubles

URI = "urn:xoev-de:muster:standard:xhund_1.0#anmeldung.hund.0100"
HUGE = "count(reverse(for $i in 1 to 500000000 return string($i))) = 0"
LOOKED_UP = "function-lookup(QName('http://www.w3.org/2005/xpath-functions', 'unparsed-text'), 1)"
LOOP = (
    "<xsl:function name='f:loop' xmlns:f='urn:f'><xsl:param name='n'/>"
    "<xsl:sequence select='if ($n lt 0) then true() else f:loop($n + 1)'/></xsl:function>"
)
RULES = schema(
    f"<ns prefix='h' uri='{SPACE}'/><ns prefix='f' uri='urn:f'/>",
    LOOP,
    pattern(
        rule(
            "h:name",
            assertion("XH-1", ". != 'Katze'", "In <name/> steht „<value-of select='.'/>“, das ist kein Hund."),
            report("XH-2", "starts-with(., 'W')", "Bitte den Namen prüfen.", "role='warning'"),
            report("XH-3", ". = 'Endlos' and f:loop(1)"),
            report("XH-4", f". = 'Speicher' and {HUGE}"),
            report("XH-5", f". = 'Datei' and string-length({LOOKED_UP}('file:///etc/passwd')) gt 0"),
            report("XH-6", ". = 'Kurz' and current-date() gt xs:date('2020-01-01') and matches(., '^[A-Z]')"),
        )
    ),
)
FOREIGN = schema("<ns prefix='h' uri='urn:muster:xhund:2.0'/>", pattern(rule("h:name", assertion("x", "false()"))))


def named(name: str) -> bytes:
    return VALID.replace("Bello", name).encode()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A standard with two rule sets, one of which means another version, and two samples."""
    folder = tmp_path_factory.mktemp("library")
    files: dict[str, str | bytes] = {
        **PLAIN,
        "regeln.sch": RULES,
        "fremd.sch": FOREIGN,
        "gut.xml": VALID,
        "katze.xml": named("Katze"),
    }
    library = Library(folder / "registry")
    registered(library, published(folder / "set", files))
    return library


@contextmanager
def helping(library: Library, limits: HelperLimits) -> Iterator[HelperPool]:
    pool = HelperPool(1, limits)
    pool.start()
    try:
        pool.load(tuple(plans_of(library, library.standards(), URI)))
        yield pool
    finally:
        pool.close()


@pytest.fixture(scope="module")
def pool(library: Library) -> Iterator[HelperPool]:
    with helping(library, HelperLimits(cpu_seconds=1, memory_bytes=256 * 1024 * 1024)) as pool:
        yield pool


def judged(found: Inspection) -> list[tuple[str, str]]:
    return [(each.code, each.type_name) for each in found.findings]


def test_a_rule_that_is_not_met_is_an_error_in_the_words_of_its_author_without_the_value(pool: HelperPool) -> None:
    found = pool.inspect(URI, b"\n" + named("Katze"))

    assert not found.valid
    assert found.layers[Layer.SCHEMATRON] is LayerOutcome.FAILED
    [finding] = found.errors
    assert finding == Finding(
        "SCH-ASSERT",
        Layer.SCHEMATRON,
        Severity.ERROR,
        "In name steht „…“, das ist kein Hund.",
        "A rule of the standard is not met. In the words of its author: In name steht „…“, das ist kein Hund.",
        "/ns:anmeldung.hund.0100/ns:name",
        2,
        "XH-1",
        field="name",
    )


def test_a_rule_that_only_warns_leaves_the_document_valid(pool: HelperPool) -> None:
    found = pool.inspect(URI, named("Wau"))

    assert found.valid
    assert found.layers[Layer.SCHEMATRON] is LayerOutcome.PASSED
    assert [(each.severity, each.type_name) for each in found.findings] == [(Severity.WARNING, "XH-2")]


def test_a_rule_set_that_never_meets_anything_is_an_alarm_and_no_finding_of_a_document(
    library: Library,
) -> None:
    pool = HelperPool(1, HelperLimits())
    pool.start()
    with closing(pool), closing(HelpersOnDemand(HelperLimits())) as helpers, structlog.testing.capture_logs() as logs:
        registry = SchemaRegistry((), pool, helpers, StandardsInUse(library, helpers))
        found = [registry.inspect(SchemaRef(URI, "application/xml"), named("Bello")) for _ in range(ENOUGH + 5)]

    assert {each.findings for each in found} == {()}
    assert registry.silence.documents() == {("XHund 1.0", "fremd.sch"): ENOUGH + 5, ("XHund 1.0", "regeln.sch"): 0}
    assert logs == [
        {
            "event": "schemas.rules_silent",
            "log_level": "warning",
            "package": "XHund 1.0",
            "rules": "fremd.sch",
            "documents": ENOUGH,
        }
    ]


def test_a_rule_set_that_meets_one_message_of_its_standard_is_not_silent_for_the_others() -> None:
    silence = Silence()
    found = Inspection("XHund 1.0", {}, (), {}, rules_met={"regeln.sch": False})

    with structlog.testing.capture_logs() as logs:
        for number in range(ENOUGH * 2):
            silence.take(replace(found, rules_met={"regeln.sch": number == 3}))

    assert (logs, silence.documents()) == ([], {("XHund 1.0", "regeln.sch"): 0})


def test_a_document_against_its_schema_is_not_judged_by_rules(pool: HelperPool) -> None:
    found = pool.inspect(URI, named("Katze").replace(b"name>", b"nahme>"))

    assert found.layers[Layer.SCHEMATRON] is LayerOutcome.NOT_RUN
    assert {each.layer for each in found.findings} == {Layer.XSD}


def test_dates_and_patterns_work_where_nothing_can_be_opened(pool: HelperPool) -> None:
    assert judged(pool.inspect(URI, named("Kurz"))) == [("SCH-REPORT", "XH-6")]


def test_no_rule_reads_a_file(pool: HelperPool) -> None:
    """What the check of expressions overlooks finds no file: the rule cannot be evaluated, and that is an error."""
    found = pool.inspect(URI, named("Datei"))

    assert judged(found) == [("SCH-ERROR", "h:name")]
    assert not found.valid


@pytest.mark.parametrize(("name", "reason"), [("Endlos", "timeout"), ("Speicher", "crashed")])
def test_a_rule_without_end_costs_one_document_one_attempt(pool: HelperPool, name: str, reason: str) -> None:
    before = pool.restarts

    with pytest.raises(HelperFailed, match=reason):
        pool.inspect(URI, named(name))

    assert pool.restarts == before + 1
    assert pool.inspect(URI, named("Bello")).valid


def test_registering_tells_which_rule_sets_meet_no_sample_and_which_samples_break_rules(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = library.find("xhund_1.0")
    assert lock.rules == (LockedRules(name="fremd.sch", foreign=True), LockedRules(name="regeln.sch", fired=2))
    assert lock.breaking == ("katze.xml",)

    assert run(["--lang", "de", "schemas", "show", "xhund_1.0", "--registry", str(library.folder)]) == 0

    shown = capsys.readouterr().out.splitlines()
    assert "Muster verletzt eine Schematron-Regel: katze.xml" in shown
    [told] = [line for line in shown if line.startswith("fremd.sch")]
    assert told.startswith("fremd.sch nennt keinen Namensraum dieses Standards")


@pytest.mark.parametrize(
    ("sample", "told"),
    [
        (VALID, "Keine Regel von still.sch betraf eines der Muster"),
        ("", "Ob still.sch diese Version meint, zeigt kein"),
    ],
    ids=["silent", "without a sample"],
)
def test_a_rule_set_for_this_version_that_nothing_proves_is_told_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: str, told: str
) -> None:
    silent = schema(f"<ns prefix='h' uri='{SPACE}'/>", pattern(rule("h:katze", assertion("x", "false()"))))
    files = {**PLAIN, "still.sch": silent, **({"gut.xml": sample} if sample else {})}
    library = Library(tmp_path / "registry")
    registered(library, published(tmp_path / "set", files))

    assert run(["--lang", "de", "schemas", "show", "xhund_1.0", "--registry", str(library.folder)]) == 0

    assert told in capsys.readouterr().out


def test_values_are_quoted_for_whoever_asks(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "katze.xml").write_bytes(named("Katze"))
    words = ["--lang", "de", "check", str(tmp_path / "katze.xml"), "--registry", str(library.folder)]

    assert run([*words, "--values"]) == 1

    assert "In name steht „Katze“, das ist kein Hund." in capsys.readouterr().out


def with_rules(tmp_path: Path, rules: str) -> tuple[Library, Lock]:
    library = Library(tmp_path / "registry")
    return library, registered(library, published(tmp_path / "set", {**PLAIN, "regeln.sch": rules}))


@pytest.mark.parametrize(
    ("rules", "objection"),
    [
        (schema(binding="stx"), "the query binding stx is not supported"),
        (schema(pattern(rule("a", assertion("x", "count(")))), "an expression is not valid"),
        ("<schema xmlns='http://www.ascc.net/xml/schematron'/>", "this is not an ISO Schematron schema"),
        ("<schema", "the file is not permitted XML"),
    ],
    ids=["by us", "by Saxon", "of an earlier edition", "broken"],
)
def test_a_rule_set_that_cannot_be_used_is_told_and_its_layer_says_that_it_was_not_checked(
    tmp_path: Path, rules: str, objection: str
) -> None:
    library, lock = with_rules(tmp_path, rules)

    assert objection in lock.rules[0].objection
    assert lock.rules[0].objection_de != lock.rules[0].objection
    [plan] = plans_of(library, library.standards(), URI)
    assert plan.layers[Layer.SCHEMATRON] is LayerOutcome.NOT_CHECKED


@pytest.fixture
def without_saxon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "saxonche", None)


@pytest.mark.usefixtures("without_saxon")
def test_without_saxon_a_standard_registers_untried_and_no_document_is_judged_by_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rules(tmp_path, RULES)
    registry = ["--registry", str(tmp_path / "registry")]
    (tmp_path / "hund.xml").write_text(VALID)

    assert run(["--lang", "en", "schemas", "show", "xhund_1.0", *registry]) == 0
    assert "Without amtsbote[schematron] check refuses to judge." in capsys.readouterr().out
    assert run(["--lang", "en", "check", str(tmp_path / "hund.xml"), *registry]) == 70
    assert "install amtsbote[schematron]" in capsys.readouterr().err


def test_arriving_messages_are_judged_by_the_rules_of_their_standard_or_wait_for_saxon(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(HelpersOnDemand(HelperLimits())) as helpers:
        assert judged(StandardsInUse(library, helpers).inspect(URI, named("Katze"))) == [("SCH-ASSERT", "XH-1")]

    monkeypatch.setitem(sys.modules, "saxonche", None)
    lacking = pytest.raises(Misconfigured, match=r"install amtsbote\[schematron\]")
    with closing(HelpersOnDemand(HelperLimits())) as helpers, lacking:
        StandardsInUse(library, helpers).inspect(URI, named("Bello"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The bundled package with a rule of its own."""
    folder = shutil.copytree(tree_felling().folder, tmp_path / "1.0")
    declared = (folder / "service.toml").read_text("utf-8")
    (folder / "service.toml").write_text(declared.replace("xsd = ", 'schematron = ["regeln.sch"]\nxsd = ', 1), "utf-8")
    (folder / "regeln.sch").write_text(schema(pattern(rule("/*", report("B-1", "true()", "Nie.")))), "utf-8")
    return folder


def test_a_service_package_is_judged_by_its_own_rules(package: Path) -> None:
    checked = Preflight((load_package(package),), None, HelperLimits()).check(sample("gueltig-kleinster-antrag"))

    assert checked.verdict is Verdict.INVALID
    assert [(each.code, each.de) for each in checked.findings] == [("SCH-REPORT", "Nie.")]


def test_a_rule_set_that_meets_no_sample_of_its_package_is_a_defect(package: Path) -> None:
    (package / "regeln.sch").write_text(schema(pattern(rule("baum", report("B-1", "true()", "Nie.")))), "utf-8")
    (package / "fremd.sch").write_text(FOREIGN, "utf-8")
    file = package / "service.toml"
    file.write_text(file.read_text("utf-8").replace('"regeln.sch"', '"regeln.sch", "fremd.sch"'), "utf-8")

    found = {(each.defect, each.name) for each in troubles(load_package(package), HelperLimits())}

    assert ("silent-rules", "fremd.sch") in found
    assert ("silent-rules", "regeln.sch") not in found
    assert ("verdict", "samples/gueltig-kleinster-antrag.xml") in found


def test_a_package_with_a_missing_or_unusable_rule_set_is_refused(package: Path) -> None:
    (package / "regeln.sch").write_text(schema(binding="stx"), "utf-8")
    with pytest.raises(Misconfigured, match="query binding stx"):
        load_package(package)

    (package / "regeln.sch").unlink()
    with pytest.raises(Misconfigured, match=r"regeln\.sch: the file is missing"):
        load_package(package)


@pytest.mark.usefixtures("without_saxon")
def test_without_saxon_a_package_with_rules_is_unusable_and_the_others_serve(package: Path) -> None:
    other = tree_felling()
    plain = replace(other, declared=other.declared.model_copy(update={"schemas": (), "name": "anderes"}))
    pool = HelperPool(1, HelperLimits())
    pool.start()
    try:
        registered_package = load_package(package)
        registry = SchemaRegistry((registered_package, plain), pool)
        assert list(registry.forms.unusable) == ["baumfaellgenehmigung 1.0"]
        assert registry.knows(REF)
        with pytest.raises(Misconfigured, match=r"install amtsbote\[schematron\]"):
            registry.inspect(REF, sample("gueltig-kleinster-antrag"))
        with pytest.raises(Misconfigured, match=r"install amtsbote\[schematron\]"):
            next(troubles(registered_package, HelperLimits()))
    finally:
        pool.close()
