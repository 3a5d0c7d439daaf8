"""``coopetir complexity``: complexity and relatedness of a table of regions and industries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import click
import polars as pl

from coopetir import __version__
from coopetir.cli.main import Bar, finish, language
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import OutputNotWritten, read_table, replacing, write_table
from coopetir.identify.core.coded_table import coded_table
from coopetir.identify.core.complexity import complexity_by_period
from coopetir.identify.core.complexity_result import Complexity, Settings

# Rows written at once: large enough for good compression, small enough for memory.
PIECE = 250_000
SHEET_ROWS = 1_048_575

Append = Callable[[pl.DataFrame], None]


class SheetTooLong(CoopetirError):
    code = "output.sheet_too_long"
    es = "La tabla de celdas tendría {rows} filas y una hoja de XLSX admite {most}. Use --format parquet o csv."
    en = "The table of cells would have {rows} rows and an XLSX sheet holds {most}. Use --format parquet or csv."


@click.command(name="complexity")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--region", required=True, help="Column with the region's code.")
@click.option("--industry", required=True, help="Column with the industry's (or product's) code.")
@click.option("--value", required=True, help="Column with the activity: jobs, firms, sales or exports.")
@click.option("--period", help="Column with the period; periods are computed apart.")
@click.option(
    "--threshold",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="RCA from which an industry counts as present.",
)
@click.option(
    "--pci-scale",
    type=click.Choice(["eci", "own"]),
    default="eci",
    show_default=True,
    help="PCI on the regions' scale, so that ECI is the mean PCI of present industries, or on its own.",
)
@click.option(
    "--pci",
    type=click.Choice(["standard", "raw"]),
    default="standard",
    show_default=True,
    help="Which PCI enters coi and cog: as printed, or the unscaled eigenvector (py-ecomplexity).",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=1, max=100_000),
    help="Fixed steps of fitness. Without it: until no region changes rank for 50 steps, at most 1,000.",
)
@click.option("--per-component", is_flag=True, help="An own ECI for each piece of a disconnected table.")
@click.option("--format", "kind", type=click.Choice(["parquet", "csv", "xlsx"]), default="parquet")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    table: Path,
    region: str,
    industry: str,
    value: str,
    period: str | None,
    kind: str,
    out: Path,
    as_json: bool,
    **choices: Any,
) -> None:
    """Complexity (ECI, PCI, fitness), relatedness density, outlook and gain of TABLE.

    TABLE is CSV, Parquet or XLSX with one row per region, industry and period. A row that is not there is
    zero activity; an empty value is unknown and is left out, never counted as zero.

    Writes regions, industries, cells and summary.json to the folder: all of them, or none.
    """
    settings = Settings(**choices)
    checked = coded_table(
        read_table(table), region=region, industry=industry, value=value, period=period, source=table.name
    )
    if kind == "xlsx":
        _refuse_long_sheet(checked)
    results = complexity_by_period(checked, settings, progress=Bar(quiet=as_json))
    periods = _write(results, out, kind, choices)
    summary = {"out": str(out), "settings": choices, "periods": periods}
    finish(summary, as_json=as_json, text=_sentence(out, periods))


def _write(
    results: Iterator[Complexity], out: Path, kind: str, choices: dict[str, Any]
) -> list[dict[str, Any]]:
    """All files of a run, or none; cells go out period by period and piece by piece."""
    names = [f"regions.{kind}", f"industries.{kind}", f"cells.{kind}", "summary.json"]
    periods, regions, industries = [], [], []
    with _folder(out, names), ExitStack() as files:
        targets = [files.enter_context(replacing(out / name)) for name in names]
        with _appending(targets[2], kind) as append:
            for result in results:
                regions.append(result.regions())
                industries.append(result.industries())
                periods.append(result.summary())
                _append_cells(result, append)
        write_table(pl.concat(regions), targets[0])
        write_table(pl.concat(industries), targets[1])
        summary = {"coopetir": __version__, "settings": choices, "periods": periods}
        targets[3].write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return periods


def _append_cells(result: Complexity, append: Append) -> None:
    regions = len(result.activity.regions)
    step = max(1, PIECE // len(result.activity.industries))
    for first in range(0, regions, step):
        append(result.cells(first, min(first + step, regions)))


@contextmanager
def _folder(out: Path, names: list[str]) -> Iterator[None]:
    """The folder of a run; if it is new and the run fails, it goes again."""
    new = not out.exists()
    for name in names:
        if (out / name).is_dir():
            raise OutputNotWritten(target=str(out / name), why="it is a folder")
    try:
        yield
    except BaseException:
        if new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        raise


@contextmanager
def _appending(path: Path, kind: str) -> Iterator[Append]:
    """A function that adds rows to one table of the wanted kind."""
    if kind == "xlsx":
        pieces: list[pl.DataFrame] = []
        yield pieces.append
        write_table(pl.concat(pieces), path)
    elif kind == "csv":
        with path.open("wb") as stream:
            yield _csv_appender(stream)
    else:
        with _ParquetFile(path) as file:
            yield file.append


def _csv_appender(stream: IO[bytes]) -> Append:
    def append(frame: pl.DataFrame) -> None:
        frame.write_csv(stream, include_header=stream.tell() == 0)

    return append


class _ParquetFile:
    """A Parquet file that grows by row groups; text columns are plain text to every reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: Any = None

    def __enter__(self) -> _ParquetFile:
        return self

    def append(self, frame: pl.DataFrame) -> None:
        import pyarrow.parquet as parquet

        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            self.writer = parquet.ParquetWriter(
                self.path,
                rows.schema,
                compression="zstd",
                store_schema=False,
                use_dictionary=["period", "region", "industry", "reason"],
            )
        self.writer.write_table(rows)

    def __exit__(self, *failure: object) -> None:
        if self.writer is not None:
            self.writer.close()


