"""``coopetir specialize`` from file to file: what it writes, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from coopetir.cli.main import main

HEADER = ["region", "industry", "period", "value", "lq", "lq_lo", "lq_hi", "lq_shrunk", "status"]
GOOD = """dpto,ciiu,año,empleo,empresas
05,0111,2022,120,12
05,1011,2022,,3
76,0111,2022,30,4
76,1011,2022,0,0
76,6201,2022,45,9
11,0111,2022,10,2
11,6201,2022,200,31
"""
COLUMNS = ["--region", "dpto", "--industry", "ciiu", "--value", "empleo", "--period", "año"]


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Call the command in a folder that holds ``files``; gives exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOPETIR_LANGUAGE", "es")

    def call(*options: str, files: dict[str, str | bytes] | None = None) -> tuple[int, str, str]:
        for name, content in (files or {"t.csv": GOOD}).items():
            Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            main(["specialize", *options])
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        out, error = capsys.readouterr()
        return code, out, error

    return call


def _read(name: str) -> pl.DataFrame:
    return pl.read_csv(name, schema_overrides=dict.fromkeys(("region", "industry", "period"), pl.String))


def test_columns_order_and_codes(run):
    code, out, _ = run("t.csv", *COLUMNS, "--firms", "empresas", "--out", "o.csv")
    assert code == 0
    assert "7 filas, 5 con cociente, 7 con intervalo" in out
    found = _read("o.csv")
    assert found.columns == HEADER
    assert found["region"].to_list() == ["05", "05", "11", "11", "76", "76", "76"]
    assert found["industry"][0] == "0111"
    assert found["period"].unique().to_list() == ["2022"]


def test_unknown_zero_and_absent_are_three_things(run):
    run("t.csv", *COLUMNS, "--out", "o.csv")
    rows = {(r, i): (x, lq, s) for r, i, x, lq, s in _read("o.csv").select(
        "region", "industry", "value", "lq", "status"
    ).rows()}  # fmt: skip
    assert rows["05", "1011"] == (None, None, "unknown")
    assert rows["76", "1011"] == (0.0, None, "industry_total_unknown")
    assert ("05", "6201") not in rows
    assert rows["76", "6201"][2] == "partial"
    run("t.csv", *COLUMNS, "--absent-is-zero", "--out", "o.csv")
    filled = _read("o.csv")
    assert filled.height == 9
    absent = filled.filter(pl.col("region") == "05", pl.col("industry") == "6201").to_dicts()[0]
    assert (absent["value"], absent["lq"], absent["status"]) == (0.0, 0.0, "partial")


def test_json_summary_counts_what_it_wrote(run):
    code, out, _ = run("t.csv", *COLUMNS, "--out", "o.parquet", "--json")
    summary = json.loads(out)
    assert code == 0
    assert pl.read_parquet("o.parquet").height == summary["rows"] == 7
    assert summary["statuses"] == {"industry_total_unknown": 1, "partial": 5, "unknown": 1}
    assert (summary["cells"], summary["unknown_cells"]) == (9, 3)
    assert summary["advice"] == ["partial", "absent"]
    _, out, _ = run("t.csv", *COLUMNS, "--absent-is-zero", "--out", "o.parquet", "--json")
    assert json.loads(out)["advice"] == ["partial"]


def test_same_numbers_from_every_kind_of_file(run):
    run("t.csv", *COLUMNS, "--firms", "empresas", "--out", "from_csv.csv")
    table = pl.read_csv("t.csv", schema_overrides={"dpto": pl.String, "ciiu": pl.String})
    table.write_parquet("t.parquet")
    table.write_excel("t.xlsx")
    table.write_csv("t.tsv", separator="\t")
    Path("semicolon.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.replace(",", ";").encode())
    for name in ("t.parquet", "t.xlsx", "t.tsv", "semicolon.csv"):
        code, _, error = run(name, *COLUMNS, "--firms", "empresas", "--out", "o.csv")
        assert code == 0, error
        assert Path("o.csv").read_bytes() == Path("from_csv.csv").read_bytes(), name
    assert run("t.csv", *COLUMNS, "--firms", "empresas", "--out", "o.xlsx")[0] == 0
    book = pl.read_excel("o.xlsx", engine="calamine", infer_schema_length=0)
    assert book.columns == HEADER
    assert book["region"].to_list() == _read("from_csv.csv")["region"].to_list()


def test_totals_and_base_from_files(run):
    files = {
        "t.csv": GOOD,
        "totals.csv": "region,total\n05,500\n76,100\n11,\n",
        "base.csv": "industry,share,period\n0111,0.25,2022\n1011,0,2022\n0111,0.9,2021\n",
    }
    code, out, _ = run(
        "t.csv", *COLUMNS, "--totals", "totals.csv", "--base", "base.csv", "--firms", "empresas",
        "--out", "o.csv", files=files,
    )  # fmt: skip
    assert code == 0
    found = {
        (r, i): (lq, s) for r, i, lq, s in _read("o.csv").select("region", "industry", "lq", "status").rows()
    }
    assert found["05", "0111"] == (pytest.approx(120 / 500 / 0.25), "ok")
    assert found["76", "0111"] == (pytest.approx(30 / 100 / 0.25), "ok")
    assert found["76", "1011"] == (None, "industry_total_zero")
    assert found["76", "6201"] == (None, "no_base")
    assert found["11", "0111"] == (None, "no_total")
    assert "firms_share" in out


def test_bounds_of_a_withheld_cell(run):
    totals = "region,total\n05,200\n76,75\n11,210\n"
    code, _, _ = run(
        "t.csv", *COLUMNS, "--totals", "totals.csv", "--bounds", "--out", "o.csv",
        files={"t.csv": GOOD, "totals.csv": totals},
    )  # fmt: skip
    assert code == 0
    found = _read("o.csv")
    assert found.columns == [*HEADER, "lq_min", "lq_max"]
    row = found.filter(pl.col("status") == "unknown").to_dicts()[0]
    assert row["lq"] is None
    assert row["lq_min"] == 0
    assert row["lq_max"] == pytest.approx((80 / 200) / (80 / 485))
    given = found.filter(pl.col("lq").is_not_null())
    assert ((given["lq_min"] <= given["lq"] + 1e-12) & (given["lq"] <= given["lq_max"] + 1e-12)).all()
    assert run("t.csv", *COLUMNS, "--bounds", "--out", "o.csv")[0] == 2


def test_all_unknown_and_all_zero_tables_get_reasons_not_numbers(run):
    for value, status in (("", "unknown"), ("0", "region_total_zero")):
        text = f"dpto,ciiu,año,empleo\n05,0111,2022,{value}\n76,1011,2022,{value}\n"
        code, _, _ = run("t.csv", *COLUMNS, "--absent-is-zero", "--out", "o.csv", files={"t.csv": text})
        assert code == 0
        found = _read("o.csv").filter(pl.struct("region", "industry").is_in(
            [{"region": "05", "industry": "0111"}, {"region": "76", "industry": "1011"}]
        ))  # fmt: skip
        assert found["lq"].null_count() == 2
        assert found["status"].unique().to_list() == [status]


@pytest.mark.parametrize(
    "text",
    [
        "dpto,ciiu,año,empleo\n05,0111,2022,7\n",
        "dpto,ciiu,año,empleo\n05,0111,2022,7\n05,1011,2022,9\n",
        "dpto,ciiu,año,empleo\n05,0111,2022,7\n76,0111,2022,9\n",
        "dpto,ciiu,año,empleo\n05,0111,2022,7\n05,1011,2022,7\n76,0111,2022,7\n76,1011,2022,7\n",
    ],
    ids=["one cell", "one region", "one industry", "constant"],
)
def test_small_and_constant_tables_are_like_themselves(run, text):
    code, _, _ = run("t.csv", *COLUMNS, "--firms", "empleo", "--out", "o.csv", files={"t.csv": text})
    assert code == 0
    found = _read("o.csv")
    assert found["lq"].to_list() == pytest.approx([1.0] * found.height)
    assert found["status"].unique().to_list() == ["ok"]
    assert ((found["lq_lo"] < 1) & (found["lq_hi"] > 1)).all()


def _with(row: str) -> str:
    return GOOD + row + "\n"


BAD_TABLES = [
    ("text", _with("11,1011,2022,muchos,1"), "table.not_a_number", "8"),
    ("formula", _with("11,1011,2022,=2+3,1"), "table.not_a_number", "8"),
    ("negative", _with("11,1011,2022,-4,1"), "table.negative", "8"),
    ("infinite", _with("11,1011,2022,inf,1"), "table.not_finite", "8"),
    ("beyond adding up", _with("11,1011,2022,1e308,1"), "specialize.too_large", "8"),
    ("zeros lost in some rows", _with("5,6201,2022,9,1"), "specialize.zeros_mixed", "05 / 5"),
    ("decimal comma", _with('11,1011,2022,"1.234,5",1'), "table.not_a_number", "1.234,5"),
    ("duplicate", _with("05,0111,2022,1,1"), "table.keys_duplicated", "1, 8"),
    ("no code", _with(",0111,2022,1,1"), "table.key_empty", "8"),
    ("no rows", GOOD.splitlines()[0] + "\n", "table.empty", "t.csv"),
    ("nothing at all", "", "table.unreadable", "t.csv"),
    ("renamed column", GOOD.replace("ciiu", "clase"), "table.column_missing", "ciiu"),
    ("half a firm", _with("11,1011,2022,4,1.5"), "specialize.firms_not_whole", "8"),
    ("negative firms", _with("11,1011,2022,4,-1"), "table.negative", "8"),
    ("not text at all", b"\x00\xff\xfe\x9d" * 40, "table", "t.csv"),
]


@pytest.mark.parametrize(
    ("content", "code", "says"), [row[1:] for row in BAD_TABLES], ids=[row[0] for row in BAD_TABLES]
)
def test_bad_tables_are_refused_and_the_earlier_file_stays(run, content, code, says):
    Path("o.csv").write_text("earlier")
    left, out, error = run(
        "t.csv", *COLUMNS, "--firms", "empresas", "--out", "o.csv", files={"t.csv": content}
    )
    assert left == 3
    assert error.startswith(code)
    assert says in error
    assert "Traceback" not in error + out
    assert Path("o.csv").read_text() == "earlier"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["o.csv", "t.csv"]


@pytest.mark.parametrize(
    ("option", "content", "code"),
    [
        ("--totals", "region,total\n5,900\n76,900\n", "specialize.zeros_lost"),
        ("--totals", "region,total\n99,900\n", "specialize.codes_unmatched"),
        ("--totals", "region,total\n05,100\n", "specialize.total_below_cell"),
        ("--totals", "region,total\n05,1e300\n", "specialize.too_large"),
        ("--totals", "region,total\n05,900\n05,901\n", "table.keys_duplicated"),
        ("--totals", "region,jobs\n05,900\n", "table.column_missing"),
        ("--base", "industry,share\n0111,25\n", "specialize.share_above_one"),
        ("--base", "industry,share\n0111,-0.1\n", "table.negative"),
        ("--base", "industry,share\n111,0.1\n", "specialize.zeros_lost"),
        ("--base", "industry,share,period\n0111,0.1,1999\n", "specialize.codes_unmatched"),
    ],
)
def test_bad_references_are_refused(run, option, content, code):
    left, _, error = run(
        "t.csv", *COLUMNS, option, "r.csv", "--out", "o.csv", files={"t.csv": GOOD, "r.csv": content}
    )
    assert left == 3
    assert error.startswith(f"{code}: ")
    assert "r.csv" in error
    assert not Path("o.csv").exists()


def test_refusals_are_machine_readable_and_in_english_when_asked(run, monkeypatch):
    monkeypatch.setenv("COOPETIR_LANGUAGE", "en")
    left, out, error = run("none.csv", *COLUMNS, "--out", "o.csv", "--json")
    assert left == 3
    assert json.loads(out)["error"]["code"] == "table.missing"
    assert "There is no file" in error


def test_wrong_calls_and_unwritable_results_have_their_own_exit_codes(run):
    assert run("t.csv", "--region", "dpto", "--out", "o.csv")[0] == 2
    assert run("t.csv", *COLUMNS, "--level", "much", "--out", "o.csv")[0] == 2
    assert run("t.csv", *COLUMNS, "--level", "80", "--out", "o.csv")[0] == 3
    assert run("t.csv", *COLUMNS, "--out", "o.doc")[0] == 4
    Path("taken").write_text("a file, not a folder")
    assert run("t.csv", *COLUMNS, "--out", "taken/o.csv")[0] == 4


def test_a_wrong_ending_of_the_output_is_named_with_the_right_ones(run) -> None:
    code, _, error = run("t.csv", *COLUMNS, "--out", "o.xls")
    assert code == 4
    assert error.startswith("output.suffix")
    assert ".csv, .parquet, .xlsx" in error
    assert "espacio" not in error
