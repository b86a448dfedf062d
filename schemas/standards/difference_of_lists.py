"""Which keys of code lists came or went between two versions of a standard, of the lists that came with both."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from schemas.genericode import read_code_list
from schemas.standards.difference import Change, Effect
from schemas.standards.library import Library
from schemas.standards.lock import Lock

_Versions = Mapping[str, frozenset[str]]
"""Version of a list → its keys."""


def difference_of_lists(library: Library, old: Lock, new: Lock) -> Iterator[Change]:
    """A key that is gone may be refused as far as the standard's grades say so. Of a list that is in several versions
    here or there only the same versions can be compared."""
    before, after = _lists(library, old), _lists(library, new)
    for uri in sorted({*before, *after}):
        if uri not in after or uri not in before:
            came = uri in after
            yield Change(Effect.STRICTER if came else Effect.LAXER, "list-added" if came else "list-removed", uri)
        else:
            yield from _of_list(uri, before[uri], after[uri])


def _of_list(uri: str, old: _Versions, new: _Versions) -> Iterator[Change]:
    pairs = [(old[version], new[version]) for version in sorted({*old} & {*new})]
    if {*old} != {*new}:
        yield Change(Effect.UNKNOWN, "list-version-changed", uri, ", ".join(sorted(old)), ", ".join(sorted(new)))
        if len(old) == len(new) == 1:
            pairs = [*zip(old.values(), new.values(), strict=True)]
    for before, after in pairs:
        for key in sorted(before - after):
            yield Change(Effect.STRICTER, "key-removed", uri, old=key)
        for key in sorted(after - before):
            yield Change(Effect.LAXER, "key-added", uri, new=key)


def _lists(library: Library, lock: Lock) -> Mapping[str, _Versions]:
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for each in lock.code_lists:
        if (read := read_code_list(library.read(lock, each.name))) is not None:
            found[read.uri][read.version] = read.codes
    return found
