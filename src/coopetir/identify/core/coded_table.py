"""How does a table of millions of cells stay small in memory?

The checks of :func:`coopetir.foundation.core.tables.long_table`, with the keys kept as codes of four bytes
instead of text and duplicates found by sorting numbers: three years of 3,000 × 1,000 cells pass in a third
of the memory.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import (
    TableEmpty,
    as_codes,
    as_measure,
    require_columns,
    rows_where,
    unique_keys,
)

LARGEST = 1e15  # above it Float64 no longer tells neighbouring whole numbers apart in a sum of ten cells
KEYS = ("period", "region", "industry")


class ActivityTooLarge(CoopetirError):
    code = "complexity.too_large"
    es = "En «{source}», la columna {column} pasa de 1e15 en las filas {rows}: sus sumas no serían exactas. Revise la unidad, o use miles o millones."
    en = "In “{source}”, column {column} exceeds 1e15 in rows {rows}: its sums would not be exact. Check the unit, or use thousands or millions."


def coded_table(
    frame: pl.DataFrame, *, region: str, industry: str, value: str, period: str | None = None, source: str
) -> pl.DataFrame:
    """The checked table, one row per key: ``period``, ``region``, ``industry`` (Enum, sorted) and ``value``.

    ``value`` is Float64 >= 0 with null = unknown. Without a period column the period is "". Refusals are
    those of ``long_table``, naming rows of ``frame``, and :class:`ActivityTooLarge`.
    """
    named = {"period": period, "region": region, "industry": industry}
    require_columns(frame, [name for name in (*named.values(), value) if name is not None], source=source)
    if frame.is_empty():
        raise TableEmpty(source=source)
    measured = as_measure(frame.select(pl.col(value).alias("value")), "value", source=source)["value"]
    if rows := rows_where(measured.to_frame(), pl.col("value") > LARGEST):
        raise ActivityTooLarge(source=source, column=value, rows=rows)
    columns = []
    for key, name in named.items():
        columns.append(_key(frame, key, name, source))
        if name is not None and list(named.values()).count(name) == 1:
            frame = frame.drop(name)  # its text is not needed again; millions of cells of it weigh
    table = pl.DataFrame([*columns, measured])
    if _repeats(table):
        unique_keys(table, KEYS, source=source)
    return table


def _key(frame: pl.DataFrame, key: str, name: str | None, source: str) -> pl.Series:
    if name is None:
        return pl.Series(key, [""], dtype=pl.Enum([""])).new_from_index(0, len(frame))
    text = as_codes(frame.select(pl.col(name).alias(key)), key, source=source)[key]
    return text.cast(pl.Enum(text.unique().sort()))


def _repeats(table: pl.DataFrame) -> bool:
    """Whether two rows share a key: one number per key, sorted, neighbours compared."""
    number = np.zeros(len(table), dtype=np.uint64)
    for key in KEYS:
        codes = table[key].to_physical().to_numpy().astype(np.uint64)
        number *= codes.max() + np.uint64(1)
        number += codes
    number.sort()
    return bool((number[1:] == number[:-1]).any())
