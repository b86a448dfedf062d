"""The case, step by step. Each step shows what it does, and raises when something does not hold."""

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from amtsbote.demo import certificates
from amtsbote.demo.application import REGION, SERVICE, SERVICE_NAME
from amtsbote.demo.certificates import Certified, certify, make_keys, write_key
from amtsbote.demo.decision import FILE, give_back, passed_on, receipt
from amtsbote.demo.declaration import CLIENT, DESTINATION, secret_file, write_declaration
from amtsbote.demo.failure import StepFailed
from amtsbote.demo.folder import Layout
from amtsbote.demo.inbox import Arrived, arrived, compared
from amtsbote.demo.portal import PortalSettings
from amtsbote.demo.processes import AMTSBOTE, PortalProcess, command
from amtsbote.demo.stage import Stage, wait_for
from amtsbote.demo.visiting import answers
from amtsbote.pipeline import STEPS as PIPELINE


@dataclass(frozen=True, slots=True)
class Step:
    """`name` finds its title and its reason in the catalogue."""

    name: str
    play: Callable[[Stage], None]


def make_certificates(stage: Stage) -> None:
    layout = stage.layout
    keys = make_keys()
    certified = certify(keys, stage.clock())
    certified[certificates.ROOT].write_chain(layout.trust_anchor)
    certified[certificates.ISSUING].write_chain(layout.certificates / "issuing.pem")
    write_declaration(layout, certified)
    _write_portal(layout, certified[certificates.PORTAL_SIGNING], keys[certificates.PORTAL_REPLIES], stage)
    stage.screen.facts(
        ("demo.fact.folder", layout.root),
        ("demo.fact.root", layout.trust_anchor),
        ("demo.fact.certificates", " · ".join(name for name, one in certified.items() if len(one.chain) > 2)),
        ("demo.fact.strength", f"RSA {certificates.BITS}, RSASSA-PSS, SHA-512"),
    )


def found(stage: Stage) -> None:
    layout = stage.layout
    addresses = ("--listen", stage.listen, "--public-url", stage.url, "--metrics-listen", stage.metrics)
    stage.command("init", str(layout.broker), "--trust-anchor", str(layout.trust_anchor), *addresses)


def declare(stage: Stage) -> None:
    """Shown without the single fields of what is new."""
    words = ("apply", str(stage.layout.declaration), "--yes", *stage.config)
    said = command(stage.screen.language, *words).splitlines()
    stage.screen.command(f"amtsbote {' '.join(words)}", "\n".join(line for line in said if not line.startswith("    ")))
    stage.screen.facts(
        ("demo.fact.declaration", stage.layout.declaration), ("demo.fact.secret", secret_file(stage.layout))
    )


def serve(stage: Stage) -> None:
    words = ("serve", *stage.config)
    log = stage.children.log("broker")
    broker = stage.children.start("broker", (*AMTSBOTE, *words))
    stage.broker = broker
    stage.screen.command(f"amtsbote {' '.join(words)}")

    def ready() -> bool | None:
        if broker.poll() is not None:
            raise StepFailed("demo.failed.broker-ended", code=broker.returncode, log=log)
        return answers(f"http://{stage.listen}/readyz") or None

    wait_for(ready, "demo.failed.broker-silent", log=log)
    stage.screen.facts(
        ("demo.fact.process", broker.pid),
        ("demo.fact.address", stage.url),
        ("demo.fact.health", f"http://{stage.listen}/readyz"),
        ("demo.fact.metrics", f"http://{stage.metrics}/metrics"),
        ("demo.fact.log", log),
    )


def ask_who(stage: Stage) -> None:
    portal = stage.portals["oak"] = PortalProcess(stage.children, stage.portal_settings, "oak")
    route = portal.said("route")
    _demand(route["destination"] == DESTINATION, "demo.failed.destination", destination=route["destination"])
    stage.screen.facts(
        ("demo.fact.question", f"{stage.url}/routing-api/v2/routes?leikaKey={SERVICE}&ars={REGION}"),
        ("demo.fact.service", f"{SERVICE} {SERVICE_NAME}"),
        ("demo.fact.region", f"{REGION} Chemnitz"),
        ("demo.fact.destination", route["destination"]),
        ("demo.fact.route-signature", f"{route['issuer']}/.well-known/jwks.json"),
    )


