"""How are the columns of one file read: settled before its first row, shared by everything that cleans?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from coopetir.foundation.core.catalogues import Revision
from coopetir.foundation.core.extracts.issues import KINDS, IssueLog
from coopetir.foundation.core.extracts.values import DateOrder, DecimalMark

Reader = Callable[[str], tuple[Any, str]]
CACHE_LIMIT = 500_000


class Lookup:
    """Reads each different text once: text → (value, note)."""

    def __init__(self, read: Reader, dtype: pl.DataType) -> None:
        self.read, self.dtype = read, dtype
        self.known: dict[str, tuple[Any, str]] = {}

    def apply(self, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The values and the notes of a column of texts (null reads as "")."""
        filled = texts.fill_null("")
        different = filled.unique()
        if len(self.known) > CACHE_LIMIT:
            self.known.clear()
        for text in different:
            if text not in self.known:
                self.known[text] = self.read(text)
        answers = [self.known[text] for text in different]
        values = pl.Series([answer[0] for answer in answers], dtype=self.dtype)
        notes = pl.Series([answer[1] for answer in answers], dtype=pl.String)
        return (
            filled.replace_strict(different, values, return_dtype=self.dtype),
            filled.replace_strict(different, notes, return_dtype=pl.String),
        )


@dataclass(slots=True)
class Plan:
    """How the columns of one file are read: settled before its first row."""

    columns: dict[str, str]
    constants: dict[str, str]
    year: int | None
    decimal: dict[str, DecimalMark]
    date_orders: dict[str, DateOrder]
    fillers: dict[str, tuple[float, ...]]
    scale: dict[str, float] = field(default_factory=dict)
    revision: Revision = "4"
    keep: tuple[str, ...] = ()
    hash_seed: int = 0
    lookups: dict[str, Lookup] = field(default_factory=dict)


def log_notes(
    log: IssueLog, file: str, column: str, notes: pl.Series, numbers: pl.Series, texts: pl.Series, group: str
) -> None:
    """Log every note that has a sentence (``ok`` and ``blank`` have none)."""
    for note in notes.unique().sort():
        code = f"{group}.{note}"
        if code in KINDS:
            hit = notes == note
            log.add(file, column, code, numbers.filter(hit), texts.filter(hit))


def nulls(rows: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.repeat(None, len(rows), dtype=dtype, eager=True)
