"""What the daemon tells those who watch it: logs without values, and metrics of every operation."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from amtsbote.daemon.logs import configure_logs, where_it_failed
from amtsbote.daemon.meter import Meter
from amtsbote.errors import StorageFailed


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure_logs()
    yield written
    structlog.configure(**configuration)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_log_line_is_one_json_object_with_a_stable_name(logged: io.StringIO) -> None:
    structlog.get_logger("test").bind().info("thing.done", message="a\nb\x1b[31m")
    structlog.get_logger("test").bind().debug("nobody.reads")

    [line] = lines(logged)
    assert (line["event"], line["level"], line["message"]) == ("thing.done", "info", "a\nb\x1b[31m")
    assert "\x1b" not in logged.getvalue()


def test_a_failure_names_types_and_places_but_no_value(logged: io.StringIO) -> None:
    def reads(text: str) -> int:
        return int(text)

    try:
        try:
            reads("Erika Mustermann")
        except ValueError as error:
            raise KeyError("Musterstraße 3") from error
    except KeyError:
        structlog.get_logger("test").bind().exception("thing.failed")
        logging.getLogger("a.library").exception("it failed")

    for line in lines(logged):
        assert line["failure"][0].startswith("KeyError at test_daemon_watching.py:")
        assert line["failure"][1].startswith("ValueError at test_daemon_watching.py:")
    assert len(lines(logged)) == 2
    assert "Erika" not in logged.getvalue()
    assert "Muster" not in logged.getvalue()


def test_what_our_own_errors_and_the_system_say_is_kept() -> None:
    ours = where_it_failed(None, "", {"exc_info": StorageFailed("the disk is full")})
    system = where_it_failed(None, "", {"exc_info": FileNotFoundError(2, "No such file", "/home/erika")})

    assert ours["failure"] == ["StorageFailed(the disk is full) at "]
    assert system["failure"] == ["FileNotFoundError(No such file) at "]


def test_a_line_without_a_failure_stays_as_it_is() -> None:
    assert where_it_failed(None, "", {"event": "x", "exc_info": None}) == {"event": "x"}
    assert where_it_failed(None, "", {"event": "x"}) == {"event": "x"}


def test_libraries_are_heard_from_warnings_up(logged: io.StringIO) -> None:
    logging.getLogger("a.library").info("chatter")
    logging.getLogger("a.library").warning("trouble")

    [line] = lines(logged)
    assert (line["event"], line["logger"]) == ("trouble", "a.library")


async def test_every_operation_is_measured_also_when_it_fails() -> None:
    meter = Meter()

    def fails() -> None:
        raise ValueError

    async def waits(value: int) -> int:
        return value

    async def fails_later() -> None:
        raise ValueError

    assert meter.around("commit", lambda value: value)(7) == 7
    assert await meter.around("step:deliver", waits)(8) == 8
    with pytest.raises(ValueError):  # noqa: PT011  (its type is what is passed on)
        meter.around("commit", fails)()
    with pytest.raises(ValueError):  # noqa: PT011
        await meter.around("step:deliver", fails_later)()

    text = meter.exposition().decode()
    for name, count, failures in (("commit", 2, 1), ("step:deliver", 2, 1)):
        assert f'amtsbote_operation_seconds_count{{operation="{name}"}} {count}.0' in text
        assert f'amtsbote_operation_failures_total{{operation="{name}"}} {failures}.0' in text
    assert "process_resident_memory_bytes" in text
