"""The coverage of the editing API, page by page: every place that needs a look is on one of them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DeclaringOffice, declaring_office
from routes_kit import settle

from amtsbote.editing.apart_main import coverage


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


async def test_the_pages_go_on_to_the_end_of_what_is_counted(
    desk: DeclaringOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amtsbote.admin.coverage_report.LISTED", 1)  # what the page of the command keeps
    wish = {
        "document": await desk.run("routes.document", {}),
        "inboxes": await desk.run("routes.inboxes", {}),
        "date": NOW.date().isoformat(),
        "service": "",
        "land": "",
    }

    def page(offset: int, limit: int) -> dict[str, Any]:
        [answer] = coverage(iter([{**wish, "offset": offset, "limit": limit}]))
        return answer

    whole = page(0, 1000)
    assert len(whole["findings"]) == whole["total"] > 2
    single = [page(offset, 1)["findings"] for offset in range(whole["total"])]
    assert [one for [one] in single] == whole["findings"]
    assert page(whole["total"], 1)["findings"] == []
