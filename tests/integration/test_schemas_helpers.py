"""Helper processes: confined, bounded, replaced one by one, and gone with the daemon."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from patience import PATIENCE
from processes_for_tests import becomes_true, cpu_ticks, ends_within
from schemas_for_tests import DIALECT, REF, around, dog_tax, sample, slow, smallest, trade, tree_felling

from amtsbote.errors import Misconfigured, NotFound
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import Inspection, LayerOutcome
from schemas.helpers import HelperFailed, HelperLimits, HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.plan import SchemaPlan
from schemas.registry import SchemaRegistry


@contextmanager
def registry(size: int = 1, limits: HelperLimits | None = None) -> Iterator[tuple[SchemaRegistry, HelperPool]]:
    pool = HelperPool(size, limits or HelperLimits())
    on_demand = HelpersOnDemand(pool.limits)
    pool.start()
    try:
        yield SchemaRegistry.bundled(pool, on_demand), pool
    finally:
        pool.close()
        on_demand.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[SchemaRegistry, HelperPool]]:
    """One helper for the tests that leave it alive."""
    with registry() as made:
        yield made


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def busy(pid: int) -> Callable[[], bool]:
    """A condition: the helper has used CPU time since now, so it is in the middle of a document."""
    before = cpu_ticks(pid)
    return lambda: cpu_ticks(pid) > before + 5


def test_the_registry_knows_its_packages_and_nothing_else(shared: tuple[SchemaRegistry, HelperPool]) -> None:
    schemas, _ = shared
    assert schemas.knows(REF)
    assert REF in schemas.known
    assert not schemas.knows(SchemaRef(REF.uri, "application/json"))
    with pytest.raises(NotFound):
        schemas.inspect(SchemaRef("http://127.0.0.1:9/schema.xsd", "application/xml"), smallest())


def test_every_sample_gets_its_verdict_from_a_helper(shared: tuple[SchemaRegistry, HelperPool]) -> None:
    schemas, pool = shared
    for package in (tree_felling(), dog_tax("1.1"), trade()):
        refs = {ref.uri: ref for ref in package.about.schemas}
        for declared in package.declared.samples:
            inspection = schemas.inspect(refs[declared.schema_uri], (package.folder / declared.file).read_bytes())
            assert [found.code for found in inspection.findings] == ([declared.code] if declared.code else [])
            assert all(found.de and found.en for found in inspection.findings)
    assert pool.restarts == 0


def test_a_json_payload_is_judged_by_its_schema_and_told_where_it_goes(
    shared: tuple[SchemaRegistry, HelperPool],
) -> None:
    schemas, _ = shared
    ref = next(ref for ref in dog_tax("1.1").about.schemas if ref.mime_type == "application/json")
    inspection = schemas.inspect(ref, (dog_tax("1.1").folder / "samples/gueltig-verein-zwei-hunde.json").read_bytes())
    assert inspection.facts == {"region": "145110000000", "service": "99102013104000", "test": "true"}
    outcomes = {layer.value for layer, outcome in inspection.layers.items() if outcome is LayerOutcome.PASSED}
    assert outcomes == {"well-formed", "json-schema"}


def test_what_judges_json_is_loaded_when_the_first_json_comes_and_by_no_helper_that_judges_xml() -> None:
    def loaded(pid: int) -> bool:
        return "/rpds" in Path(f"/proc/{pid}/maps").read_text()  # of jsonschema, and of nothing else

    pool, on_demand = HelperPool(1, HelperLimits()), HelpersOnDemand(HelperLimits())
    pool.start()
    try:
        schemas = SchemaRegistry((dog_tax("1.1"),), pool, on_demand)
        assert on_demand.pids == ()
        ref = next(ref for ref in dog_tax("1.1").about.schemas if ref.mime_type == "application/json")
        assert not schemas.inspect(ref, b"{}").valid
        assert [*map(loaded, pool.pids + on_demand.pids)] == [False, True]
    finally:
        pool.close()
        on_demand.close()


def test_a_pattern_of_a_json_schema_that_never_ends_costs_one_document(tmp_path: Path) -> None:
    schema = tmp_path / "a.json"
    schema.write_text(json.dumps({"$schema": DIALECT, "pattern": "^(a+)+$"}))
    pool = HelperPool(1, HelperLimits(cpu_seconds=1, document_bytes=100))
    pool.start()
    pool.load((SchemaPlan("urn:a", "a 1.0", str(tmp_path), json_schema=str(schema)),))
    try:
        with pytest.raises(HelperFailed, match="timeout"):
            pool.inspect("urn:a", b'"' + b"a" * 60 + b'!"')
        assert [found.code for found in pool.inspect("urn:a", b'"b"').findings] == ["JSON-PATTERN"]
        assert [found.code for found in pool.inspect("urn:a", b" " * 101).findings] == ["JSON-TOO-LARGE"]
        assert pool.restarts == 1
    finally:
        pool.close()


def test_two_packages_that_claim_one_schema_are_refused() -> None:
    pool = HelperPool(1, HelperLimits())
    twice = (tree_felling(), replace(tree_felling()))
    with pytest.raises(Misconfigured, match="claimed by"):
        SchemaRegistry(twice, pool)


def test_a_schema_that_does_not_compile_is_refused_at_the_start(tmp_path: Path) -> None:
    package = tree_felling()
    broken = Path(package.folder / "schema" / "code.xsd").read_text("utf-8").replace("xs:token", "xs:tokken")
    (tmp_path / "code.xsd").write_text(broken)
    pool = HelperPool(1, HelperLimits())
    pool.start()
    (plan,) = package.plans()
    changed = type(plan)(plan.uri, plan.package, str(tmp_path), str(tmp_path / "code.xsd"), "a", plan.prefixes, ())
    with pytest.raises(Misconfigured, match="does not compile"):
        pool.load((changed,))
    pool.close()


def test_a_helper_has_no_environment_no_network_no_files_and_no_core(shared: tuple[SchemaRegistry, HelperPool]) -> None:
    process = Path(f"/proc/{shared[1].pids[0]}")
    assert (process / "environ").read_bytes() == b""
    open_files = sorted(str(descriptor.readlink()).partition(":")[0] for descriptor in (process / "fd").iterdir())
    assert open_files == ["/dev/null", "/dev/null", "/dev/null", "socket"]
    limits = {line[:26].strip(): line[26:47].strip() for line in (process / "limits").read_text().splitlines()}
    assert limits["Max open files"] == "3"
    assert limits["Max core file size"] == "0"
    assert limits["Max file size"] == "0"
    assert int(limits["Max address space"]) == HelperLimits().memory_bytes
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    assert status["NoNewPrivs"] == "1"


def test_a_confined_process_leaves_no_core_and_gains_no_rights_whatever_it_was_started_with() -> None:
    script = """if True:
        import os, resource, sys
        from schemas.confinement import confine
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        before = resource.getrlimit(resource.RLIMIT_CORE)
        confine(int(sys.argv[1]))
        after = resource.getrlimit(resource.RLIMIT_CORE)
        with open("/proc/self/status") as status:
            [rights] = [line.split()[1] for line in status if line.startswith("NoNewPrivs")]
        os.write(int(sys.argv[1]), f"{before[0] != 0} {after} {rights}".encode())
    """
    reading, writing = os.pipe()
    subprocess.run([sys.executable, "-c", script, str(writing)], pass_fds=(writing,), check=True, cwd=Path.cwd())
    os.close(writing)
    with os.fdopen(reading) as told:
        started_with_cores, confined = told.read().split(" ", 1)
    if started_with_cores == "False":
        pytest.skip("this system allows no core files at all")
    assert confined == "(0, 0) 1"


def test_a_confined_process_can_open_neither_file_nor_socket(tmp_path: Path) -> None:
    script = """if True:
        import os, socket, sys
        from schemas.confinement import confine, seal
        isolated = confine(int(sys.argv[1]))
        interfaces = [name for _, name in socket.if_nameindex()]
        seal()
        told = [f"{isolated} {interfaces}"]
        for attempt in (socket.socket, lambda: open("/etc/passwd"), lambda: os.listdir("/"), os.pipe, os.getlogin):
            try:
                attempt()
                told.append("allowed")
            except OSError as refused:
                told.append("refused")
        os.write(int(sys.argv[1]), "|".join(told).encode())
    """
    reading, writing = os.pipe()
    subprocess.run([sys.executable, "-c", script, str(writing)], pass_fds=(writing,), check=True, cwd=Path.cwd())
    os.close(writing)
    with os.fdopen(reading) as told:
        network, *attempts = told.read().split("|")
    assert set(attempts) == {"refused"}
    assert network in {"True ['lo']", "True []"} or network.startswith("False")


def test_signals_that_end_the_daemon_do_not_end_a_helper(shared: tuple[SchemaRegistry, HelperPool]) -> None:
    schemas, pool = shared
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pool.pids[0], number)
    assert schemas.inspect(REF, smallest()).valid
    assert pool.restarts == 0


def test_a_helper_killed_in_mid_document_costs_that_document_only(threads: ThreadPoolExecutor) -> None:
    with registry() as (schemas, pool):
        victim = pool.pids[0]
        working = busy(victim)
        reading: Future[Inspection] = threads.submit(schemas.inspect, REF, slow())
        assert becomes_true(working)
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(HelperFailed, match="crashed"):
            reading.result(PATIENCE)
        assert schemas.inspect(REF, smallest()).valid
        assert pool.restarts == 1
        assert pool.pids != (victim,)


def test_a_helper_that_died_while_idle_costs_nothing() -> None:
    with registry() as (schemas, pool):
        os.kill(pool.pids[0], signal.SIGKILL)
        assert ends_within(pool.pids[0], 10)
        assert schemas.inspect(REF, smallest()).valid
        assert pool.restarts == 1


def test_a_document_that_takes_too_long_is_given_up_while_others_go_on(threads: ThreadPoolExecutor) -> None:
    with registry(2, HelperLimits(wall_seconds=3)) as (schemas, pool):
        before = set(pool.pids)
        endless = threads.submit(schemas.inspect, REF, slow())
        others = [threads.submit(schemas.inspect, REF, smallest()) for _ in range(100)]
        assert all(other.result(PATIENCE).valid for other in others)
        with pytest.raises(HelperFailed, match="timeout"):
            endless.result(PATIENCE)
        assert schemas.inspect(REF, smallest()).valid
        assert len(before & set(pool.pids)) == 1
        assert pool.restarts == 1


def test_a_helper_that_takes_no_more_bytes_is_given_up() -> None:
    with registry(1, HelperLimits(wall_seconds=3)) as (schemas, pool):
        os.kill(pool.pids[0], signal.SIGSTOP)
        with pytest.raises(HelperFailed, match="timeout"):
            schemas.inspect(REF, slow())
        assert schemas.inspect(REF, smallest()).valid


def test_the_processor_time_of_one_document_is_bounded_and_does_not_add_up() -> None:
    with registry(1, HelperLimits(cpu_seconds=1)) as (schemas, pool):
        letters = smallest().replace(b"Erika", b"E" * 300_000 + "☃".encode())
        for _ in range(5):
            assert not schemas.inspect(REF, letters).valid
        assert pool.restarts == 0
        with pytest.raises(HelperFailed, match="timeout"):
            schemas.inspect(REF, slow())
        assert schemas.inspect(REF, smallest()).valid


def test_a_document_that_eats_memory_ends_its_helper_and_no_other() -> None:
    with registry(2, HelperLimits(memory_bytes=256 * 1024 * 1024)) as (schemas, pool):
        assert schemas.inspect(REF, smallest()).valid
        with pytest.raises(HelperFailed, match="memory"):
            schemas.inspect(REF, around(b"<a x='' y=''/>" * 900_000))
        assert pool.restarts == 1
        assert schemas.inspect(REF, smallest()).valid


def test_a_large_document_leaves_a_helper_small() -> None:
    with registry() as (schemas, pool):
        pid = pool.pids[0]
        assert schemas.inspect(REF, smallest()).valid
        before = resident(pid)
        assert schemas.inspect(REF, smallest() + b"<?a b?>" * 300_000).valid
        assert schemas.inspect(REF, smallest()).valid
        assert resident(pid) - before < 16 * 1024


def resident(pid: int) -> int:
    """Resident memory in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def test_a_document_over_the_size_limit_is_refused_before_a_helper_sees_it() -> None:
    with registry(1, HelperLimits(document_bytes=1000)) as (schemas, pool):
        before = cpu_ticks(pool.pids[0])
        inspection = schemas.inspect(REF, b"<" * 1001)
        assert [found.code for found in inspection.findings] == ["XML-TOO-LARGE"]
        assert not inspection.well_formed
        assert cpu_ticks(pool.pids[0]) == before


