"""The daemon as a process: start, stop, two at once, restart with work left, and helpers that die."""

import os
import signal
import socket
import time
from typing import Any

import httpx
import pytest
from acceptance_words import NewBroker, refused
from application_kit import Application, Enclosure, photo_and_plan, sample
from broker_kit import ORDERED, RunningBroker
from installation_kit import CHEMNITZ, DRESDEN, LEIPZIG, dresden
from patience import PATIENCE
from portal_kit import Sent, waited_for

SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S"}


def test_sigterm_finishes_what_is_in_hand_and_stops_in_time(new_broker: NewBroker) -> None:
    broker = new_broker(SERVE__STOP_SECONDS="30")
    portal = broker.portal()
    sent = [portal.send(Application(CHEMNITZ)) for _ in range(5)]

    began = time.monotonic()
    assert broker.stop() == 0
    assert time.monotonic() - began < 30

    assert "serve.given_up" not in broker.logs()
    broker.start()
    for one in sent:
        portal.ends_with(one, "accept-submission")
        assert len(broker.delivered(one.submission)) == 1


def test_a_connection_that_never_ends_does_not_keep_the_daemon(new_broker: NewBroker) -> None:
    broker = new_broker(SERVE__STOP_SECONDS="1")
    with socket.create_connection(("127.0.0.1", broker.port)) as connection:
        connection.sendall(b"PUT /submission-api/v2/submissions/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{")

        began = time.monotonic()
        assert broker.stop() == 0

    assert time.monotonic() - began < 25  # the body may be silent for 30


def test_a_second_daemon_on_the_same_folder_refuses_and_names_the_first(broker: RunningBroker) -> None:
    second = broker.installation.command("serve")

    assert second.returncode != 0
    assert str(broker.running.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert httpx.get(f"{broker.base}/readyz", timeout=PATIENCE).status_code == 200


def test_health_is_public_and_metrics_are_not(broker: RunningBroker) -> None:
    inner = f"http://127.0.0.1:{broker.metrics_port}"

    assert httpx.get(f"{broker.base}/healthz", timeout=PATIENCE).text == "ok\n"
    assert httpx.get(f"{broker.base}/readyz", timeout=PATIENCE).text == "ok\n"
    assert httpx.get(f"{inner}/healthz", timeout=PATIENCE).text == "ok\n"
    assert httpx.get(f"{broker.base}/metrics", timeout=PATIENCE).status_code == 404
    metrics = httpx.get(f"{inner}/metrics", timeout=PATIENCE)
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "amtsbote_operation_seconds" in metrics.text
    assert httpx.get(f"{inner}/submission-api/v2/info", timeout=PATIENCE).status_code == 404


def test_behind_a_path_prefix_every_address_works_and_every_mistake_is_a_problem(new_broker: NewBroker) -> None:
    broker = new_broker(started=False)
    broker.installation.environment["AMTSBOTE__PUBLIC__URL"] = f"{broker.base}/broker"  # type: ignore[index]
    broker.start()
    portal = broker.portal()
    for outside in ("/submission-api/v2/info", "/broker", "/brokers/submission-api/v2/info", "/broker/nothing"):
        refused(portal.http.get(broker.base + outside), 404, "not-found")
    refused(portal.http.post(f"{broker.base}/healthz"), 405, "method-not-allowed")
    portal.base = f"{broker.base}/broker"

    [route] = portal.route("99093003001002", ars="145110000000")
    sent = portal.accepted(Application(route["destinationId"]))

    assert portal.events(sent.case)[0].issuer == f"{broker.base}/broker/submission-api"


def test_work_left_over_is_done_after_a_restart(new_broker: NewBroker) -> None:
    broker = new_broker(**SOON)
    portal = broker.portal()
    broker.installation.target("chemnitz").rmdir()
    sent = portal.send(Application(CHEMNITZ, enclosures=photo_and_plan()))
    waited_for(lambda: "target-unavailable" in broker.logs() or None, "a failed attempt")

    broker.kill()
    broker.installation.target("chemnitz").mkdir()
    broker.start()

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == tuple(each.content for each in photo_and_plan())


def test_a_target_that_stays_away_becomes_a_case_for_a_person(new_broker: NewBroker) -> None:
    broker = new_broker(WORK__ATTEMPTS="2", **SOON)
    portal = broker.portal()
    broker.installation.target("chemnitz").rmdir()

    sent = portal.send(Application(CHEMNITZ))

    letter = waited_for(lambda: _letters(broker, sent), "a dead letter")[0]
    assert letter["reason"] == "attempts-used-up"
    assert letter["details"]["failure"] == "target-unavailable"
    assert broker.dead_letters() == 1
    assert [event.name for event in portal.events(sent.case)] == ["create-submission", "submit-submission"]


def test_a_submission_nobody_completes_expires_after_a_day(new_broker: NewBroker) -> None:
    broker = new_broker(started=False)
    broker.start(ORDERED)
    broker.order("clock stops")
    portal = broker.portal()
    application = Application(CHEMNITZ, enclosures=(Enclosure(bytes(200_000), "a.pdf", "application/pdf"),))
    sent = portal.begin(application)
    parts = broker.installation.folder / "site" / "data" / "parts"
    assert list(parts.rglob("*.part"))

    broker.order("clock 86390")
    portal._token = ""
    assert portal.events(sent.case)[-1].name == "create-submission"
    broker.order("clock 86410")
    portal._token = ""

    event = portal.ends_with(sent, "delete-submission")
    assert event.issuer == f"{broker.base}/submission-api"
    waited_for(lambda: not list(parts.rglob("*.part")) or None, "the parts to be gone")
    refused(portal.submit(sent.submission, sent.sealed), 409, "submission-expired")
    [(attachment, token)] = sent.sealed.attachments.items()
    refused(portal.attach(sent.submission, attachment, token), 409, "submission-expired")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_helper_killed_in_mid_document_costs_an_attempt_and_not_the_daemon(new_broker: NewBroker) -> None:
    broker = new_broker(**SOON)
    portal = broker.portal()
    helpers = broker.helpers()
    for helper in helpers:
        os.kill(helper, signal.SIGSTOP)
    sent = portal.send(Application(CHEMNITZ))
    waited_for(lambda: _at_the_helpers(broker) or None, "the document to be at a helper")

    for helper in helpers:
        os.kill(helper, signal.SIGKILL)

    portal.ends_with(sent, "accept-submission")
    trace = broker.installation.good("submissions", "trace", sent.submission, "--json")
    inspected = [(step["attempt"], step["verdict"]) for step in trace["steps"] if step["step"] == "inspect"]
    assert inspected == [(1, "failed"), (2, "ok")]
    assert broker.metrics()["amtsbote_helper_restarts"] >= 1
    assert set(broker.helpers()) - set(helpers)
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_destination_that_is_switched_off_takes_nothing_new(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal = broker.portal()
    to_dresden = Application(DRESDEN, region=None)
    portal.send(to_dresden)

    broker.installation.apply(dresden("off"))

    def refusing() -> httpx.Response | None:
        answer = portal.announce(to_dresden)
        return answer if answer.status_code != 201 else None

    refused(waited_for(refusing, "the new directory"), 422, "destination-state-invalid")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))
    broker.installation.apply(dresden("live"))
    waited_for(lambda: portal.announce(to_dresden).status_code == 201 or None, "the destination to be back")


