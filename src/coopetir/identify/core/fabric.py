"""How many firms, jobs and sales has each industry of each region, year by year, according to the registry?

Canonical registry rows (one per registration and year) become the cells that a screening reads. One expression
does it, so DuckDB and Spark give the same numbers; sums are of whole numbers, hence the same with any number of
threads. Firm = (chamber, registration). Counted in a year: status 01, category 00 (natural person) or 01
(company), and registered or renewed in the year. Establishments and branches are not firms.

What a registry does not say is not made up in silence: a firm whose jobs are unknown counts as a firm, its jobs
are imputed by the typical size of its industry and kind, and the imputed share stands beside every cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import polars as pl

from coopetir.foundation.core import engines, industries
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import ColumnMissing, as_codes, require_columns, unique_keys

if TYPE_CHECKING:
    from coopetir.foundation.core.engines import BooleanColumn, StringColumn, Table

Level = Literal["department", "municipality", "chamber"]
Activity = Literal["activity_1", "top_income_activity"]

REGISTRY: dict[str, str] = {
    "year": "int32",
    "chamber": "string",
    "registration": "string",
    "category": "string",
    "status": "string",
    "activity_1": "string",
    "top_income_activity": "string",
    "municipality": "string",
    "registered_on": "date",
    "renewed_on": "date",
    "last_renewed_year": "int32",
    "income_cop": "float64",
    "jobs": "float64",
}
"""The canonical columns a panel needs, with their Ibis types. Any whole or real number type is accepted."""

CELLS = (
    "year",
    "region",
    "industry",
    "firms",
    "employees",
    "sales_mcop",
    "exports_mcop",
    "top1_emp_share",
    "suppressed",
)
"""The columns of a cell table, in order: what ``coopetir screen`` takes."""

UNCLASSIFIED = "0000"
"""The industry of firms whose activity is empty or no class of CIIU Rev. 4 A.C. They stay in region totals."""

TYPICAL_MINIMUM = 5
"""Known firms an industry and kind must have in a year before their size is called typical."""

LOG_SCALE = 1_000_000
"""Logarithms are summed as whole millionths, so that the order of the rows cannot change a sum."""


class NothingCounted(CoopetirError):
    code = "fabric.nothing_counted"
    es = "Ninguna fila del registro cuenta como empresa activa con ubicación ({reasons}). Revise el año de corte, el estado y el municipio del extracto."
    en = "No registry row counts as an active firm with a location ({reasons}). Check the extract's year, status and municipality."


@dataclass(frozen=True)
class Panel:
    """The fabric of the regions.

    ``cells``: exactly :data:`CELLS`, sorted by year, region, industry. A cell that is absent has no firms.
    ``evidence``: same keys plus ``firms_known_jobs``, ``known_share`` (of firms), ``imputed_share`` (of jobs),
    ``firms_known_sales``, ``employees_known``, ``top1_employees`` (jobs of the largest firm, null if unknown).
    """

    cells: pl.DataFrame
    evidence: pl.DataFrame


def panel(
    engine: engines.Engine,
    registry: engines.Source,
    *,
    region: Level | pl.DataFrame = "department",
    industry: pl.DataFrame | None = None,
    activity: Activity = "activity_1",
    impute: bool = True,
    same_vintage: bool = True,
) -> Panel:
    """Build region × industry × year cells from canonical registry rows.

    :param region: "department" or "municipality" (of the firm), "chamber", or a frame ``municipality, region``
        for regions of one's own; municipalities that it does not name fall out.
    :param industry: None for CIIU classes, or a frame ``activity, industry``; codes it does not name become
        :data:`UNCLASSIFIED`.
    :param activity: which activity says the industry.
    :param impute: False leaves ``employees`` null in a cell where any firm's jobs are unknown.
    :param same_vintage: name the few classes that differ between CIIU Rev. 4 A.C. of 2012 and the current one by
        their group (7110, 7111, 7112 → 711), because registries mix both and no class must "appear" with a new
        code. Not applied to a grouping of one's own.

    sales_mcop is the known income of the cell in million COP (null if no firm's is known; never imputed).
    exports_mcop is null: a registry has no exports. suppressed is False: a registry hides nothing.
    Two rows of the same firm and year are counted as two firms: keys are checked on import, not here.

    :raises NothingCounted: no row counts. :raises ColumnMissing: the registry lacks a canonical column.
    """
    place: Level = region if isinstance(region, str) else "municipality"
    sums = engine.run(sums_expression(schema_of(registry), place, activity), {"registry": registry})
    if sums.is_empty():
        raise NothingCounted(reasons=_reasons(engine, registry, place))
    sums = _grouped(sums, region, industry, same_vintage=same_vintage)
    return _finished(_imputed(sums, impute=impute))


def schema_of(registry: engines.Source) -> dict[str, str]:
    """The Ibis schema of a registry source: its canonical columns, number types as they are stored.

    :raises ColumnMissing: naming what is missing and what is there.
    """
    stored = engines.parquet_schema(registry)
    missing = [column for column in REGISTRY if column not in stored]
    if missing:
        raise ColumnMissing(source="registry", columns=missing, found=list(stored))
    numbers = {"Int64": "int64", "Int32": "int32", "Float64": "float64"}
    return {column: numbers.get(str(stored[column]), kind) for column, kind in REGISTRY.items()}


def sums_expression(schema: Mapping[str, str], place: Level, activity: Activity) -> Table:
    """The only pass over the registry, as an Ibis expression over the unbound table ``registry``.

    Columns out: year, place, code, and whole-number sums over the firms counted (see :func:`counted`).
    """
    registry = engines.table("registry", schema)
    firms = located(registry.filter(counted(registry)), place)
    return firms.group_by(year=firms.year, place=firms.place, code=firms[activity]).agg(**_sums(firms))


def located(firms: Table, place: Level) -> Table:
    """The firms whose place is known, with it in column ``place``."""
    column = cast("StringColumn", firms.chamber if place == "chamber" else firms.municipality)
    firms = firms.mutate(place=column.substr(0, 2) if place == "department" else column)
    return firms.filter(firms.place.notnull() & (firms.place != ""))


def counted(registry: Table) -> BooleanColumn:
    """Which rows are active firms of their year.

    Renewed in the year means ``last_renewed_year`` >= year (or, if unknown, the year of ``renewed_on``): who
    renewed a later year has paid this one too. Firms registered after the year do not count.
    """
    registered = registry.registered_on.year().fill_null(0)
    renewed = registry.last_renewed_year.fill_null(registry.renewed_on.year()).fill_null(0)
    active = (registered == registry.year) | ((renewed >= registry.year) & (registered < registry.year))
    return cast("BooleanColumn", (registry.status == "01") & registry.category.isin(["00", "01"]) & active)


def _sums(firms: Table) -> dict[str, Any]:
    natural = firms.category == "00"
    jobs = firms.jobs.cast("int64")
    log = ((jobs + 1).cast("float64").ln() * LOG_SCALE).round().cast("int64")
    return {
        "firms": firms.count(),
        "natural": natural.cast("int64").sum(),
        "known": jobs.count(),
        "known_natural": jobs.count(where=natural),
        "jobs": jobs.sum(),
        "log": log.sum(),
        "log_natural": log.sum(where=natural),
        "top1": jobs.max(),
        "known_sales": firms.income_cop.count(),
        "sales": firms.income_cop.cast("int64").sum(),
    }


_SUMS = ("firms", "natural", "known", "known_natural", "jobs", "log", "log_natural", "known_sales", "sales")


def _grouped(
    sums: pl.DataFrame, region: Level | pl.DataFrame, industry: pl.DataFrame | None, *, same_vintage: bool
) -> pl.DataFrame:
    """The sums by the regions and industries asked for. Unknown jobs and sales count 0 in a sum."""
    sums = sums.with_columns(pl.col(*_SUMS, "top1").cast(pl.Int64))
    sums = sums.with_columns(
        region=region_of("place", region),
        industry=industry_of("code", industry, same_vintage=same_vintage),
    ).filter(pl.col("region").is_not_null())
    return sums.group_by("year", "region", "industry").agg(pl.col(*_SUMS).sum(), pl.col("top1").max())


def region_of(column: str, region: Level | pl.DataFrame) -> pl.Expr:
    """The region of a place; null for municipalities that a grouping of one's own does not name."""
    if isinstance(region, str):
        return pl.col(column)
    named = _grouping(region, "municipality", "region")
    return pl.col(column).replace_strict(named["municipality"], named["region"], default=None)


def industry_of(column: str, industry: pl.DataFrame | None, *, same_vintage: bool) -> pl.Expr:
    """The industry of a raw activity code; codes that have none become :data:`UNCLASSIFIED`."""
    code = pl.col(column)
    if industry is not None:
        named = _grouping(industry, "activity", "industry")
        return code.replace_strict(named["activity"], named["industry"], default=UNCLASSIFIED)
    merged = industries.comparable_vintages(code) if same_vintage else code
    return pl.when(code.is_in(list(industries.classes("4")))).then(merged).otherwise(pl.lit(UNCLASSIFIED))


def _grouping(frame: pl.DataFrame, key: str, group: str) -> pl.DataFrame:
    require_columns(frame, [key, group], source=group)
    for column in (key, group):
        frame = as_codes(frame, column, source=group)
    unique_keys(frame, [key], source=group)
    return frame.select(key, group)


def _imputed(sums: pl.DataFrame, *, impute: bool) -> pl.DataFrame:
    """Add the jobs of firms that do not say theirs: each counts the typical size of its industry and kind.

    Typical size = exp(mean ln(1 + jobs)) - 1 over the firms of that industry, kind (natural person, company)
    and year with known jobs, in all regions; over all industries if fewer than :data:`TYPICAL_MINIMUM`.
    """
    kinds = {"natural": ("natural", "known_natural", "log_natural"), "company": ("c_all", "c_known", "c_log")}
    sums = sums.with_columns(
        c_all=pl.col("firms") - pl.col("natural"),
        c_known=pl.col("known") - pl.col("known_natural"),
        c_log=pl.col("log") - pl.col("log_natural"),
    )
    added = pl.lit(0.0)
    for everyone, known, log in kinds.values():
        unknown = pl.col(everyone) - pl.col(known)
        typical = _typical(known, log, ["year", "industry"], TYPICAL_MINIMUM)
        size = pl.coalesce(typical, _typical(known, log, ["year"], 1))
        added = added + pl.when(unknown > 0).then(unknown * size).otherwise(0.0)
    if not impute:
        added = pl.when(pl.col("known") == pl.col("firms")).then(0.0)
    return sums.with_columns(added=added).with_columns(employees=pl.col("jobs") + pl.col("added"))


def _typical(known: str, log: str, over: list[str], minimum: int) -> pl.Expr:
    count = pl.col(known).sum().over(over)
    mean = pl.col(log).sum().over(over) / LOG_SCALE / count
    return pl.when(count >= minimum).then(mean.exp() - 1)


def _finished(sums: pl.DataFrame) -> Panel:
    known = pl.col("known") > 0
    top1 = pl.when(known).then(pl.col("top1").cast(pl.Float64))
    # A cell whose known jobs are all 0 has no largest firm to speak of: the share is unknown, not 0/0.
    share = pl.when(known & (pl.col("employees") > 0)).then(pl.col("top1") / pl.col("employees"))
    table = sums.sort("year", "region", "industry").select(
        pl.col("year").cast(pl.Int64),
        "region",
        "industry",
        "firms",
        "employees",
        sales_mcop=pl.when(pl.col("known_sales") > 0).then(pl.col("sales") / 1e6),
        exports_mcop=pl.lit(None, pl.Float64),
        top1_emp_share=share,
        suppressed=pl.lit(value=False),
        firms_known_jobs=pl.col("known"),
        known_share=pl.col("known") / pl.col("firms"),
        imputed_share=pl.when(pl.col("employees") > 0).then(pl.col("added") / pl.col("employees")),
        firms_known_sales=pl.col("known_sales"),
        employees_known=pl.when(known).then(pl.col("jobs")),
        top1_employees=top1,
    )
    extra = [column for column in table.columns if column not in CELLS]
    return Panel(cells=table.select(CELLS), evidence=table.select("year", "region", "industry", *extra))


def accounting(engine: engines.Engine, registry: engines.Source, place: Level = "department") -> pl.DataFrame:
    """Where did every registry row go? One row per year.

    Columns: year, rows, establishments (neither natural person nor company), inactive (status not 01, or not
    renewed), unlocated (active firms whose ``place`` is unknown), firms (counted).
    rows = establishments + inactive + unlocated + firms.
    """
    table = engines.table("registry", schema_of(registry))
    holder = table.category.isin(["00", "01"]).fill_null(False)
    active = counted(table).fill_null(False)
    column = table.chamber if place == "chamber" else table.municipality
    known = column.notnull() & (column != "").fill_null(False)
    expression = table.group_by("year").agg(
        rows=table.count(),
        establishments=(~holder).cast("int64").sum(),
        inactive=(holder & ~active).cast("int64").sum(),
        unlocated=(active & ~known).cast("int64").sum(),
        firms=(active & known).cast("int64").sum(),
    )
    sums = engine.run(expression, {"registry": registry})
    return sums.with_columns(pl.all().exclude("year").cast(pl.Int64), pl.col("year").cast(pl.Int64)).sort(
        "year"
    )


def _reasons(engine: engines.Engine, registry: engines.Source, place: Level) -> str:
    totals = accounting(engine, registry, place).drop("year", "firms").sum().row(0, named=True)
    return ", ".join(f"{reason}: {count}" for reason, count in totals.items()) or "0"
