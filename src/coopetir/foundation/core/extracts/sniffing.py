"""What does a sent file look like: its encoding, separator, headers and first rows?"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts import rows, source
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.core.extracts.registry import Shape, shape_of
from coopetir.foundation.core.extracts.source import Part, SourceEmpty, SourceUnreadable

SAMPLE_ROWS = 20_000


class HeaderMissing(CoopetirError):
    code = "extract.header_missing"
    es = "«{file}» no trae encabezado: la primera fila parece de datos ({example}). Agregue una fila con los nombres de las columnas."
    en = "“{file}” has no header: its first row looks like data ({example}). Add a row with the names of the columns."


@dataclass(frozen=True, slots=True)
class Sniff:
    """What a file looks like: encoding, separator, headers, a sample of rows as text, and its shape."""

    part: Part
    encoding: str
    separator: str
    quoted: bool
    headers: list[str]
    sample: pl.DataFrame
    shape: Shape

    @property
    def file(self) -> str:
        return self.part.name


def sniff(part: Part | Path | str, profile: Profile | None = None) -> Sniff:
    """Encoding, separator, headers, sample and shape of a file, from its first megabytes.

    :raises SourceUnreadable: :raises SourceEmpty: :raises HeaderMissing:
    """
    if not isinstance(part, Part):
        part = source.parts_of(Path(part))[0]
    if part.member is None and part.path.suffix.lower() in (".xlsx", ".parquet"):
        return _sniff_frame(part)
    head = source.head_of(part)
    encoding = (profile.encoding if profile else None) or encoding_of(head, part)
    lines = _lines_of(head, encoding)
    if not lines:
        raise SourceEmpty(file=part.name)
    separator = (profile.separator if profile else None) or separator_of(lines)
    quoted = _is_quoted(lines, separator)
    table = rows.split_rows(lines, separator, quoted=quoted)
    if len(table) < 2:
        raise SourceEmpty(file=part.name)
    headers = tidy_headers(table[0])
    body = [cells for row in table[1 : SAMPLE_ROWS + 1] if (cells := rows.fitted(row, len(headers)))]
    sample = pl.DataFrame(
        {name: pl.Series([row[place] for row in body], dtype=pl.String) for place, name in enumerate(headers)}
    )
    return _sniffed(part, encoding, separator, quoted, headers, sample)


def _sniff_frame(part: Part) -> Sniff:
    if part.path.suffix.lower() == ".xlsx":
        frame = rows.read_sheet(part)
    else:
        try:
            frame = pl.scan_parquet(part.path).head(SAMPLE_ROWS).collect().select(pl.all().cast(pl.String))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SourceUnreadable(file=part.name, why=str(error)[:120]) from error
    if frame.is_empty():
        raise SourceEmpty(file=part.name)
    headers = tidy_headers(frame.columns)
    frame.columns = headers
    return _sniffed(part, "", "", False, headers, frame.head(SAMPLE_ROWS))


def _sniffed(
    part: Part, encoding: str, separator: str, quoted: bool, headers: list[str], sample: pl.DataFrame
) -> Sniff:
    numeric = [header for header in headers if re.fullmatch(r"[\d.,/-]{3,}", header)]
    if len(numeric) * 2 >= len(headers):
        raise HeaderMissing(file=part.name, example=", ".join(numeric[:3]))
    return Sniff(part, encoding, separator, quoted, headers, sample, shape_of(headers))


def encoding_of(head: bytes, part: Part) -> str:
    """UTF-8 (with or without mark), UTF-16 by its mark, else cp1252; binary files are refused."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head[:65536]:
        raise SourceUnreadable(
            file=part.name, why="contiene bytes nulos, no es texto / has null bytes, it is not text"
        )
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end inside a character; anything earlier is another encoding.
        return "utf-8" if error.start >= len(head) - 3 else "cp1252"
    return "utf-8"


def _lines_of(head: bytes, encoding: str) -> list[str]:
    if encoding.startswith("utf"):
        text = head.decode(encoding, errors="replace")
    else:
        text = rows.decode_western(head)
    return [line for line in text.lstrip("\ufeff").replace("\r", "").split("\n") if line.strip()]


def separator_of(lines: list[str]) -> str:
    """The mark that splits most lines into the most cells; one that the header lacks counts only if it has none.

    (A header cell may hold a line end between quotes; then its first line has no mark at all.)
    """
    first = lines[:500]
    marks = [mark for mark in ("|", ";", "\t", ",") if mark in lines[0]] or ["|", ";", "\t", ","]

    def score(mark: str) -> tuple[bool, int]:
        counts = Counter(count for line in first if (count := line.count(mark)))
        if not counts:
            return (False, 0)
        width = counts.most_common(1)[0][0]
        return (sum(1 for line in first if line.count(mark) >= width) > 0.5 * len(first), width)

    return max(marks, key=score)


def _is_quoted(lines: list[str], separator: str) -> bool:
    """Quotes have a meaning when cells begin and end with them; in a ``|`` delivery they are part of a name."""
    text = "\n".join(lines[:2000])
    mark = re.escape(separator)
    opening = len(re.findall(rf'(?:^|{mark})"', text, re.MULTILINE))
    closing = len(re.findall(rf'"(?={mark}|$)', text, re.MULTILINE))
    return opening > 0 and closing >= 0.8 * opening


def tidy_headers(raw: list[str]) -> list[str]:
    """Headers without marks, line breaks and outer spaces; empty and repeated ones get a number."""
    headers: list[str] = []
    for place, text in enumerate(raw, start=1):
        header = " ".join(text.replace("\ufeff", " ").strip().strip('"').split()) or f"columna_{place}"
        headers.append(header if header not in headers else f"{header}_{place}")
    return headers
