"""Laws of a declaration that can be checked without knowing the installation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from amtsbote.admin.declaration import Declaration, DeclaredDestination, DeclaredTerm
from amtsbote.admin.mistakes import Mistake, mistake, place_of
from amtsbote.api.answer import ANSWER_SCHEMA
from amtsbote.model.channels import CHANNELS, misfit
from amtsbote.model.directory import Holding, Reach, Status, not_older
from amtsbote.text.catalogue import say


def broken_rules(declaration: Declaration) -> list[Mistake]:
    """Every rule the declaration breaks by itself; empty when it is sound."""
    found = list(_named_twice(declaration))
    found += _declared_and_removed(declaration)
    found += _idle_options(declaration)
    for index, tenant in enumerate(declaration.tenants):
        found += _of_terms(f"{place_of(['tenants', index])} · schemas", tenant.schemas)
    for index, destination in enumerate(declaration.destinations):
        found += _of_destination(place_of(["destinations", index]), destination)
    return found


def unknown(place: str, kind: str, name: str) -> Mistake:
    return entry_mistake(place, "declaration.unknown", kind, id=name)


def entry_mistake(place: str, key: str, kind: str, **values: str) -> Mistake:
    """A mistake whose sentence begins with the word for a kind of entry."""
    return Mistake(
        place,
        say(key, "de", kind=say(f"kind.{kind}", "de"), **values),
        say(key, "en", kind=say(f"kind.{kind}", "en"), **values),
    )


def _named(declaration: Declaration) -> tuple[tuple[str, list[tuple[str, str]]], ...]:
    """Kind → place and id of each of its entries."""
    tables = (
        ("tenant", "tenants", [one.id for one in declaration.tenants]),
        ("portal", "portals", [one.id for one in declaration.portals]),
        ("destination", "destinations", [one.id for one in declaration.destinations]),
        ("authority", "authorities", [one.id for one in declaration.authorities]),
        ("target", "targets", [one.id for one in declaration.targets]),
        ("editor", "editors", [one.id for one in declaration.editors]),
    )
    entries = [(kind, [(place_of([table, at]), name) for at, name in enumerate(ids)]) for kind, table, ids in tables]
    return (*entries, ("client", [(place, client.id) for place, client in declaration.placed_clients()]))


def _named_twice(declaration: Declaration) -> Iterator[Mistake]:
    """Each id at its second place."""
    for kind, entries in _named(declaration):
        for name in _repeated(name for _, name in entries):
            places = [place for place, other in entries if other == name]
            yield entry_mistake(f"{places[1]} · id", "declaration.twice", kind, id=name)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _declared_and_removed(declaration: Declaration) -> Iterator[Mistake]:
    for name in {one.id for one in declaration.authorities} & set(declaration.remove.authorities):
        yield entry_mistake("[remove]", "declaration.declared-and-removed", "authority", id=name)
    for name in {one.id for one in declaration.targets} & set(declaration.remove.targets):
        yield entry_mistake("[remove]", "declaration.declared-and-removed", "target", id=name)
    for name in {one.id for one in declaration.editors} & set(declaration.remove.editors):
        yield entry_mistake("[remove]", "declaration.declared-and-removed", "editor", id=name)


def _idle_options(declaration: Declaration) -> Iterator[Mistake]:
    """Options of a client that would do nothing where they stand."""
    for index, tenant in enumerate(declaration.tenants):
        place = f"{place_of(['tenants', index])} · clients"
        if any(client.test and not client.manages for client in tenant.clients):
            yield mistake(place, "declaration.test-idle")
        if any(client.regions for client in tenant.clients):
            yield mistake(place, "declaration.regions-idle")
    for index, portal in enumerate(declaration.portals):
        if any(client.manages for client in portal.clients):
            yield mistake(f"{place_of(['portals', index])} · clients", "declaration.manages-idle")
    for index, editor in enumerate(declaration.editors):
        place = place_of(["editors", index])
        if any(client.test or client.regions or client.manages for client in editor.clients):
            yield mistake(f"{place} · clients", "declaration.editor-client-idle")
        if editor.user is None and not editor.clients:
            yield mistake(place, "declaration.editor-without-door")


def _of_terms(place: str, terms: Sequence[DeclaredTerm]) -> Iterator[Mistake]:
    for uri in _repeated(term.uri for term in terms):
        yield mistake(place, "declaration.term-twice", uri=uri)
    for term in terms:
        if term.valid_from is not None and term.valid_to is not None and term.valid_to < term.valid_from:
            yield mistake(place, "declaration.term-order", uri=term.uri)


def _of_destination(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    direct = destination.reach is Reach.DIRECT
    opened = destination.holding is Holding.BROKER
    if direct and ((opened and destination.authority is None) or destination.serves):
        yield mistake(place, "declaration.direct-authority")
    if not direct and (destination.authority is not None or not destination.serves):
        yield mistake(place, "declaration.collecting-serves")
    if wrong := misfit(destination.reply_channels):
        known = ", ".join(f"{name}.{member}" for name, members in CHANNELS.items() for member in members or ("…",))
        yield mistake(f"{place} · reply_channels", "declaration.reply-channel", name=wrong, known=known)
    if not not_older(destination.metadata_versions, destination.oldest_metadata_version):
        oldest = destination.oldest_metadata_version
        yield mistake(f"{place} · metadata_versions", "declaration.versions-too-old", oldest=oldest)
    yield from _of_end_to_end(place, destination) if not opened else _of_opened(place, destination)
    if destination.status is not Status.CREATED:
        yield from _complete(place, destination)
    for service in _repeated(offered.service for offered in destination.services):
        yield mistake(place, "declaration.service-twice", service=service)


def _of_opened(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    """What only a subscriber has, or may say."""
    if destination.subscriber is not None:
        yield mistake(place, "declaration.subscriber-idle")
    if destination.callback is not None:
        yield mistake(f"{place} · callback", "declaration.callback-idle")
    if destination.status is not Status.ACTIVE:
        yield mistake(f"{place} · status", "declaration.status-idle")
    channel = destination.reply_channels.get("fitConnect")
    standards = None if channel is None else channel.get("processStandards")
    if channel is not None and not (isinstance(standards, tuple) and ANSWER_SCHEMA.uri in standards):
        yield mistake(f"{place} · reply_channels", "declaration.reply-standard", standard=ANSWER_SCHEMA.uri)
    if any(key.kid is not None for _, key in destination.named_keys()):
        yield mistake(place, "declaration.kid-idle")


def _complete(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    for name in ("encryption_key", "signing_key", "services"):
        if not getattr(destination, name):
            yield mistake(f"{place} · {name}", "field.missing")


def _of_end_to_end(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    if destination.reach is Reach.COLLECTING:
        yield mistake(place, "declaration.end-to-end-collecting")
    if destination.subscriber is None:
        yield mistake(place, "declaration.subscriber-needed")
    for name in ("encryption_key", "signing_key"):
        key = getattr(destination, name)
        if key is not None and key.private is not None:
            yield mistake(f"{place} · {name}", "declaration.private-refused")
