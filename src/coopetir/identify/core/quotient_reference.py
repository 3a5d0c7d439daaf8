"""What are the quotients of a long table measured against, when not against the table itself?

Totals of regions and shares of industries from outside, checked against the table they are meant for: a
total smaller than one of its cells, shares in percent, and codes that lost their zeros are refused here,
before they become a wrong quotient.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import (
    as_codes,
    as_measure,
    require_columns,
    rows_where,
    unique_keys,
)


class TotalsUnmatched(CoopetirError):
    code = "specialize.codes_unmatched"
    es = "Ningún código de la columna {column} de «{source}» aparece en la tabla. Allí: {theirs}; en la tabla: {ours}. Revise ceros a la izquierda y la clasificación."
    en = "No code in column {column} of “{source}” appears in the table. There: {theirs}; in the table: {ours}. Check leading zeros and the classification."


class ValueTooLarge(CoopetirError):
    code = "specialize.too_large"
    es = "En «{source}», la columna {column} tiene valores de más de 1e290 en las filas {rows}: no se pueden sumar. Revise la unidad."
    en = "In “{source}”, column {column} holds values above 1e290 in rows {rows}: they cannot be added up. Check the unit."


class ZerosLost(CoopetirError):
    code = "specialize.zeros_lost"
    es = "Códigos de «{source}» y de la tabla difieren solo en ceros a la izquierda: {pairs}. Guarde la columna {column} como texto en ambos archivos."
    en = "Codes of “{source}” and of the table differ only in leading zeros: {pairs}. Keep column {column} as text in both files."


class PeriodsUnmatched(CoopetirError):
    code = "specialize.period_without_column"
    es = "«{source}» trae una columna period, pero no se dijo cuál es el período de la tabla. Indíquelo con --period o quite la columna."
    en = "“{source}” has a column period, but the table's own period was not named. Name it with --period or take the column out."


class TotalBelowCell(CoopetirError):
    code = "specialize.total_below_cell"
    es = "En «{source}» el total de la región es menor que una sola de sus celdas: {cells}. Revise que totales y celdas midan lo mismo, en la misma unidad."
    en = "In “{source}” the region's total is less than a single cell of it: {cells}. Check that totals and cells measure the same, in the same unit."


class ShareAboveOne(CoopetirError):
    code = "specialize.share_above_one"
    es = "En «{source}», la columna {column} pasa de 1 en las filas {rows}. Las participaciones son fracciones: 0.02, no 2 %."
    en = "In “{source}”, column {column} is above 1 in rows {rows}. Shares are fractions: 0.02, not 2 %."


@dataclass(frozen=True)
class Reference:
    """What the table's cells are compared with; a part that is ``None`` is summed from the table itself.

    ``totals``: period, region, total[, firms]; ``base``: period, industry, share[, firms_share]; period ""
    holds for every period. Make them with :func:`region_totals` and :func:`base_shares`.
    """

    totals: pl.DataFrame | None = None
    base: pl.DataFrame | None = None


LARGEST = 1e290  # a sum of fewer than 1e18 such values is still a number


def summable(frame: pl.DataFrame, column: str, *, source: str, name: str | None = None) -> None:
    """:raises ValueTooLarge: when the column's sums could overflow; ``name`` is its name in the file."""
    if rows := rows_where(frame, pl.col(column) > LARGEST):
        raise ValueTooLarge(source=source, column=name or column, rows=rows)


def region_totals(frame: pl.DataFrame, table: pl.DataFrame, *, source: str) -> pl.DataFrame:
    """The checked totals of regions: columns region, total[, firms][, period]; an empty total is unknown."""
    totals = _keyed(frame, table, "region", ["total", "firms"], source=source)
    largest = (
        table.join(_for_periods(totals, table), on=["period", "region"])
        .filter(pl.col("value") > pl.col("total"))
        .select(pl.format("{} {} {}: {} > {}", "period", "region", "industry", "value", "total"))
    )
    if not largest.is_empty():
        raise TotalBelowCell(source=source, cells=[cell.strip() for cell in largest.to_series()])
    return totals


def base_shares(frame: pl.DataFrame, table: pl.DataFrame, *, source: str) -> pl.DataFrame:
    """The checked shares of industries in a base: columns industry, share[, firms_share][, period]."""
    base = _keyed(frame, table, "industry", ["share", "firms_share"], source=source)
    for column in ("share", "firms_share"):
        if column in base.columns and (rows := rows_where(base, pl.col(column) > 1)):
            raise ShareAboveOne(source=source, column=column, rows=rows)
    return base


def _keyed(
    frame: pl.DataFrame, table: pl.DataFrame, key: str, measures: list[str], *, source: str
) -> pl.DataFrame:
    require_columns(frame, [key, measures[0]], source=source)
    kept = [name for name in (key, *measures, "period") if name in frame.columns]
    checked = as_codes(frame.select(kept), key, source=source)
    if "period" not in kept:
        checked = checked.with_columns(period=pl.lit(""))
    elif table["period"].unique().to_list() == [""]:
        raise PeriodsUnmatched(source=source)
    else:
        checked = as_codes(checked, "period", source=source)
    for measure in measures:
        if measure in kept:
            checked = as_measure(checked, measure, source=source)
            summable(checked, measure, source=source)
    unique_keys(checked, ["period", key], source=source)
    for column in (key, "period") if "period" in kept else (key,):
        _codes_meet(table[column].unique(), checked[column].unique(), column, source)
    return checked


def _codes_meet(ours: pl.Series, theirs: pl.Series, column: str, source: str) -> None:
    """:raises TotalsUnmatched: no code in common. :raises ZerosLost: codes alike but for leading zeros."""
    missing = ours.filter(~ours.is_in(theirs.to_list())).sort()
    extra = {code.lstrip("0"): code for code in theirs.filter(~theirs.is_in(ours.to_list()))}
    pairs = [f"{code} / {extra[bare]}" for code in missing if (bare := code.lstrip("0")) in extra]
    if pairs:
        raise ZerosLost(source=source, column=column, pairs=pairs)
    if len(missing) == len(ours):
        raise TotalsUnmatched(
            source=source,
            column=column,
            theirs=theirs.sort().to_list()[:5],
            ours=missing.to_list()[:5],
        )


def _for_periods(frame: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The frame with one row per period of the table, where its own period is "" (holds for all)."""
    if frame["period"].unique().to_list() != [""]:
        return frame
    return frame.drop("period").join(table.select("period").unique(), how="cross")
