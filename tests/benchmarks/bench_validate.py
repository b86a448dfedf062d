"""`validate`: M10 through every layer its package declares, beside bare lxml, and the hop to the helper process.

Floor: lxml parses the same bytes with its own parser and validates them with the same compiled schema. Reading and XSD
may take 1.5 times that, in the process that does it; all layers and the hop are printed beside it.
`python tests/benchmarks/bench_validate.py`
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from bench_house import m10
from lxml import etree

from schemas.confinement import HelperLimits
from schemas.fast_xsd import FastXsd
from schemas.helpers import HelperPool
from schemas.inspector import Inspector
from schemas.package import BUNDLED, load_package
from schemas.places import Places
from schemas.reading import read_document

BAR = 1.5
RUNS = 7
DOCUMENTS = 2_000
PACKAGE = BUNDLED / "baumfaellgenehmigung" / "1.0"


def main() -> None:
    document, [plan] = m10(), load_package(PACKAGE).plans()
    limits = HelperLimits()
    schema, xsd = etree.XMLSchema(etree.parse(plan.xsd)), FastXsd(plan, Places(plan))
    inspector = Inspector(plan, limits.max_tags)
    pool = HelperPool(1, limits)
    pool.start()
    pool.load((plan,))

    def bare() -> bool:
        return schema.validate(etree.fromstring(document))

    def read_and_judged() -> bool:
        return not list(xsd.findings(read_document(document, limits.max_tags)))

    try:
        floor, ours, layers, hop = _microseconds(
            bare,
            read_and_judged,
            lambda: not inspector.inspect(document).findings,
            lambda: pool.inspect(plan.uri, document).valid,
        )
    finally:
        pool.close()
    print(f"document bytes={len(document)}")
    print(f"all layers us={layers:.0f} hop us={hop - layers:.0f} round trip us={hop:.0f}")
    rate, most = 1e6 / hop, 1e6 / floor
    print(f"validate ratio={ours / floor:.2f} rate={rate:.0f} floor={most:.0f} cpu_ms_per_message={ours / 1000:.3f}")
    if ours / floor > BAR:
        raise SystemExit(f"reading and XSD take {ours / floor:.2f} times bare lxml; {BAR} is allowed")


def _microseconds(*works: Callable[[], bool]) -> list[float]:
    """Median time of one call of each; the works take turns, so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for work, taken in zip(works, times, strict=True):
            assert work(), "the document is valid"
            start = perf_counter()
            for _ in range(DOCUMENTS):
                work()
            taken.append((perf_counter() - start) / DOCUMENTS * 1e6)
    return [median(taken) for taken in times]


if __name__ == "__main__":
    main()
