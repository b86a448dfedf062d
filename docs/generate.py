#!/usr/bin/env python3
"""Writes the pages of the documentation that are made from code: `python docs/generate.py`. A test compares them."""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from annotated_types import Ge
from prometheus_client.metrics_core import Metric
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.folder.statusfile import StatusFile
from amtsbote.daemon.faults import PREFIX
from amtsbote.daemon.meter import Meter
from amtsbote.daemon.rereading import WITHOUT_RESTART
from amtsbote.daemon.settings import Settings
from amtsbote.editing.openapi import EDITING
from amtsbote.errors import EVENT_PROBLEMS, REQUEST_PROBLEMS, ProblemType
from amtsbote.errors.oauth import OAUTH_ERRORS
from amtsbote.errors.table import TABLE
from amtsbote.text.log_events import EVENTS
from amtsbote.text.metrics import METRICS
from amtsbote.text.settings import SETTINGS
from transport.fitconnect.assumptions import ALL as ASSUMPTIONS
from transport.fitconnect.server.openapi import APIS, document
from transport.fitconnect.server.openapi.document import address_of

HERE: Final = Path(__file__).resolve().parent
_MISSING: Final = "**fehlt**"
"""Stands where a table has no sentence. A test names every place."""

# errors

_HEAD: Final = f"""\
# Fehler, die ein Sender sehen kann

Erzeugt mit `python docs/generate.py` aus `amtsbote/errors/table.py` und `oauth.py`; ein Test vergleicht beides.

Fehler einer Anfrage (`AB-1…`) kommen als `application/problem+json` mit `type`, `title`, `status`, `detail`, `instance`
und `code`; `type` ist `{REQUEST_PROBLEMS}<Typ>`. Fehler im Inhalt (`AB-2…`) stehen im Ereignis
`reject-submission`; `type` ist dort `{EVENT_PROBLEMS}<Typ>`. In geschweiften Klammern steht,
was der einzelne Fall einsetzt. *Erneut* sagt, ob dasselbe später noch einmal zu senden helfen kann.
"""
_OAUTH_HEAD: Final = """\
## Fehler des Token-Endpunkts

`POST /auth/token` antwortet nach RFC 6749 mit `error` und `error_description` (ASCII, also ohne Umlaute), bei 429 mit
`Retry-After`. Nur was HTTP selbst betrifft (404, 405, 406, 408, 5xx), kommt auch dort als
`application/problem+json`.
"""
_GROUPS: Final = (("AB-1", "Fehler einer Anfrage"), ("AB-2", "Fehler im Inhalt"))


def errors_page() -> str:
    """`docs/fehler.md`: every row of the table, German and English."""
    problems = [line for prefix, title in _GROUPS for line in _group(prefix, title)]
    return _page([_HEAD, *problems, _OAUTH_HEAD, *_oauth_rows()])


def _oauth_rows() -> Iterator[str]:
    yield from _head("HTTP", "error", "error_description", "English")
    for row in OAUTH_ERRORS:
        yield _line(str(row.status), f"`{row.error}`", row.de, row.en)


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


# settings

_SETTINGS_HEAD: Final = """\
# Einstellungen

Erzeugt mit `python docs/generate.py` aus `amtsbote/daemon/settings.py` und `amtsbote/text/settings.py`; ein Test
vergleicht beides. Dieselben Sätze schreibt `amtsbote init` in die Installationsdatei. Wie man einstellt, steht in
[Installation](betrieb/installation.md#einstellungen); `amtsbote config check` zeigt, was gilt und woher es kommt.

Jede Einstellung lässt sich durch die genannte Umgebungsvariable überschreiben, Listen und ganze Abschnitte als JSON.
*SIGHUP*: Der laufende Dienst übernimmt die Änderung, wenn er sie neu liest; alles andere braucht einen *Neustart*.
"""
_SIZE: Final = 1024
"""A whole number that may not be below this is a size in bytes; smaller ones count something."""


