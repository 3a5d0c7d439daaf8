"""What does each column of each table mean, and of which type is it really?

Types come from tables that the command line writes from a small invented registry, so they are never guessed;
meanings from ``data_dictionary.toml`` beside this file. A column without a meaning is an error.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell(item) for item in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def data_dictionary_page() -> str:
    stated = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        real = schemas(Path(folder))
    if set(stated) != set(real):
        raise SystemExit(f"tables: {sorted(set(stated) ^ set(real))}")
    parts = []
    for name, columns in real.items():
        said = stated[name]
        wrong = sorted((set(said) - {"about"}) ^ set(columns))
        if wrong:
            raise SystemExit(f"tools/data_dictionary.toml, {name}: {', '.join(wrong)}")
        rows = [[f"`{column}`", kind, said[column]] for column, kind in columns.items()]
        parts.append(f"## {name}\n\n{said['about']}\n\n{table(['Column', 'Type', 'Meaning'], rows)}\n")
    return f"""# Data dictionary

Columns of every table that goes in or out.
In all of them an empty value is unknown; it is never zero. Shares and percentages in columns are fractions, 0–1, unless stated.
What a table of cells may hold as *input* to `coopetir screen`: `year, region, industry, employees[, firms, top1_emp_share, suppressed]`; there a missing row is a true zero, an empty value is unknown, and `suppressed` marks a cell that somebody withheld.

{chr(10).join(parts)}"""


def schemas(folder: Path) -> dict[str, dict[str, str]]:
    """Column → type of each table, as the command line writes it."""
    import polars as pl

    from coopetir.foundation.core.extracts.issues import SCHEMA
    from coopetir.foundation.core.extracts.registry import CANONICAL

    survey = ROOT / "src/coopetir/foundation/catalogues/empleo_dpto_ciiu4_2022.csv"
    names = ["--region", "cod_dpto", "--industry", "ciiu_rev4_ac", "--value", "ocupados_promedio_mes"]
    size = ["--firms", "400", "--country-firms", "1200", "--years", "2018-2023", "--seed", "1", "--out", "r"]
    coopetir(folder, "synthesize", *size)
    files = [str(path) for path in sorted((folder / "r").glob("registro_*"))]
    coopetir(
        folder,
        "screen",
        "--industries",
        "r/industries.csv",
        "--resamples",
        "2",
        "--out",
        "s",
        "--registry",
        *files,
    )
    shares = pl.read_csv(survey, schema_overrides={"cod_dpto": pl.String}).group_by("cod_dpto")
    totals = shares.agg(total=pl.col("ocupados_promedio_mes").sum()).rename({"cod_dpto": "region"})
    totals.write_csv(folder / "totals.csv")
    bounds = ["--bounds", "--totals", "totals.csv"]
    coopetir(folder, "specialize", str(survey), *names, *bounds, "--out", "l.parquet")
    coopetir(folder, "complexity", str(survey), *names, "--out", "c")

    def written(name: str) -> dict[str, str]:
        path = folder / name
        codes = {"region": pl.String, "industry": pl.String}
        if path.suffix == ".parquet":
            schema = pl.read_parquet_schema(path)
        else:
            schema = pl.read_csv(path, schema_overrides=codes).schema
        return {column: kind_of(kind) for column, kind in schema.items()}

    return {
        "extracts: firms.parquet": {column: kind_of(kind) for column, kind in CANONICAL.items()},
        "extracts: issues.parquet": {column: kind_of(kind) for column, kind in SCHEMA.items()},
        **{
            f"screen: {name}.parquet": written(f"s/{name}.parquet")
            for name in ("verdicts", "criteria", "drivers")
        },
        "specialize: --out FILE": written("l.parquet"),
        **{
            f"complexity: {name}.parquet": written(f"c/{name}.parquet")
            for name in ("regions", "industries", "cells")
        },
        **{
            f"synthesize: {name}.csv": written(f"r/{name}.csv") for name in ("truth", "industries", "regions")
        },
    }


def coopetir(folder: Path, *arguments: str) -> None:
    code = "import sys; from coopetir.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"coopetir {' '.join(arguments)}: {done.stderr}")


def kind_of(kind: Any) -> str:
    name = str(kind)
    words = {"String": "text", "Boolean": "true or false", "Date": "date", "List(String)": "list of texts"}
    return words.get(
        name, "number" if name.startswith("Float") else "whole number" if "Int" in name else name
    )
