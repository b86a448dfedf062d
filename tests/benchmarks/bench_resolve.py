"""P3 `resolve`: two-step resolution on one core over tables of national size, with and without its trace written,
loading, memory, and a new version taken over while questions are answered.

Seconds are those of the CPU: what else the machine does is not measured. Floor: two plain dictionary look-ups
per question. `python tests/benchmarks/bench_resolve.py`
"""

import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from national_routing import national_document, national_regions, national_services

from amtsbote.model.routing import RoutingDocument
from routing.resolver import Resolver

BAR, BAR_WITH_TRACE = 50_000, 20_000
QUESTIONS = 100_000
RUNS = 5
DAY = date(2026, 3, 1)

Question = tuple[str, str]


def main() -> None:
    document = national_document()
    before_mb = _peak_mb()
    resolver = Resolver.load(document)
    load_mb = _peak_mb()
    questions = _questions()
    rate = QUESTIONS / _median_seconds(lambda: _resolve_all(resolver, questions))
    traced = QUESTIONS / _median_seconds(lambda: _trace_all(resolver, questions))
    load_seconds = _median_seconds(lambda: Resolver.load(document))
    both_mb = _peak_mb()
    floor = QUESTIONS / _median_seconds(_plain_lookups(questions))
    rows = sum(table.count(b"\n") for table in document.tables.values())
    old, new = _swapped(resolver, document, questions)
    print(f"load seconds={load_seconds:.2f} rows={rows}")
    print(f"memory before_mb={before_mb:.0f} loaded_mb={load_mb:.0f} old_and_new_version_mb={both_mb:.0f}")
    print(f"trace ratio={traced / BAR_WITH_TRACE:.2f} rate={traced:.0f}")
    print(f"swap answers_of_old={old} answers_of_new={new} mixed=0")
    print(f"resolve ratio={rate / BAR:.2f} rate={rate:.0f} floor={floor:.0f} peak_mb={load_mb:.0f}")


def _peak_mb() -> float:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _questions() -> list[Question]:
    choose = Random(1)  # noqa: S311  (questions for a measurement)
    services, regions = national_services(), national_regions()
    return [(choose.choice(services), choose.choice(regions)) for _ in range(QUESTIONS)]


def _resolve_all(resolver: Resolver, questions: list[Question]) -> None:
    for service, region in questions:
        found = resolver.resolve(service, region, DAY)
        if found.primary is None:
            raise SystemExit(f"wrong answer: {found}")


def _trace_all(resolver: Resolver, questions: list[Question]) -> None:
    for service, region in questions:
        if len(resolver.resolve(service, region, DAY).trace.hops) != 3:  # role, region, authority
            raise SystemExit(f"wrong trace for {service} at {region}")


class _Present:
    """As the daemon holds it: replaced as a whole."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver


def _swapped(resolver: Resolver, document: RoutingDocument, questions: list[Question]) -> tuple[int, int]:
    """Answers of the old and of the new version, given while the new one is loaded and taken over. Each must be of one
    version altogether."""
    renamed = document.tables["zustaendigkeiten"].replace(b";behoerde-", b";neu-")
    later = replace(document, version=2, tables={**document.tables, "zustaendigkeiten": renamed})
    present, counted = _Present(resolver), {1: 0, 2: 0}

    def take_over() -> None:
        present.resolver = Resolver.load(later)

    loading = Thread(target=take_over)
    loading.start()
    while loading.is_alive() or not counted[2]:
        for service, region in questions[:2_000]:
            found = present.resolver.resolve(service, region, DAY)
            version = found.trace.version
            if found.primary is None or found.primary.authority.startswith("neu-") is not (version == 2):
                raise SystemExit(f"half of a version: {found}")
            counted[version] += 1
    loading.join()
    return counted[1], counted[2]


def _plain_lookups(questions: list[Question]) -> Callable[[], None]:
    roles = {service: number % 20 for number, service in enumerate(national_services())}
    authorities = {(role, region): region for role in range(20) for region in national_regions()}

    def run() -> None:
        for service, region in questions:
            authorities[roles[service], region]

    return run


def _median_seconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(RUNS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return median(times)


if __name__ == "__main__":
    main()