@dataclass(frozen=True, slots=True)
class Setting:
    path: tuple[str, ...]
    field: FieldInfo
    default: Any

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        return PREFIX + "__".join(self.path).upper()

    @property
    def unit(self) -> str:
        if isinstance(self.default, timedelta) or self.path[-1].endswith("_seconds"):
            return "Sekunden"
        bounds = [bound.ge for bound in self.field.metadata if isinstance(bound, Ge)]
        return "Byte" if any(isinstance(bound, int) and bound >= _SIZE for bound in bounds) else "–"


def settings_of(model: BaseModel, above: tuple[str, ...] = ()) -> Iterator[Setting | tuple[str, ...]]:
    """Every setting in order; before those of a section, the section's own path."""
    for name, field in type(model).model_fields.items():
        path, value = (*above, name), getattr(model, name)
        if isinstance(value, BaseModel):
            yield path
            yield from settings_of(value, path)
        else:
            yield Setting(path, field, value)


def settings_page() -> str:
    """`docs/einstellungen.md`: every setting, from the models of the daemon."""
    lines = [_SETTINGS_HEAD]
    for one in settings_of(Settings()):
        if isinstance(one, tuple):
            lines += [
                f"{chr(10) if len(lines) > 1 else ''}## [{'.'.join(one)}]",
                "",
                _sentence(SETTINGS, f"config.{'.'.join(one)}"),
                "",
            ]
            lines += _head("Einstellung", "Vorgabe", "Einheit", "gilt nach", "Umgebungsvariable", "Bedeutung")
        else:
            takes = "SIGHUP" if one.key in WITHOUT_RESTART else "Neustart"
            meaning = _sentence(SETTINGS, f"config.{one.key}")
            lines.append(_line(f"`{one.key}`", _default(one), one.unit, takes, f"`{one.variable}`", meaning))
    return _page(lines)


def _default(setting: Setting) -> str:
    if setting.field.default_factory is not None:
        return "von der Maschine"  # such as the number of cores
    value = setting.default
    if value is None:
        return "–"
    if isinstance(value, timedelta):
        return f"`{int(value.total_seconds())}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{value}`"
    return "`[]`" if value == () else f'`"{value}"`'


# metrics

_METRICS_HEAD: Final = """\
# Messwerte

Erzeugt mit `python docs/generate.py` aus `amtsbote/daemon/meter.py` und `amtsbote/text/metrics.py`; ein Test vergleicht
beides. Alle stehen unter `/metrics` auf `metrics.listen`, dazu die üblichen Werte des Prozesses
(`process_resident_memory_bytes`, `process_open_fds`, …). Was `operation` bedeutet, steht in
[Überwachung](betrieb/ueberwachung.md#messwerte); `config/grafana/amtsbote.json` zeigt alle.
"""
_KINDS: Final = {"counter": "Zähler", "gauge": "Wert", "histogram": "Histogramm"}
_UNITS: Final = {"seconds": "Sekunden", "bytes": "Byte"}


def metrics_page() -> str:
    """`docs/metriken.md`: every metric of ours, as the meter registers it."""
    lines = [_METRICS_HEAD, *_head("Name", "Art", "Merkmale", "Einheit", "Bedeutung", "Alarm", "English")]
    for name, family, labels in metrics():
        meaning, alarm = METRICS.get(name, (_MISSING, ""))
        unit = next((german for word, german in _UNITS.items() if word in name.split("_")), "–")
        marks = ", ".join(f"`{label}`" for label in labels) or "–"
        lines.append(_line(f"`{name}`", _KINDS[family.type], marks, unit, meaning, alarm or "–", family.documentation))
    return _page(lines)


def metrics() -> Iterator[tuple[str, Metric, tuple[str, ...]]]:
    """Name as Prometheus shows it, the family, and its labels, in the order they are registered."""
    registry = Meter()._registry  # noqa: SLF001  (labels without a value yet are known to the registry only)
    for collector in dict.fromkeys(registry._names_to_collectors.values()):  # noqa: SLF001
        for family in collector.collect():
            if family.name.startswith("amtsbote_"):
                name = f"{family.name}_total" if family.type == "counter" else family.name
                yield name, family, tuple(getattr(collector, "_labelnames", ()))


