"""The citizen's mailbox in Hamburg, a process of its own: `python -m amtsbote.demo.mailbox SETTINGS APPLICATION`.

It waits for a reply in the case of an application that was sent, opens and verifies it, keeps it for the citizen and
accepts it. What it does it says as the portal does.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from amtsbote.demo.portal import PATIENCE, PAUSE, PortalSettings, Tell, shown, tell_in_json, told
from amtsbote.jose.certificates import read_chain
from amtsbote.net import HttpClient
from transport.fitconnect.client import Mailbox, OpenedReply, Sender, Sent, WaitingReply


async def fetch(settings: PortalSettings, name: str, tell: Tell) -> None:
    """Raises `SendingFailed`, `TimeoutError`."""
    sent = settings.sent(name)
    folder = settings.mailbox / name
    async with HttpClient() as http:
        anchors = read_chain(settings.trust_anchor.read_bytes())
        sender = Sender(settings.endpoints, settings.credentials, anchors, http)
        mailbox = Mailbox(sender, settings.reply_private_key())
        async with asyncio.timeout(PATIENCE):
            reply = await _reply_to(sent, mailbox)
        tell("reply", reply=reply.id, case=reply.case)
        await asyncio.to_thread(folder.mkdir, parents=True)
        opened = await mailbox.open(reply, sent, folder)
        await asyncio.to_thread(_keep, opened, folder)
        tell("opened", **_opened(opened, folder))
        await mailbox.accept(reply)
        for event in await sender.events(sent):
            if event.claims.message == reply.id:
                tell("event", **shown(event))
    tell("done")


async def _reply_to(sent: Sent, mailbox: Mailbox) -> WaitingReply:
    while True:
        for waiting in await mailbox.waiting():
            if waiting.case == sent.case:
                return waiting
        await asyncio.sleep(PAUSE)


def _keep(opened: OpenedReply, folder: Path) -> None:
    """The letter as the citizen reads it."""
    if opened.answer is not None:
        (folder / "nachricht.txt").write_text(f"{opened.answer.subject}\n\n{opened.answer.text}\n", "utf-8")


def _opened(opened: OpenedReply, folder: Path) -> dict[str, Any]:
    answer = opened.answer
    return {
        "folder": str(folder),
        "kind": answer.kind if answer is not None else "",
        "answers": answer.answers if answer is not None else "",
        "subject": answer.subject if answer is not None else "",
        "signature": opened.signature.verdict,
        "key": opened.signature.key,
        "parts": len(opened.submitted.claims.tags),
        "documents": [[str(one.file), one.name, one.sha512] for one in opened.documents],
    }


def run(arguments: Sequence[str]) -> int:
    """`SETTINGS APPLICATION`; 0 when the reply was accepted."""
    file, name = arguments
    settings = PortalSettings.model_validate_json(Path(file).read_bytes())
    return told(fetch(settings, name, tell_in_json))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
