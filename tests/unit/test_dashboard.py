"""The dashboard shows what the daemon measures: all of it, and nothing that does not exist."""

import json
import re
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from amtsbote.daemon.meter import Meter

DASHBOARD = Path(__file__).parents[2] / "config" / "grafana" / "amtsbote.json"
SUFFIXES = ("", "_bucket", "_count", "_sum", "_total")


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return read


def shown() -> set[str]:
    expressions = (target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])
    return {name for one in expressions for name in re.findall(r"\b(?:amtsbote|process)_\w+", one)}


def families() -> set[str]:
    measured = text_string_to_metric_families(Meter().exposition().decode())
    return {family.name for family in measured if not family.name.endswith("_created")}


def test_every_metric_the_dashboard_names_exists() -> None:
    known = {family + suffix for family in families() for suffix in SUFFIXES}

    assert shown() - known == set()


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    ours = {family for family in families() if family.startswith("amtsbote_")}

    assert {family for family in ours if not {family + suffix for suffix in SUFFIXES} & shown()} == set()


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]

    assert len({panel["id"] for panel in panels}) == len(panels) == len(set(places))