def test_many_threads_share_few_helpers(threads: ThreadPoolExecutor) -> None:
    with registry(2) as (schemas, pool):
        documents = [smallest(), sample("gueltig-hamburg-chemnitz"), sample("ungueltig-datum"), b"<"] * 50
        verdicts = list(threads.map(lambda document: schemas.inspect(REF, document).valid, documents))
        assert verdicts == [True, True, False, False] * 50
        assert pool.restarts == 0


def test_closing_ends_every_helper_and_the_document_being_read(threads: ThreadPoolExecutor) -> None:
    with registry(2) as (schemas, pool):
        pids = pool.pids
        working = [busy(pid) for pid in pids]
        reading = threads.submit(schemas.inspect, REF, slow())
        assert becomes_true(lambda: any(condition() for condition in working))
        pool.close()
        with pytest.raises(HelperFailed, match="crashed"):
            reading.result(PATIENCE)
        assert all(ends_within(pid, 5) for pid in pids)
        with pytest.raises(HelperFailed, match="crashed"):
            schemas.inspect(REF, smallest())
        assert pool.restarts == 0


def test_a_helper_that_hangs_is_killed_when_the_pool_closes() -> None:
    with registry() as (_, pool):
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
    assert ends_within(pid, 1)


def test_a_helper_that_dies_before_it_learns_its_schemas_stops_the_start() -> None:
    pool = HelperPool(1, HelperLimits())
    pool.start()
    os.kill(pool.pids[0], signal.SIGKILL)
    assert ends_within(pool.pids[0], 10)
    with pytest.raises(Misconfigured, match="does not start"):
        SchemaRegistry.bundled(pool)
    pool.close()


