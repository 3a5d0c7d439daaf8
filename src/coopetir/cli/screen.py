"""``coopetir screen``: which families of industries qualify as clusters, how sure that is, and why."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from coopetir.cli.main import Bar, finish, language
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.folders import replacing_folder
from coopetir.foundation.core.industry_attributes import ATTRIBUTES
from coopetir.foundation.core.progress import Progress
from coopetir.foundation.core.tables import OutputNotWritten, read_table, require_columns
from coopetir.identify.core.cells import TRUE_WORDS
from coopetir.identify.core.method import read_method, shipped_method
from coopetir.identify.core.record import evidence_document, fingerprint
from coopetir.identify.core.report import render_report
from coopetir.identify.core.screening import RESAMPLES, ScreeningResult, screen

FILES = ("verdicts.parquet", "criteria.parquet", "drivers.parquet", "evidence.json", "report.html")


class CellsOrRegistry(CoopetirError):
    code = "screen.cells_or_registry"
    es = "Indique una tabla de celdas, o extractos del registro con --registry; no {given}."
    en = "Name one table of cells, or registry extracts with --registry; not {given}."


class IndustriesNeeded(CoopetirError):
    code = "screen.industries_needed"
    es = "Con una tabla de celdas hace falta --industries (columnas industry y family)."
    en = "A table of cells needs --industries (columns industry and family)."


@dataclass(frozen=True)
class Tables:
    """What a screening takes, and the files it came from by role."""

    cells: pl.DataFrame
    industries: pl.DataFrame
    regions: pl.DataFrame | None
    source: str
    files: dict[str, Path]
    firms: pl.DataFrame | None = None


@click.command(name="screen")
@click.argument("files", nargs=-1, metavar="[CELLS]", type=click.Path(path_type=Path))
@click.option(
    "--registry", multiple=True, type=click.Path(path_type=Path), help="Registry extracts, instead of CELLS."
)
@click.option("--profile", type=click.Path(path_type=Path), help="TOML that says how to read the extracts.")
@click.option("--industries", type=click.Path(path_type=Path), help="industry, family[, local, …].")
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
    files: tuple[Path, ...],
    registry: tuple[Path, ...],
    profile: Path | None,
    industries: Path | None,
    regions: Path | None,
    method_file: Path | None,
    keep: tuple[str, ...],
    out: Path,
    report_language: str,
    as_json: bool,
    **choices: Any,
) -> None:
    """Judge every region x family of CELLS by the four criteria of a Method.

    CELLS: year, region, industry, employees[, firms, top1_emp_share, suppressed], one row per key; a row that
    is not there is zero activity, an empty value is unknown; other columns (sales, exports) are not read. With --registry FILE… the cells are made from
    registry extracts, a region being a department; --industries then only says families and attributes.

    Writes verdicts.parquet, criteria.parquet, drivers.parquet, evidence.json and report.html: all, or none.
    """
    method = read_method(method_file) if method_file else shipped_method()
    bar = Bar(quiet=as_json)
    if registry:
        tables = _from_registry([*registry, *files], profile, industries, keep, bar)
    else:
        tables = _from_cells(files, industries, regions)
    seed = int(choices["seed"])
    result = screen(
        tables.cells,
        tables.industries,
        tables.regions,
        method=method,
        resamples=choices["resamples"],
        rng=np.random.default_rng(seed),
        survey=choices["survey"],
        registry=bool(registry),
        firms=tables.firms,
        keep=keep or None,
        source=tables.source,
        progress=bar,
    )
    used = tables.files | ({"method": method_file} if method_file else {})
    document = evidence_document(
        result, inputs={role: fingerprint(path) for role, path in used.items()}, seed=seed
    )
    write_folder(out, result, document, render_report(result, report_language))
    summary = _summary(result, out, seed)
    finish(summary, as_json=as_json, text=_sentence(summary))


def _from_cells(files: tuple[Path, ...], industries: Path | None, regions: Path | None) -> Tables:
    if len(files) != 1:
        raise CellsOrRegistry(given=f"{len(files)} ({', '.join(path.name for path in files)})")
    if industries is None:
        raise IndustriesNeeded
    used = {"cells": files[0], "industries": industries} | ({"regions": regions} if regions else {})
    return Tables(
        cells=read_table(files[0]),
        industries=read_table(industries),
        regions=read_table(regions) if regions else None,
        source=files[0].name,
        files=used,
    )


def _from_registry(
    paths: list[Path],
    profile: Path | None,
    industries: Path | None,
    keep: tuple[str, ...],
    progress: Progress,
) -> Tables:
    """Cells by department from registry extracts; what is read from them stays in a temporary folder."""
    from coopetir.foundation.core import engines
    from coopetir.foundation.core.extracts.reading import read_extract
    from coopetir.identify.core.registry_screening import fabric_of
    from coopetir.identify.core.registry_units import registry_units

    families, attributes = (
        (None, None) if industries is None else _families(read_table(industries), industries.name)
    )
    with tempfile.TemporaryDirectory(prefix="coopetir-") as folder:
        reading = read_extract(paths, profile, out=Path(folder) / "reading", progress=progress)
        with engines.connect(temporary=Path(folder)) as engine:
            fabric = fabric_of(engine, [reading.firms], families=families, attributes=attributes)
            # firms are drawn one by one in the regions asked about; for a whole country cells must do
            firms = registry_units(engine, [reading.firms], keep) if keep else None
    used = {
        f"registry_{at}" if len(paths) > 1 else "registry": path for at, path in enumerate(paths, start=1)
    }
    used |= {role: path for role, path in (("profile", profile), ("industries", industries)) if path}
    return Tables(fabric.cells, fabric.industries, fabric.regions, "registry", used, firms)


def _families(table: pl.DataFrame, source: str) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The families and the attributes that an industries file adds to a registry."""
    require_columns(table, ["industry", "family"], source=source)
    families = table.filter(pl.col("family").cast(pl.String).fill_null("").str.strip_chars() != "")
    if "local" in table.columns:
        word = pl.col("local").cast(pl.String).fill_null("").str.to_lowercase().str.strip_chars()
        families = families.filter(~word.is_in(list(TRUE_WORDS)))
    names = {"family_name": "cluster"} if "family_name" in table.columns else {}
    known = [name for name in ATTRIBUTES if name in table.columns]
    return families.select("family", "industry", *names).rename(names), table.select(
        "industry", *known
    ) if known else None


def write_folder(out: Path, result: ScreeningResult, document: dict[str, Any], report: str) -> None:
    """The folder appears whole, or an earlier one stays as it was.

    :raises OutputNotWritten: also when the folder holds files that a screening did not write.
    """
    try:
        with replacing_folder(out, FILES) as draft:
            result.verdicts.write_parquet(draft / "verdicts.parquet")
            result.criteria.write_parquet(draft / "criteria.parquet")
            result.drivers.write_parquet(draft / "drivers.parquet")
            text = json.dumps(document, ensure_ascii=False, allow_nan=False)
            (draft / "evidence.json").write_text(text + "\n", encoding="utf-8")
            (draft / "report.html").write_text(report, encoding="utf-8")
    except pl.exceptions.PolarsError as error:
        raise OutputNotWritten(target=str(out), why=str(error)) from error


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
            f"{counts['not_now']} not yet, {counts['insufficient_data']} lack data → {summary['out']}/report.html"
        )
    return (
        f"Califican {counts['qualifies']} ({summary['qualifies_firm']} con firmeza), {counts['candidate']} candidatas, "
        f"{counts['not_now']} todavía no y a {counts['insufficient_data']} les faltan datos → {summary['out']}/report.html"
    )
