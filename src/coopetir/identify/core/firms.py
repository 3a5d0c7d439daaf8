"""Which firms stand behind a family's verdict? **Reserved**: only for those who may see values of single firms.

Rows come from the canonical registry through the same filter that counts firms in the fabric, so that a list adds
up to its cell. The functions that protect a cell read the same rows.
"""

from __future__ import annotations

from typing import Literal, cast

import polars as pl

from coopetir.foundation.core import engines
from coopetir.identify.core.fabric import counted, industry_of, schema_of

SHOWN = ("registration", "chamber", "nit", "name", "municipality", "category", "income_cop", "jobs")


def firms_of(
    engine: engines.Engine,
    registry: engines.Source,
    industries: pl.DataFrame,
    *,
    department: str,
    year: int,
    every_industry: bool = False,
) -> pl.DataFrame:
    """Active firms of a department in one year that belong to a family (or to any industry).

    ``industries``: ``industry, family[, name, local]`` as a screening takes it. Columns: firm (chamber and
    registration), chamber, registration, nit, name, municipality, category, industry, family, jobs, income_cop
    (null = unknown), sorted by family, then jobs, largest first.
    """
    schema = schema_of(registry) | {"nit": "string", "name": "string"}
    table = engines.table("registry", schema)
    place = cast("engines.StringColumn", table.municipality)
    rows = table.filter(counted(table) & (table.year == year) & (place.substr(0, 2) == department))
    found = engine.run(rows.select(*SHOWN, "activity_1"), {"registry": registry})
    traded = industries.filter(~pl.col("local") & (pl.col("family") != "")).select("industry", "family")
    how: Literal["left", "inner"] = "left" if every_industry else "inner"
    return (
        found.with_columns(
            industry=industry_of("activity_1", None, same_vintage=True),
            firm=pl.concat_str("chamber", pl.lit("-"), "registration", ignore_nulls=True),
            jobs=pl.col("jobs").cast(pl.Float64),
        )
        .join(traded, on="industry", how=how)
        .drop("activity_1")
        .sort("family", "jobs", "firm", descending=[False, True, False], nulls_last=True)
    )
