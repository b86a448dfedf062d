"""The commands that show and switch what an installation knows, noun by noun."""

import typer

from amtsbote.cli import (
    audit,
    callbacks,
    changing,
    coverage,
    deadletters,
    deliveries,
    export,
    importing,
    participants,
    regions,
    route,
    routes,
    snapshots,
    trying,
)


def add_administration(app: typer.Typer) -> None:
    for noun, group in participants.groups().items():
        app.add_typer(group, name=noun)
    competence = typer.Typer(help="help.routes")
    competence.command("list", help="help.routes.list")(routes.listing)
    competence.command("show", help="help.routes.show")(routes.show)
    competence.command("versions", help="help.routes.versions")(routes.versions)
    competence.command("export", help="help.routes.export")(snapshots.export)
    competence.command("verify", help="help.routes.verify")(snapshots.verify)
    competence.command("mirror", help="help.routes.mirror")(snapshots.mirror)
    competence.command("propose", help="help.routes.propose")(changing.propose)
    competence.command("import", help="help.routes.import")(importing.importing)
    competence.command("drafts", help="help.routes.drafts")(changing.drafts)
    competence.command("difference", help="help.routes.difference")(changing.difference)
    competence.command("release", help="help.routes.release")(changing.release)
    competence.command("discard", help="help.routes.discard")(changing.discard)
    competence.command("what-if", help="help.routes.what-if")(trying.what_if)
    competence.command("coverage", help="help.routes.coverage")(coverage.coverage)
    competence.command("rollback", help="help.routes.rollback")(changing.rollback)
    competence.command("defaults", help="help.routes.defaults")(routes.defaults)
    app.add_typer(competence, name="routes")
    app.add_typer(route.group(), name="route")
    app.add_typer(regions.group(), name="regions")
    under_way = typer.Typer(help="help.deliveries")
    under_way.command("list", help="help.deliveries.list")(deliveries.listing)
    under_way.command("show", help="help.deliveries.show")(deliveries.show)
    app.add_typer(under_way, name="deliveries")
    app.add_typer(deadletters.group(), name="deadletters")
    app.add_typer(callbacks.group(), name="callbacks")
    changes = typer.Typer(help="help.audit")
    changes.command("list", help="help.audit.list")(audit.listing)
    changes.command("show", help="help.audit.show")(audit.show)
    app.add_typer(changes, name="audit")
    app.command(help="help.export")(export.export)
