"""``coopetir complexity`` on files: what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coopetir.cli import complexity as verb
from coopetir.cli.main import main
from coopetir.identify.core.complexity_result import Complexity

COLUMNS = {
    "regions": ["period", "region", "diversity", "eci", "coi", "fitness", "reason"],
    "industries": ["period", "industry", "ubiquity", "pci", "complexity", "reason"],
    "cells": [
        "period", "region", "industry", "value", "rca", "present", "density", "distance", "cog", "reason",
    ],
}  # fmt: skip
NAMES = ["--region", "mun", "--industry", "ciiu", "--value", "empleo"]


def frame() -> pl.DataFrame:
    rng = np.random.default_rng(12)
    values = np.tri(6, 8, 2) * rng.integers(10, 500, (6, 8))
    rows = [
        {"anio": year, "mun": f"{5001 + r:05d}", "ciiu": f"{111 + i:04d}", "empleo": int(value)}
        for year in (2022, 2023)
        for (r, i), value in np.ndenumerate(values)
        if value
    ]
    return pl.DataFrame(rows)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = 0
    try:
        main(["complexity", *arguments])
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "empleo.csv"
    frame().write_csv(path)
    return path


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_writes_every_table_with_its_columns(
    table: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    code, said, _ = run(
        [str(table), *NAMES, "--period", "anio", "--out", str(out), "--format", kind, "--json"], capsys
    )
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [f"{name}.{kind}" for name in COLUMNS] + ["summary.json"]
    )
    readers = {"parquet": pl.read_parquet, "xlsx": pl.read_excel, "csv": pl.read_csv}
    for name, columns in COLUMNS.items():
        assert readers[kind](out / f"{name}.{kind}").columns == columns
    cells = readers[kind](out / f"cells.{kind}")
    assert len(cells) == 2 * 6 * 8
    printed = json.loads(said)
    assert printed["periods"] == json.loads((out / "summary.json").read_text())["periods"]
    assert [one["period"] for one in printed["periods"]] == ["2022", "2023"]
    assert len(printed["periods"][0]["eigenvalues"]) == 3


def test_codes_keep_their_zeros_and_text_is_text(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run([str(table), *NAMES, "--period", "anio", "--out", str(tmp_path / "o")], capsys)
    cells = pl.read_parquet(tmp_path / "o" / "cells.parquet")
    assert cells.schema["region"] == pl.String
    assert cells.schema["present"] == pl.Boolean
    assert cells.row(0, named=True)["region"] == "05001"
    assert cells.row(0, named=True)["industry"] == "0111"
    absent = cells.filter(pl.col("value") == 0)
    assert len(absent) > 0
    assert absent["present"].any() is False
    assert absent["density"].null_count() == 0
    assert cells.filter("present")["cog"].unique().to_list() == [0.0]


def test_shuffled_parquet_gives_the_same_as_csv(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame().sample(fraction=1, shuffle=True, seed=3).write_parquet(tmp_path / "t.parquet")
    for source, out in ((table, "a"), (tmp_path / "t.parquet", "b")):
        run([str(source), *NAMES, "--period", "anio", "--out", str(tmp_path / out)], capsys)
    for name in COLUMNS:
        one, two = (pl.read_parquet(tmp_path / out / f"{name}.parquet") for out in "ab")
        assert one.equals(two)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_writing_in_pieces_changes_nothing(
    table: Path,
    tmp_path: Path,
    kind: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = [str(table), *NAMES, "--period", "anio", "--format", kind]
    run([*ask, "--out", str(tmp_path / "whole")], capsys)
    monkeypatch.setattr(verb, "PIECE", 10)
    run([*ask, "--out", str(tmp_path / "pieces")], capsys)
    read = pl.read_parquet if kind == "parquet" else pl.read_csv
    whole, pieces = (read(tmp_path / out / f"cells.{kind}") for out in ("whole", "pieces"))
    assert whole.equals(pieces)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_run_cut_short_leaves_nothing(
    table: Path,
    tmp_path: Path,
    failure: BaseException,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def fail_late(result: Complexity, append: verb.Append) -> None:
        calls.append(result.period)
        append(result.cells())
        if len(calls) == 2:
            raise failure

    monkeypatch.setattr(verb, "_append_cells", fail_late)
    out = tmp_path / "o"
    code, _, _ = run([str(table), *NAMES, "--period", "anio", "--out", str(out)], capsys)
    assert code == (130 if failure is KeyboardInterrupt else 4)
    assert calls == ["2022", "2023"]
    assert not out.exists()


def test_options_reach_the_computation(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = frame().filter(pl.col("anio") == 2022)
    one.write_csv(table)
    outs = {}
    for name, extra in {
        "plain": [],
        "own": ["--pci-scale", "own"],
        "raw": ["--pci", "raw"],
        "high": ["--threshold", "2.0"],
        "steps": ["--iterations", "3"],
    }.items():
        out = tmp_path / name
        assert run([str(table), *NAMES, "--out", str(out), *extra], capsys)[0] == 0
        outs[name] = {key: pl.read_parquet(out / f"{key}.parquet") for key in COLUMNS}
    plain = outs["plain"]
    assert not outs["own"]["industries"]["pci"].equals(plain["industries"]["pci"])
    assert outs["own"]["regions"]["eci"].equals(plain["regions"]["eci"])
    assert not outs["raw"]["cells"]["cog"].equals(plain["cells"]["cog"])
    assert outs["high"]["cells"]["present"].sum() < plain["cells"]["present"].sum()
    assert json.loads((tmp_path / "steps" / "summary.json").read_text())["periods"][0]["fitness_steps"] == 3


def test_empty_value_is_unknown_not_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    text = frame().filter(pl.col("anio") == 2022).with_columns(pl.col("empleo").cast(pl.String))
    text[0, "empleo"] = ""
    text.write_csv(path)
    code, said, _ = run([str(path), *NAMES, "--out", str(tmp_path / "o")], capsys)
    assert code == 0
    assert "1 " in said
    cells = pl.read_parquet(tmp_path / "o" / "cells.parquet")
    unknown = cells.filter(pl.col("value").is_null())
    assert unknown["reason"].to_list() == ["unknown_value"]
    assert unknown["present"].to_list() == [None]


@pytest.mark.parametrize(
    ("column", "value", "error", "told"),
    [
        ("empleo", "-5", "table.negative", "3"),
        ("empleo", "muchos", "table.not_a_number", "muchos"),
        ("empleo", "1e308", "complexity.too_large", "empleo"),
        ("empleo", "inf", "table.not_finite", "3"),
        ("mun", "", "table.key_empty", "3"),
        ("mun", "5001", "complexity.codes_collide", "05001, 5001"),
    ],
)
def test_bad_cells_are_refused_by_name_and_leave_nothing(
    tmp_path: Path, column: str, value: str, error: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = frame().filter(pl.col("anio") == 2022).with_columns(pl.col("empleo").cast(pl.String))
    bad[2, column] = value
    path = tmp_path / "bad.csv"
    bad.write_csv(path)
    code, _, complaint = run([str(path), *NAMES, "--out", str(tmp_path / "o")], capsys)
    assert code == 3
    assert complaint.startswith(error)
    assert told in complaint
    assert not (tmp_path / "o").exists()


def test_duplicate_missing_column_empty_and_absent_files_are_refused(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "o")]
    code, said, complaint = run([str(table), *NAMES, *out, "--json"], capsys)
    assert (code, json.loads(said)["error"]["code"]) == (3, "table.keys_duplicated")
    assert "table.keys_duplicated" in complaint
    wrong = ["--region", "municipio", "--industry", "ciiu", "--value", "empleo"]
    assert run([str(table), *wrong, *out], capsys)[0] == 3
    empty = tmp_path / "empty.csv"
    empty.write_text("mun,ciiu,empleo\n", encoding="utf-8")
    assert run([str(empty), *NAMES, *out], capsys)[0] == 3
    assert run([str(tmp_path / "none.csv"), *NAMES, *out], capsys)[0] == 3
    assert run([str(table), *NAMES, *out, "--threshold", "0"], capsys)[0] == 2
    code, _, complaint = run([str(table), *NAMES, "--period", "anio", *out, "--threshold", "nan"], capsys)
    assert code == 3
    assert "complexity.threshold" in complaint
    assert not (tmp_path / "o").exists()


def test_a_refused_run_leaves_the_earlier_one_untouched(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o"
    run([str(table), *NAMES, "--period", "anio", "--out", str(out)], capsys)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    second = frame().with_columns(mun=pl.when(pl.col("anio") == 2023).then(pl.lit("5001")).otherwise("mun"))
    second = second.unique(["anio", "mun", "ciiu"]).vstack(
        pl.DataFrame(
            {"anio": [2023], "mun": ["05001"], "ciiu": ["0111"], "empleo": [4]}, schema=second.schema
        )
    )
    second.write_csv(table)
    code, _, complaint = run([str(table), *NAMES, "--period", "anio", "--out", str(out)], capsys)
    assert code == 3, complaint  # found while computing the second period, after the first was written
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_in_the_way_of_a_file_is_an_output_error(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o"
    (out / "cells.parquet").mkdir(parents=True)
    code, _, complaint = run([str(table), *NAMES, "--period", "anio", "--out", str(out)], capsys)
    assert code == 4
    assert "output.not_written" in complaint
    assert [path.name for path in out.iterdir()] == ["cells.parquet"]


def test_a_table_too_long_for_a_sheet_is_refused_before_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diagonal = pl.DataFrame({"mun": [f"m{k}" for k in range(1100)], "ciiu": [f"c{k}" for k in range(1100)]})
    diagonal.with_columns(empleo=1.0).write_parquet(tmp_path / "t.parquet")
    code, _, complaint = run(
        [str(tmp_path / "t.parquet"), *NAMES, "--format", "xlsx", "--out", str(tmp_path / "o")], capsys
    )
    assert code == 4
    assert "1210000" in complaint
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_person_is_told_what_to_mind(
    table: Path,
    tmp_path: Path,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COOPETIR_LANGUAGE", language)
    frame().filter(pl.col("mun").is_in(["05001", "05002"])).write_csv(table)
    _, said, _ = run([str(table), *NAMES, "--period", "anio", "--out", str(tmp_path / "o")], capsys)
    assert {"es": "sin ECI", "en": "no ECI"}[language] in said
    regions = pl.read_parquet(tmp_path / "o" / "regions.parquet")
    assert set(regions["reason"]) == {"too_small"}
