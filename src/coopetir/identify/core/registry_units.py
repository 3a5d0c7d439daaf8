"""Which firms of a registry add up to the cells of a screening, year by year? **Reserved**: rows of single firms.

The same filter and the same industries as the fabric's, so that firms add up to their cells. Used to resample
firm by firm and to leave one firm or one municipality out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import polars as pl

from coopetir.foundation.core import engines
from coopetir.identify.core.fabric import counted, industry_of, located, schema_of

Kind = Literal["firm", "municipality"]


def registry_units(
    engine: engines.Engine, registry: engines.Source, departments: Sequence[str], *, kind: Kind = "firm"
) -> pl.DataFrame:
    """Rows for ``units.read_units`` of some departments: ``year, region, industry, unit, employees, firms``.

    ``unit``: chamber and registration of a firm, or a municipality. ``employees`` is null where a firm's jobs
    (any firm's, for a municipality) are unknown: a mean firm of the cell is then taken in its place.
    """
    table = engines.table("registry", schema_of(registry))
    rows = located(table.filter(counted(table)), "department")
    rows = rows.filter(cast("engines.StringColumn", rows.place).isin(list(departments)))
    found = engine.run(
        rows.select("year", "place", "chamber", "registration", "municipality", "activity_1", "jobs"),
        {"registry": registry},
    )
    unit = (
        pl.col("municipality")
        if kind == "municipality"
        else pl.concat_str("chamber", pl.lit("-"), "registration", ignore_nulls=True)
    )
    known = pl.col("jobs").cast(pl.Float64)
    return (
        found.with_columns(industry=industry_of("activity_1", None, same_vintage=True), unit=unit)
        .group_by("year", pl.col("place").alias("region"), "industry", "unit")
        .agg(employees=pl.when(known.null_count() == 0).then(known.sum()), firms=pl.len().cast(pl.Float64))
        .sort("year", "region", "industry", "unit")
    )
