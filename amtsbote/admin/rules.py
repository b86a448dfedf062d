"""Laws of a declaration that can be checked without knowing the installation."""

from collections import Counter
from collections.abc import Iterable, Iterator

from amtsbote.admin.declaration import Declaration, DeclaredDestination
from amtsbote.admin.mistakes import Mistake, mistake, place_of
from amtsbote.model.directory import Holding, Reach
from amtsbote.text.catalogue import say


def broken_rules(declaration: Declaration) -> list[Mistake]:
    """Every rule the declaration breaks by itself; empty when it is sound."""
    found = list(_named_twice(declaration))
    found += _declared_and_removed(declaration)
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


def _ids(declaration: Declaration) -> tuple[tuple[str, str, list[str]], ...]:
    return (
        ("tenant", "tenants", [one.id for one in declaration.tenants]),
        ("portal", "portals", [one.id for one in declaration.portals]),
        ("client", "clients", [one.id for one in declaration.clients()]),
        ("destination", "destinations", [one.id for one in declaration.destinations]),
        ("authority", "authorities", [one.id for one in declaration.authorities]),
        ("target", "targets", [one.id for one in declaration.targets]),
    )


def _named_twice(declaration: Declaration) -> Iterator[Mistake]:
    for kind, table, ids in _ids(declaration):
        for name in _repeated(ids):
            yield entry_mistake(f"[[{table}]]", "declaration.twice", kind, id=name)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _declared_and_removed(declaration: Declaration) -> Iterator[Mistake]:
    for name in {one.id for one in declaration.authorities} & set(declaration.remove.authorities):
        yield entry_mistake("[remove]", "declaration.declared-and-removed", "authority", id=name)
    for name in {one.id for one in declaration.targets} & set(declaration.remove.targets):
        yield entry_mistake("[remove]", "declaration.declared-and-removed", "target", id=name)


def _of_destination(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    direct = destination.reach is Reach.DIRECT
    if direct and (destination.authority is None or destination.serves):
        yield mistake(place, "declaration.direct-authority")
    if not direct and (destination.authority is not None or not destination.serves):
        yield mistake(place, "declaration.collecting-serves")
    if destination.holding is Holding.END_TO_END:
        yield from _of_end_to_end(place, destination)
    elif destination.subscriber is not None:
        yield mistake(place, "declaration.subscriber-idle")
    for service in _repeated(offered.service for offered in destination.services):
        yield mistake(place, "declaration.service-twice", service=service)


def _of_end_to_end(place: str, destination: DeclaredDestination) -> Iterator[Mistake]:
    if destination.reach is Reach.COLLECTING:
        yield mistake(place, "declaration.end-to-end-collecting")
    if destination.subscriber is None:
        yield mistake(place, "declaration.subscriber-needed")
    for name in ("encryption_key", "signing_key"):
        if getattr(destination, name).private is not None:
            yield mistake(f"{place} · {name}", "declaration.private-refused")
