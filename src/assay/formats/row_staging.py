"""What files of spans and of whole projects need beside objects: texts of items, and several layers in one file."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import numpy as np

from assay.annotation.layers import Layer

from .block_staging import BlockStaging

_FIRST_OF_LAYERS = 1 << 20
_BATCH = 10_000


@dataclass
class RowStaging:
    """Texts by the number of their item, and numbers for the parts of a unit that lie in another layer."""

    connection: duckdb.DuckDBPyConnection
    blocks: BlockStaging
    #: what the text of an item was when it was first met
    digests: dict[str, bytes] = field(default_factory=dict)
    layers: dict[tuple[int, Layer], int] = field(default_factory=dict)
    _waiting: list[tuple[int, str | None, str | None]] = field(default_factory=list)
    _is_made: bool = False

    def part(self, unit: int, layer: Layer) -> int:
        """The number under which the objects of a unit in one layer are staged."""
        return self.layers.setdefault((unit, layer), _FIRST_OF_LAYERS + len(self.layers))

    def content(self, image: int, text: str | None, link: str | None) -> None:
        """What an item looks like."""
        self._waiting.append((image, text, link))
        if len(self._waiting) >= _BATCH:
            self._flush()

    def forget(self, part: int, image: int, annotator: int) -> None:
        """Take back what was staged of one person on one item."""
        self.blocks.flush()
        for table in ("staged_object", "staged_work"):
            self.connection.execute(
                f"DELETE FROM {table} WHERE unit = ? AND image = ? AND annotator = ?",
                [part, image, annotator],
            )

    def finish(self) -> None:
        """Put the texts into ``content``, under the names that items have in the end."""
        self._flush()
        if self._is_made:
            self.connection.execute(
                "INSERT INTO content SELECT i.item, min(c.text), min(c.link) FROM staged_content AS c "
                "JOIN staged_image AS i USING (image) GROUP BY i.item"
            )
            self.connection.execute("DROP TABLE staged_content")

    def _flush(self) -> None:
        if not self._waiting:
            return
        if not self._is_made:
            self.connection.execute(
                "CREATE TEMP TABLE staged_content(image INTEGER, text VARCHAR, link VARCHAR)"
            )
            self._is_made = True
        images, texts, links = zip(*self._waiting, strict=True)
        columns = {"image": np.array(images, np.int32), "text": _column(texts), "link": _column(links)}
        self.connection.register("content_block", columns)
        try:
            self.connection.execute("INSERT INTO staged_content SELECT image, text, link FROM content_block")
        finally:
            self.connection.unregister("content_block")
        self._waiting = []


def _column(texts: tuple[str | None, ...]) -> np.ndarray:
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column
