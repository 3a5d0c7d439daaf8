"""How far do the filled cells of an XLSX reach, before anything makes room for them?

A reader of sheets makes room for every cell up to the furthest one. One cell at XFD1048576 is 17 thousand million
cells: a file of 1.5 KB that would take the whole memory. So the places of the cells are read first, in a stream and
from the cells themselves; what the file says of its own size (``dimension``) is not believed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from coopetir.foundation.core.archives import SourceUnreadable, archive_members
from coopetir.foundation.core.errors import CoopetirError

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # of a sheet, by its own format
MAX_CELLS = 20_000_000
MAX_UNPACKED = 400 * 1024**2
_BROKEN = (expat.ExpatError, zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, zlib.error)
_PIECE = 1 << 18
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")


class SheetTooSparse(CoopetirError):
    code = "sheet.too_sparse"
    es = "«{file}» tiene celdas hasta la fila {rows} y la columna {columns}; como tabla serían {cells} celdas y el límite es {limit}. Borre las filas y columnas lejanas que sobran, o guarde la hoja como CSV."
    en = "“{file}” has cells up to row {rows} and column {columns}; as a table they would be {cells} cells and the limit is {limit}. Delete the far rows and columns nobody needs, or save the sheet as CSV."


@dataclass(slots=True)
class _Reach:
    """The furthest row and column of a worksheet's filled cells, as they go by; a cell of format alone is empty."""

    rows: int = 0
    columns: int = 0
    row: int = 0
    column: int = 0
    cell_row: int = 0
    inside: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A cell's place is its ``r``; without it, the next one of its row, as readers take it."""
        name = tag.rpartition(":")[2] if ":" in tag else tag
        if name == "c" and self.inside:
            self._cell(attributes.get("r"))
        elif name == "row" and self.inside:
            given = attributes.get("r")
            self.row = self.row + 1 if given is None else int(given)
            self.column = 0
        elif name in ("v", "f", "is", "t") and self.inside:
            if self.cell_row > self.rows:
                self.rows = self.cell_row
            if self.column > self.columns:
                self.columns = self.column
        elif name == "sheetData":
            self.inside = True

    def _cell(self, place: str | None) -> None:
        if place is None:
            self.column += 1
            self.cell_row = self.row
        else:
            found = _PLACE.fullmatch(place)
            if found is None:
                raise ValueError(f"r={place[:20]!r}")
            self.cell_row, self.column = int(found[2]), _column(found[1])


def check_sheet(path: Path) -> None:
    """Refuse an XLSX that would not fit in memory as a table, or that is none.

    Every worksheet is looked at, wherever in the archive the workbook keeps it.

    :raises SheetTooSparse: rows x columns up to the furthest cell exceed ``MAX_CELLS``, or the format's own limits
    :raises SourceTooLarge: :raises ArchiveSuspicious: what it would unpack to
    :raises SourceUnreadable: not a ZIP, or its XML is broken
    """
    members = archive_members(path, path.stat().st_size, limit=MAX_UNPACKED)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in _worksheets(archive, members):
                _refuse_far(_reach(archive, member), path.name)
    except _BROKEN as error:
        raise SourceUnreadable(file=path.name, why=str(error)[:120]) from error


def _worksheets(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    """What lies where worksheets lie, and what the workbook points to, whatever its name and the workbook's."""
    books = {"workbook.xml"} | _targets(archive, members, {""})
    pointed = _targets(archive, members, books)
    for member in members:
        name = _plain(member.filename)
        usual = "/worksheets/" in name and name.endswith(".xml")
        if usual or name.rpartition("/")[2] in pointed:
            yield member


def _targets(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], sources: set[str]) -> set[str]:
    """Names of the parts that parts called ``sources`` point to ("" = the archive itself)."""
    found: set[str] = set()

    def relation(_: str, attributes: dict[str, str]) -> None:
        found.add(_plain(attributes.get("Target", "")).rpartition("/")[2])

    wanted = {f"_rels/{source}.rels" for source in sources}
    for member in members:
        if "/".join(_plain(member.filename).split("/")[-2:]) in wanted:
            _parse(archive, member, relation)
    return found - {""}


def _reach(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Reach:
    reach = _Reach()
    _parse(archive, member, reach.start)
    return reach


def _parse(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, start: Callable[[str, dict[str, str]], None]
) -> None:
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)


def _no_doctype(*_: object) -> None:
    raise ValueError("DOCTYPE")


def _refuse_far(reach: _Reach, file: str) -> None:
    cells = reach.rows * reach.columns
    if cells > MAX_CELLS or reach.rows > MAX_ROWS or reach.columns > MAX_COLUMNS:
        raise SheetTooSparse(file=file, rows=reach.rows, columns=reach.columns, cells=cells, limit=MAX_CELLS)


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _plain(name: str) -> str:
    return name.lower().replace("\\", "/").lstrip("/")
