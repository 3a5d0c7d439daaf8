"""How do the rows of a sent file come in as text, within fixed memory?

Text is read in chunks: UTF-8 first, and any line that is not UTF-8 as cp1252 (latin-1 with its extra marks), counted.
Rows with too many or too few cells are set apart with their number, never bent into shape.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.registry import CANONICAL
from coopetir.foundation.core.extracts.source import (
    MAX_SHEET_ROWS,
    Part,
    SheetTooLarge,
    SourceUnreadable,
    opened,
)
from coopetir.foundation.core.sheets import check_sheet

CHUNK = 8 * 1024**2
BATCH_ROWS = 25_000
MAX_SPAN = 30  # no real cell of a registry holds this many line ends


class _Reader(Protocol):
    """What is used of a ``csv.reader``."""

    line_num: int

    def __next__(self) -> list[str]: ...

    def __iter__(self) -> Iterator[list[str]]: ...


class QuoteOpen(CoopetirError):
    code = "extract.quote_open"
    es = "En «{file}» hay una comilla sin cerrar en la fila {row} (línea {line}); desde ahí no se sabe dónde termina cada fila. Ciérrela o exporte sin comillas."
    en = "In “{file}” a quote is not closed in row {row} (line {line}); from there on it is not known where each row ends. Close it or export without quotes."


@dataclass(slots=True)
class RawBatch:
    """Rows as text. ``first`` is the number of the first row (1 = first row of data); ``numbers`` the row of each."""

    frame: pl.DataFrame
    numbers: pl.Series
    ragged: list[tuple[int, str]] = field(default_factory=list)
    other_encoding: int = 0
    bytes_read: int = 0


def text_lines(part: Part, encoding: str) -> Iterator[tuple[list[str], int, int]]:
    """Chunks of decoded lines (without line ends), lines that were in another encoding, and bytes read so far."""
    with opened(part) as stream:
        rest = b""
        recode = codecs.getincrementaldecoder(encoding)() if encoding.startswith("utf-16") else None
        first = True
        while chunk := stream.read(CHUNK):
            if recode is not None:
                chunk = recode.decode(chunk).encode("utf-8")
            if first:
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
                first = False
            chunk = rest + chunk
            cut = chunk.rfind(b"\n") + 1
            rest = chunk[cut:]
            if cut:
                lines, other = _decoded(chunk[: cut - 1], encoding)
                yield lines, other, stream.given
        if rest:
            lines, other = _decoded(rest, encoding)
            yield lines, other, stream.given


def _decoded(chunk: bytes, encoding: str) -> tuple[list[str], int]:
    if encoding.startswith("utf"):
        try:
            return chunk.decode("utf-8").replace("\r", "").split("\n"), 0
        except UnicodeDecodeError:
            return _line_by_line(chunk)
    return decode_western(chunk).replace("\r", "").split("\n"), 0


def _line_by_line(chunk: bytes) -> tuple[list[str], int]:
    lines, other = [], 0
    for line in chunk.replace(b"\r", b"").split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(decode_western(line))
            other += 1
    return lines, other


def decode_western(chunk: bytes) -> str:
    """cp1252, and latin-1 for the five bytes that cp1252 leaves undefined."""
    try:
        return chunk.decode("cp1252")
    except UnicodeDecodeError:
        return chunk.decode("latin-1")


def split_rows(lines: list[str], separator: str, *, quoted: bool) -> list[list[str]]:
    """Rows of a few lines (a sample)."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return [
        row
        for row in csv.reader((line + "\n" for line in lines), delimiter=separator, quoting=quoting)
        if any(cell.strip() for cell in row)
    ]


def fitted(row: list[str], width: int) -> list[str] | None:
    """The row when it has ``width`` cells (a blank one after a trailing separator is forgiven), else null."""
    if len(row) == width:
        return row
    return row[:width] if len(row) == width + 1 and not row[-1].strip() else None


def text_batches(
    part: Part, *, encoding: str, separator: str, quoted: bool, headers: list[str]
) -> Iterator[RawBatch]:
    """The rows of a text part, in batches. Rows with too many or too few cells are set apart with their number."""
    reader = _quoted_batches if quoted else _plain_batches
    yield from reader(part, encoding, separator, headers)


def _plain_batches(part: Part, encoding: str, separator: str, headers: list[str]) -> Iterator[RawBatch]:
    """Lines split at every separator: vectorised, since no cell may hold one."""
    number, header_seen = 0, False
    for lines, other, given in text_lines(part, encoding):
        text = pl.Series("line", lines, dtype=pl.String)
        text = text.filter(text.str.strip_chars() != "")
        if not header_seen and len(text):
            text, header_seen = text.slice(1), True
        for start in range(0, len(text), BATCH_ROWS):
            piece = text.slice(start, BATCH_ROWS)
            yield _split_piece(piece, separator, headers, number, other if start == 0 else 0, given)
            number += len(piece)


