"""Editors of a Land, a town and the operator, at the editing API of a running broker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from broker_kit import RunningBroker, broker_at
from openapi_oracle import judging
from ports import free_port

SAXONY_SIDE, TOWN_SIDE, OTHER_SIDE = "sachsen-programm", "leipzig-programm", "hamburg-programm"
"""Clients of the editors."""
EDITORS = """
[[tenants]]
id = "leipzig"
name = "Stadt Leipzig"
land = "14"
four_eyes = true
[[tenants.clients]]
id = "leipzig-software"

[[editors]]
id = "sachsen"
name = "Karin Maier"
regions = ["14"]
may_release = true
[[editors.clients]]
id = "sachsen-programm"

[[editors]]
id = "leipzig"
name = "Paul Lehmann"
user = "lehmann"
regions = ["14713"]
may_release = true
[[editors.clients]]
id = "leipzig-programm"

[[editors]]
id = "hamburg"
name = "Heike Harms"
regions = ["02"]
may_release = true
[[editors.clients]]
id = "hamburg-programm"
"""
HEADER = "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;bedingung;grund"


@dataclass
class Door:
    """One client at the editing API."""

    broker: RunningBroker
    base: str
    client: str

    def token(self, **more: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client,
            "client_secret": self.broker.installation.secret(self.client),
        }
        return httpx.post(f"{self.base}/auth/token", data={**form, **more}, trust_env=False)

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token().json()['access_token']}"}

    def asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self.bearer(), "Accept-Language": "en", **more.pop("headers", {})}
        url = f"{self.base}/editing-api/v1{path}"
        with judging() as http:
            return http.request(method, url, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.asked("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.asked("POST", path, **more)

    def propose(self, tables: Mapping[str, bytes], **words: str) -> httpx.Response:
        files = {name: (f"{name}.csv", content, "text/csv") for name, content in tables.items()}
        return self.post("/drafts", files=files, data={"reason": "Neue Zuständigkeit", **words})

    def rules(self) -> list[str]:
        """The table of competences in force, row by row."""
        found = self.get("/tables/zustaendigkeiten", headers={"Accept": "text/csv"})
        assert found.status_code == 200, found.text
        return found.text.splitlines()


@dataclass
class EditingSite:
    broker: RunningBroker
    base: str

    def door(self, client: str) -> Door:
        return Door(self.broker, self.base, client)


@contextmanager
def editing_site(folder: Path, shared: Path, *, started: bool = True, **settings: str) -> Iterator[EditingSite]:
    """A broker with an editing API and its editors."""
    address = f"127.0.0.1:{free_port()}"
    with broker_at(folder, shared, started=False, ADMIN__LISTEN=address, **settings) as broker:
        broker.installation.apply(EDITORS, "editors.toml")
        if started:
            broker.start()
        yield EditingSite(broker, f"http://{address}")


def competences(*rows: str) -> dict[str, bytes]:
    return {"zustaendigkeiten": "\n".join([*rows, ""]).encode()}
