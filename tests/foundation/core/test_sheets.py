"""Sheets that would take the whole memory, broken sheets, and a disk that fills up."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from coopetir.foundation.core import sheets
from coopetir.foundation.core.extracts.sniffing import sniff
from coopetir.foundation.core.sheets import SheetTooSparse, check_sheet
from coopetir.foundation.core.tables import (
    KeyNotText,
    OutputSuffix,
    TableUnreadable,
    ValueNotNumber,
    as_codes,
    as_measure,
    read_table,
    write_table,
)

WORKBOOK = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
ROOT = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/{book}.xml"/></Relationships>'
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="{target}"/></Relationships>'
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>nit</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
)


def sheet(
    path: Path,
    rows: str,
    target: str = "worksheets/sheet1.xml",
    dimension: str = "A1:A2",
    book: str = "workbook",
) -> Path:
    """A workbook whose one sheet holds ``rows`` and says to be small."""
    body = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", ROOT.format(book=book))
        archive.writestr(f"xl/{book}.xml", WORKBOOK)
        archive.writestr(f"xl/_rels/{book}.xml.rels", RELATIONS.format(target=target))
        archive.writestr(f"xl/{target}", body)
    return path


FAR = [
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    '<row r="1048576"><c r="xfd1048576"><f>1+1</f><v>2</v></c></row>',
    '<row r="3"><c a="&gt;" r = \'XFD1048576\'><v>1</v></c></row>',
    '<row r="1048575"/><row>' + "<c><v>1</v></c>" * 40 + "</row>",
    '<row r="3"><c r="A1048577"><v>1</v></c></row>',
    '<row r="3"><c r="XFE3"><v>1</v></c></row>',
]


@pytest.mark.parametrize("rows", FAR)
@pytest.mark.parametrize(
    ("target", "book"), [("worksheets/sheet1.xml", "workbook"), ("media/picture.png", "other")]
)
def test_a_far_cell_is_refused_before_room_is_made(tmp_path: Path, rows: str, target: str, book: str) -> None:
    far = sheet(tmp_path / "far.xlsx", HEAD + rows, target, book=book)
    assert far.stat().st_size < 4_000
    for read in (check_sheet, read_table, sniff):
        with pytest.raises(SheetTooSparse) as refused:
            read(far)
        assert refused.value.code == "sheet.too_sparse"
        assert "CSV" in refused.value.sentence("es")
        assert "CSV" in refused.value.sentence("en")


def test_far_cells_of_format_alone_and_false_dimensions_are_no_trouble(tmp_path: Path) -> None:
    marked = HEAD + '<row r="1048576" hidden="1"><c r="XFD1048576" s="1"/></row>'
    read = read_table(sheet(tmp_path / "format.xlsx", marked, dimension="A1:XFD1048576"))
    assert read.columns == ["nit"]
    assert read.height == 1


def test_a_broken_or_tricky_sheet_is_named(tmp_path: Path) -> None:
    (tmp_path / "d.xlsx").write_text("nope")
    with zipfile.ZipFile(tmp_path / "empty.xlsx", "w") as archive:
        archive.writestr("nothing.txt", "nothing")
    sheet(tmp_path / "cut.xlsx", HEAD + "<row r=")
    sheet(tmp_path / "place.xlsx", HEAD + '<row r="3"><c r="3A"><v>1</v></c></row>')
    for name in ("d.xlsx", "empty.xlsx", "cut.xlsx", "place.xlsx"):
        with pytest.raises(TableUnreadable) as refused:
            read_table(tmp_path / name)
        assert refused.value.data["source"] == name


def test_a_real_sheet_passes_and_the_limit_counts_cells(tmp_path: Path, monkeypatch) -> None:
    frame = pl.DataFrame({"a": ["1", "2", "3"], "b": ["x", None, "z"]})
    frame.write_excel(tmp_path / "real.xlsx")
    assert read_table(tmp_path / "real.xlsx").equals(frame)
    monkeypatch.setattr(sheets, "MAX_CELLS", 7)
    with pytest.raises(SheetTooSparse) as refused:
        read_table(tmp_path / "real.xlsx")
    assert refused.value.data["cells"] == 8


@pytest.mark.parametrize("values", [[["1"]], [b"1"], [{"a": 1}]])
def test_keys_that_are_no_codes_are_refused_by_type(values: list[object]) -> None:
    with pytest.raises(KeyNotText, match="region"):
        as_codes(pl.DataFrame({"region": values}), "region", source="t.parquet")


def test_a_decimal_comma_and_a_wrong_ending_get_their_own_remedy(tmp_path: Path) -> None:
    for text, told in (("1,5", True), ("1.234,5", True), ("muchos", False)):
        with pytest.raises(ValueNotNumber) as refused:
            as_measure(pl.DataFrame({"a": [text]}), "a", source="t.csv")
        assert ("punto (1.5)" in refused.value.sentence("es")) is told
        assert ("point (1.5)" in refused.value.sentence("en")) is told
    with pytest.raises(OutputSuffix, match=r"\.parquet"):
        write_table(pl.DataFrame({"a": [1]}), tmp_path / "out.xls")


FULL = """
import resource, signal, sys
import polars as pl
from coopetir.foundation.core.tables import OutputNotWritten, write_table
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
frame = pl.DataFrame({"a": [str(n * 7919 % 100_003) for n in range(100_000)]})
try:
    write_table(frame, sys.argv[1])
except OutputNotWritten:
    sys.exit(4)
"""


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_full_disk_is_told_and_leaves_the_earlier_file(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out.{suffix}"
    target.write_text("earlier")
    done = subprocess.run([sys.executable, "-c", FULL, target], capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert target.read_text() == "earlier"
    assert [item.name for item in tmp_path.iterdir()] == [target.name]