# log events

_EVENTS_HEAD: Final = """\
# Ereignisse des Protokolls

Erzeugt mit `python docs/generate.py` aus den Aufrufen im Programm und `amtsbote/text/log_events.py`; ein Test
vergleicht beides. Was jede Zeile trägt und wohin sie geht, steht in [Überwachung](betrieb/ueberwachung.md#protokoll).
*Felder* sind die des Ereignisses selbst; `submission` und `case` kommen dazu, sobald beide bekannt sind, bei
`error` oft `failure`.
"""
_LEVELS: Final = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
_ROOMS: Final = ("amtsbote", "adapters", "routing", "schemas", "transport")


def events_page() -> str:
    """`docs/ereignisse.md`: every event the code logs by name."""
    lines = [_EVENTS_HEAD, *_head("Ereignis", "Stufe", "Felder", "Bedeutung", "Was zu tun ist")]
    found = logged()
    ordered = [*(name for name in EVENTS if name in found), *sorted(found.keys() - EVENTS.keys())]
    for name in ordered:
        levels, fields = found[name]
        meaning, todo = EVENTS.get(name, (_MISSING, _MISSING))
        shown = ", ".join(f"`{field}`" for field in fields) or "–"
        lines.append(_line(f"`{name}`", ", ".join(levels), shown, meaning, todo))
    return _page(lines)


def logged() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Event name → levels and fields, from every `log.…("name", field=…)` of the code."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for room in _ROOMS:
        for file in sorted((HERE.parent / room).rglob("*.py")):
            for name, level, fields in _calls(ast.parse(file.read_text("utf-8"))):
                levels, known = found.setdefault(name, ({}, {}))
                levels[level] = None
                known |= dict.fromkeys(fields)
    return {name: (tuple(levels), tuple(fields)) for name, (levels, fields) in found.items()}