def _split_piece(
    piece: pl.Series, separator: str, headers: list[str], number: int, other: int, given: int
) -> RawBatch:
    width = len(headers)
    cells = piece.str.split(separator)
    lengths = cells.list.len()
    trailing = (lengths == width + 1) & (cells.list.last().str.strip_chars() == "")
    right = (lengths == width) | trailing
    numbers = pl.Series("row", range(number + 1, number + 1 + len(piece)), dtype=pl.Int64)
    frame = (
        cells.filter(right)
        .to_frame("cells")
        .select(pl.col("cells").list.get(place).alias(header) for place, header in enumerate(headers))
    )
    wrong = list(zip(numbers.filter(~right), lengths.filter(~right), strict=True))
    ragged = [(int(row), f"{cells_} ≠ {width}") for row, cells_ in wrong]
    return RawBatch(frame, numbers.filter(right), ragged, other, given)


def _quoted_batches(part: Part, encoding: str, separator: str, headers: list[str]) -> Iterator[RawBatch]:
    """Rows whose cells may hold separators and line ends between quotes."""
    gathered = _Gathered(headers)

    def lines() -> Iterator[str]:
        for chunk, other, given in text_lines(part, encoding):
            gathered.other += other
            gathered.given = given
            for line in chunk:
                yield line + "\n"

    csv.field_size_limit(1 << 20)
    for place, row in enumerate(_whole_rows(csv.reader(lines(), delimiter=separator), part)):
        if place:
            gathered.add(row)
        if len(gathered.rows) >= BATCH_ROWS:
            yield gathered.batch()
    if gathered.rows or gathered.ragged:
        yield gathered.batch()


def _whole_rows(reader: _Reader, part: Part) -> Iterator[list[str]]:
    """Rows that are not blank; a quote left open is refused before it swallows the rest of the file."""
    number = line = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise QuoteOpen(file=part.name, row=number, line=line + 1) from error
        span, line = reader.line_num - line, reader.line_num
        if span > MAX_SPAN:
            raise QuoteOpen(file=part.name, row=number, line=line - span + 1)
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield row
            number += 1


class _Gathered:
    """Rows on their way into a batch."""

    def __init__(self, headers: list[str]) -> None:
        self.headers = headers
        self.number = self.other = self.given = 0
        self._empty()

    def _empty(self) -> None:
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self.ragged: list[tuple[int, str]] = []

    def add(self, row: list[str]) -> None:
        self.number += 1
        cells = fitted(row, len(self.headers))
        if cells is None:
            self.ragged.append((self.number, f"{len(row)} ≠ {len(self.headers)}"))
        else:
            self.rows.append(cells)
            self.numbers.append(self.number)

    def batch(self) -> RawBatch:
        columns = zip(*self.rows, strict=True) if self.rows else [() for _ in self.headers]
        frame = pl.DataFrame(
            [
                pl.Series(header, column, dtype=pl.String)
                for header, column in zip(self.headers, columns, strict=True)
            ]
        )
        numbers = pl.Series("row", self.numbers, dtype=pl.Int64)
        done = RawBatch(frame, numbers, self.ragged, self.other, self.given)
        self.other = 0
        self._empty()
        return done


def sheet_batches(part: Part, headers: list[str]) -> Iterator[RawBatch]:
    """The rows of an XLSX sheet or a Parquet file, as text."""
    if part.path.suffix.lower() == ".xlsx":
        frame = read_sheet(part)
        yield from _frame_batches(frame, headers, 0)
        return
    import pyarrow.parquet as parquet

    number = 0
    with parquet.ParquetFile(part.path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            frame = pl.DataFrame(pl.from_arrow(batch)).select(pl.all().cast(pl.String))
            yield from _frame_batches(frame, headers, number)
            number += len(frame)


def _frame_batches(frame: pl.DataFrame, headers: list[str], number: int) -> Iterator[RawBatch]:
    frame.columns = headers
    for start in range(0, len(frame), BATCH_ROWS):
        piece = frame.slice(start, BATCH_ROWS)
        numbers = pl.Series("row", range(number + start + 1, number + start + 1 + len(piece)), dtype=pl.Int64)
        yield RawBatch(piece, numbers)


def read_sheet(part: Part) -> pl.DataFrame:
    """The first sheet of an XLSX, all text. :raises SheetTooLarge: :raises SheetTooSparse: :raises SourceUnreadable:"""
    import fastexcel

    check_sheet(part.path)
    try:
        frame = pl.read_excel(part.path, engine="calamine", infer_schema_length=0)
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError, OSError, ValueError) as error:
        raise SourceUnreadable(file=part.name, why=str(error)[:120]) from error
    if len(frame) > MAX_SHEET_ROWS:
        raise SheetTooLarge(file=part.name, what=f"{len(frame)} filas / rows")
    frame = frame.select(pl.all().cast(pl.String))
    # The template carries a hidden row of column codes under its header.
    code_row = pl.all_horizontal(pl.all().is_in(list(CANONICAL)) | pl.all().is_null())
    empty = pl.all_horizontal(pl.all().is_null() | (pl.all().str.strip_chars() == ""))
    return frame.filter(~code_row & ~empty)