def check_key(stage: Stage) -> None:
    key = stage.portals["oak"].said("key")
    stage.screen.facts(
        ("demo.fact.destination", key["name"]),
        ("demo.fact.key", f"RSA {key['bits']}, kid {key['kid']}"),
        ("demo.fact.root", stage.layout.trust_anchor),
    )


def send(stage: Stage) -> None:
    portal = stage.portals["oak"]
    application, sent = portal.said("application"), portal.said("sent")
    stage.sent["oak"] = sent["submission"]
    stage.screen.files(Path(application["folder"]))
    stage.screen.facts(
        ("demo.fact.submission", sent["submission"]),
        ("demo.fact.case", sent["case"]),
        ("demo.fact.parts", sent["parts"]),
    )


def find_delivered(stage: Stage) -> None:
    inbox, portal = stage.layout.inbox, stage.portals["oak"]

    def look() -> Arrived | None:
        over = portal.has_ended
        there = arrived(inbox, stage.sent["oak"])
        if there is None and over:
            raise StepFailed("demo.failed.not-delivered", folder=inbox)
        return there

    there = wait_for(look, "demo.failed.not-delivered", folder=inbox)
    pairs = compared(there, stage.layout.portal / "gesendet" / "oak")
    manifest = there.manifest
    _demand(manifest["signature"]["verdict"] == "valid", "demo.failed.signature", manifest=there.folder)
    stage.screen.files(inbox)
    stage.screen.facts(
        ("demo.fact.authority", manifest["ids"]["authority"]),
        ("demo.fact.package", manifest["package"]),
        ("demo.fact.signature", manifest["signature"]["verdict"]),
        ("demo.fact.times", f"{manifest['times']['submitted']} → {manifest['times']['written']}"),
        *(("demo.fact.equal", f"{copy.name} = {sent.name}  ({size})") for sent, copy, size in pairs),
    )


def follow(stage: Stage) -> None:
    _demand(_last_event(stage, "oak")["name"] == "accept-submission", "demo.failed.not-accepted")


def reject(stage: Stage) -> None:
    portal = stage.portals["slip"] = PortalProcess(stage.children, stage.portal_settings, "slip")
    for line in ("route", "key", "application"):
        portal.said(line)
    stage.sent["slip"] = portal.said("sent")["submission"]
    last = _last_event(stage, "slip")
    _demand(last["name"] == "reject-submission", "demo.failed.not-rejected")
    findings = [finding for problem in last["problems"] for finding in problem.get("findings", ())]
    _demand(len(findings) == 2, "demo.failed.findings", count=len(findings))
    for problem in last["problems"]:
        stage.screen.line(f"   {problem['detail' if stage.screen.language == 'de' else 'detailEn']}", "yellow")
    stage.screen.findings(findings)
    _demand(arrived(stage.layout.inbox, stage.sent["slip"]) is None, "demo.failed.rejected-delivered")


def look_back(stage: Stage) -> None:
    """What the operator sees; the same in JSON is what is checked."""
    stage.command("submissions", "list", *stage.config)
    stage.command("submissions", "trace", stage.sent["oak"], *stage.config)
    listed = stage.ask("submissions", "list")["submissions"]
    states = {one["id"]: one["state"] for one in listed}
    expected = {stage.sent["oak"]: "accepted", stage.sent["slip"]: "rejected"}
    _demand(states == expected, "demo.failed.states", states=", ".join(states.values()))
    trace = stage.ask("submissions", "trace", stage.sent["oak"])["steps"]
    passed = [step["step"] for step in trace if step["verdict"] == "ok"]
    _demand(passed == list(PIPELINE), "demo.failed.trace", steps=", ".join(passed))


