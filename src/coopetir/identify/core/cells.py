"""What do the tables say about each region, industry and year, and what do they leave unknown?

Cells: ``year, region, industry, employees`` and, when there are, ``firms, top1_emp_share, suppressed`` and
``imputed_share`` (of a cell's jobs, if whoever made the table had to impute some). One
row per year, region and industry; **an absent row is a true zero**; an empty value is unknown. Industries:
``industry, family`` and, when there are, ``local`` (serves only its own town; never part of a cluster) and
any numeric columns a Method judges by. Other columns (``sales_mcop``, ``exports_mcop``) are not read. An industry with an empty family belongs to none but counts in totals.

A *hidden* cell has firms but no jobs (a statistics office withheld them). Its jobs are imputed as firms x
jobs per firm of small visible cells of the industry, with a low and a high bound. A *blank* cell has neither:
nothing can be said, and what is computed from it is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import (
    TableEmpty,
    as_codes,
    as_measure,
    require_columns,
    rows_where,
    unique_keys,
)
from coopetir.identify.core.believable import believable, numeric_attributes
from coopetir.identify.core.method import Suppression

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TRUE_WORDS = ("true", "1", "sí", "si", "s", "yes", "y", "verdadero", "t")
FALSE_WORDS = ("false", "0", "no", "n", "falso", "f", "")
MIN_SUPPORT = 5  # visible small cells an industry needs before its own jobs per firm are trusted


class YearNotNumber(CoopetirError):
    code = "cells.year_not_number"
    es = "En «{source}», la columna year tiene valores que no son un año en las filas {rows} (p. ej. «{example}»). Escriba el año con cuatro cifras."
    en = "In “{source}”, column year holds values that are no year in rows {rows} (e.g. “{example}”). Write the year with four digits."


class NotYesNo(CoopetirError):
    code = "cells.not_yes_no"
    es = "En «{source}», la columna {column} debe ser true o false; en las filas {rows} dice otra cosa (p. ej. «{example}»)."
    en = "In “{source}”, column {column} must be true or false; rows {rows} say something else (e.g. “{example}”)."


class ShareOutOfRange(CoopetirError):
    code = "cells.share_out_of_range"
    es = "En «{source}», la columna {column} es una proporción de 0 a 1; en las filas {rows} es mayor que 1. Si está en porcentaje, divídala por 100."
    en = "In “{source}”, column {column} is a share from 0 to 1; in rows {rows} it exceeds 1. If it is a percentage, divide it by 100."


class IndustriesUnclassified(CoopetirError):
    code = "cells.industries_unclassified"
    es = "Hay industrias en «{source}» que no están en el archivo de industrias: {codes}. {hint}Agregue una fila por código (con family vacío si no pertenece a ninguna familia)."
    en = "Some industries in “{source}” are not in the industries file: {codes}. {hint}Add one row per code (with an empty family if it belongs to none)."


class RegionsUnknown(CoopetirError):
    code = "cells.regions_unknown"
    es = "Hay regiones en «{source}» que no están en el archivo de regiones: {codes}. {hint}Agréguelas o revise los códigos."
    en = "Some regions in “{source}” are not in the regions file: {codes}. {hint}Add them or check the codes."


class NoFamilies(CoopetirError):
    code = "cells.no_families"
    es = "«{source}» no tiene ninguna industria transable (local = false) con family. Sin familias no hay qué evaluar."
    en = "“{source}” has no traded industry (local = false) with a family. Without families there is nothing to judge."


@dataclass(frozen=True)
class Cells:
    """The checked tables as arrays. N rows, T years, R regions, I industries, F families.

    ``t, r, i`` (N): position of each row's year, region, industry, in sorted order of the three. ``firms``,
    ``jobs``, ``top`` (N): firms, jobs and the largest firm's share of the cell's jobs; nan = unknown.
    ``hidden`` (N): jobs withheld, firms known. ``blank`` (N): jobs unknown, nothing to impute from.
    ``imputed`` (N): share of the cell's jobs that is imputed. ``typical, low, high`` (N): jobs with hidden cells imputed and at the ends of their bound (0 where blank).
    ``family`` (I): position of the industry's family, -1 for local industries and those without family.
    ``present`` (T, R): the region has rows in that year. ``attributes``: numeric columns by industry (I).
    """

    years: Ints
    regions: list[str]
    industries: list[str]
    families: list[str]
    family: Ints
    t: Ints
    r: Ints
    i: Ints
    firms: Floats
    jobs: Floats
    top: Floats
    hidden: Bools
    blank: Bools
    imputed: Floats
    typical: Floats
    low: Floats
    high: Floats
    present: Bools
    attributes: dict[str, Floats]
    names: dict[str, dict[str, str]]
    has_firms: bool
    has_top: bool
    survey: bool
    notes: tuple[dict[str, Any], ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Years, regions, families."""
        return len(self.years), len(self.regions), len(self.families)


