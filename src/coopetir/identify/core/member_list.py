"""Which firms does a list of members name, and which rows could not be read?

CSV, TXT or XLSX with one NIT per row, with or without a header, dotted, with or without check digit. Numbers live
in memory only: what is kept of a list is its hash and its counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.reading import batches_of
from coopetir.foundation.core.extracts.registry import field_of_header
from coopetir.foundation.core.extracts.rows import text_lines
from coopetir.foundation.core.extracts.sniffing import HeaderMissing, encoding_of, sniff
from coopetir.foundation.core.extracts.source import head_of, parts_of, sha256_of
from coopetir.foundation.core.nit import parse_nit

MOST_BYTES, MOST_ROWS = 20 * 1024**2, 50_000
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
SAMPLE = 200
_NUMBER = re.compile(r"^\s*[\"']?\s*(?:NIT)?[\s.:]*\d")


class ListTooLarge(CoopetirError):
    code = "members.too_large"
    es = "«{file}» pasa del límite de {limit}. Deje solo la columna del NIT, o divida la lista."
    en = "“{file}” exceeds the limit of {limit}. Keep the NIT column alone, or split the list."


class ListKindUnknown(CoopetirError):
    code = "members.kind"
    es = "«{file}» no es CSV, TXT ni XLSX. Guárdelo en uno de esos formatos."
    en = "“{file}” is not CSV, TXT or XLSX. Save it in one of these formats."


class NitColumnMissing(CoopetirError):
    code = "members.no_nit"
    es = "En «{file}» no hay una columna con NIT. Tiene: {found}. Llame «NIT» a la que los trae."
    en = "“{file}” has no column of NITs. It has: {found}. Name “NIT” the one that holds them."


@dataclass(frozen=True)
class Members:
    """``nits``: row (1 = first of data), nit (text; null = unreadable), note (of ``nit.parse_nit``), one per row."""

    nits: pl.DataFrame
    sha256: str

    @property
    def rows(self) -> int:
        return self.nits.height

    @property
    def distinct(self) -> list[str]:
        """The numbers, each once, in the order of the list."""
        return list(self.nits["nit"].drop_nulls().unique(maintain_order=True))

    @property
    def repeated(self) -> int:
        return self.nits["nit"].drop_nulls().len() - len(self.distinct)

    @property
    def unreadable(self) -> int:
        return self.nits["nit"].null_count()


def read_members(path: Path, *, name: str = "") -> Members:
    """The NITs of a list. ``name``: what the sender called it, for messages.

    :raises ListTooLarge: :raises ListKindUnknown: :raises NitColumnMissing: :raises CoopetirError: unreadable file.
    """
    shown = name or path.name
    check_small_table(path, shown)
    texts = _column_of(path, shown)
    if texts.len() > MOST_ROWS:
        raise ListTooLarge(file=shown, limit="50.000 filas / 50,000 rows")
    read = [parse_nit(text) for text in texts]
    rows = {
        "row": range(1, len(read) + 1),
        "nit": [found.number for found in read],
        "note": [found.note for found in read],
    }
    frame = pl.DataFrame(rows, schema={"row": pl.Int64, "nit": pl.String, "note": pl.String})
    return Members(frame.filter(pl.col("note") != "blank"), sha256_of(path))


def check_small_table(path: Path, name: str) -> None:
    """:raises ListKindUnknown: :raises ListTooLarge: before anything is opened."""
    if path.suffix.lower() not in SUFFIXES:
        raise ListKindUnknown(file=name)
    if path.stat().st_size > MOST_BYTES:
        raise ListTooLarge(file=name, limit="20 MB")


def small_table(path: Path, name: str) -> pl.DataFrame:
    """All rows of a small file as text. :raises ListTooLarge: as soon as the rows pass the limit."""
    seen = sniff(path)
    frames, rows = [], 0
    for batch in batches_of(seen):
        frames.append(batch.frame)
        rows += batch.frame.height
        if rows > MOST_ROWS:
            raise ListTooLarge(file=name, limit="50.000 filas / 50,000 rows")
    return pl.concat(frames) if frames else pl.DataFrame({header: [] for header in seen.headers})


def _column_of(path: Path, name: str) -> pl.Series:
    bare = _bare_lines(path)
    if bare is not None:
        return bare
    try:
        table = small_table(path, name)
    except HeaderMissing as error:
        raise NitColumnMissing(file=name, found=["—"]) from error
    named = [header for header in table.columns if (field_of_header(header) or ("",))[0] == "nit"]
    column = named[0] if named else _looks_best(table)
    if column is None:
        raise NitColumnMissing(file=name, found=list(table.columns))
    return table[column]


def _bare_lines(path: Path) -> pl.Series | None:
    """The lines of a text file without header, one number each; None for anything else."""
    if path.suffix.lower() == ".xlsx":
        return None
    part = parts_of(path)[0]
    encoding = encoding_of(head_of(part), part)
    lines = [line for chunk, _, _ in text_lines(part, encoding) for line in chunk if line.strip()]
    lines = [line.lstrip("\ufeff") for line in lines]
    if not lines or not _NUMBER.match(lines[0]) or any(mark in lines[0] for mark in ";|\t"):
        return None
    return pl.Series("nit", [line.strip().strip("\"'") for line in lines], dtype=pl.String)


def _looks_best(table: pl.DataFrame) -> str | None:
    """The column whose values most often read as numbers of companies; None below one half."""
    scores = {}
    for header in table.columns:
        values = [value for value in table[header].head(SAMPLE) if value]
        scores[header] = sum(parse_nit(value).is_company for value in values) / max(1, len(values))
    best = max(scores, key=lambda header: scores[header], default=None)
    return best if best is not None and scores[best] >= 0.5 else None