def test_a_limit_of_the_installation_holds_for_attachments(new_broker: NewBroker) -> None:
    broker = new_broker(LIMITS__ATTACHMENT="200000")
    portal = broker.portal()
    small, large = (Enclosure(bytes(size), "a.pdf", "application/pdf") for size in (100_000, 200_000))
    application = Application(CHEMNITZ, enclosures=(small, large))
    sealed = portal.seal(application)
    submission = portal.announce(application).json()["submissionId"]

    assert portal.attach(submission, small.id, sealed.attachments[small.id]).status_code == 204
    refused(portal.attach(submission, large.id, sealed.attachments[large.id]), 413, "content-too-large")
    without_length = (piece.encode() for piece in (sealed.attachments[large.id][:150_000], "A" * 150_000))
    refused(portal.attach(submission, large.id, without_length), 413, "content-too-large")

    parts = broker.installation.folder / "site" / "data" / "parts"
    assert len(list(parts.rglob("*.part"))) == 1
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


@pytest.mark.parametrize("what", ["stored in the database", "stored in files"])
def test_no_plaintext_lies_in_the_data_folder(new_broker: NewBroker, what: str) -> None:
    """While messages are stored, after they were opened, and after the daemon has stopped."""
    broker = new_broker(**SOON)
    portal = broker.portal()
    word = b"Zwetschgendatschi"
    times = 1 if what == "stored in the database" else 20_000
    marked = Enclosure(word * times, "Geheimer-Dateiname.pdf", "application/pdf")
    application = Application(
        CHEMNITZ, sample("gueltig-kleinster-antrag").replace(b"Mustermann", b"Zwetschgendatschi"), (marked,)
    )
    broker.installation.target("chemnitz").rmdir()
    opened = portal.send(application)
    sealed_only = portal.send(application.but(destination=LEIPZIG, region=None))
    waited_for(lambda: "target-unavailable" in broker.logs() or None, "a delivery that waits")
    rejected = portal.send(application.but(data=application.data.replace(b"145110000000", b"Zwetschgendatschi")))
    portal.ends_with(rejected, "reject-submission")

    searched = _stored(broker)
    broker.installation.target("chemnitz").mkdir()
    portal.ends_with(opened, "accept-submission")
    assert word in broker.delivered(opened.submission)[0].data
    broker.stop()
    searched += _stored(broker)

    assert opened.submission.encode() in searched
    assert sealed_only.submission.encode() in searched
    assert word not in searched
    assert b"Geheimer-Dateiname" not in searched


def _letters(broker: RunningBroker, sent: Sent) -> list[dict[str, Any]] | None:
    shown = broker.installation.good("submissions", "show", sent.submission, "--json")
    return shown["deadletters"] or None


def _stored(broker: RunningBroker) -> bytes:
    folder = broker.installation.folder / "site"
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_socket()]
    return b"".join(path.read_bytes() for path in files) + broker.logs().encode()


def _at_the_helpers(broker: RunningBroker) -> bool:
    """The step before is done and this one is not: a helper, which stands still, has the document."""
    done = broker.metrics()
    return (
        done.get('amtsbote_operation_seconds_count{operation="step:open"}', 0) == 1
        and done.get('amtsbote_operation_seconds_count{operation="step:inspect"}', 0) == 0
    )
