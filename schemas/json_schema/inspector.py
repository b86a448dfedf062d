"""One JSON schema, and its verdict on one document. Runs in the helper processes."""

import re
from collections.abc import Iterator
from pathlib import Path

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer
from schemas.json_schema.judge import JsonJudge
from schemas.json_schema.reading import read_payload, text_at
from schemas.layers import Tally
from schemas.plan import MAX_FACT, Report, SchemaPlan, quoting
from schemas.reading import Unreadable


class JsonInspector:
    """Prepared schema of one plan. Raises `Misconfigured` when it is none."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._plan = plan
        try:
            self._judge = JsonJudge(Path(plan.json_schema), Path(plan.folder))
        except Misconfigured as cause:
            raise Misconfigured(f"{plan.package}: {cause.en}", f"{plan.package}: {cause.de}") from cause

    def inspect(self, document: bytes) -> Report:
        tally = Tally(self._plan)
        try:
            value = read_payload(document)
        except Unreadable as refused:
            tally.take(Layer.WELL_FORMED, (refused.seen,))
            return tally.report()
        tally.take(Layer.WELL_FORMED, ())
        tally.take(Layer.JSON_SCHEMA, self._judge.findings(value))
        report = tally.report(dict(self._read_facts(value)) if tally.valid else None)
        return quoting(report, lambda path: text_at(value, path) or "") if self._plan.quotes else report

    def _read_facts(self, document: object) -> Iterator[tuple[str, str]]:
        for fact in self._plan.facts:
            value = text_at(document, fact.at)
            if value is not None and len(value) <= MAX_FACT and re.fullmatch(fact.pattern, value):
                yield fact.name, value
