"""The sender half against the broker as a real process."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from application_kit import CHEMNITZ as CHEMNITZ_ARS
from application_kit import PHOTO, SCHEMA, SITE_PLAN, TREE_FELLING, sample
from broker_kit import RunningBroker, broker_at
from cryptography.hazmat.primitives.serialization import Encoding
from installation_kit import CHEMNITZ, SAXONY
from patience import PATIENCE

from amtsbote.model.content import SchemaRef
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.net import HttpClient
from transport.fitconnect.client import (
    Application,
    AttachmentFile,
    Credentials,
    DestinationView,
    EncryptionKey,
    Endpoints,
    Failure,
    Sender,
    SendingFailed,
    Sent,
    VerifiedEvent,
    World,
)

BURGSTAEDT, PLAUEN = "145225102060", "145230320320"
"""Served by a collecting destination; by nobody."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[RunningBroker]:
    with broker_at(tmp_path_factory.mktemp("sender"), shared_folder) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient() as client:
        yield client


@pytest.fixture
def sender(broker: RunningBroker, http: HttpClient) -> Sender:
    return Sender(*access(broker), http)


def access(broker: RunningBroker) -> tuple[Endpoints, Credentials, list[bytes]]:
    base = broker.base
    endpoints = Endpoints(f"{base}/auth/token", f"{base}/submission-api", f"{base}/routing-api")
    credentials = Credentials("hamburg-portal", broker.installation.secret("hamburg-portal"))
    return endpoints, credentials, [broker.keys.root.public_bytes(Encoding.DER)]


def application(*attachments: AttachmentFile) -> Application:
    return Application(
        service=TREE_FELLING,
        service_name="Baumfällgenehmigung",
        region=CHEMNITZ_ARS,
        schema=SchemaRef(SCHEMA, "application/xml"),
        data=sample("gueltig-kleinster-antrag"),
        attachments=attachments,
        sender_reference="HH-4711",
    )


async def send(sender: Sender, broker: RunningBroker, what: Application) -> Sent:
    """The whole way of a portal, signed."""
    destination, key = await found(sender, what)
    return await sender.send(what, destination, key, signing_key=broker.keys.private("hamburg-signing"))


async def found(sender: Sender, what: Application) -> tuple[DestinationView, EncryptionKey]:
    route = await sender.find_route(what.service, ars=what.region)
    destination = await sender.destination(route.destination)
    return destination, await sender.encryption_key(destination)


async def ended(sender: Sender, sent: Sent) -> tuple[VerifiedEvent, ...]:
    """The event log once it has come to an end."""
    until, pause = time.monotonic() + PATIENCE, 0.01
    while (events := await sender.events(sent))[-1].name not in {"accept-submission", "reject-submission"}:
        assert time.monotonic() < until, [event.name for event in events]
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return events


async def refusal(action: Awaitable[object]) -> SendingFailed:
    with pytest.raises(SendingFailed) as caught:
        await action
    return caught.value


