"""``coopetir screen`` and ``coopetir explain`` from file to file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from coopetir.cli import screen as verb
from coopetir.cli.main import main
from coopetir.identify.core.method import shipped_method
from screening_tables import cells, industries

COLUMNS = ["region", "family", "verdict", "stability", "density", "growth", "technology", "market", "reasons"]


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Call a verb in a folder that holds the small tables; gives exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOPETIR_LANGUAGE", "es")
    cells().write_parquet("cells.parquet")
    industries().write_csv("industries.csv")

    def call(*words: str) -> tuple[int, str, str]:
        try:
            main(list(words))
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        out, error = capsys.readouterr()
        return code, out, error

    return call


SCREEN = ("screen", "cells.parquet", "--industries", "industries.csv", "--resamples", "20", "--out", "out")


def test_files_out(run) -> None:
    code, out, _ = run(*SCREEN, "--json", "--seed", "4")
    summary = json.loads(out)
    assert code == 0
    assert summary["rows"] == 24
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(verb.FILES)
    verdicts = pl.read_parquet("out/verdicts.parquet")
    assert set(COLUMNS) <= set(verdicts.columns)
    assert sum(summary["verdicts"].values()) == verdicts.height == 24
    for criterion in ("density", "growth", "technology", "market"):
        assert set(verdicts[criterion].drop_nulls()) <= {0, 1, 2}


def test_the_evidence_says_from_what_and_by_which_rule(run) -> None:
    run(*SCREEN, "--seed", "4")
    text = Path("out/evidence.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["method"]["digest_sha256"] == shipped_method().digest
    assert document["seed"] == 4
    assert set(document["inputs"]) == {"cells", "industries"}
    assert all(
        len(entry["sha256"]) == 64 and "/" not in entry["name"] for entry in document["inputs"].values()
    )
    row = next(item for item in document["rows"] if (item["region"], item["family"]) == ("R0", "A"))
    assert set(row["criteria"]) == {"density", "growth", "technology", "market"}
    quotient = row["criteria"]["density"]["measures"][0]
    assert quotient["measure"] == "lq"
    assert {"value", "threshold", "meets", "imputed_share"} <= set(quotient)
    assert str(Path.cwd()) not in text


def test_the_same_seed_writes_the_same(run) -> None:
    run(*SCREEN, "--seed", "4")
    first = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    run(*SCREEN, "--seed", "4")
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == first
    run(*SCREEN, "--seed", "5")
    assert Path("out/verdicts.parquet").read_bytes() != first["verdicts.parquet"]


def test_explain_and_what_if(run) -> None:
    run(*SCREEN)
    code, out, _ = run(
        "explain", "out", "--region", "R0", "--family", "A", "--what-if", "density.lq_meets=9", "--json"
    )
    told = json.loads(out)
    assert code == 0
    assert (told["verdict"], told["what_if"]["verdict"]) == ("qualifies", "candidate")
    assert told["meets"].startswith("Cumple densidad")
    code, out, _ = run("explain", "out", "--region", "R0", "--family", "A", "--language", "en")
    assert out.startswith("R0 · A: qualifies")
    assert len(out.strip().splitlines()) >= 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "out", "--region", "R9", "--family", "A"), "screening.row_missing"),
        (("explain", ".", "--region", "R0", "--family", "A"), "explain.not_a_screening"),
        (
            ("explain", "out", "--region", "R0", "--family", "A", "--what-if", "lq"),
            "explain.threshold_unreadable",
        ),
        (
            ("explain", "out", "--region", "R0", "--family", "A", "--what-if", "window.level_periods=2"),
            "screening.threshold_needs_run",
        ),
    ],
)
def test_explain_refuses_by_name(run, words: tuple[str, ...], code: str) -> None:
    run(*SCREEN)
    left, _, error = run(*words)
    assert left == 3
    assert error.startswith(code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (("--method", "bad.toml"), "method.key_unknown"),
        (("--method", "no.toml"), "method.missing"),
        (("--region", "R9"), "screening.regions_not_screened"),
        (("--regions", "no.csv"), "table.missing"),
    ],
)
def test_refusals_leave_nothing_behind(run, changes: tuple[str, ...], code: str) -> None:
    Path("bad.toml").write_text("[density]\nlq_meet = 2\n", encoding="utf-8")
    left, out, error = run(*SCREEN, *changes, "--json")
    assert left == 3
    assert error.startswith(code)
    assert json.loads(out)["error"]["code"] == code
    assert sorted(path.name for path in Path().iterdir()) == ["bad.toml", "cells.parquet", "industries.csv"]


def test_cells_and_industries_are_both_needed(run) -> None:
    assert run("screen", "--out", "out")[2].startswith("screen.cells_or_registry")
    assert run("screen", "cells.parquet", "--out", "out")[2].startswith("screen.industries_needed")


def test_a_folder_with_other_files_is_left_alone(run) -> None:
    Path("out").mkdir()
    Path("out/mine.txt").write_text("keep", encoding="utf-8")
    left, _, error = run(*SCREEN)
    assert left == 4
    assert error.startswith("output.not_written")
    assert [path.name for path in Path("out").iterdir()] == ["mine.txt"]


def test_a_failure_while_writing_keeps_the_earlier_result(run, monkeypatch) -> None:
    run(*SCREEN)
    before = Path("out/evidence.json").read_bytes()

    rename = Path.rename

    def broken(path: Path, target: Path) -> Path:
        if target.name == "out" and not path.name.endswith("-earlier"):
            raise OSError("disk full")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", broken)
    left, _, error = run(*SCREEN, "--seed", "9")
    assert left == 4
    assert "disk full" in error
    assert Path("out/evidence.json").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["cells.parquet", "industries.csv", "out"]


def test_from_registry_extracts(run) -> None:
    assert (
        run("synthesize", "--region", "76", "--firms", "400", "--seed", "3", "--out", "syn", "--json")[0] == 0
    )
    files = sorted(str(path) for path in Path("syn").glob("registro_*"))
    options = ("--industries", "syn/industries.csv", "--region", "76", "--resamples", "5", "--json")
    code, out, error = run("screen", "--registry", *files, *options, "--out", "verdicts")
    assert code == 0, error
    assert json.loads(out)["rows"] > 20
    verdicts = pl.read_parquet("verdicts/verdicts.parquet")
    assert set(verdicts["region"]) == {"76"}
    tops = verdicts.filter(pl.col("top_firm").is_not_null()).select(
        "top_firm", "top_firm_bound", "top_firm_weighted"
    )
    over = tops["top_firm"] - tops["top_firm_bound"]  # above only where a year has no known firm at all
    assert over.min() > -1e-9
    assert over.median() == 0
    assert not tops["top_firm"].equals(tops["top_firm_weighted"])
    assert verdicts["imputed_share"].max() > 0


def test_one_year_of_a_real_looking_extract_is_answered_with_what_is_missing(tmp_path):
    """The sample of one year: no trend, no attributes; every verdict says so and every file is valid."""
    import coopetir.foundation

    sample = Path(coopetir.foundation.__file__).parent / "samples" / "muestra-sucia-2023.txt"
    out = tmp_path / "out"
    main(["screen", "--registry", str(sample), "--region", "76", "--resamples", "5", "--out", str(out)])
    document = json.loads((out / "evidence.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert {row["verdict"] for row in document["rows"]} == {"insufficient_data"}
    table = pl.read_parquet(out / "criteria.parquet")
    assert table.select(pl.col(pl.Float64).is_nan().any()).row(0) == (False,) * 4


@pytest.mark.parametrize(("column", "value"), [("firms", 1e308), ("firms", 2e7), ("employees", 1e308)])
def test_counts_no_country_has_are_refused_by_row(run, column: str, value: float) -> None:
    table = cells().with_columns(pl.col(column).cast(pl.Float64))
    table[2, column] = value
    table.write_parquet("cells.parquet")
    code, _, error = run(*SCREEN)
    assert code == 3
    assert error.startswith("cells.beyond_belief")
    assert f"columna {column}" in error
    assert "filas 3;" in error


@pytest.mark.parametrize(("value", "told"), [("alto", "table.not_a_number"), ("inf", "table.not_finite")])
def test_text_in_a_judged_column_is_refused_by_row(run, value: str, told: str) -> None:
    table = industries().with_columns(pl.col("tech_intensity").cast(pl.String))
    table[1, "tech_intensity"] = value
    table.reverse().write_csv("industries.csv")
    code, _, error = run(*SCREEN)
    assert code == 3
    assert error.startswith(told)
    assert f"filas {table.height - 1}" in error


KILLED = """
import os, signal, sys
from coopetir.cli import screen
from coopetir.cli.main import main
def slow(result, language):
    os.kill(os.getpid(), signal.SIGTERM)
    raise SystemExit("the signal did not end the verb")
class Late:
    def __init__(self, *given): self.given = given
    def write_parquet(self, path): open(path, "w").write("half"); slow(None, None)
real = screen.write_folder
def write(out, result, document, report):
    from dataclasses import replace
    real(out, replace(result, verdicts=Late()), document, report)
screen.write_folder = write
main(sys.argv[1:])
"""


def test_a_polite_kill_leaves_nothing_half_written(run) -> None:
    before = sorted(path.name for path in Path().iterdir())
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *SCREEN], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    assert sorted(path.name for path in Path().iterdir()) == before
