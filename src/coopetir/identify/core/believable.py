"""Which numbers of a screening's tables are refused because no country has them, or because they are text?

A count of 1e308 comes from a wrong unit or a broken export; let in, it drowns every other cell of a sum, so that
verdicts of other regions change in silence. Text in a column a Method judges by would count as "no data".
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.industry_attributes import ATTRIBUTES
from coopetir.foundation.core.tables import as_measure, rows_where

LARGEST = {"firms": 1e7, "employees": 1e9}  # of one region, industry and year
NOT_ATTRIBUTES = ("industry", "family", "local")


class CountBeyondBelief(CoopetirError):
    code = "cells.beyond_belief"
    es = "En «{source}», la columna {column} pasa de {limit} en las filas {rows}; ninguna región tiene tanto en una industria. Revise la unidad o deje la celda vacía."
    en = "In “{source}”, column {column} exceeds {limit} in rows {rows}; no region has that much in one industry. Check the unit or leave the cell empty."


def believable(table: pl.DataFrame, *, source: str) -> None:
    """:raises CountBeyondBelief: firms above 10 million or jobs above 1,000 million in one cell, by row."""
    for column, limit in LARGEST.items():
        over = rows_where(table, pl.col(column) > limit)
        if over:
            raise CountBeyondBelief(source=source, column=column, limit=f"{limit:.0f}", rows=over)


def numeric_attributes(
    catalogue: pl.DataFrame, judged: Collection[str], *, source: str
) -> dict[str, NDArray[np.float64]]:
    """The columns of numbers, by industry; nan = unknown. Any other column of text is a label.

    Columns named in ``judged``, and those of ``ATTRIBUTES``, must be numbers.

    :raises ValueNotNumber: :raises ValueNotFinite: a judged column holds text or infinity, by row.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for column in catalogue.columns:
        if column in NOT_ATTRIBUTES:
            continue
        must = column in judged or column in ATTRIBUTES
        if must:
            number = as_measure(catalogue, column, source=source, negative=True)[column]
        else:
            read = _as_number(catalogue[column])
            if read is None:
                continue
            number = read
        values = number.fill_null(np.nan).to_numpy().astype(np.float64)
        found[column] = np.where(np.isfinite(values), values, np.nan)
    return found


def _as_number(series: pl.Series) -> pl.Series | None:
    """Float64 when every filled cell is a number, else None."""
    if series.dtype.is_numeric():
        return series.cast(pl.Float64)
    if series.dtype != pl.String:
        return None
    filled = series.str.strip_chars()
    filled = filled.set(filled.is_in(["", "NA", "NaN", "nan", "null"]), None)
    number = filled.cast(pl.Float64, strict=False)
    return None if number.null_count() > filled.null_count() else number