def read_cells(
    cells: pl.DataFrame,
    industries: pl.DataFrame,
    regions: pl.DataFrame | None = None,
    *,
    suppression: Suppression,
    judged: Collection[str] = (),
    survey: bool = False,
    source: str = "cells",
) -> Cells:
    """Check the tables and lay them out as arrays. ``judged``: columns of industries that must be numbers.

    :raises CoopetirError: a subclass named here or in ``foundation.core.tables``, saying row and remedy.
    """
    table = _checked_cells(cells, source)
    listed = "industries" if source == "cells" else "--industries"
    attributes, catalogue = _checked_industries(industries, judged, listed)
    places = _checked_regions(regions, table, source)
    codes = catalogue["industry"].to_list()
    _refuse_unlisted(table["industry"], codes, IndustriesUnclassified, source)
    placed = _placed(table, places["region"].to_list(), codes)
    return _laid_out(placed, catalogue, places, attributes, suppression=suppression, survey=survey)


def _laid_out(
    table: pl.DataFrame,
    catalogue: pl.DataFrame,
    places: pl.DataFrame,
    attributes: dict[str, Floats],
    *,
    suppression: Suppression,
    survey: bool,
) -> Cells:
    families, family = _families(catalogue)
    years = np.sort(table["year"].unique().to_numpy()).astype(np.int64)
    t = np.searchsorted(years, table["year"].to_numpy()).astype(np.int64)
    r, i = table["r"].to_numpy().astype(np.int64), table["i"].to_numpy().astype(np.int64)
    present = np.zeros((len(years), places.height), dtype=np.bool_)
    present[t, r] = True
    firms, jobs, top = (table[name].fill_null(np.nan).to_numpy() for name in ("firms", "jobs", "top"))
    hidden = np.isnan(jobs) & ~np.isnan(firms)
    typical, low, high = _imputed(jobs, firms, hidden, i, suppression)
    regions = places["region"].to_list()
    return Cells(
        years=years,
        regions=regions,
        industries=catalogue["industry"].to_list(),
        families=families,
        family=family,
        t=t,
        r=r,
        i=i,
        firms=firms,
        jobs=jobs,
        top=top,
        hidden=hidden & ~np.isnan(typical),
        blank=np.isnan(typical),
        imputed=np.where(hidden, 1.0, table["imputed"].fill_null(0.0).to_numpy()),
        typical=np.nan_to_num(typical),
        low=np.nan_to_num(low),
        high=np.nan_to_num(high),
        present=present,
        attributes=attributes,
        names=_names(catalogue, places),
        has_firms=bool(np.any(~np.isnan(firms))),
        has_top=bool(np.any(~np.isnan(top))),
        survey=survey,
        notes=_notes(table, years, present, regions),
    )


def _families(catalogue: pl.DataFrame) -> tuple[list[str], Ints]:
    """Families with a traded industry, sorted, and each industry's position among them (-1: none)."""
    traded = ~pl.col("local") & (pl.col("family") != "")
    families = sorted(catalogue.filter(traded)["family"].unique().to_list())
    if not families:
        raise NoFamilies(source="industries")
    order = {name: at for at, name in enumerate(families)}
    place = (
        pl.when(traded)
        .then(pl.col("family").replace_strict(order, default=-1, return_dtype=pl.Int64))
        .otherwise(-1)
    )
    return families, catalogue.select(place.alias("at"))["at"].to_numpy().astype(np.int64)


