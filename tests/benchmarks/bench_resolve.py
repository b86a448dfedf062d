"""P3 `resolve`: two-step resolution with trace, on one core, over tables of national size.

Floor: two plain dictionary look-ups per second. `python tests/benchmarks/bench_resolve.py`
"""

import resource
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from national_routing import national_document, national_regions, national_services

from routing.resolver import Resolver

BAR = 50_000
QUESTIONS = 100_000
RUNS = 5
DAY = date(2026, 3, 1)

Question = tuple[str, str]


def main() -> None:
    document = national_document()
    before_mb = _peak_mb()
    resolver = Resolver.load(document)
    questions = _questions()
    rate = QUESTIONS / _median_seconds(lambda: _resolve_all(resolver, questions))
    peak_mb = _peak_mb()
    load_seconds = _median_seconds(lambda: Resolver.load(document))
    both_mb = _peak_mb()
    floor = QUESTIONS / _median_seconds(_plain_lookups(questions))
    rows = sum(table.count(b"\n") for table in document.tables.values())
    print(f"load seconds={load_seconds:.2f} rows={rows}")
    print(f"memory before_mb={before_mb:.0f} old_and_new_version_mb={both_mb:.0f}")
    print(f"resolve ratio={rate / BAR:.2f} rate={rate:.0f} floor={floor:.0f} peak_mb={peak_mb:.0f}")


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
        if len(found.authorities) != 1:
            raise SystemExit(f"wrong answer: {found}")


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
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


if __name__ == "__main__":
    main()
