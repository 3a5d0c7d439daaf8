"""Which firms of a family should somebody call, with what is known of each? **Reserved** (``firm.view``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coopetir.foundation.core import engines
from coopetir.foundation.core.firm_size import size_column
from coopetir.identify.core.fabric import schema_of
from coopetir.identify.core.firms import firms_of

if TYPE_CHECKING:
    from coopetir.foundation.core.engines import Table

KEYS = ("chamber", "registration")


def call_list(
    engine: engines.Engine,
    registry: engines.Source,
    industries: pl.DataFrame,
    *,
    department: str,
    year: int,
    family: str,
) -> pl.DataFrame:
    """The family's active firms of a year, those with most jobs first.

    Columns: chamber, registration, nit (null for natural persons), name, category, municipality, activity (CIIU
    class as registered), jobs, income_cop, size (Decreto 957: micro small medium large), renewed_on,
    last_renewed_year; null = unknown. Size needs income; without it there is none, never "micro".
    """
    firms = firms_of(engine, registry, industries, department=department, year=year)
    firms = firms.filter(pl.col("family") == family)
    details = engine.run(_details(registry, year), {"registry": registry})
    rows = firms.join(details.unique(list(KEYS)), on=list(KEYS), how="left", nulls_equal=True)
    rows = rows.with_columns(year=pl.lit(year, pl.Int64))
    rows = rows.with_columns(size=size_column(rows))
    return rows.sort("jobs", "registration", descending=[True, False], nulls_last=True).select(
        *KEYS, "nit", "name", "category", "municipality", activity="activity_1", jobs="jobs",
        income_cop="income_cop", size="size", renewed_on="renewed_on", last_renewed_year="last_renewed_year",
    )  # fmt: skip


def _details(registry: engines.Source, year: int) -> Table:
    table = engines.table("registry", schema_of(registry))
    return table.filter(table.year == year).select(
        *KEYS, "activity_1", "top_income_activity", "renewed_on", "last_renewed_year"
    )