def test_a_helper_that_does_not_get_ready_in_time_stops_the_start() -> None:
    pool = HelperPool(1, HelperLimits(start_seconds=0.2))
    pool.start()
    os.kill(pool.pids[0], signal.SIGSTOP)
    with pytest.raises(Misconfigured, match="does not start"):
        SchemaRegistry.bundled(pool)
    pool.close()


def test_when_the_system_gives_no_process_the_next_document_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with registry() as (schemas, pool):
        (pid,) = pool.pids
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", "/nirgends/python")
            os.kill(pid, signal.SIGKILL)
            assert ends_within(pid, 10)
            for _ in range(2):
                with pytest.raises(HelperFailed, match="crashed"):
                    schemas.inspect(REF, smallest())
            assert pool.pids == ()
        assert schemas.inspect(REF, smallest()).valid


DAEMON = """if True:
    import sys, threading
    from schemas_for_tests import REF, slow
    from schemas.helpers import HelperLimits, HelperPool
    from schemas.registry import SchemaRegistry
    pool = HelperPool(2, HelperLimits())
    pool.start()
    schemas = SchemaRegistry.bundled(pool)
    print(*pool.pids, flush=True)
    threading.Thread(target=schemas.inspect, args=(REF, slow())).start()
    sys.stdin.read()
"""


def test_no_helper_outlives_a_daemon_that_is_killed_not_even_in_mid_document() -> None:
    path = os.pathsep.join((str(Path(__file__).resolve().parents[1] / "support"), *sys.path))
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    with daemon:
        assert daemon.stdout is not None
        pids = [int(pid) for pid in daemon.stdout.readline().split()]
        working = [busy(pid) for pid in pids]
        assert len(pids) == 2
        assert becomes_true(lambda: any(condition() for condition in working))
        daemon.kill()
        assert all(ends_within(pid, 5) for pid in pids)
