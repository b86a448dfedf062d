"""Secrets of targets: what an adapter kind declares secret is neither shown nor kept in the audit, and reaches it."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import TENANTS, DeclaringOffice, declaring_office
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, Secret, SecretBytes, SecretStr

from amtsbote.model.ids import TargetId


class MailOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    port: int = 587
    password: SecretStr
    token: SecretBytes | None = None
    pin: Annotated[Secret[int] | None, Field(alias="geheimzahl")] = None
    address: str = Field("", validation_alias=AliasChoices("adresse", "address"))


class MailKind:
    name = "mail"
    options = MailOptions

    def __init__(self) -> None:
        self.built: list[MailOptions] = []

    def build(self, options: Mapping[str, Any], services: Any) -> Any:
        self.built.append(MailOptions.model_validate(dict(options)))
        return services


TARGET = """
[[targets]]
id = "mail"
tenant = "chemnitz"
adapter = "mail"
options = { host = "mail.example", password = "geheim-1", token = "geheim-2", geheimzahl = 4711, adresse = "a@b" }
"""


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        office.office = replace(office.office, adapters={"mail": MailKind()})
        yield office


async def options_of(desk: DeclaringOffice) -> Mapping[str, Any]:
    return (await desk.directory()).targets[TargetId("mail")].options


async def test_what_a_kind_declares_secret_is_hidden_from_difference_and_audit(desk: DeclaringOffice) -> None:
    done = await desk.apply(TENANTS.replace('[[tenants.clients]]\nid = "saxony-software"', "") + TARGET)
    [change] = [one for one in done["changes"] if one["kind"] == "target"]
    assert change["fields"]["options"]["after"] == {
        "host": "mail.example",
        "password": "***",
        "token": "***",
        "geheimzahl": "***",
        "adresse": "a@b",
    }
    kept = orjson.dumps(done).decode() + repr(await desk.audit())
    assert not [secret for secret in ("geheim-", "4711") if secret in kept.replace("uid:4711", "")]


async def test_the_adapter_gets_the_value_itself(desk: DeclaringOffice) -> None:
    await desk.apply(TENANTS + TARGET)
    kind = MailKind()
    kind.build(await options_of(desk), None)
    assert kind.built[0].password.get_secret_value() == "geheim-1"


async def test_a_new_secret_is_a_change_that_shows_neither_value(desk: DeclaringOffice) -> None:
    await desk.apply(TENANTS + TARGET)
    renewed = TARGET.replace("geheim-1", "geheim-3")
    shown = (await desk.preview(renewed))["changes"]
    assert [(one["kind"], one["action"]) for one in shown] == [("target", "changed")]
    assert shown[0]["fields"]["options"]["before"]["password"] == "***"
    assert shown[0]["fields"]["options"]["after"]["password"] == "*** (new)"
    await desk.apply(renewed)
    assert (await options_of(desk))["password"] == "geheim-3"
    assert (await desk.preview(renewed))["changes"] == []
    assert "geheim-" not in repr(await desk.audit())


async def test_options_of_a_kind_that_is_gone_are_hidden_altogether(desk: DeclaringOffice) -> None:
    await desk.apply(TENANTS + TARGET)
    desk.office = replace(desk.office, adapters={})
    done = await desk.apply('[remove]\ntargets = ["mail"]')
    assert set(done["changes"][0]["fields"]["options"]["before"].values()) == {"***"}
