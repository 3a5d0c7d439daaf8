"""``coopetir screen``: which families of industries qualify as clusters, how sure that is, and why."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from coopetir.cli.main import Bar, finish, language
from coopetir.foundation.core.tables import OutputNotWritten, read_table
from coopetir.identify.core.method import read_method, shipped_method
from coopetir.identify.core.record import evidence_document, fingerprint
from coopetir.identify.core.report import render_report
from coopetir.identify.core.screening import RESAMPLES, ScreeningResult, screen

FILES = ("verdicts.parquet", "criteria.parquet", "drivers.parquet", "evidence.json", "report.html")


@click.command(name="screen")
@click.argument("cells", type=click.Path(path_type=Path))
@click.option(
    "--industries", required=True, type=click.Path(path_type=Path), help="industry, family[, local, …]."
)
@click.option("--regions", type=click.Path(path_type=Path), help="region[, name].")
@click.option("--method", "method_file", type=click.Path(path_type=Path), help="TOML; default: coop-1.")
@click.option("--resamples", type=click.IntRange(0, 100_000), default=RESAMPLES, show_default=True)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same result."
)
@click.option("--region", "keep", multiple=True, help="Report on this region only; the others still compare.")
@click.option("--survey", is_flag=True, help="The values are survey estimates: no count-based interval.")
@click.option(
    "--language", "report_language", type=click.Choice(["es", "en"]), default="es", show_default=True
)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    cells: Path,
    industries: Path,
    regions: Path | None,
    method_file: Path | None,
    resamples: int,
    seed: int,
    keep: tuple[str, ...],
    survey: bool,
    report_language: str,
    out: Path,
    as_json: bool,
) -> None:
    """Judge every region x family of CELLS by the four criteria of a Method.

    CELLS: year, region, industry, employees[, firms, top1_emp_share, suppressed], one row per key; a row that
    is not there is zero activity, an empty value is unknown. Writes verdicts.parquet, criteria.parquet,
    drivers.parquet, evidence.json and report.html to the folder: all of them, or none.
    """
    method = read_method(method_file) if method_file else shipped_method()
    tables = {"cells": read_table(cells), "industries": read_table(industries)}
    if regions:
        tables["regions"] = read_table(regions)
    files = {"cells": cells, "industries": industries, "regions": regions, "method": method_file}
    inputs = {role: fingerprint(path) for role, path in files.items() if path is not None}
    result = screen(
        tables["cells"],
        tables["industries"],
        tables.get("regions"),
        method=method,
        resamples=resamples,
        rng=np.random.default_rng(seed),
        survey=survey,
        keep=keep or None,
        source=cells.name,
        progress=Bar(quiet=as_json),
    )
    document = evidence_document(result, inputs=inputs, seed=seed)
    write_folder(out, result, document, render_report(result, report_language))
    summary = _summary(result, out, seed)
    finish(summary, as_json=as_json, text=_sentence(summary))


def write_folder(out: Path, result: ScreeningResult, document: dict[str, Any], report: str) -> None:
    """The folder appears whole, or an earlier one stays as it was.

    :raises OutputNotWritten: also when the folder holds files that a screening did not write.
    """
    strange = sorted(path.name for path in out.iterdir() if path.name not in FILES) if out.is_dir() else []
    if strange:
        raise OutputNotWritten(target=str(out), why=f"holds other files: {', '.join(strange[:5])}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=".partial-"))
    except OSError as error:
        raise OutputNotWritten(target=str(out), why=str(error)) from error
    try:
        result.verdicts.write_parquet(draft / "verdicts.parquet")
        result.criteria.write_parquet(draft / "criteria.parquet")
        result.drivers.write_parquet(draft / "drivers.parquet")
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        (draft / "evidence.json").write_text(text + "\n", encoding="utf-8")
        (draft / "report.html").write_text(report, encoding="utf-8")
        draft.chmod(0o755)
        _take_place(draft, out)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OutputNotWritten(target=str(out), why=str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, out: Path) -> None:
    if not out.exists():
        draft.replace(out)
        return
    earlier = out.with_name(f".earlier-{draft.name}")
    out.replace(earlier)
    try:
        draft.replace(out)
    except OSError:
        earlier.replace(out)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _summary(result: ScreeningResult, out: Path, seed: int) -> dict[str, Any]:
    counts = dict(result.verdicts["verdict"].value_counts().iter_rows())
    firm = result.verdicts.filter((pl.col("verdict") == "qualifies") & (pl.col("label") == "firm")).height
    return {
        "out": str(out),
        "files": list(FILES),
        "rows": result.verdicts.height,
        "verdicts": {
            name: int(counts.get(name, 0))
            for name in ("qualifies", "candidate", "not_now", "insufficient_data")
        },
        "qualifies_firm": firm,
        "method": {
            "name": result.method.name,
            "version": result.method.version,
            "digest_sha256": result.method.digest,
        },
        "seed": seed,
        "resamples": result.resamples,
    }


def _sentence(summary: dict[str, Any]) -> str:
    counts = summary["verdicts"]
    if language() == "en":
        return (
            f"{counts['qualifies']} qualify ({summary['qualifies_firm']} firmly), {counts['candidate']} candidates, "
            f"{counts['not_now']} not now, {counts['insufficient_data']} lack data → {summary['out']}/report.html"
        )
    return (
        f"Califican {counts['qualifies']} ({summary['qualifies_firm']} con firmeza), {counts['candidate']} candidatas, "
        f"{counts['not_now']} hoy no, {counts['insufficient_data']} sin datos suficientes → {summary['out']}/report.html"
    )
