"""How much of a region's change came from the nation, from its mix of industries, and from itself?

Tables are regions x industries, at two dates or more. Every decomposition sums to the change exactly, cell
by cell; what has no rate of growth, because the cell began at zero, is put in a term of its own and never
dropped. Formulas, worked tables and sources: ``docs/explanation/methods/growth.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coopetir.identify.core.ratios import Floats, floats, zero_as_unknown


@dataclass(frozen=True)
class ShiftShare:
    """The terms of every cell (regions x industries), in the unit of the data.

    ``national``: what the cell would have gained at the nation's rate. ``mix``: more or less because its
    industry grew otherwise in the nation. ``regional``: more or less because the region outdid, or lagged,
    its industry. ``allocation``: 0 in the classic form; in Esteban-Marquillas's, the part of the regional
    effect that comes from being specialised there. ``entry_exit``: change of cells without a rate.
    A cell unknown at either date is ``nan`` in every term.
    """

    national: Floats
    mix: Floats
    regional: Floats
    allocation: Floats
    entry_exit: Floats

    @property
    def change(self) -> Floats:
        """The sum of the terms, which is the change of the cell."""
        return self.national + self.mix + self.regional + self.allocation + self.entry_exit

    def by_region(self) -> dict[str, Floats]:
        """Each term, and the change, summed over the known cells of every region; ``nan`` if it has none."""
        some = ~np.all(np.isnan(self.change), axis=1)
        return {name: np.where(some, np.nansum(cells, axis=1), np.nan) for name, cells in self._named()}

    def _named(self) -> list[tuple[str, Floats]]:
        terms = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [*terms, ("change", self.change)]


def shift_share(
    start: ArrayLike,
    end: ArrayLike,
    *,
    nation: tuple[ArrayLike, ArrayLike] | None = None,
    homothetic: bool = False,
    exits_apart: bool = False,
) -> ShiftShare:
    """Into what parts falls the change of each cell between two dates?

    With ``g``, ``g_i``, ``g_ri`` the growth rates of the nation, of the industry in the nation and of the
    cell: national ``x0 g``, mix ``x0 (g_i - g)``, regional ``x0 (g_ri - g_i)`` (Dunn 1960). ``homothetic``
    splits the regional term (Esteban-Marquillas 1972): with ``h = x_r0 x_i0 / x_0``, regional
    ``h (g_ri - g_i)``, allocation ``(x0 - h) (g_ri - g_i)``.

    ``nation``: the industries' (start, end) from outside; else the sum of the cells known at both dates, so
    that rates compare like with like. A cell with ``x0 = 0`` puts its whole change in ``entry_exit``; with
    ``exits_apart`` a cell that ends at zero does too, instead of counting as a rate of -100 %. ``nan`` also
    where the nation has no industry that the region has.
    """
    x0, x1, known = _known_at_both(start, end)
    n0, n1 = _nation(x0, x1, nation)
    g = _growth(np.nansum(n0), np.nansum(n1))
    g_i = _growth(n0, n1)[np.newaxis, :]
    apart = (x0 == 0) | (exits_apart & (x1 == 0))
    own = _growth(x0, x1) - g_i
    h = np.nansum(x0, axis=1, keepdims=True) * n0[np.newaxis, :] / zero_as_unknown(np.nansum(n0))
    weight = h if homothetic else x0

    def rated(term: Floats) -> Floats:
        """The term where a rate exists, 0 where the change stands apart, unknown where it is unknown."""
        return np.where(known, np.where(apart, 0.0, term), np.nan)

    return ShiftShare(
        national=rated(x0 * g),
        mix=rated(x0 * (g_i - g)),
        regional=rated(weight * own),
        allocation=rated((x0 - weight) * own),
        entry_exit=np.where(known, np.where(apart, x1 - x0, 0.0), np.nan),
    )


def dynamic_shift_share(
    panel: ArrayLike, *, homothetic: bool = False, exits_apart: bool = False
) -> ShiftShare:
    """Into what parts falls the change over many years, if rates and structure may shift each year?

    The yearly :func:`shift_share` summed over the years (Barff & Knight 1988). ``panel``: dates x regions x
    industries, in order of time. The terms sum to the change from first to last date. ``nan`` for a cell
    unknown at any date.
    """
    x = floats(panel)
    if x.ndim != 3 or x.shape[0] < 2:
        raise ValueError(
            f"the panel must be dates x regions x industries with two dates or more, not {x.shape}"
        )
    years = [
        shift_share(before, after, homothetic=homothetic, exits_apart=exits_apart)
        for before, after in pairwise(x)
    ]
    return ShiftShare(
        **{
            field.name: np.sum([getattr(year, field.name) for year in years], axis=0)
            for field in fields(ShiftShare)
        }
    )


def _known_at_both(start: ArrayLike, end: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    x0, x1 = np.broadcast_arrays(floats(start), floats(end))
    known = ~(np.isnan(x0) | np.isnan(x1))
    return np.where(known, x0, np.nan), np.where(known, x1, np.nan), known


def _nation(x0: Floats, x1: Floats, nation: tuple[ArrayLike, ArrayLike] | None) -> tuple[Floats, Floats]:
    if nation is None:
        return np.nansum(x0, axis=0), np.nansum(x1, axis=0)
    return floats(nation[0]), floats(nation[1])


def _growth(start: ArrayLike, end: ArrayLike) -> Floats:
    first = zero_as_unknown(start)
    return np.asarray((floats(end) - first) / first)
