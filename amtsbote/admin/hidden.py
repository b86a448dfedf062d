"""Options of a target as they may be shown and kept in the audit: what the adapter kind calls secret stays hidden."""

from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import AliasChoices, Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from amtsbote.api.adapter import AdapterKind
from amtsbote.model.directory import Target
from amtsbote.model.shown import HIDDEN, HIDDEN_NEW

_SECRET: Final = (SecretStr, SecretBytes, Secret)


def shown_options(target: Target, kind: AdapterKind | None) -> dict[str, Any]:
    """Options the kind declares, and declares with a type that is not secret; of an unknown kind none."""
    open_names = _open_names(kind) if kind is not None else frozenset()
    return {name: value if name in open_names else HIDDEN for name, value in target.options.items()}


def with_known_values(declared: Mapping[str, Any], present: Target | None) -> dict[str, Any]:
    """Options as declared; one that stands hidden, as `export` writes it, keeps the value the target has."""
    known = present.options if present is not None else {}
    return {name: known.get(name, value) if value == HIDDEN else value for name, value in declared.items()}


def mark_changed(shown: Mapping[str, Any], before: Target, after: Target) -> dict[str, Any]:
    """`shown` options of `after`, with hidden values that differ from those of `before` marked as new."""
    return {
        name: HIDDEN_NEW if value == HIDDEN and before.options.get(name) != after.options[name] else value
        for name, value in shown.items()
    }


def _open_names(kind: AdapterKind) -> frozenset[str]:
    fields = {name: field for name, field in kind.options.model_fields.items() if not _is_secret(field.annotation)}
    return frozenset(spelling for name, field in fields.items() for spelling in _spellings(name, field))


def _spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return (name, *(one for one in choices if isinstance(one, str)))


def _is_secret(annotation: Any) -> bool:
    """Whether one of pydantic's secret types is the annotation or stands within it."""
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, _SECRET):
        return True
    return any(_is_secret(argument) for argument in get_args(annotation))
