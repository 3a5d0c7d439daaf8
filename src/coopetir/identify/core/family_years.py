"""How many firms and jobs did every family have, year by year, and which of these totals may outsiders see?

The rows behind it are those that count firms in the fabric, so that the totals add up to its known jobs. Unlike a
cell of the fabric nothing is imputed here: jobs are those the firms state.
"""

from __future__ import annotations

from typing import cast

import polars as pl

from coopetir.foundation.core import engines
from coopetir.foundation.core.disclosure import Profile, judge_cells, three_digits
from coopetir.identify.core.fabric import counted, industry_of, schema_of

FIRM_YEARS: dict[str, type[pl.DataType]] = {
    "year": pl.Int64,
    "family": pl.String,
    "firm": pl.String,
    "municipality": pl.String,
    "jobs": pl.Float64,
}


def family_firms_by_year(
    engine: engines.Engine,
    registry: engines.Source,
    industries: pl.DataFrame,
    *,
    department: str,
) -> pl.DataFrame:
    """Active firms of the families of a department in every year. **Reserved**, as every list of firms.

    ``industries``: ``industry, family, local``. Columns: year, family, firm, municipality, jobs (null = unknown).
    """
    table = engines.table("registry", schema_of(registry))
    place = cast("engines.StringColumn", table.municipality)
    rows = table.filter(counted(table) & (place.substr(0, 2) == department))
    shown = rows.select("year", "chamber", "registration", "municipality", "activity_1", "jobs")
    traded = industries.filter(~pl.col("local") & (pl.col("family") != "")).select("industry", "family")
    return (
        engine.run(shown, {"registry": registry})
        .with_columns(
            industry=industry_of("activity_1", None, same_vintage=True),
            firm=pl.concat_str("chamber", pl.lit("-"), "registration", ignore_nulls=True),
            jobs=pl.col("jobs").cast(pl.Float64),
            year=pl.col("year").cast(pl.Int64),
        )
        .join(traded, on="industry")
        .select(list(FIRM_YEARS))
    )


def totals_by_year(firms: pl.DataFrame) -> pl.DataFrame:
    """``year, family, firms, jobs`` (null where no firm states its jobs), sorted. **Reserved.**"""
    known = pl.col("jobs").is_not_null().any()
    return (
        firms.group_by("year", "family")
        .agg(firms=pl.col("firm").n_unique(), jobs=pl.when(known).then(pl.col("jobs").sum()))
        .sort("year", "family")
    )


def family_safety(firms: pl.DataFrame, profile: Profile) -> dict[str, bool]:
    """Whether outsiders may see measures built on a family's jobs: family → safe in every one of its years.

    The measures are means and trends of several years, so that one unsafe year is enough to hide them: a family with
    one firm in an early year and none today would otherwise show that firm's jobs, divided by the years. A year
    whose firms state no jobs has nothing to protect.
    """
    judged = judge_cells(firms, keys=["family", "year"], value="jobs", firm="firm", profile=profile)
    safe = (pl.col("safe") != pl.lit(value=False)).fill_null(value=True)
    return dict(judged.group_by("family").agg(safe.all()).iter_rows())


def protected_totals(firms: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """The totals as outsiders see them: year, family, firms, jobs, status (``ok``, ``c``, ``na``).

    A family with one unsafe year hides its jobs in all of them: its mean of the last years is shown elsewhere, and
    a single hidden year could be worked out from it. Jobs are rounded to three significant digits. Numbers of firms
    are public facts of the registry and stay.
    """
    judged = judge_cells(firms, keys=["year", "family"], value="jobs", firm="firm", profile=profile)
    flags = judged.select(
        "year", "family", safe=(pl.col("safe") != pl.lit(value=False)).fill_null(value=True)
    )
    table = totals_by_year(firms).join(flags, on=["year", "family"])
    whole = pl.col("safe").all().over("family")
    shown = pl.col("jobs").map_elements(three_digits, return_dtype=pl.Float64)
    return table.select(
        "year",
        "family",
        "firms",
        jobs=pl.when(whole).then(shown),
        status=pl.when(~whole)
        .then(pl.lit("c"))
        .when(pl.col("jobs").is_null())
        .then(pl.lit("na"))
        .otherwise(pl.lit("ok")),
    ).sort("year", "family")
