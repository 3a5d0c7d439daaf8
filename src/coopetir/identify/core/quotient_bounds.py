"""Between what bounds must a quotient lie, when cells are withheld but their parents' totals are known?

A withheld cell cannot be negative, nor larger than what its region's total leaves after the cells one sees.
No distribution is assumed: whatever the hidden cells hold, the true quotient lies within the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from coopetir.identify.core.ratios import Floats, floats, zero_as_unknown


@dataclass(frozen=True)
class Bounds:
    """Least and greatest possible value of each cell, regions x industries."""

    low: Floats
    high: Floats


def hidden_room(values: ArrayLike, region_totals: ArrayLike) -> Floats:
    """How much can the unknown cells of each region hold together: total less visible cells.

    ``nan`` where the total is unknown or below the visible sum (then the cells overlap, as when a table
    holds several levels of a classification, and the total bounds nothing).
    """
    room = floats(region_totals) - np.nansum(floats(values), axis=1)
    return np.where(room >= 0, room, np.nan)


def quotient_bounds(
    values: ArrayLike, region_totals: ArrayLike, base_shares: ArrayLike | None = None
) -> Bounds:
    """Between what bounds lies each quotient, given the regions' totals?

    ``LQ = (x_ri / total_r) / s_i``. With ``base_shares`` (industries, fractions of an outside base) a known
    cell has one value and an unknown cell 0 to ``room_r / total_r / s_i``. Without, ``s_i`` is the table's
    own and moves with the hidden cells: ``s_i = (visible_i + hidden_i) / sum total``; the quotient rises with
    its own cell and falls with the others', so the bounds are at the corners. ``nan`` where a total is
    unknown or does not bound (:func:`hidden_room`), or a divisor may be zero; if one region's room is
    unknown, so is every upper limit of ``s_i`` of an industry hidden there.
    """
    x = floats(values)
    totals = floats(region_totals)[:, np.newaxis]
    hidden = np.isnan(x)
    room = np.where(hidden, hidden_room(x, region_totals)[:, np.newaxis], 0.0)
    least, most = np.where(hidden, 0.0, x), np.where(hidden, room, x)
    if base_shares is not None:
        scale = zero_as_unknown(totals * floats(base_shares)[np.newaxis, :])
        return _known_only(least / scale, most / scale, room)
    everything = np.sum(totals)
    visible = np.nansum(x, axis=0, keepdims=True)
    others = np.sum(room, axis=0, keepdims=True) - room
    own = zero_as_unknown(totals) / everything
    low = least / own / zero_as_unknown(visible - np.where(hidden, 0.0, x) + least + others)
    high = most / own / zero_as_unknown(visible - np.where(hidden, 0.0, x) + most)
    low = np.where(least == 0, 0.0, low)
    return _known_only(low, high, room + others)


def _known_only(low: Floats, high: Floats, needed: Floats) -> Bounds:
    unknown = np.isnan(low) | np.isnan(high) | np.isnan(needed)
    return Bounds(low=np.where(unknown, np.nan, low), high=np.where(unknown, np.nan, high))
