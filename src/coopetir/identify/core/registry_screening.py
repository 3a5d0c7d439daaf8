"""How do canonical registry rows become the three tables a screening takes?

The one road from firms to verdicts: the command line and the page both take it. Cells come from the fabric of all
departments in the files; industries from the families asked for; attributes of industries (technology, demand)
from a table of one's own where given, since a registry has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coopetir.foundation.core import catalogues, engines
from coopetir.foundation.core.industry_attributes import ATTRIBUTES, checked_attributes
from coopetir.identify.core.fabric import Panel, industry_of, panel
from coopetir.identify.core.industry_table import industry_table


@dataclass(frozen=True)
class Fabric:
    """What a screening takes (``cells``, ``industries``, ``regions``) and the panel it came from.

    ``cells`` carry ``imputed_share``: the part of their jobs that the registry did not say.
    """

    cells: pl.DataFrame
    industries: pl.DataFrame
    regions: pl.DataFrame


def fabric_of(
    engine: engines.Engine,
    registry: engines.Source,
    *,
    families: pl.DataFrame | None = None,
    attributes: pl.DataFrame | None = None,
    until_year: int | None = None,
) -> Fabric:
    """Cells of every department in the registry, ready to screen.

    :param families: ``family, industry[, role, start_year, cluster]``; None = the nine shipped families.
    :param attributes: ``industry`` and any of :data:`ATTRIBUTES`; a value there replaces the shipped one.
    :param until_year: last cut year to use; None = all.
    :raises CoopetirError: the registry counts no firm, or a table is refused by row.
    """
    made = panel(engine, registry, region="department")
    if until_year is not None:
        early = pl.col("year") <= until_year
        made = Panel(made.cells.filter(early), made.evidence.filter(early))
    imputed = made.evidence.select("year", "region", "industry", "imputed_share")
    cells = made.cells.join(imputed, on=["year", "region", "industry"], how="left")
    return _fabric(cells, families, attributes)


def fabric_of_jobs(
    table: pl.DataFrame,
    *,
    families: pl.DataFrame | None = None,
    attributes: pl.DataFrame | None = None,
    until_year: int | None = None,
) -> Fabric:
    """The same from jobs already added up: ``year, region`` (department or municipality), ``industry, value[, firms]``.

    Without ``firms`` nothing can be said of how many firms stand behind the jobs: density stays unknown.
    A department's cell is unknown where the jobs of one of its municipalities are.
    """
    early = table if until_year is None else table.filter(pl.col("year") <= until_year)
    known = pl.col("value").null_count() == 0
    firms = [pl.col("firms").sum()] if "firms" in table.columns else []
    cells = (
        early.with_columns(
            region=pl.col("region").str.slice(0, 2),
            industry=industry_of("industry", None, same_vintage=True),
        )
        .group_by("year", "region", "industry")
        .agg(*firms, employees=pl.when(known).then(pl.col("value").sum()))
        .sort("year", "region", "industry")
    )
    return _fabric(cells, families, attributes)


def _fabric(cells: pl.DataFrame, families: pl.DataFrame | None, attributes: pl.DataFrame | None) -> Fabric:
    industries = industry_table(families)
    if attributes is not None:
        industries = _with_attributes(industries, attributes)
    present = cells["region"].unique()
    departments = catalogues.departments().select(pl.col("department").alias("region"), "name")
    return Fabric(cells, industries, departments.filter(pl.col("region").is_in(present.implode())))


def _with_attributes(industries: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    table = checked_attributes(attributes, source="attributes")
    given = [name for name in ATTRIBUTES if name in table.columns]
    joined = industries.join(table, on="industry", how="left", suffix="_given")
    return joined.with_columns(pl.coalesce(f"{name}_given", name).alias(name) for name in given).drop(
        f"{name}_given" for name in given
    )