def _calls(module: ast.Module) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    together = {  # dictionaries handed over as **name
        target.id: [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(ast.Attribute(ast.Name("log"), level), [ast.Constant(str() as name), *_]):
                if level in _LEVELS and " " not in name:
                    yield name, _LEVELS[level], tuple(_fields(call, together))


def _fields(call: ast.Call, together: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg != "exc_info":
            yield keyword.arg
        elif isinstance(keyword.value, ast.Name):
            yield from map(str, together.get(keyword.value.id, ()))


# what we do of FIT-Connect

_FIT_HEAD: Final = """\
# FIT-Connect: what Amtsbote does of it

Made by `python docs/generate.py` from the descriptions the services give of themselves (`/{version}/openapi.json`, for
people `/{version}/docs`) and from `transport/fitconnect/assumptions.py`; tests compare both, and hold every answer of
the test suite against the descriptions. How to send is in [portal.md](portal.md), how to fetch in
[subscriber.md](subscriber.md).

v1 and v2 are two doors to one room: the same rules and the same code. They differ in the name of the member that holds
the service (`serviceType`, `services` in v1; `publicService`, `publicServices` in v2), in who may leave out
`encryptedData` (v1), and in where destinations are managed (v1: Submission API, v2: Destination API).
"""
_DEVIATIONS: Final = (
    ("`User-Agent`", "Any, also none: the public front end answers a missing one with a bare 403, which helps nobody."),
    ("`GET …/destinations/{id}/keys`", "On the Submission API, too, where the public one answers 404."),
    ("scopes", "Both vocabularies (`send:region:…` and the URIs) are granted and understood; the names may change."),
    ("SET `$schema`", "1.2.2 is written, every 1.x is read; the public service refuses 1.0.0."),
    (
        "events of broker-held destinations",
        "Accept and reject are signed with the destination's key, which the broker holds.",
    ),
    (
        "problems",
        "`code`, and `titleEn`/`detailEn` in events, beside the members of RFC 9457; German unless asked otherwise.",
    ),
    ("`notify-…`", "Written for submissions and replies, once for polling and once for a callback."),
    (
        "deadlines",
        "1, 3, 9, 14 and 21 days as published, configurable for each destination; events and case stay for good.",
    ),
    (
        "rate limits",
        (
            "Counted are clients by their token and, where a proxy is trusted, addresses without one: their answers "
            "carry `RateLimit-…`. A 429 has a problem as its body, and `Retry-After`."
        ),
    ),
    (
        "certificates",
        (
            "Of keys that are registered: RSA 4096 for the key and from 3072 above it, SHA-256 or stronger, PSS or "
            "PKCS #1 v1.5, because how authorities above it sign is not a destination's choice. Its root must be one "
            "the operator has registered. Revocation is not checked."
        ),
    ),
    ("key ids", "Thumbprints (RFC 7638) by default, because real clients put the thumbprint into `kid`."),
    ("`forward-…`", "A subscriber may say it once for each message, while it is neither accepted nor rejected."),
)


def fit_connect_page() -> str:
    """`docs/fit-connect.md`: endpoint × version × what we do × test, deviations, and where we had to guess."""
    return _page([_FIT_HEAD, *_endpoints(), "", *_deviations(), "", *_readings()])


def _endpoints() -> Iterator[str]:
    for api in APIS:
        yield f"\n## {api.title}\n"
        yield from _head("Request", "Version", "What it does", "Answer", "Problems", "Test")
        offered = {version: api.operations(version) for version in api.versions}
        for one in {one.id: one for found in offered.values() for one in found}.values():
            path, _ = address_of(one, None)
            named = (version for version, found in offered.items() if version and one.id in {each.id for each in found})
            versions = ", ".join(named) or "–"
            if one.path.startswith("/.well-known/"):
                versions = "–"
            answers, problems = ", ".join(map(str, one.answers)), ", ".join(map(str, sorted(one.problems))) or "–"
            yield _line(f"{one.method} `{path}`", versions, one.summary, answers, problems, _tested(one.id))
    yield "\nBeside these, 400, 406, 429, 500 and 503 may answer every request, and 408, 411, 413, 415 every body."


def _tested(operation: str) -> str:
    file, test = TESTS.get(operation, (_MISSING, ""))
    return f"`{file}::{test}`"


def _deviations() -> Iterator[str]:
    yield "## Where we differ from the public service, and why\n"
    yield from _head("What", "How and why")
    yield from (_line(*row) for row in _DEVIATIONS)


def _readings() -> Iterator[str]:
    yield "## Our reading where the sources are silent\n"
    yield "Each row stands in one table of the code and is corrected there alone.\n"
    yield from _head("Name", "What no source says", "What we do")
    yield from (_line(f"`{name}`", row.silent, row.choice) for name, row in ASSUMPTIONS.items())


_SERVER: Final = "tests/unit/test_fitconnect_server"
_SENDS: Final = (
    "tests/acceptance/test_the_case.py",
    "test_an_application_with_two_attachments_arrives_validated_and_complete",
)
_ADDRESSES: Final = (f"{_SERVER}.py", "test_every_address_answers_in_both_versions")
_REPLIES: Final = f"{_SERVER}_replies.py"
_THERE: Final = (_REPLIES, "test_the_portal_lists_fetches_and_accepts_a_decision")
_CASES: Final = (_REPLIES, "test_both_sides_see_their_cases")
_FETCHES: Final = (f"{_SERVER}_cases.py", "test_a_subscriber_lists_fetches_and_accepts_what_is_its_own")
_MANAGED: Final = "tests/unit/test_destination_managing.py"
TESTS: Final[Mapping[str, tuple[str, str]]] = {
    "getInfo": _ADDRESSES,
    "getKeys": (f"{_SERVER}.py", "test_each_service_publishes_its_own_keys_only"),
    "getDestination": _ADDRESSES,
    "getDestinationKey": _ADDRESSES,
    "listDestinationKeys": (
        "tests/unit/test_destination_keys.py",
        "test_the_current_encryption_key_comes_first_and_retired_ones_are_not_listed",
    ),
    "listDestinations": (_MANAGED, "test_a_list_has_its_own_destinations_in_pages"),
    "createDestination": (_MANAGED, "test_a_destination_is_created_furnished_opened_and_sent_to"),
    "putDestination": (_MANAGED, "test_patch_changes_what_it_names_and_put_everything_a_subscriber_describes"),
    "patchDestination": (_MANAGED, "test_patch_changes_what_it_names_and_put_everything_a_subscriber_describes"),
    "deleteDestination": (_MANAGED, "test_an_open_one_rests_30_days_then_goes_for_good_but_its_keys_stay"),
    "postDestinationKey": (_MANAGED, "test_a_destination_is_created_furnished_opened_and_sent_to"),
    "createSubmission": _SENDS,
    "putSubmissionAttachment": _SENDS,
    "putSubmission": _SENDS,
    "listSubmissions": _FETCHES,
    "getSubmission": _FETCHES,
    "getSubmissionAttachment": _FETCHES,
    "getSubmissionEvents": (f"{_SERVER}_cases.py", "test_the_log_of_a_case_is_signed_when_it_is_read_each_event_once"),
    "listCases": _CASES,
    "getCase": _CASES,
    "getCaseEvents": (f"{_SERVER}_cases.py", "test_the_log_of_a_case_is_signed_when_it_is_read_each_event_once"),
    "postEvent": _FETCHES,
    "createReply": _THERE,
    "putReplyAttachment": _THERE,
    "putReply": _THERE,
    "listReplies": _THERE,
    "getReply": _THERE,
    "getReplyAttachment": _THERE,
    "getReplyEvents": _THERE,
    "acceptReply": _THERE,
    "rejectReply": (_REPLIES, "test_a_portal_rejects_with_its_own_words"),
    "getRoutes": (f"{_SERVER}_routes.py", "test_routes_are_found_by_every_key_and_paged"),
    "getAreas": ("tests/unit/test_fitconnect_server_areas.py", "test_an_area_that_is_found_can_be_asked_for"),
    "getRoutingSnapshot": ("tests/unit/test_published_tables.py", "test_the_tables_are_fetched_verified_and_not_again"),
    "checkDocument": ("tests/unit/test_preflight_check.py", "test_a_valid_document_is_valid_and_its_way_is_told"),
    "getAcceptance": ("tests/unit/test_preflight_acceptance.py", "test_a_schema_is_taken_within_its_term"),
    "getToken": (f"{_SERVER}_tokens.py", "test_a_token_is_for_half_an_hour_and_for_active_clients"),
}
"""One test of each operation that goes right; what goes wrong is tested beside it."""

# tables


def _sentence(table: Mapping[str, tuple[str, str]], key: str) -> str:
    return table.get(key, (_MISSING, ""))[0]


def _head(*columns: str) -> list[str]:
    return [_line(*columns), _line(*("---" for _ in columns))]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


# answers of a Fachverfahren


def answer_schema() -> str:
    """`docs/betrieb/antwort.schema.json`: what a status file may hold, for whoever builds local software."""
    schema = StatusFile.model_json_schema(by_alias=True)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "antwort.json"}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


# the editing API


def editing_document() -> str:
    """`docs/editing.openapi.json`: as an installation serves it, but for its address."""
    return json.dumps(document(EDITING, "v1", "https://bearbeiten.example.de"), ensure_ascii=False, indent=1) + "\n"


PAGES: Final = {
    HERE / "fehler.md": errors_page,
    HERE / "einstellungen.md": settings_page,
    HERE / "metriken.md": metrics_page,
    HERE / "ereignisse.md": events_page,
    HERE / "fit-connect.md": fit_connect_page,
    HERE / "betrieb" / "antwort.schema.json": answer_schema,
    HERE / "editing.openapi.json": editing_document,
}


def main() -> None:
    for file, page in PAGES.items():
        file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
