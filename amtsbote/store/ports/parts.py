"""Parts: sealed bodies, inline or as the name of a file that the row owns."""

from collections.abc import Mapping

from amtsbote.errors import NotFound
from amtsbote.model.ids import MessageId, PartId
from amtsbote.model.message import Part
from amtsbote.store.ports.session import Session, Value


class Parts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, part: Part) -> str | None:
        """Raises `NotFound` when the message is not there, `ValueError` unless exactly one of body and file is."""
        values: dict[str, Value] = {
            "message": part.message,
            "id": part.id,
            "size": part.size,
            "sha512": part.sha512,
            "tag": part.tag,
            "file": part.file,
            "seal": part.seal,
            "inline": part.inline,
            "key": part.key,
        }
        if self._session.change("part_add", **values):
            return None
        before = self._session.first("part_file_of", message=part.message, id=part.id)
        if before is None:
            raise NotFound(part.message)
        self._session.change("part_replace", **values)
        owned: str | None = before[0]
        return None if owned == part.file else owned

    def of(self, message: MessageId) -> Mapping[PartId, Part]:
        rows = self._session.rows("part_of", message=message)
        return {row[0]: Part(message, *row) for row in rows}

    def drop(self, message: MessageId) -> tuple[str, ...]:
        return tuple(file for (file,) in self._session.rows("part_drop", message=message) if file is not None)

    def files(self) -> frozenset[str]:
        return frozenset(file for (file,) in self._session.rows("part_files"))

    def count(self) -> int:
        [(found,)] = self._session.rows("part_count")
        counted: int = found
        return counted

    def after(self, number: int, limit: int) -> tuple[tuple[int, Part], ...]:
        return tuple((row[0], Part(*row[1:])) for row in self._session.rows("part_after", number=number, limit=limit))