def _checked_cells(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    require_columns(frame, ["year", "region", "industry", "employees"], source=source)
    if frame.is_empty():
        raise TableEmpty(source=source)
    table = frame
    for column in ("region", "industry"):
        table = as_codes(table, column, source=source)
    table = _as_year(table, source)
    unique_keys(table, ["year", "region", "industry"], source=source)
    for column in ("firms", "employees", "top1_emp_share", "imputed_share"):
        if column not in table.columns:
            table = table.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
        table = as_measure(table, column, source=source)
    believable(table, source=source)
    for column in ("top1_emp_share", "imputed_share"):
        over = rows_where(table, pl.col(column) > 1 + 1e-9)
        if over:
            raise ShareOutOfRange(source=source, column=column, rows=over)
    if "suppressed" in table.columns:
        table = _as_yes_no(table, "suppressed", source)
    else:
        table = table.with_columns(suppressed=pl.lit(value=False))
    withheld = pl.col("suppressed")
    return table.select(
        "year",
        "region",
        "industry",
        "firms",
        jobs=pl.when(withheld).then(None).otherwise(pl.col("employees")),
        top=pl.when(withheld).then(None).otherwise(pl.col("top1_emp_share").clip(upper_bound=1.0)),
        imputed="imputed_share",
        overruled=withheld & pl.col("employees").is_not_null(),
    )


def _checked_industries(
    frame: pl.DataFrame, judged: Collection[str], source: str
) -> tuple[dict[str, Floats], pl.DataFrame]:
    require_columns(frame, ["industry", "family"], source=source)
    table = as_codes(frame, "industry", source=source)
    unique_keys(table, ["industry"], source=source)
    table = table.with_columns(pl.col("family").cast(pl.String).str.strip_chars().fill_null(""))
    if "local" in table.columns:
        table = _as_yes_no(table, "local", source)
    else:
        table = table.with_columns(local=pl.lit(value=False))
    numeric_attributes(table, judged, source=source)  # rows are named as they are in the file
    table = table.sort("industry")
    return numeric_attributes(table, judged, source=source), table


def _checked_regions(regions: pl.DataFrame | None, table: pl.DataFrame, source: str) -> pl.DataFrame:
    if regions is None:
        return table.select("region").unique().sort("region")
    require_columns(regions, ["region"], source="regions")
    places = as_codes(regions, "region", source="regions")
    unique_keys(places, ["region"], source="regions")
    _refuse_unlisted(table["region"], places["region"].to_list(), RegionsUnknown, source)
    return places.sort("region")


def _refuse_unlisted(
    found: pl.Series, listed: Sequence[str], error: type[CoopetirError], source: str
) -> None:
    missing = sorted(set(found.unique().to_list()) - set(listed))
    if missing:
        bare = {code.lstrip("0") for code in listed}
        lost = any(code.lstrip("0") in bare for code in missing)
        hint = "¿Se perdieron ceros a la izquierda? / Lost leading zeros? " if lost else ""
        raise error(source=source, codes=missing, hint=hint)


def _as_year(table: pl.DataFrame, source: str) -> pl.DataFrame:
    number = pl.col("year").cast(pl.String).str.strip_chars().str.replace(r"\.0+$", "")
    parsed = table.with_columns(parsed=number.cast(pl.Int64, strict=False))
    bad = rows_where(parsed, pl.col("parsed").is_null() | ~pl.col("parsed").is_between(1000, 9999))
    if bad:
        raise YearNotNumber(source=source, rows=bad, example=table["year"][bad[0] - 1])
    return parsed.with_columns(year="parsed").drop("parsed")


def _as_yes_no(table: pl.DataFrame, column: str, source: str) -> pl.DataFrame:
    if table.schema[column] == pl.Boolean:
        return table.with_columns(pl.col(column).fill_null(value=False))
    word = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("")
    bad = rows_where(table, ~word.is_in([*TRUE_WORDS, *FALSE_WORDS]))
    if bad:
        raise NotYesNo(source=source, column=column, rows=bad, example=table[column][bad[0] - 1])
    return table.with_columns(word.is_in(list(TRUE_WORDS)).alias(column))


def _placed(table: pl.DataFrame, regions: list[str], industries: list[str]) -> pl.DataFrame:
    """With row positions, in one order whatever order the rows came in, so that seeds repeat."""
    at_region = pl.DataFrame({"region": regions}).with_row_index("r")
    at_industry = pl.DataFrame({"industry": industries}).with_row_index("i")
    joined = table.join(at_region, on="region", how="left").join(at_industry, on="industry", how="left")
    return joined.sort("year", "r", "i")


def _imputed(
    jobs: Floats, firms: Floats, hidden: Bools, industry: Ints, rule: Suppression
) -> tuple[Floats, Floats, Floats]:
    if not hidden.any():
        return jobs, jobs, jobs
    seen = ~np.isnan(jobs) & (firms > 0)
    size = np.divide(jobs, firms, out=np.full_like(jobs, np.nan), where=seen)
    frame = pl.DataFrame({"i": industry, "firms": firms, "jobs": jobs, "size": size}).filter(pl.Series(seen))
    small = frame.filter(pl.col("firms") <= rule.small_cell_firms)
    pool = small if small.height >= MIN_SUPPORT else frame
    summary = [
        (pl.col("jobs").sum() / pl.col("firms").sum()).alias("typical"),
        pl.col("size").quantile(rule.low_quantile, "linear").alias("low"),
        pl.col("size").quantile(rule.high_quantile, "linear").alias("high"),
    ]
    overall = pool.select(summary).row(0) if pool.height else (np.nan, np.nan, np.nan)
    own = small.group_by("i").agg(pl.len(), *summary).filter(pl.col("len") >= MIN_SUPPORT)
    filled = []
    for name, fallback in zip(("typical", "low", "high"), overall, strict=True):
        per_firm = np.full(int(industry.max()) + 1, fallback, dtype=np.float64)
        per_firm[own["i"].to_numpy()] = own[name].to_numpy()
        filled.append(np.where(hidden, firms * per_firm[industry], jobs))
    return filled[0], np.minimum(filled[1], filled[0]), np.maximum(filled[2], filled[0])


def _names(catalogue: pl.DataFrame, places: pl.DataFrame) -> dict[str, dict[str, str]]:
    return {
        "region": _labels(places, "region", ("name", "region_name")),
        "industry": _labels(catalogue, "industry", ("name", "industry_name", "description")),
        "family": _labels(catalogue, "family", ("family_name",)),
    }


def _labels(frame: pl.DataFrame, key: str, columns: Sequence[str]) -> dict[str, str]:
    for column in columns:
        if column in frame.columns:
            pairs = frame.select(key, pl.col(column).cast(pl.String)).drop_nulls().unique(key, keep="first")
            return {str(code): str(name) for code, name in pairs.iter_rows()}
    return {}


def _notes(
    table: pl.DataFrame, years: Ints, present: Bools, regions: list[str]
) -> tuple[dict[str, Any], ...]:
    """What a reader should know about the tables before believing the verdicts."""
    notes: list[dict[str, Any]] = []
    gaps = sorted(set(range(int(years[0]), int(years[-1]) + 1)) - set(years.tolist()))
    if gaps:
        notes.append({"code": "years_missing", "years": gaps})
    holes = [regions[index] for index in np.flatnonzero(~present.all(axis=0))]
    if holes:
        notes.append({"code": "regions_without_some_year", "regions": holes})
    overruled = int(table["overruled"].sum())
    if overruled:
        notes.append({"code": "suppressed_values_ignored", "rows": overruled})
    return tuple(notes)