def _refuse_long_sheet(table: pl.DataFrame) -> None:
    per_period = table.group_by("period").agg(pl.col("region").n_unique() * pl.col("industry").n_unique())
    rows = int(per_period["region"].cast(pl.Int64).sum())
    if rows > SHEET_ROWS:
        raise SheetTooLong(rows=rows, most=SHEET_ROWS)


def _sentence(out: Path, periods: list[dict[str, Any]]) -> str:
    """What was done and what to mind, for a person."""
    spanish = not language().startswith("en")
    lines = [
        f"Complejidad de {len(periods)} período(s) escrita en {out}."
        if spanish
        else f"Complexity of {len(periods)} period(s) written to {out}."
    ]
    for one in periods:
        lines += [
            f"  {one['period']}: {text}".replace("  : ", "  ") for text in _warnings(one, spanish=spanish)
        ]
    return "\n".join(lines)


def _warnings(one: dict[str, Any], *, spanish: bool) -> list[str]:
    told = {
        "too_small": (
            "sin ECI: hay menos de 3 regiones o 3 industrias con presencia.",
            "no ECI: fewer than 3 regions or 3 industries with presence.",
        ),
        "disconnected": (
            f"la tabla está partida en {one['components']} pedazos sin industrias comunes (--per-component).",
            f"the table falls into {one['components']} pieces without common industries (--per-component).",
        ),
        "degenerate": (
            "sin ECI: el segundo y el tercer valor propio coinciden.",
            "no ECI: the second and third eigenvalues coincide.",
        ),
        "sign_uncertain": (
            "el signo del ECI es dudoso: la diversidad no lo decide.",
            "the sign of ECI is uncertain: diversity does not decide it.",
        ),
        "few_regions": (
            f"el PCI sale de solo {one['regions_with_presence']} regiones; léalo con cautela.",
            f"PCI comes from only {one['regions_with_presence']} regions; read it with care.",
        ),
        "unknown_cells": (
            f"{one['unknown_cells']} valores desconocidos quedaron fuera de las sumas.",
            f"{one['unknown_cells']} unknown values were left out of the sums.",
        ),
    }
    return [pair[0 if spanish else 1] for flag, pair in told.items() if one[flag]]
