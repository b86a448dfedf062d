"""When two spellings of a `schemaUri` are the same key. A URI no spelling of which is known stays what it is."""

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_FIM = ("https", "schema.fitko.de", "/fim/")


def spelled_as_known(uri: str, known: Iterable[str]) -> str:
    """The one of `known` that `uri` means; `uri` itself when none or several could be meant.

    A URN of XÖV without `#root` names a standard: it means its message where only one is known.
    """
    same, keys = _key(uri), {each: _key(each) for each in known}
    found = {each for each, key in keys.items() if key == same}
    if not found and same.startswith("urn:") and "#" not in same:
        found = {each for each, key in keys.items() if key.partition("#")[0] == same}
    return found.pop() if len(found) == 1 else uri


def _key(uri: str) -> str:
    """Without what RFC 3986 and 8141 call a difference of spelling: the case of scheme, host and the name after `urn:`,
    the port everybody uses, an empty fragment. FIM schemas are called `S…` and, in their address, `s…`."""
    scheme, found, rest = uri.partition(":")
    if found and scheme.lower() == "urn":
        name, colon, own = rest.partition(":")
        return f"urn:{name.lower()}{colon}{own}".removesuffix("#")
    try:
        parts = urlsplit(uri)
        host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    except ValueError:
        return uri
    if parts.scheme not in ("http", "https"):
        return uri
    path = parts.path
    if (parts.scheme, host, path[:5]) == _FIM and path[5:6] == "S":
        path = f"/fim/s{path[6:]}"
    return urlunsplit((parts.scheme, host, path, parts.query, parts.fragment))
