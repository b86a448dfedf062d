"""`amtsbote deliveries`: list, show."""

from typing import Annotated, Any, Final

import typer

from amtsbote.cli.looking import Columns, EntryId, Limit, Offset, OfStage, OfTenant, asked, show_fields, show_list
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.model.message import DeliveryState

_COLUMNS: Final[Columns] = (
    ("column.id", "id"),
    ("column.submission", "message"),
    ("column.target", "target"),
    ("column.tenant", "tenant"),
    ("column.primary", "primary"),
    ("column.stage", "stage"),
    ("column.state", "state"),
    ("column.failure", "failure"),
)


def listing(
    ctx: typer.Context,
    *,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="help.deliveries.state")] = None,
    target: Annotated[str | None, typer.Option("--target", help="help.deliveries.target", metavar="ID")] = None,
    tenant: OfTenant = None,
    stage: OfStage = None,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    chosen = state.value if state is not None else None
    wish = {"state": chosen, "target": target, "tenant": tenant, "stage": stage, "offset": offset, "limit": limit}
    answer = asked("deliveries.list", wish, config)
    voice: Voice = ctx.obj
    if not json:
        answer["deliveries"] = [_in_words(voice, one) for one in answer["deliveries"]]
    show_list(voice, answer, "deliveries", _COLUMNS, machine=json)


def show(ctx: typer.Context, delivery: EntryId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("deliveries.show", {"id": delivery}, config)
    voice: Voice = ctx.obj
    if json:
        as_json(answer)
        return
    show_fields(voice, _in_words(voice, answer["delivery"]))
    submission = answer["submission"]
    service = f"{submission['service']} {submission['service_name']}"
    voice.line(f"\n{voice.say('column.submission')}: {submission['id']} · {service}")
    for letter in answer["deadletters"]:
        reason = voice.word("reason", letter["reason"])
        voice.line(f"{voice.say('delivery.dead')} {letter['id']} ({letter['opened_at']}): {reason}")


def _in_words(voice: Voice, delivery: dict[str, Any]) -> dict[str, Any]:
    return {**delivery, "state": voice.word("delivery", delivery["state"])}
