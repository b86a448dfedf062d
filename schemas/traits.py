"""What a schema knows that later layers judge: told once, when it is registered or loaded, before a document comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from amtsbote.model.schema import Layer
from schemas.plan import CodeListsPlan, Grade, ListPlan, SchemaPlan
from schemas.types import Shape, Types, has_identities
from schemas.xsd import Vocabulary, XsdFile


@dataclass(frozen=True, slots=True)
class Traits:
    identifying: bool = True
    """Whether it knows `xs:ID` or `xs:IDREF`."""
    coded: bool = True
    """Whether it has codes whose values it does not list itself."""
    lists: tuple[tuple[str, str], ...] = ()
    """URI and version of the lists that it fixes for such codes; the version empty where the document says it."""


def traits_of(files: Sequence[XsdFile]) -> Traits:
    types = Types(Vocabulary(files, {}))
    coded = [shape for _, shape in types.declared() if is_coded(types, shape)]
    lists = sorted({found for shape in coded for found in _fixed(shape)})
    return Traits(bool(types.elements(has_identities)), bool(coded), tuple(lists))


def with_layers(plan: SchemaPlan, traits: Traits, references: Grade, lists: Sequence[ListPlan] | None) -> SchemaPlan:
    """The plan with the layers that its schema has something for. `lists`: those held; None where nobody looks."""
    severity = references.severity if traits.identifying else None
    code_lists = CodeListsPlan(lists, traits.lists) if traits.coded and lists is not None else None
    missed = (
        (Layer.REFERENCES, traits.identifying and severity is None),
        (Layer.CODE_LISTS, traits.coded and code_lists is None),
    )
    unchecked = (*plan.unchecked, *(layer for layer, unseen in missed if unseen))
    return replace(plan, references=severity, code_lists=code_lists, unchecked=unchecked)


def is_coded(types: Types, shape: Shape) -> bool:
    """Whether it is a code of XÖV that the XSD leaves open: `listURI` or `listVersionID`, and a `code` of any value.
    Type 1 enumerates its values, so the XSD has judged them."""
    if "listURI" not in shape.attributes and "listVersionID" not in shape.attributes:
        return False
    code = next((node for name, node in shape.children.items() if is_code(name)), None)
    return code is not None and not types.of_declaration(code).enumerated


def is_code(name: str) -> bool:
    """With a namespace or without."""
    return name.rpartition("}")[2] == "code"


def stated(shape: Shape, attribute: str) -> str:
    """What the schema says where the document does not."""
    known = shape.attributes.get(attribute)
    return known.value if known is not None else ""


def _fixed(shape: Shape) -> Iterator[tuple[str, str]]:
    if uri := stated(shape, "listURI"):
        yield uri, stated(shape, "listVersionID")
