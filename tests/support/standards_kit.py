"""Small published standards of our own making, and the folder they are registered in."""

import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from schemas.standards.choosing import Wanted
from schemas.standards.library import Library
from schemas.standards.lock import Grades, Lock
from schemas.standards.order import Step
from schemas.standards.registering import register
from schemas.standards.resolving import catalogue_folder

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KENNUNG = "urn:xoev-de:muster:standard:xhund"
SPACE = "urn:muster:xhund:1.0"
ABOUT = f"""<xs:annotation><xs:appinfo>
  <standard><nameKurz>XHund</nameKurz><kennung>{KENNUNG}</kennung></standard>
  <versionStandard><version>1.0</version></versionStandard>
</xs:appinfo></xs:annotation>"""
HUND = "<xs:element name='anmeldung.hund.0100' type='Anmeldung'/>"
ANMELDUNG = """<xs:complexType name='Anmeldung'><xs:sequence>
  <xs:element name='name' type='xs:string'/><xs:element name='steuer' type='xs:decimal' minOccurs='0'/>
</xs:sequence></xs:complexType>"""
VALID = f"<anmeldung.hund.0100 xmlns='{SPACE}'><name>Bello</name></anmeldung.hund.0100>"


def schema(*content: str, space: str = SPACE, about: str = ABOUT, declared: str = "") -> str:
    """A schema file. `declared`: further attributes of its root, such as prefixes."""
    target = f"targetNamespace='{space}' xmlns='{space}'" if space else ""
    return (
        f"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' {target} elementFormDefault='qualified' {declared}>"
        f"{about}{''.join(content)}</xs:schema>"
    )


def include(location: str) -> str:
    return f"<xs:include schemaLocation='{location}'/>"


def importing(namespace: str, location: str = "") -> str:
    place = f" schemaLocation='{location}'" if location else ""
    return f"<xs:import namespace='{namespace}'{place}/>"


def catalogue(addresses: Mapping[str, str]) -> str:
    lines = "".join(f"<uri name='{address}' uri='{path}'/>" for address, path in addresses.items())
    return f"<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'>{lines}</catalog>"


PLAIN: Mapping[str, str] = {
    "xsd/xhund.xsd": schema(include("xhund-typen.xsd"), HUND),
    "xsd/xhund-typen.xsd": schema(ANMELDUNG),
}
"""A complete standard in two files."""


def published(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(file: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


def registered(
    library: Library,
    path: Path,
    *,
    kennung: str = "",
    version: str = "",
    entry: str = "",
    catalog: Path | None = None,
    grades: Grades | None = None,
    when: tuple[str, ...] = (),
    large_texts: bool = False,
) -> Lock:
    wanted = Wanted(kennung, version, (entry,) if entry else (), grades, when, large_texts)
    outside = catalogue_folder(catalog) if catalog is not None else None
    steps: list[Step] = []
    return register(library, path, wanted, outside, NOW, steps.append).lock
