"""The coverage as a page to read and print: per Land, per service, and every place that needs a look."""

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Final

from amtsbote.admin.coverage_report import Report
from amtsbote.cli.voice import Voice
from routing.coverage import Verdict

_STYLE: Final = """
body{font:14px/1.4 sans-serif;margin:2rem;color:#111}
table{border-collapse:collapse;margin:1rem 0}
th,td{border:1px solid #999;padding:.2rem .5rem;text-align:right;vertical-align:top}
th{background:#eee}th:first-child,td:first-child,td.text{text-align:left}
.gap,.conflict{font-weight:bold}.gap{background:#fdd}.conflict{background:#fec}.open{background:#eef}
.no-destination{background:#fed}
thead{display:table-header-group}tr{break-inside:avoid}
@media print{body{margin:0;font-size:10px}.gap,.conflict,.open,.no-destination{print-color-adjust:exact}}
"""
_SERVICES_NAMED: Final = 5
_WANTING: Final = (Verdict.GAP, Verdict.CONFLICT, Verdict.NO_DESTINATION, Verdict.OPEN)
"""What of a Land is named, the worst first."""


def coverage_page(report: Report, voice: Voice) -> str:
    """HTML, complete in itself, without scripts."""
    title = voice.say("coverage.head", version=report.version, day=report.on.isoformat())
    return "\n".join(
        [
            f'<!doctype html><html lang="{voice.language}"><meta charset="utf-8"><title>{escape(title)}</title>',
            f"<style>{_STYLE}</style><h1>{escape(title)}</h1>",
            *([] if report.destinations_examined else [f"<p>{escape(voice.say('coverage.not-examined'))}"]),
            *_lands(report, voice),
            *_services(report, voice),
            *_findings(report, voice),
            "</html>\n",
        ]
    )


def _lands(report: Report, voice: Voice) -> Iterator[str]:
    yield f"<h2>{escape(voice.say('coverage.by-land'))}</h2><table><thead><tr>"
    yield from (f"<th scope=col>{escape(word)}" for word in (voice.say("column.land"), *_verdicts(report, voice)))
    yield "<tbody>"
    for land, counts in sorted(report.by_land.items()):
        yield f"<tr><th scope=row>{escape(_land(report, land))}" + "".join(_cell(v, counts) for v in report.verdicts)
    yield "</table>"


def _services(report: Report, voice: Voice) -> Iterator[str]:
    lands = sorted(report.by_land)
    legend = voice.say("coverage.legend" if report.destinations_examined else "coverage.legend-not-examined")
    yield f"<h2>{escape(voice.say('coverage.by-service'))}</h2><p>{escape(legend)}"
    yield "<table><thead><tr>"
    yield from (f"<th scope=col>{escape(word)}" for word in (voice.say("coverage.column.service"), *lands))
    yield "<tbody>"
    for service, counted in sorted(report.by_service.items()):
        name = f"{service} {report.services[service]}"
        yield f"<tr><th scope=row>{escape(name)}" + "".join(_land_cell(counted.get(land), voice) for land in lands)
    yield "</table>"


def _land_cell(counts: Counter[Verdict] | None, voice: Voice) -> str:
    if counts is None:
        return "<td>–"
    wanting = [verdict for verdict in _WANTING if counts[verdict]]
    if not wanting:
        return "<td>✓"
    said = ", ".join(f"{counts[verdict]} {voice.say(f'verdict-of-tables.{verdict}')}" for verdict in wanting)
    return f'<td class="{wanting[0]}">{escape(said)}'


def _findings(report: Report, voice: Voice) -> Iterator[str]:
    heads = ("service", "place", "name", "municipalities", "verdict", "authorities")
    yield f"<h2>{escape(voice.say('coverage.findings'))}</h2><table><thead><tr>"
    yield from (f"<th scope=col>{escape(voice.say(f'coverage.column.{head}'))}" for head in heads)
    yield "<tbody>"
    for finding in report.findings:
        stretch, services = finding.stretch, finding.services
        named = ", ".join(services[:_SERVICES_NAMED]) + (
            f" … ({len(services)})" if len(services) > _SERVICES_NAMED else ""
        )
        word = voice.say(f"verdict-of-tables.{stretch.answer.verdict}")
        yield (
            f"<tr><td>{escape(named)}<td class=text>{escape(stretch.place)}<td class=text>{escape(stretch.name)}"
            f'<td>{stretch.municipalities}<td class="text {stretch.answer.verdict}">{escape(word)}'
            f"<td class=text>{escape(', '.join(stretch.answer.authorities))}"
        )
    yield "</table>"
    if report.more:
        yield f"<p>{escape(voice.say('coverage.more', count=report.more))}"


def _verdicts(report: Report, voice: Voice) -> tuple[str, ...]:
    return tuple(voice.say(f"verdict-of-tables.{verdict}") for verdict in report.verdicts)


def _cell(verdict: Verdict, counts: Counter[Verdict]) -> str:
    return f'<td class="{verdict if counts[verdict] else ""}">{counts[verdict]}'


def _land(report: Report, land: str) -> str:
    return f"{land} {report.names.get(land, '')}".strip()
