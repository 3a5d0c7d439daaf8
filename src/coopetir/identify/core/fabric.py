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
from typing import TYPE_CHECKING, Literal, cast

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

TYPICAL_CAP = 50
"""Jobs above which a firm counts as this many when the typical size is taken: a silent firm is no large plant."""


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

    Columns out: year, place, code, category (00 natural person, 01 company) and sums over the firms counted (see
    :func:`counted`): firms, known (jobs), jobs, capped (each firm at most :data:`TYPICAL_CAP`), top1 (largest
    firm's jobs), known_sales, sales (COP).
    """
    registry = engines.table("registry", schema)
    firms = located(registry.filter(counted(registry)), place)
    keys = {"year": firms.year, "place": firms.place, "code": firms[activity], "category": firms.category}
    return firms.group_by(**keys).agg(
        firms=firms.count(),
        known=firms.jobs.count(),
        jobs=firms.jobs.sum(),
        capped=firms.jobs.clip(upper=TYPICAL_CAP).sum(),
        top1=firms.jobs.max(),
        known_sales=firms.income_cop.count(),
        sales=firms.income_cop.sum(),
    )


def located(firms: Table, place: Level) -> Table:
    """The firms whose place is known, with it in column ``place``."""
    column = cast("StringColumn", firms.chamber if place == "chamber" else firms.municipality)
    firms = firms.filter(column != "")
    return firms.mutate(place=column.substr(0, 2) if place == "department" else column)


def counted(registry: Table) -> BooleanColumn:
    """Which rows are active firms of their year.

    Renewed in the year means ``last_renewed_year`` >= year (or, if unknown, the year of ``renewed_on``): who
    renewed a later year has paid this one too. Firms registered after the year do not count.
    """
    registered, renewed = registry.registered_on.year(), registry.last_renewed_year
    before = registered.fill_null(0) < registry.year
    # From the common case to the rare one: an engine reads the dates only of rows that are not settled yet.
    active = (
        (renewed == registry.year)
        | (registered == registry.year)
        | ((renewed > registry.year) & before)
        | (renewed.isnull() & (registry.renewed_on.year() >= registry.year) & before)
    )
    # A range costs an engine less than a list; the codes have two digits.
    return cast("BooleanColumn", (registry.status == "01") & registry.category.between("00", "01") & active)


_COUNTS = ("firms", "known", "known_sales")
_TOTALS = ("jobs", "capped", "sales")


def _grouped(
    sums: pl.DataFrame, region: Level | pl.DataFrame, industry: pl.DataFrame | None, *, same_vintage: bool
) -> pl.DataFrame:
    """The sums by kind of firm in the regions and industries asked for. Unknown jobs and sales add 0."""
    sums = sums.with_columns(
        pl.col(_COUNTS).cast(pl.Int64),
        pl.col(*_TOTALS, "top1").cast(pl.Float64),
        region=region_of("place", region),
        industry=industry_of("code", industry, same_vintage=same_vintage),
    ).filter(pl.col("region").is_not_null())
    keys = ["year", "region", "industry", "category"]
    return sums.group_by(keys).agg(pl.col(*_COUNTS, *_TOTALS).sum(), pl.col("top1").max())


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

    Typical size = mean of min(jobs, :data:`TYPICAL_CAP`) over the firms of that industry, kind (natural person,
    company) and year with known jobs, in all regions; over all industries if they are fewer than
    :data:`TYPICAL_MINIMUM`.
    """
    keys = ["year", "region", "industry"]
    cells = sums.group_by(keys).agg(pl.col(*_COUNTS, *_TOTALS).sum(), pl.col("top1").max())
    silent = sums.filter(pl.col("firms") > pl.col("known"))
    sizes = silent.join(_typical(sums), on=["year", "industry", "category"], how="left")
    unknown = (pl.col("firms") - pl.col("known")) * pl.col("typical")
    # One kind whose jobs cannot be told makes those of the cell untold.
    told = (
        pl.when(pl.col("typical").null_count() == 0).then(unknown.sum())
        if impute
        else pl.lit(None, pl.Float64)
    )
    added = sizes.group_by(keys).agg(added=told)
    cells = cells.join(added.with_columns(silent=True), on=keys, how="left")
    none = pl.col("silent").is_null()
    cells = cells.with_columns(added=pl.when(none).then(0.0).otherwise("added"))
    return cells.with_columns(employees=pl.col("jobs") + pl.col("added"))


def _typical(sums: pl.DataFrame) -> pl.DataFrame:
    """The typical size of each year, industry and kind (column ``typical``)."""
    mean = pl.col("capped") / pl.col("known")
    total = pl.col("known", "capped").sum()
    own = sums.group_by("year", "industry", "category").agg(total)
    everyone = own.group_by("year", "category").agg(total).filter(pl.col("known") > 0)
    everyone = everyone.select("year", "category", all_sizes=mean)
    size = pl.coalesce(pl.when(pl.col("known") >= TYPICAL_MINIMUM).then(mean), "all_sizes")
    return own.join(everyone, on=["year", "category"], how="left").select(
        "year", "industry", "category", typical=size
    )


def _finished(sums: pl.DataFrame) -> Panel:
    known = pl.col("known") > 0
    top1 = pl.when(known).then(pl.col("top1"))
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
