"""How do the rows of a sent file come in, whatever its wrapping, within fixed memory?

Text (CSV, TXT, TSV), gzip, ZIP of text, XLSX and Parquet. Text is read in chunks: UTF-8 first, and any line that
is not UTF-8 as cp1252 (latin-1 with its extra marks), counted. Limits are checked before and while reading, so a
small archive cannot unpack into a huge one.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl

from coopetir.foundation.core.errors import CoopetirError

MAX_BYTES = 2 * 1024**3
MAX_SHEET_BYTES = 20 * 1024**2
MAX_SHEET_ROWS = 50_000
MAX_RATIO = 200
CHUNK = 8 * 1024**2
BATCH_ROWS = 25_000
TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".dat")


class SourceMissing(CoopetirError):
    code = "extract.missing"
    es = "No existe el archivo «{file}». Revise la ruta."
    en = "There is no file “{file}”. Check the path."


class SourceTooLarge(CoopetirError):
    code = "extract.too_large"
    es = "«{file}» tiene {size} MB (descomprimido si viene comprimido) y el límite es {limit} MB. Divídalo por año o por cámara."
    en = "“{file}” has {size} MB (unpacked, if it is packed) and the limit is {limit} MB. Split it by year or by chamber."


class SheetTooLarge(CoopetirError):
    code = "extract.sheet_too_large"
    es = "La hoja de cálculo «{file}» supera el límite de 20 MB o 50.000 filas ({what}). Guárdela como CSV y vuelva a intentarlo."
    en = "The spreadsheet “{file}” exceeds the limit of 20 MB or 50,000 rows ({what}). Save it as CSV and try again."


class ArchiveSuspicious(CoopetirError):
    code = "extract.zip_bomb"
    es = "«{file}» se expande {ratio} veces al descomprimirlo (límite {limit}); se rechaza por seguridad. Envíe el archivo sin comprimir."
    en = "“{file}” unpacks to {ratio} times its size (limit {limit}); it is refused for safety. Send the file unpacked."


class SourceUnreadable(CoopetirError):
    code = "extract.unreadable"
    es = "No se pudo leer «{file}»: {why}. Envíe un CSV o TXT, un ZIP que los contenga, o una hoja XLSX."
    en = "“{file}” could not be read: {why}. Send a CSV or TXT, a ZIP that holds them, or an XLSX sheet."


class SourceEmpty(CoopetirError):
    code = "extract.empty"
    es = "«{file}» no tiene filas de datos bajo el encabezado. Revise la exportación."
    en = "“{file}” has no rows of data under its header. Check the export."


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a sent file: the file itself, or one member of a ZIP."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        return self.path.name if self.member is None else f"{self.path.name}/{self.member}"


@dataclass(slots=True)
class RawBatch:
    """Rows as text. ``first`` is the number of the first row (1 = first row of data); ``numbers`` the row of each."""

    frame: pl.DataFrame
    numbers: pl.Series
    ragged: list[tuple[int, str]] = field(default_factory=list)
    other_encoding: int = 0
    bytes_read: int = 0


def parts_of(path: Path) -> list[Part]:
    """The tables in a sent file, after checking its size and, for archives, what they would unpack to.

    :raises SourceMissing: :raises SourceTooLarge: :raises ArchiveSuspicious: :raises SourceUnreadable:
    """
    if not path.is_file():
        raise SourceMissing(file=path.name)
    size = path.stat().st_size
    if size == 0:
        raise SourceEmpty(file=path.name)
    if size > MAX_BYTES:
        raise SourceTooLarge(file=path.name, size=size // 1024**2, limit=MAX_BYTES // 1024**2)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        _check_sheet(path, size)
        return [Part(path)]
    if suffix == ".zip":
        return _zip_parts(path, size)
    if suffix in (*TEXT_SUFFIXES, ".gz", ".parquet"):
        return [Part(path)]
    raise SourceUnreadable(file=path.name, why=f"{suffix or '?'}")


def _check_sheet(path: Path, size: int) -> None:
    if size > MAX_SHEET_BYTES:
        raise SheetTooLarge(file=path.name, what=f"{size // 1024**2} MB")
    _members(path, size, limit=20 * MAX_SHEET_BYTES)


def _members(path: Path, size: int, *, limit: int) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceUnreadable(file=path.name, why=str(error)[:120]) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > limit:
        raise SourceTooLarge(file=path.name, size=unpacked // 1024**2, limit=limit // 1024**2)
    if unpacked > 10 * 1024**2 and unpacked > MAX_RATIO * size:
        raise ArchiveSuspicious(file=path.name, ratio=unpacked // max(size, 1), limit=MAX_RATIO)
    return members


def _zip_parts(path: Path, size: int) -> list[Part]:
    members = _members(path, size, limit=MAX_BYTES)
    if any(member.flag_bits & 1 for member in members):
        raise SourceUnreadable(file=path.name, why="ZIP con clave / encrypted ZIP")
    names = [
        member.filename
        for member in members
        if member.filename.lower().endswith(TEXT_SUFFIXES) and not member.filename.startswith("__MACOSX")
    ]
    if not names:
        raise SourceUnreadable(file=path.name, why="ZIP sin CSV ni TXT / ZIP without CSV or TXT")
    return [Part(path, name) for name in sorted(names)]


def sha256_of(path: Path) -> str:
    """The hash of what was sent, byte by byte."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Counted:
    """A binary stream that refuses to give more than the limit, however small its archive said it was."""

    def __init__(self, stream: IO[bytes], part: Part, packed: int) -> None:
        self.stream, self.part, self.packed, self.given = stream, part, packed, 0

    def read(self, size: int) -> bytes:
        try:
            chunk = self.stream.read(size)
        except (OSError, EOFError, zipfile.BadZipFile, RuntimeError) as error:
            raise SourceUnreadable(file=self.part.name, why=str(error)[:120]) from error
        self.given += len(chunk)
        if self.given > MAX_BYTES:
            raise SourceTooLarge(file=self.part.name, size=self.given // 1024**2, limit=MAX_BYTES // 1024**2)
        if self.packed and self.given > 64 * 1024**2 and self.given > MAX_RATIO * self.packed:
            raise ArchiveSuspicious(file=self.part.name, ratio=self.given // self.packed, limit=MAX_RATIO)
        return chunk


def head_of(part: Part, size: int = 4 * 1024**2) -> bytes:
    """The first bytes of a text part, cut after its last whole line."""
    with _binary(part) as counted:
        head = counted.read(size)
        more = bool(counted.read(1))
    return head[: head.rfind(b"\n") + 1] if more and b"\n" in head else head


class _binary:  # noqa: N801  (used as a function: ``with _binary(part) as stream``)
    """Open a text part for reading, unpacking gzip and ZIP members on the way."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.open: list[Any] = []

    def __enter__(self) -> _Counted:
        path = self.part.path
        packed = 0
        stream: IO[bytes]
        if self.part.member is not None:
            archive = zipfile.ZipFile(path)
            self.open.append(archive)
            stream = archive.open(self.part.member)
            packed = path.stat().st_size
        elif path.suffix.lower() == ".gz":
            stream = gzip.open(path, "rb")  # type: ignore[assignment]
            packed = path.stat().st_size
        else:
            stream = path.open("rb")
        self.open.append(stream)
        return _Counted(stream, self.part, packed)

    def __exit__(self, *_: object) -> None:
        for stream in reversed(self.open):
            stream.close()


def text_lines(part: Part, encoding: str) -> Iterator[tuple[list[str], int, int]]:
    """Chunks of decoded lines (without line ends), lines that were in another encoding, and bytes read so far."""
    with _binary(part) as stream:
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
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return [
        row
        for row in csv.reader(lines, delimiter=separator, quoting=quoting)
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
    rows = (row for row in csv.reader(lines(), delimiter=separator) if any(cell.strip() for cell in row))
    try:
        next(rows, None)
        for row in rows:
            gathered.add(row)
            if len(gathered.rows) >= BATCH_ROWS:
                yield gathered.batch()
    except csv.Error as error:
        raise SourceUnreadable(file=part.name, why=f"fila / row {gathered.number + 1}: {error}") from error
    if gathered.rows or gathered.ragged:
        yield gathered.batch()


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
    """The first sheet of an XLSX, all text. :raises SheetTooLarge: :raises SourceUnreadable:"""
    try:
        frame = pl.read_excel(part.path, engine="calamine", infer_schema_length=0)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise SourceUnreadable(file=part.name, why=str(error)[:120]) from error
    if len(frame) > MAX_SHEET_ROWS:
        raise SheetTooLarge(file=part.name, what=f"{len(frame)} filas / rows")
    return frame.select(pl.all().cast(pl.String))
