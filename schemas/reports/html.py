"""A report as a page to read and to print: one file, no script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from amtsbote.errors import Language
from amtsbote.model.report import CheckReport, Route
from amtsbote.model.routing import german_time
from amtsbote.model.schema import Expectation, Finding, Layer, Severity
from amtsbote.text.catalogue import say

_STYLE: Final = """
:root { color-scheme: light; --line: #666; --shade: #f0f0f0; --bad: #8b0000; --good: #00551e; --mild: #6b4700 }
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 60rem; margin: 0 auto;
  padding: 1rem }
h1 { font-size: 1.7rem; margin: .5rem 0 } h2 { font-size: 1.3rem; margin: 2rem 0 .5rem }
h3 { font-size: 1.05rem; margin: 0 0 .3rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: var(--shade) } th[scope=row] { width: 14rem }
.verdict { font-size: 1.3rem; font-weight: 700; border: 3px solid; padding: .4rem .8rem; display: inline-block }
.valid { color: var(--good) } .invalid, .refused { color: var(--bad) } .unknown { color: var(--mild) }
article { border-left: 5px solid var(--bad); padding: .2rem 0 .2rem 1rem; margin: 1.2rem 0; break-inside: avoid }
article.warning { border-color: var(--mild) } article p { margin: .3rem 0 } .other { color: #444 }
article table { margin: .5rem 0 }
code { font: .92em ui-monospace, monospace }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt } }
@page { margin: 18mm }
"""


def html(report: CheckReport, language: Language) -> str:
    """A whole page."""
    return "".join(_Page(report, language).pieces())


class _Page:
    def __init__(self, report: CheckReport, language: Language) -> None:
        self._report = report
        self._language: Language = language
        self._other: Language = "en" if language == "de" else "de"

    def pieces(self) -> Iterator[str]:
        checked = self._report.checked
        title = f"{self._say('title')}: {escape(self._report.document.name)}"
        yield f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8"><title>{title}</title>'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        yield f'<p class="verdict {checked.verdict}">{self._say(f"verdict.{checked.verdict_told}")}</p>'
        yield f"<p>{self._say('unmasked' if self._report.quotes else 'masked')}</p>"
        yield self._document()
        yield self._layers()
        yield f"<h2>{self._say('findings')}: {len(checked.findings)}</h2>"
        yield "".join(self._finding(*each) for each in enumerate(checked.findings, 1)) or self._paragraph("no-findings")
        yield self._paragraph("more") if checked.more else ""
        yield self._prefixes(checked.prefixes) if checked.prefixes else ""
        yield self._candidates(checked.candidates) if checked.candidates else ""
        yield self._route(self._report.route) if self._report.route is not None else ""
        yield "</main></body></html>\n"

    def _document(self) -> str:
        document, checked = self._report.document, self._report.checked
        at = german_time(self._report.at)
        rows = {
            "name": document.name,
            "size": str(document.size),
            "digest": document.sha256,
            "schema": checked.schema,
            "package": checked.package,
            "at": at.strftime("%d.%m.%Y %H:%M" if self._language == "de" else "%Y-%m-%d %H:%M"),
        }
        return self._facts("document", rows)

    def _layers(self) -> str:
        head = "".join(f'<th scope="col">{self._say(name)}</th>' for name in ("layer", "outcome", "errors", "warnings"))
        body = "".join(self._layer(layer) for layer in Layer)
        caption = f"<caption>{self._say('layers')}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _layer(self, layer: Layer) -> str:
        name = say(f"preflight.layer.{layer}", self._language)
        outcome = say(f"preflight.outcome.{self._report.checked.outcome_told(layer)}", self._language)
        counts = "".join(f"<td>{self._report.count(layer, severity) or '–'}</td>" for severity in Severity)
        return f'<tr><th scope="row">{escape(name)}</th><td>{escape(outcome)}</td>{counts}</tr>'

    def _finding(self, number: int, finding: Finding) -> str:
        kind = f"{number}. {self._say(finding.severity)}"
        heading = f"{kind}: {escape(finding.field)}" if finding.field else kind
        said, other = (finding.de, finding.en) if self._language == "de" else (finding.en, finding.de)
        rows = {
            "place": finding.path,
            "line": str(finding.line or ""),
            "value": finding.value or "",
            "expected": "; ".join(filter(None, (_demanded(each, self._language) for each in finding.expected))),
            "type": finding.type_name,
            "layer": say(f"preflight.layer.{finding.layer}", self._language),
            "code": finding.code,
        }
        return (
            f'<article class="{finding.severity}"><h3>{heading}</h3><p>{escape(said)}</p>'
            f'<p class="other" lang="{self._other}">{escape(other)}</p>{self._facts("", rows)}</article>'
        )

    def _candidates(self, candidates: Iterable[str]) -> str:
        listed = "".join(f"<li><code>{escape(each)}</code></li>" for each in candidates)
        return f"<h2>{self._say('candidates')}</h2><ul>{listed}</ul>"

    def _prefixes(self, prefixes: Mapping[str, str]) -> str:
        listed = "".join(
            f"<li><code>{escape(prefix)} = {escape(space)}</code></li>" for prefix, space in prefixes.items()
        )
        return f"<h2>{self._say('prefixes')}</h2><ul>{listed}</ul>"

    def _route(self, route: Route) -> str:
        rows = {
            "service": route.service,
            "region": route.ars,
            "day": route.on.isoformat(),
            "authority": ", ".join(route.authorities) or self._say("nobody"),
            "rules": "; ".join(route.rules),
        }
        return f"<h2>{self._say('route')}</h2>{self._facts('route', rows)}"

    def _facts(self, caption: str, rows: dict[str, str]) -> str:
        """A table of two columns; what is empty has no row."""
        lines = "".join(
            f'<tr><th scope="row">{self._say(name)}</th><td>{escape(value)}</td></tr>'
            for name, value in rows.items()
            if value
        )
        title = f"<caption>{self._say(caption)}</caption>" if caption else ""
        return f"<table>{title}<tbody>{lines}</tbody></table>"

    def _paragraph(self, key: str) -> str:
        return f"<p>{self._say(key)}</p>"

    def _say(self, key: str) -> str:
        return escape(say(f"report.{key}", self._language))


def _demanded(expected: Expectation, language: Language) -> str:
    """E.g. `Höchstlänge: 50`."""
    values = ", ".join(expected.values) + (" …" if expected.more else "")
    return f"{say(f'report.demanded.{expected.what}', language)}: {values.strip()}"
