"""Small files of regions in the forms in which they come: made up, around a few real keys."""

from collections.abc import Mapping
from pathlib import Path

from routing.regions.code_lists import PREFIX

CITY_PART = "Stadt-/Ortsteil bzw. Stadtbezirk"


def code_list(word: str, version: str, *rows: tuple[str, ...]) -> bytes:
    """`rows`: key, name, and a note where there is one."""
    columns = ("SCHLUESSEL", "Bezeichnung", "Hinweis")
    cells = "".join(
        "<Row>"
        + "".join(
            f"<Value ColumnRef='{column}'><SimpleValue>{value}</SimpleValue></Value>"
            for column, value in zip(columns, row, strict=False)
        )
        + "</Row>"
        for row in rows
    )
    about = f"<Version>{version}</Version><CanonicalUri>{PREFIX}{word}</CanonicalUri>"
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<gc:CodeList xmlns:gc='http://docs.oasis-open.org/codelist/ns/genericode/1.0/'>"
        f"<Identification>{about}</Identification>"
        f"<ColumnSet>{''.join(f'<Column Id={column!r}/>' for column in columns)}</ColumnSet>"
        f"<SimpleCodeList>{cells}</SimpleCodeList></gc:CodeList>"
    ).encode()


def record(kind: str, key: str, name: str, typ: str = "  ", postcode: str = "     ", stand: str = "20231130") -> str:
    """One line of a GV100AD. `key`: as the record has it, Land to municipality and association."""
    seat = " " * 50
    return f"{kind}{stand}{key:<12}{name:<50}{seat}{typ}{'':41}{postcode}{'':50}"


GV100AD = "\n".join(
    (
        record("10", "16", "Thüringen"),
        record("20", "031", "Statistische Region Braunschweig"),
        record("30", "0811", "Region Stuttgart"),
        record("40", "16061", "Eichsfeld", "44"),
        record("50", "16061   5012", "Uder", "54"),
        record("50", "16061   0115", "Leinefelde-Worbis, Stadt", "50"),
        record("60", "160610975012", "Uder", "64", "37318"),
        record("60", "160611150115", "Leinefelde-Worbis, Stadt", "63", "37327"),
        record("60", "035015019501", "Solling, gemfr. Gebiet", "66"),
        "",
    )
)


def csv_text(header: str, *rows: str) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def municipalities(*rows: str) -> bytes:
    """`ars;ags;name` each."""
    return csv_text("ars;ags;name", *rows)


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The files in a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