def decide(stage: Stage) -> None:
    inbox = stage.layout.inbox
    given = give_back(inbox, stage.sent["oak"])
    stage.screen.files(given)
    done = passed_on(inbox)
    stage.screen.facts(("demo.fact.given", given), ("demo.fact.passed-on", done))


def read_mailbox(stage: Stage) -> None:
    """Every byte is compared with what Chemnitz has given."""
    mailbox = PortalProcess(stage.children, stage.portal_settings, "oak", "mailbox")
    reply, opened = mailbox.said("reply"), mailbox.said("opened")
    [(file, name, sha512)] = opened["documents"]
    given = (passed_on(stage.layout.inbox) / FILE).read_bytes()
    same = Path(file).read_bytes() == given and hashlib.sha512(given).hexdigest() == sha512
    _demand(same, "demo.failed.differs", copy=file, original=FILE)
    _demand(opened["signature"] == "valid", "demo.failed.decision-signature")
    _demand(opened["answers"] == stage.sent["oak"], "demo.failed.decision-case", answers=opened["answers"])
    stage.screen.line((Path(opened["folder"]) / "nachricht.txt").read_text("utf-8"), "italic")
    stage.screen.files(Path(opened["folder"]))
    stage.screen.facts(
        ("demo.fact.reply", reply["reply"]),
        ("demo.fact.decision", f"{opened['kind']}: {name}"),
        ("demo.fact.decision-parts", opened["parts"]),
        ("demo.fact.decision-signature", f"{DESTINATION}, kid {opened['key']}"),
        ("demo.fact.equal", f"{file} = {FILE}  ({len(given)})"),
    )
    _demand(_to_the_end(stage, mailbox)["name"] == "accept-reply", "demo.failed.decision-not-accepted")
    said = receipt(stage.layout.inbox, reply["reply"], "angenommen")
    stage.screen.facts(("demo.fact.receipt", f"{said['folder']}: {said['state']}, {said['at']}"))


STEPS: Final[Sequence[Step]] = (
    Step("certificates", make_certificates),
    Step("init", found),
    Step("apply", declare),
    Step("serve", serve),
    Step("route", ask_who),
    Step("key", check_key),
    Step("send", send),
    Step("delivered", find_delivered),
    Step("events", follow),
    Step("rejected", reject),
    Step("operator", look_back),
    Step("decision", decide),
    Step("mailbox", read_mailbox),
)


def _write_portal(layout: Layout, certified: Certified, replies: RSAPrivateKey, stage: Stage) -> None:
    signing_key, reply_key = layout.portal / "signatur.key", layout.portal / "antworten.key"
    certified.write_key(signing_key)
    write_key(replies, reply_key)
    settings = PortalSettings(
        broker=stage.url,
        client_id=CLIENT,
        secret_file=Path(secret_file(layout)),
        signing_key=signing_key,
        trust_anchor=layout.trust_anchor,
        outbox=layout.portal / "gesendet",
        reply_key=reply_key,
        cases=layout.portal / "vorgaenge",
        mailbox=layout.portal / "postfach",
    )
    stage.portal_settings.write_text(settings.model_dump_json(indent=2), "utf-8")


def _last_event(stage: Stage, name: str) -> Mapping[str, Any]:
    """Show the portal's event log to its end. Every entry has been verified by the portal."""
    return _to_the_end(stage, stage.portals[name])


def _to_the_end(stage: Stage, portal: PortalProcess) -> Mapping[str, Any]:
    events = []
    while (said := portal.said("event", "done"))["said"] == "event":
        events.append(said)
        by = stage.screen.say("demo.fact.destination" if said["issuer"] == DESTINATION else "demo.fact.broker")
        stage.screen.line(f"   ✓ {said['at']}  {said['name']}  ({by}: {said['issuer']})")
    _demand(bool(events), "demo.failed.no-events")
    return events[-1]


def _demand(holds: bool, key: str, **values: object) -> None:
    if not holds:
        raise StepFailed(key, **values)


def installed_command() -> str:
    """How a person starts `amtsbote` here: beside this interpreter when it lies there."""
    beside = Path(sys.executable).with_name("amtsbote")
    return str(beside) if beside.exists() else "amtsbote"
