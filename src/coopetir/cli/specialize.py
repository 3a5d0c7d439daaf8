"""``coopetir specialize``: a table of activities in, location quotients with their certainty out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import polars as pl

from coopetir.cli.main import Bar, finish, language
from coopetir.foundation.core.tables import long_table, read_table, write_table
from coopetir.identify.core.quotient_reference import (
    Reference,
    base_shares,
    region_totals,
    summable,
)
from coopetir.identify.core.quotient_table import (
    PARTIAL,
    STATUSES,
    one_spelling,
    quotient_table,
    whole_firms,
)

NEEDS_TOTALS = {
    "es": "--bounds necesita --totals: solo el total de una región acota sus celdas desconocidas.",
    "en": "--bounds needs --totals: only a region's total bounds its unknown cells.",
}
EPILOG = "Statuses: " + "; ".join(f"{name}: {meaning}" for name, meaning in STATUSES.items()) + "."


@click.command("specialize", epilog=EPILOG)
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--region", required=True, metavar="COLUMN", help="Column of region codes.")
@click.option("--industry", required=True, metavar="COLUMN", help="Column of industry codes.")
@click.option("--value", required=True, metavar="COLUMN", help="Jobs, firms, sales …; empty = unknown.")
@click.option("--firms", metavar="COLUMN", help="Firm count, for lq_lo, lq_hi and lq_shrunk.")
@click.option("--period", metavar="COLUMN", help="Column of periods; each is computed by itself.")
@click.option("--totals", type=click.Path(path_type=Path), help="region,total[,firms][,period]")
@click.option("--base", type=click.Path(path_type=Path), help="industry,share[,firms_share][,period]")
@click.option("--absent-is-zero", is_flag=True, help="A missing row is a true zero, not an unknown.")
@click.option("--bounds", is_flag=True, help="Add lq_min and lq_max under any content of unknown cells.")
@click.option("--level", type=float, default=0.80, show_default=True, help="Level of lq_lo to lq_hi.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help=".csv, .parquet or .xlsx")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(table: Path, out: Path, *, as_json: bool, **options: Any) -> None:
    """How specialised is each region of TABLE in each industry, and how sure is that?

    Writes region, industry, period, value, lq, lq_lo, lq_hi, lq_shrunk, status. lq compares the industry's
    share in the region with its share in all regions of the table, or in --base. lq_lo, lq_hi and
    lq_shrunk are about the quotient of the firm count and stay empty without --firms; with --totals or
    --base they also need the columns firms or firms_share there, unless --firms and --value are the same.
    """
    if options["bounds"] and options["totals"] is None:
        raise click.UsageError(NEEDS_TOTALS[language()])
    cells, reference = _inputs(table, options)
    found = quotient_table(
        cells,
        reference,
        absent_is_zero=options["absent_is_zero"],
        firms_are_values=options["firms"] == options["value"],
        level=options["level"],
        bounds=options["bounds"],
        progress=Bar(quiet=as_json),
    )
    write_table(found, out)
    summary = _summary(found, out, options)
    finish(summary, as_json=as_json, text=_text(summary))


def _inputs(path: Path, options: dict[str, Any]) -> tuple[pl.DataFrame, Reference]:
    names = {key: options[key] for key in ("region", "industry", "value", "period", "firms")}
    cells = long_table(read_table(path), **names, source=path.name)
    one_spelling(cells, options["region"], source=path.name)
    summable(cells, "value", source=path.name, name=options["value"])
    if options["firms"] is not None:
        whole_firms(cells, options["firms"], source=path.name)
    totals, base = options["totals"], options["base"]
    return cells, Reference(
        totals=None if totals is None else region_totals(read_table(totals), cells, source=totals.name),
        base=None if base is None else base_shares(read_table(base), cells, source=base.name),
    )


def _summary(found: pl.DataFrame, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    statuses = dict(sorted(found["status"].value_counts().rows()))
    cells = found.height + _absent(found)
    return {
        "out": str(out),
        "rows": found.height,
        "periods": found["period"].n_unique(),
        "regions": found["region"].n_unique(),
        "industries": found["industry"].n_unique(),
        "with_quotient": found["lq"].count(),
        "with_interval": found["lq_lo"].count(),
        "level": options["level"],
        "statuses": statuses,
        "cells": cells,
        "unknown_cells": cells - found["value"].count(),
        "advice": [advice for advice in ADVICE if _applies(advice, found, statuses, options)],
    }


def _absent(found: pl.DataFrame) -> int:
    """Cells of the periods' regions x industries that have no row."""
    parts = found.partition_by("period")
    return sum(part["region"].n_unique() * part["industry"].n_unique() - part.height for part in parts)


ADVICE = {
    "partial": {
        "es": "Los cocientes «partial» descansan en sumas sin {unknown_cells} de {cells} celdas, que no se "
        "conocen: dé --totals y --base.",
        "en": "“partial” quotients rest on sums without {unknown_cells} of {cells} cells, which are unknown: "
        "give --totals and --base.",
    },
    "absent": {
        "es": "De ellas, algunas son filas que faltan: si en esta tabla eso quiere decir cero, dé "
        "--absent-is-zero.",
        "en": "Some of those are missing rows: if that means zero in this table, give --absent-is-zero.",
    },
    "firms_of_reference": {
        "es": "No hay intervalos: --totals o --base no dicen nada de empresas; añada allí la columna firms o "
        "firms_share.",
        "en": "There are no intervals: --totals or --base say nothing about firms; add the column firms or "
        "firms_share there.",
    },
}
"""What a person should do next, by the name it has in the summary."""


def _applies(advice: str, found: pl.DataFrame, statuses: dict[str, int], options: dict[str, Any]) -> bool:
    if advice == "partial":
        return PARTIAL in statuses
    if advice == "absent":
        return PARTIAL in statuses and _absent(found) > 0
    outside = options["totals"] is not None or options["base"] is not None
    return outside and options["firms"] is not None and found["lq_lo"].count() == 0


def _text(summary: dict[str, Any]) -> str:
    english = language() == "en"
    kinds = ", ".join(f"{name} {count}" for name, count in summary["statuses"].items())
    first = (
        "{out}: {rows} rows, {with_quotient} with a quotient, {with_interval} with an interval. Status: "
        if english
        else "{out}: {rows} filas, {with_quotient} con cociente, {with_interval} con intervalo. Estado: "
    )
    sentences = [ADVICE[name]["en" if english else "es"] for name in summary["advice"]]
    return "\n".join([first.format(**summary) + kinds + ".", *(text.format(**summary) for text in sentences)])
