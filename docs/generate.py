#!/usr/bin/env python3
"""Writes the pages of the documentation that are made from code: `python docs/generate.py`. A test compares them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from amtsbote.errors import EVENT_PROBLEMS, REQUEST_PROBLEMS, ProblemType
from amtsbote.errors.table import TABLE

HERE: Final = Path(__file__).resolve().parent
_HEAD: Final = f"""\
# Fehler, die ein Sender sehen kann

Erzeugt mit `python docs/generate.py` aus `amtsbote/errors/table.py`; ein Test vergleicht beides.

Fehler einer Anfrage (`AB-1…`) kommen als `application/problem+json` mit `type`, `title`, `status`, `detail`, `instance`
und `code`; `type` ist `{REQUEST_PROBLEMS}<Typ>`. Fehler im Inhalt (`AB-2…`) stehen im Ereignis
`reject-submission`; `type` ist dort `{EVENT_PROBLEMS}<Typ>`. In geschweiften Klammern steht,
was der einzelne Fall einsetzt. *Erneut* sagt, ob dasselbe später noch einmal zu senden helfen kann.
"""
_GROUPS: Final = (("AB-1", "Fehler einer Anfrage"), ("AB-2", "Fehler im Inhalt"))


def errors_page() -> str:
    """`docs/fehler.md`: every row of the table, German and English."""
    return "\n".join([_HEAD, *(line for prefix, title in _GROUPS for line in _group(prefix, title))])


def _group(prefix: str, title: str) -> Iterator[str]:
    yield f"## {title}\n"
    for row in TABLE:
        if row.code.startswith(prefix):
            yield from _row(row)


def _row(row: ProblemType) -> Iterator[str]:
    status = f" · HTTP {row.status}" if row.status is not None else ""
    yield f"### {row.code} {row.title_de}\n"
    yield f"`{row.wire}`{status} · erneut: {'ja' if row.retry else 'nein'}\n"
    yield f"{row.detail_de} {row.todo_de}\n"
    yield f"*{row.title_en}.* {row.detail_en} {row.todo_en}\n"


PAGES: Final = {HERE / "fehler.md": errors_page}


def main() -> None:
    for file, page in PAGES.items():
        file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