async def test_a_signed_application_with_attachments_is_accepted_and_delivered(
    sender: Sender, broker: RunningBroker, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    photo = AttachmentFile(tmp_path / "photo.jpg", "Eiche, Südseite.jpg", "image/jpeg", description="Südseite")
    plan = AttachmentFile(SITE_PLAN, "Lageplan.pdf", "application/pdf")

    sent = await send(sender, broker, application(photo, plan))
    events = await ended(sender, sent)

    assert [event.name for event in events] == ["create-submission", "submit-submission", "accept-submission"]
    assert [event.claims.tags for event in events[1:]] == [sent.tags, sent.tags]
    [folder] = broker.delivered(sent.submission)
    assert folder.manifest["signature"]["verdict"] == "valid"
    assert [each["originalName"] for each in folder.manifest["attachments"]] == [photo.filename, plan.filename]
    assert folder.manifest["senderReference"] == "HH-4711"


async def test_without_a_signing_key_it_is_accepted_and_marked(sender: Sender, broker: RunningBroker) -> None:
    sent = await sender.send(application(), *await found(sender, application()))
    await ended(sender, sent)

    [folder] = broker.delivered(sent.submission)
    assert (folder.manifest["signature"]["verdict"], folder.manifest["signature"]["marked"]) == ("absent", True)


async def test_data_against_its_schema_is_rejected_with_problems_to_show(sender: Sender, broker: RunningBroker) -> None:
    spoilt = replace(application(), data=application().data.replace(b"</", b"<x/></", 1))

    sent = await send(sender, broker, spoilt)
    events = await ended(sender, sent)

    assert events[-1].name == "reject-submission"
    [problem] = events[-1].claims.problems
    assert problem["type"].endswith("/schema-violation")
    assert (problem["instance"], bool(problem["title"]), bool(problem["titleEn"])) == ("data", True, True)
    assert problem["findings"]


async def test_a_collecting_destination_is_found_and_served(sender: Sender, broker: RunningBroker) -> None:
    here = application().data.replace(CHEMNITZ_ARS.encode(), BURGSTAEDT.encode())

    sent = await send(sender, broker, replace(application(), region=BURGSTAEDT, data=here))
    events = await ended(sender, sent)

    assert (events[-1].name, events[-1].claims.issuer) == ("accept-submission", SAXONY)


async def test_where_nobody_is_responsible_nothing_is_found(sender: Sender) -> None:
    assert (await refusal(sender.find_route(TREE_FELLING, ars=PLAUEN))).failure is Failure.NOBODY


async def test_a_wrong_question_is_refused_in_the_services_words(sender: Sender) -> None:
    failed = await refusal(sender.find_route("1", ars=CHEMNITZ_ARS))

    assert failed.failure is Failure.REFUSED
    assert failed.problem is not None
    assert (failed.problem.status, failed.problem.title) == (400, "Feld ungültig")


async def test_the_services_words_come_in_the_language_asked_for(broker: RunningBroker, http: HttpClient) -> None:
    failed = await refusal(Sender(*access(broker), http, language="en").find_route("1", ars=CHEMNITZ_ARS))

    assert failed.problem is not None
    assert failed.problem.title == "Invalid field"


async def test_a_wrong_secret_is_a_refused_login(broker: RunningBroker, http: HttpClient) -> None:
    endpoints, _, anchors = access(broker)
    stranger = Sender(endpoints, Credentials("hamburg-portal", "wrong"), anchors, http)

    failed = await refusal(stranger.destination(DestinationId(CHEMNITZ)))

    assert failed.failure is Failure.LOGIN
    assert "wrong" not in failed.en


async def test_a_route_of_another_issuer_than_ours_is_not_trusted(broker: RunningBroker, http: HttpClient) -> None:
    endpoints, credentials, anchors = access(broker)
    misled = Sender(replace(endpoints, addressing=endpoints.submission), credentials, anchors, http)

    assert (await refusal(misled.find_route(TREE_FELLING, ars=CHEMNITZ_ARS))).failure is Failure.ROUTE


async def test_a_key_under_no_anchor_of_ours_or_past_its_time_is_not_used(
    broker: RunningBroker, http: HttpClient
) -> None:
    endpoints, credentials, anchors = access(broker)
    later = World(clock=lambda: datetime.now(UTC) + timedelta(days=4000))
    strict = Sender(endpoints, credentials, [], http)
    late = Sender(endpoints, credentials, anchors, http, world=later)

    for sender, reason in ((strict, "not-anchored"), (late, "expired")):
        destination = await sender.destination(DestinationId(CHEMNITZ))
        failed = await refusal(sender.encryption_key(destination))
        assert failed.failure is Failure.KEY
        assert failed.reason == reason


async def test_a_key_of_another_destination_is_not_used(sender: Sender) -> None:
    destination, key = await found(sender, application())

    failed = await refusal(sender.send(application(), replace(destination, id=DestinationId(PLAUEN)), key))

    assert failed.failure is Failure.KEY


async def test_what_the_destination_does_not_take_is_not_sent(sender: Sender) -> None:
    other = replace(application(), schema=SchemaRef("urn:other", "application/xml"))

    assert (await refusal(sender.send(other, *await found(sender, other)))).failure is Failure.DESTINATION


async def test_an_event_log_about_other_parts_than_ours_is_not_believed(sender: Sender, broker: RunningBroker) -> None:
    sent = await send(sender, broker, application())
    await ended(sender, sent)

    tampered = replace(sent, tags={**sent.tags, PartId("data"): "x" * 22})
    elsewhere = replace(sent, destination=DestinationId("99999999-0000-4000-8000-999999999999"))

    for believed in (tampered, elsewhere):
        assert (await refusal(sender.events(believed))).failure is Failure.EVENT


async def test_a_case_of_nobody_is_refused(sender: Sender) -> None:
    nobodys = Sent(MessageId(CHEMNITZ), CaseId(CHEMNITZ), DestinationId(CHEMNITZ), {})

    failed = await refusal(sender.events(nobodys))

    assert failed.problem is not None
    assert (failed.failure, failed.problem.status) == (Failure.REFUSED, 404)


async def test_an_id_that_is_none_is_not_put_into_an_address(sender: Sender) -> None:
    assert (await refusal(sender.destination(DestinationId("../jwks")))).failure is Failure.UNEXPECTED


async def test_many_at_once_are_all_accepted(sender: Sender, broker: RunningBroker) -> None:
    sent = await asyncio.gather(*(send(sender, broker, application()) for _ in range(6)))
    logs = await asyncio.gather(*(ended(sender, each) for each in sent))

    assert [log[-1].name for log in logs] == ["accept-submission"] * 6
    assert len({each.submission for each in sent}) == 6
