"""What was sent, how large may it be, and how are its bytes opened?

Text (CSV, TXT, TSV), gzip, ZIP of text, XLSX and Parquet. Limits are checked before opening and again while reading,
so a small archive cannot unpack into a huge one.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from coopetir.foundation.core.archives import (
    MAX_RATIO,
    ArchiveSuspicious,
    SourceTooLarge,
    SourceUnreadable,
    archive_members,
)
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.sheets import MAX_UNPACKED

__all__ = ["ArchiveSuspicious", "SourceTooLarge", "SourceUnreadable"]  # named here for those who read sources

MAX_BYTES = 2 * 1024**3
MAX_SHEET_BYTES = 20 * 1024**2
MAX_SHEET_ROWS = 50_000
TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".dat")


class SourceMissing(CoopetirError):
    code = "extract.missing"
    es = "No existe el archivo «{file}». Revise la ruta."
    en = "There is no file “{file}”. Check the path."


class SheetTooLarge(CoopetirError):
    code = "extract.sheet_too_large"
    es = "La hoja de cálculo «{file}» supera el límite de 20 MB o 50.000 filas ({what}). Guárdela como CSV y vuelva a intentarlo."
    en = "The spreadsheet “{file}” exceeds the limit of 20 MB or 50,000 rows ({what}). Save it as CSV and try again."


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
    archive_members(path, size, limit=MAX_UNPACKED)


def _zip_parts(path: Path, size: int) -> list[Part]:
    members = archive_members(path, size, limit=MAX_BYTES)
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
        if self.packed and self.given > 16 * 1024**2 and self.given > MAX_RATIO * self.packed:
            raise ArchiveSuspicious(file=self.part.name, ratio=self.given // self.packed, limit=MAX_RATIO)
        return chunk


class opened:  # noqa: N801  (used as a function: ``with opened(part) as stream``)
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


def head_of(part: Part, size: int = 4 * 1024**2) -> bytes:
    """The first bytes of a text part, cut after its last whole line."""
    with opened(part) as counted:
        head = counted.read(size)
        more = bool(counted.read(1))
    return head[: head.rfind(b"\n") + 1] if more and b"\n" in head else head
