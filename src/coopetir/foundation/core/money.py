"""What are pesos of one year worth in pesos of another, and in dollars?

Deflation: ``real = nominal × CPI(base) / CPI(year)``, with the mean of the twelve monthly indices of each year
(DANE, December 2018 = 100). A year without its twelve months is refused: half a year is not a year.
Dollars: divided by the mean daily TRM of the year, weighted by the days each rate held.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.errors import CoopetirError


class PriceIndexMissing(CoopetirError):
    code = "money.index_missing"
    es = "No hay IPC completo para los años {years}; se puede deflactar de {first} a {last}."
    en = "There is no complete CPI for the years {years}; deflation works from {first} to {last}."


class ExchangeRateMissing(CoopetirError):
    code = "money.rate_missing"
    es = "No hay TRM completa para el año {year}; la hay de {first} a {last}."
    en = "There is no complete TRM for the year {year}; there is from {first} to {last}."


@cache
def yearly_index() -> dict[int, float]:
    """Year → mean CPI, for years with their twelve months."""
    months = catalogues.consumer_prices().with_columns(
        pl.col("month").str.slice(0, 4).cast(pl.Int32).alias("year")
    )
    years = months.group_by("year").agg(pl.col("index").mean(), pl.len()).filter(pl.col("len") == 12)
    return {int(year): float(index) for year, index, _ in years.sort("year").iter_rows()}


def price_index(year: int) -> float:
    """The mean CPI of a year. :raises PriceIndexMissing:"""
    return _indices([year])[year]


def _indices(years: list[int]) -> dict[int, float]:
    index = yearly_index()
    missing = sorted(set(years) - set(index))
    if missing:
        raise PriceIndexMissing(years=missing, first=min(index), last=max(index))
    return index


def deflate(value: float, *, year: int, base: int) -> float:
    """COP of ``year`` in COP of ``base``. :raises PriceIndexMissing:"""
    index = _indices([year, base])
    return value * index[base] / index[year]


def deflated(frame: pl.DataFrame, value: str, *, base: int, year: str = "year") -> pl.Series:
    """The column ``value`` in COP of ``base``; null where value or year is null. :raises PriceIndexMissing:"""
    index = _indices([base, *frame[year].drop_nulls().unique().to_list()])
    factors = {other: index[base] / index[other] for other in index}
    factor = pl.col(year).cast(pl.Int32).replace_strict(factors, default=None, return_dtype=pl.Float64)
    return frame.select((pl.col(value) * factor).alias(value)).to_series()


@cache
def mean_exchange_rate(year: int) -> float:
    """Mean COP per USD over the days of a year. :raises ExchangeRateMissing:"""
    rates = catalogues.exchange_rates()
    start, end = date(year, 1, 1), date(year, 12, 31)
    first, last = rates["valid_from"].min(), rates["valid_to"].max()
    if not (isinstance(first, date) and isinstance(last, date) and first <= start and end <= last):
        years = [day.year for day in (first, last) if isinstance(day, date)]
        raise ExchangeRateMissing(year=year, first=years[0] + 1, last=years[-1] - 1)
    held = rates.filter((pl.col("valid_to") >= start) & (pl.col("valid_from") <= end)).with_columns(
        days=(
            pl.min_horizontal("valid_to", pl.lit(end)) - pl.max_horizontal("valid_from", pl.lit(start))
        ).dt.total_days()
        + 1
    )
    weighted = held.select((pl.col("cop_per_usd") * pl.col("days")).sum() / pl.col("days").sum()).item()
    return float(weighted)
