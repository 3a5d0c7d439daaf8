"""How many firms, jobs and sales has each family of each region, and what share has its truly largest firm?

Adds the cells of a panel by family. From cells alone the largest firm of a family can only be bounded; a registry
knows it, because the largest firm of a family is the largest of its cells' largest firms.
"""

from __future__ import annotations

import polars as pl

from coopetir.foundation.core.tables import as_codes, require_columns, unique_keys
from coopetir.identify.core.fabric import Panel


def family_sums(panel: Panel, industries: pl.DataFrame) -> pl.DataFrame:
    """Traded industries added up by family; one row per year × region × family that has firms.

    :param industries: ``industry, family, local``, as :func:`.industry_table.industry_table` makes it.

    Columns: year, region, family, firms, employees (null if those of one cell are unknown), sales_mcop (known
    income; null if none is known), top1_employees, top1_emp_share (largest firm with known jobs / employees),
    known_share (of firms), imputed_share (of jobs).

    :raises ColumnMissing: :raises KeysDuplicated: an industry in two families would count twice.
    """
    require_columns(industries, ["industry", "family", "local"], source="industries")
    named = as_codes(industries, "industry", source="industries")
    unique_keys(named, ["industry"], source="industries")
    traded = named.filter(~pl.col("local") & (pl.col("family").fill_null("") != "")).select(
        "industry", "family"
    )
    keys = ["year", "region", "industry"]
    cells = panel.cells.join(panel.evidence, on=keys, validate="1:1").join(traded, on="industry")
    employees, sales = pl.col("employees"), pl.col("sales_mcop")
    table = cells.group_by("year", "region", "family").agg(
        pl.col("firms", "firms_known_jobs").sum(),
        employees=pl.when(employees.null_count() == 0).then(employees.sum()),
        sales_mcop=pl.when(sales.count() > 0).then(sales.sum()),
        top1_employees=pl.col("top1_employees").max(),
        known=pl.col("employees_known").sum(),
    )
    some = pl.col("employees") > 0
    share = pl.col("top1_employees") / pl.col("employees")
    return table.sort("year", "region", "family").select(
        "year",
        "region",
        "family",
        "firms",
        "employees",
        "sales_mcop",
        "top1_employees",
        top1_emp_share=pl.when(some).then(share),
        known_share=pl.col("firms_known_jobs") / pl.col("firms"),
        imputed_share=pl.when(some).then(1 - pl.col("known") / pl.col("employees")),
    )
