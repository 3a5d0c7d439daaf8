"""The template that a chamber downloads is read back without a question."""

import re
import zipfile

import polars as pl
import pytest

from coopetir.foundation.core.extracts.detect import propose_mapping
from coopetir.foundation.core.extracts.reading import read_extract
from coopetir.foundation.core.extracts.sniffing import sniff
from coopetir.foundation.core.extracts.source import SourceEmpty
from coopetir.foundation.core.extracts.template import COLUMNS, write_template


def test_an_empty_template_is_empty_and_keeps_its_codes_hidden(tmp_path):
    path = tmp_path / "plantilla.xlsx"
    write_template(path)
    with pytest.raises(SourceEmpty):
        sniff(path)
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r'<row r="2"[^>]*hidden="1"', sheet)
    assert sheet.count("<dataValidation ") == 3
    shown = pl.read_excel(path, engine="calamine", sheet_name="Registro", infer_schema_length=0)
    assert shown.row(0) == tuple(COLUMNS)


def test_a_filled_template_is_read_without_a_question(tmp_path):
    headers = [header for header, _, _ in COLUMNS.values()]
    filled = [list(COLUMNS)]
    for row in range(3, 9):
        example = {name: example for name, (_, _, example) in COLUMNS.items()}
        example |= {"registration": f"00{row}", "nit": str(900000000 + row), "nit_dv": ""}
        filled.append(list(example.values()))
    path = tmp_path / "plantilla.xlsx"
    pl.DataFrame(filled, schema=headers, orient="row").write_excel(path)
    mapping = propose_mapping(sniff(path))
    assert {name: proposal.header for name, proposal in mapping.columns.items()} == {
        name: header for name, (header, _, _) in COLUMNS.items()
    }
    done = read_extract(path, out=tmp_path / "out")
    firms = pl.read_parquet(done.firms)
    assert firms["registration"].to_list() == ["3", "4", "5", "6", "7", "8"]
    assert firms.select(
        "year", "chamber", "municipality", "activity_1", "jobs", "income_cop"
    ).unique().rows() == [(2024, "08", "76001", "1071", 12.0, 480_000_000.0)]
