"""Where is which industry present?

From one period's table to matrices of regions × industries: activity, revealed comparative advantage
(RCA, the location quotient within the table), presence, and the part of the table that carries presence.

A missing row is zero activity, as in trade statistics. A null value is *unknown*: it enters no total, its
RCA and presence are unknown, and it counts neither as present nor as absent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.specialization import location_quotient

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# A cell whose RCA equals the threshold is present whatever the rounding of the last binary digits, so
# that multiplying the table by a constant or reordering it cannot change a presence.
TIE = 1e-12


class ThresholdUnusable(CoopetirError):
    code = "complexity.threshold"
    es = "El umbral de presencia debe ser un número mayor que cero, no {threshold}. El usual es 1,0."
    en = "The presence threshold must be a number above zero, not {threshold}. The usual one is 1.0."


class CodesCollide(CoopetirError):
    code = "complexity.codes_collide"
    es = "En la columna {column} el mismo código aparece con y sin ceros a la izquierda: {codes}. Escriba todos con el mismo número de cifras (5001 → 05001)."
    en = "In column {column} the same code appears with and without leading zeros: {codes}. Write all with the same number of digits (5001 → 05001)."


@dataclass(frozen=True)
class Activity:
    """One period's activity: sorted ``regions`` and ``industries``, and ``value`` (regions × industries).

    ``value`` is 0 where the table has no row and NaN where the table says the value is unknown;
    ``known`` marks the other cells and is None when every cell is known.
    """

    regions: list[str]
    industries: list[str]
    value: Array
    known: Mask | None

    def unknown(self) -> int:
        """How many cells the table declares unknown."""
        return 0 if self.known is None else int(self.known.size - self.known.sum())


def activity(table: pl.DataFrame) -> Activity:
    """The matrix of one period of a checked long table (``region``, ``industry``, ``value``; unique keys).

    :raises CodesCollide: when a code comes both with and without its leading zeros.
    """
    regions, row = _coded(table["region"])
    industries, column = _coded(table["industry"])
    value = np.zeros((len(regions), len(industries)))
    value[row, column] = table["value"].cast(pl.Float64).to_numpy()
    known = None if table["value"].null_count() == 0 else ~np.isnan(value)
    return Activity(regions, industries, value, known)


def _coded(column: pl.Series) -> tuple[list[str], npt.NDArray[np.uint32]]:
    codes = column.unique().cast(pl.String).sort()
    _refuse_lost_zeros(codes, column.name)
    kind = pl.Enum(codes)
    # The cast to UInt32 has one width whatever the number of codes.
    return codes.to_list(), column.cast(pl.String).cast(kind).to_physical().cast(pl.UInt32).to_numpy()


def _refuse_lost_zeros(codes: pl.Series, column: str) -> None:
    digits = codes.filter(codes.str.contains(r"^[0-9]+$"))
    bare = digits.str.strip_chars_start("0")
    twins = digits.filter(bare.is_duplicated() & (bare != ""))
    if len(twins):
        raise CodesCollide(column=column, codes=twins.to_list())


def advantage(known: Activity) -> Array:
    """Revealed comparative advantage of an activity: its location quotient within its own table.

    NaN where the cell is unknown or its region or industry has no visible activity.
    """
    top = np.fmax.reduce(known.value, axis=None, initial=0.0)
    # Totals of numbers this large would overflow; ratios do not depend on the unit.
    return location_quotient(known.value / top if top > 1e290 else known.value)


def presence(ratio: Array, threshold: float = 1.0) -> Mask:
    """Where RCA reaches ``threshold`` (unknown cells are False here; ask ``Activity.known`` for them).

    :raises ThresholdUnusable: when the threshold is not a finite number above zero.
    """
    if not (np.isfinite(threshold) and threshold > 0):
        raise ThresholdUnusable(threshold=threshold)
    with np.errstate(invalid="ignore"):
        return ratio >= threshold * (1.0 - TIE)


def core_of(present: Mask, *, least_diversity: int = 1, least_ubiquity: int = 1) -> tuple[Mask, Mask]:
    """Which regions and industries keep enough presences once those without have left, again and again.

    With the defaults only empty rows and columns go. Higher minima may take several rounds, because an
    industry that leaves lowers its regions' diversity.
    """
    rows = np.ones(present.shape[0], dtype=bool)
    columns = np.ones(present.shape[1], dtype=bool)
    while True:
        enough = present[:, columns].sum(axis=1) >= least_diversity
        kept = rows & enough
        spread = present[kept].sum(axis=0) >= least_ubiquity
        left = columns & spread
        if np.array_equal(kept, rows) and np.array_equal(left, columns):
            return rows, columns
        rows, columns = kept, left
