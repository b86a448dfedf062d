"""The document as a page for people: HTML of its own, no script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8886; --shade: #8882; --link: light-dark(#00458a, #8cc0ff) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem }
section { border-top: 1px solid var(--line); margin-top: 2rem } section h3 { margin-top: 1rem }
code { font: .92em ui-monospace, monospace; background: var(--shade); padding: .1em .3em; overflow-wrap: anywhere }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700 }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 } a { color: var(--link) }
td, th { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
th { background: var(--shade) } td:first-child, .narrow td:nth-child(2) { white-space: nowrap; width: 1% }
dt { font-weight: 600; margin-top: .4rem } dd { margin-left: 1.5rem } nav ul { list-style: none; padding: 0 }
"""
_LIMITS: Final = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "default")


def page(document: Mapping[str, Any], others: Mapping[str, str]) -> str:
    """A whole HTML page of an OpenAPI document as `document` builds it. `others`: title → address of every page."""
    info, server, components = document["info"], document["servers"][0]["url"], document["components"]
    operations = list(_operations(document))
    always = _always([one["responses"] for _, _, one in operations])
    title = escape(info["title"])
    return "".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>",
            _head(info, server, others),
            f"<nav><table>{''.join(_entry(*one) for one in operations)}</table></nav>",
            f"<h2>Every request</h2><p>may also be answered so:</p>{_answers(always)}{_headers(components['headers'])}",
            "<h2>Operations</h2>",
            *(_section(*one, always) for one in operations),
            f"<h2>Bodies</h2>{''.join(_schema(*one) for one in components['schemas'].items())}",
            "</main></body></html>",
        )
    )


def _head(info: Mapping[str, Any], server: str, others: Mapping[str, str]) -> str:
    said = f"{escape(info['description'])} Version {escape(info['version'])}, at <code>{escape(server)}</code>"
    links = " · ".join(f'<a href="{escape(address)}">{escape(title)}</a>' for title, address in others.items())
    return f'<p>{said}, as data: <a href="openapi.json">openapi.json</a>.</p><p>All services: {links}</p>'


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _always(answers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What every operation answers in the same words."""
    first, *rest = answers
    return {status: one for status, one in first.items() if all(other.get(status) == one for other in rest)}


def _entry(method: str, path: str, one: Mapping[str, Any]) -> str:
    name, said = one["operationId"], escape(one["summary"])
    return f'<tr><td>{method}</td><td><a href="#{name}"><code>{escape(path)}</code></a></td><td>{said}</td></tr>'


def _section(method: str, path: str, one: Mapping[str, Any], always: Mapping[str, Any]) -> str:
    secured = "Bearer token" if one["security"] else "no token"
    answers = {status: answer for status, answer in one["responses"].items() if status not in always}
    return (
        f'<section id="{one["operationId"]}"><h3><span class="method">{method}</span><code>{escape(path)}</code></h3>'
        f"<p>{escape(one['summary'])} ({secured}).</p>"
        f"{_parameters(one.get('parameters', ()))}{_request(one.get('requestBody'))}{_answers(answers)}"
        f"{_next(one['responses'].values())}</section>"
    )


def _parameters(parameters: Any) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}{', required' if one['required'] else ''}</td>"
        f"<td>{_worded(one['schema'])}</td></tr>"
        for one in parameters
    )
    return f"<table class=narrow><tr><th>Parameter</th><th>Where</th><th>What</th></tr>{rows}</table>" if rows else ""


def _request(body: Mapping[str, Any] | None) -> str:
    return f"<p>Body: {_content(body['content'])}</p>" if body else ""


def _answers(responses: Mapping[str, Any]) -> str:
    """Those with the same body beneath it."""
    rows = []
    for body, answers in groupby(responses.items(), lambda entry: _content(entry[1].get("content", {}))):
        rows.append(f'<tr><th colspan="2">{body or "no body"}</th></tr>')
        rows += [f"<tr><td>{status}</td><td>{escape(one['description'])}</td></tr>" for status, one in answers]
    return f"<table>{''.join(rows)}</table>"


def _headers(headers: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(one['description'])}</td></tr>"
        for name, one in headers.items()
    )
    return f'<table><tr><th colspan="2">Headers</th></tr>{rows}</table>'


def _next(answers: Iterable[Mapping[str, Any]]) -> str:
    names = [link["operationId"] for answer in answers for link in answer.get("links", {}).values()]
    links = ", ".join(f'<a href="#{name}">{name}</a>' for name in names)
    return f"<p>Then: {links}.</p>" if links else ""


def _content(content: Mapping[str, Any]) -> str:
    return "; ".join(f"<code>{escape(kind)}</code> {_worded(one['schema'])}" for kind, one in content.items())


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    return f'<h3 id="schema-{escape(name)}">{escape(name)}</h3>{_members(schema)}'


def _members(schema: Mapping[str, Any]) -> str:
    if "allOf" in schema:
        return "".join(f"<p>{_worded(one)}</p>" if "$ref" in one else _members(one) for one in schema["allOf"])
    if "anyOf" in schema:
        return f"<p>{_worded(schema)}</p>"
    required = set(schema.get("required", ()))
    members = "".join(
        f"<dt><code>{escape(name)}</code>{'' if name in required else ' (optional)'}</dt><dd>{_worded(inner)}</dd>"
        for name, inner in schema.get("properties", {}).items()
    )
    said = schema.get("description", "")
    return f"{f'<p>{escape(said)}</p>' if said else ''}<dl>{members}</dl>"


def _worded(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if schema.get("type") == "object" and "properties" in schema:
        return _members(schema)
    said = escape(schema.get("description", ""))
    return f"{_shape(schema)} · {said}" if said else _shape(schema)


def _shape(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "const" in schema or "enum" in schema:
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " or ".join(map(_worded, schema["anyOf"]))
    limits = "".join(f", {name} {schema[name]}" for name in _LIMITS if name in schema)
    if schema.get("type") == "array":
        return f"list of {_worded(schema['items'])}{limits}"
    pattern = f" <code>{escape(schema['pattern'])}</code>" if "pattern" in schema else ""
    kind = " ".join(filter(None, (schema.get("type", "anything"), schema.get("format", ""))))
    return f"{escape(kind + limits)}{pattern}"
