"""Which quotient has every cell of a long table, how sure is it, and what does it lack?

From the checked long table of :func:`coopetir.foundation.core.tables.long_table` to one row per cell with a
location quotient, the interval of its firm-count quotient, the shrunk quotient, and a status that says what
stands behind the number or why there is none. Rules for unknown cells: ``docs/explanation/methods/
specialization.md``, "What the status says".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.progress import Progress, silent
from coopetir.foundation.core.tables import rows_where
from coopetir.identify.core.quotient_bounds import quotient_bounds
from coopetir.identify.core.quotient_reference import Reference, summable
from coopetir.identify.core.ratios import Floats
from coopetir.identify.core.specialization import (
    garwood_interval,
    location_quotient_against,
    shrunk_quotient,
)

COLUMNS = ["region", "industry", "period", "value", "lq", "lq_lo", "lq_hi", "lq_shrunk", "status"]

OK = "ok"
PARTIAL = "partial"
PARTIAL_INTERVAL = "partial_interval"
UNKNOWN = "unknown"
NO_TOTAL = "no_total"
NO_BASE = "no_base"
REGION_TOTAL_ZERO = "region_total_zero"
REGION_TOTAL_UNKNOWN = "region_total_unknown"
INDUSTRY_TOTAL_ZERO = "industry_total_zero"
INDUSTRY_TOTAL_UNKNOWN = "industry_total_unknown"

STATUSES = {
    OK: "the quotient rests on complete sums",
    PARTIAL: "a quotient; a sum it rests on leaves out unknown cells",
    PARTIAL_INTERVAL: "a quotient on complete sums; the firm counts behind its interval leave out unknown cells",
    UNKNOWN: "no quotient: the cell's value is unknown",
    NO_TOTAL: "no quotient: the file of totals has none for this region and period",
    NO_BASE: "no quotient: the base has no share for this industry and period",
    REGION_TOTAL_ZERO: "no quotient: the region's total is zero",
    REGION_TOTAL_UNKNOWN: "no quotient: the region's known cells sum to zero and others are unknown",
    INDUSTRY_TOTAL_ZERO: "no quotient: the industry's total, or its share in the base, is zero",
    INDUSTRY_TOTAL_UNKNOWN: "no quotient: the industry's known cells sum to zero and others are unknown",
}
"""Every status of a row, with what it says. A row with several reasons bears the first that applies, in
the order unknown, no_total, region_total_*, no_base, industry_total_*, partial, partial_interval, ok."""


class FirmsNotWhole(CoopetirError):
    code = "specialize.firms_not_whole"
    es = "En «{source}», la columna {column} tiene conteos de empresas que no son enteros en las filas {rows}. Un intervalo de conteo no vale para estimaciones de encuesta: quite --firms o dé el conteo."
    en = "In “{source}”, column {column} holds firm counts that are not whole numbers in rows {rows}. A count interval does not hold for survey estimates: leave --firms out or give the count."


class RegionsMixed(CoopetirError):
    code = "specialize.zeros_mixed"
    es = "En «{source}», la columna {column} escribe una misma región con y sin ceros a la izquierda: {pairs}. Use una sola forma (p. ej. 05001, como texto)."
    en = "In “{source}”, column {column} writes one region with and without leading zeros: {pairs}. Use one form (e.g. 05001, as text)."


class LevelOutside(CoopetirError):
    code = "specialize.level_outside"
    es = "El nivel del intervalo debe estar entre 0 y 1 (p. ej. 0.80), no {level}."
    en = "The level of the interval must lie between 0 and 1 (e.g. 0.80), not {level}."


def one_spelling(table: pl.DataFrame, column: str, *, source: str) -> None:
    """:raises RegionsMixed: when two region codes differ only in leading zeros, as 5001 and 05001 do.

    Industries are left alone: in a table of several levels, division 11 and group 011 are two things.
    """
    digits = table["region"].unique().sort().to_frame().filter(pl.col("region").str.contains(r"^\d+$"))
    alike = digits.group_by(pl.col("region").str.strip_chars_start("0").alias("bare"), maintain_order=True)
    pairs = alike.agg("region").filter(pl.col("region").list.len() > 1)
    if not pairs.is_empty():
        raise RegionsMixed(
            source=source, column=column, pairs=[" / ".join(codes) for codes in pairs["region"].to_list()]
        )


def whole_firms(table: pl.DataFrame, column: str, *, source: str) -> None:
    """:raises FirmsNotWhole: when a firm count is not a whole number; ``column`` is its name in the file."""
    summable(table, "firms", source=source, name=column)
    rows = rows_where(table, pl.col("firms") != pl.col("firms").round())
    if rows:
        raise FirmsNotWhole(source=source, column=column, rows=rows)


def quotient_table(
    table: pl.DataFrame,
    reference: Reference | None = None,
    *,
    absent_is_zero: bool = False,
    firms_are_values: bool = False,
    level: float = 0.80,
    bounds: bool = False,
    progress: Progress = silent,
) -> pl.DataFrame:
    """How specialised is every region of a long table in every industry, cell by cell?

    ``table``: period, region, industry, value[, firms]. Out, sorted by period, region, industry: region,
    industry, period, value, lq, lq_lo, lq_hi, lq_shrunk, status (:data:`STATUSES`).

    ``lq = (value / region total) / industry share``. ``lq_lo``, ``lq_hi`` (Garwood at ``level``) and
    ``lq_shrunk`` describe the quotient of the **firm count**, which the jobs of one large plant cannot move;
    they are null without ``firms``, or when ``reference`` says nothing about firms (no column ``firms`` in
    totals, ``firms_share`` in base) although it sets the totals or shares of values; with
    ``firms_are_values`` both are the same measure and need no such column.

    With ``bounds``, two more columns, ``lq_min`` and ``lq_max``: between what the quotient must lie whatever
    the unknown cells hold, given the totals of ``reference`` (null where those do not bound it).

    A missing row is unknown, unless ``absent_is_zero``: then every region x industry x period seen in the
    table gets a row, 0 where there was none.
    """
    if not 0.0 < level < 1.0:
        raise LevelOutside(level=level)
    filled = _with_zeros(table) if absent_is_zero else table
    periods = filled.partition_by("period", maintain_order=True)
    parts = []
    for done, part in enumerate(periods):
        progress(done, len(periods), "quotients")
        parts.append(
            _one_period(part, reference or Reference(), firms_are_values=firms_are_values, level=level)
        )
    progress(len(periods), len(periods), "quotients")
    extra = ["lq_min", "lq_max"] if bounds else []
    return pl.concat(parts).select(COLUMNS + extra).sort("period", "region", "industry")


@dataclass(frozen=True)
class _Grid:
    """One period as regions x industries; ``nan`` = unknown, also where the table has no row."""

    regions: list[str]
    industries: list[str]
    row: NDArray[np.int64]
    column: NDArray[np.int64]

    def fill(self, values: pl.Series) -> Floats:
        cells: Floats = np.full((len(self.regions), len(self.industries)), np.nan)
        cells[self.row, self.column] = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return cells


@dataclass(frozen=True)
class _Margins:
    """Region totals and industry shares, and which of them leave out unknown cells."""

    totals: Floats
    shares: Floats
    totals_short: NDArray[np.bool_]
    shares_short: NDArray[np.bool_]

    @property
    def short(self) -> NDArray[np.bool_]:
        return self.totals_short[:, np.newaxis] | self.shares_short[np.newaxis, :]


@dataclass(frozen=True)
class _Certainty:
    """Interval and shrunk quotient of the firm counts, and where they lean on unknown counts."""

    low: Floats
    high: Floats
    shrunk: Floats
    short: NDArray[np.bool_]


def _one_period(
    part: pl.DataFrame, reference: Reference, *, firms_are_values: bool, level: float
) -> pl.DataFrame:
    period = str(part["period"][0])
    grid = _grid(part)
    values = grid.fill(part["value"])
    totals = _given(reference.totals, "region", "total", grid.regions, period)
    shares = _given(reference.base, "industry", "share", grid.industries, period)
    margins = _margins(values, totals, shares)
    firms = grid.fill(part["firms"]) if "firms" in part.columns else None
    counts = margins if firms_are_values else _firm_margins(firms, reference, grid, period)
    sure = _certainty(firms, counts, values.shape, level)
    limits = quotient_bounds(values, np.full(len(grid.regions), np.nan) if totals is None else totals, shares)
    columns = {
        "lq": location_quotient_against(values, margins.totals, margins.shares),
        "lq_lo": sure.low,
        "lq_hi": sure.high,
        "lq_shrunk": sure.shrunk,
        "lq_min": limits.low,
        "lq_max": limits.high,
    }
    at = (grid.row, grid.column)
    status = _status(values, margins, sure.short, totals is not None, shares is not None)
    return part.with_columns(
        *(pl.Series(name, cells[at], dtype=pl.Float64).fill_nan(None) for name, cells in columns.items()),
        status=pl.Series(status[at], dtype=pl.String),
    )


def _certainty(
    firms: Floats | None, counts: _Margins | None, shape: tuple[int, ...], level: float
) -> _Certainty:
    if firms is None or counts is None:
        nothing = np.full(shape, np.nan)
        return _Certainty(nothing, nothing, nothing, np.zeros(shape, dtype=np.bool_))
    expected = counts.totals[:, np.newaxis] * counts.shares[np.newaxis, :]
    interval = garwood_interval(firms, expected, level)
    shrunk = shrunk_quotient(firms, expected, level).mean
    return _Certainty(interval.low, interval.high, shrunk, counts.short & ~np.isnan(interval.low))


def _grid(part: pl.DataFrame) -> _Grid:
    regions = part["region"].unique().sort()
    industries = part["industry"].unique().sort()
    return _Grid(
        regions=regions.to_list(),
        industries=industries.to_list(),
        row=np.searchsorted(regions.to_numpy(), part["region"].to_numpy()),
        column=np.searchsorted(industries.to_numpy(), part["industry"].to_numpy()),
    )


def _margins(values: Floats, totals: Floats | None, shares: Floats | None) -> _Margins:
    unknown = np.isnan(values)
    totals_short: NDArray[np.bool_] = np.zeros(values.shape[0], dtype=np.bool_)
    if totals is None:
        totals, totals_short = np.nansum(values, axis=1), np.asarray(unknown.any(axis=1))
    if shares is not None:
        return _Margins(totals, shares, totals_short, np.zeros(values.shape[1], dtype=np.bool_))
    counted = ~np.isnan(totals)  # a region without a total cannot count in the industry's share either
    everything = float(np.sum(totals[counted]))
    sums = np.nansum(values[counted], axis=0)
    shares = sums / everything if everything > 0 else np.full(sums.size, np.nan)
    shares_short: NDArray[np.bool_] = np.asarray(unknown[counted].any(axis=0) | totals_short.any())
    return _Margins(totals, shares, totals_short, shares_short)


def _firm_margins(firms: Floats | None, reference: Reference, grid: _Grid, period: str) -> _Margins | None:
    """The margins of firm counts; None when the reference rules values but is silent about firms."""
    if firms is None:
        return None
    totals = _given(reference.totals, "region", "firms", grid.regions, period)
    shares = _given(reference.base, "industry", "firms_share", grid.industries, period)
    if (reference.totals is not None and totals is None) or (reference.base is not None and shares is None):
        return None
    return _margins(firms, totals, shares)


def _status(
    values: Floats,
    margins: _Margins,
    interval_short: NDArray[np.bool_],
    totals_given: bool,
    shares_given: bool,
) -> NDArray[np.object_]:
    totals, shares = margins.totals[:, np.newaxis], margins.shares[np.newaxis, :]
    totals_short, shares_short = margins.totals_short[:, np.newaxis], margins.shares_short[np.newaxis, :]
    no_share = np.isnan(shares) | (shares == 0)
    reasons = [
        (np.isnan(values), UNKNOWN),
        (np.isnan(totals), NO_TOTAL),
        ((totals == 0) & totals_short, REGION_TOTAL_UNKNOWN),
        (totals == 0, REGION_TOTAL_ZERO),
        (np.isnan(shares) & shares_given, NO_BASE),
        (no_share & shares_short, INDUSTRY_TOTAL_UNKNOWN),
        (no_share, INDUSTRY_TOTAL_ZERO),
        (margins.short, PARTIAL),
        (interval_short, PARTIAL_INTERVAL),
    ]
    holds = [np.broadcast_to(condition, values.shape) for condition, _ in reasons]
    return np.select(holds, [name for _, name in reasons], default=OK).astype(object)


def _given(
    frame: pl.DataFrame | None, key: str, measure: str, codes: list[str], period: str
) -> Floats | None:
    """The measure of ``codes`` in one period, ``nan`` where the file has none; None when it has no such column."""
    if frame is None or measure not in frame.columns:
        return None
    here = frame.filter(pl.col("period").is_in([period, ""]))
    wanted = pl.DataFrame({key: codes}, schema={key: pl.String})
    found = wanted.join(here, on=key, how="left", maintain_order="left")[measure]
    return found.fill_null(float("nan")).to_numpy().astype(np.float64)


def _with_zeros(table: pl.DataFrame) -> pl.DataFrame:
    keys = ["period", "region", "industry"]
    cross = table.select("period").unique()
    for key in keys[1:]:
        cross = cross.join(table.select(key).unique(), how="cross")
    absent = cross.join(table, on=keys, how="anti").with_columns(
        pl.lit(0.0).alias(name) for name in table.columns if name not in keys
    )
    return pl.concat([table, absent.select(table.columns)])
