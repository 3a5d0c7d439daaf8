"""How complex are regions and industries, and what lies within a region's reach?

From a long table to one period's results: diversity, ubiquity, ECI and PCI (`spectrum`), fitness and
complexity (`fitness`), proximity, density, outlook and gain (`relatedness`). Every number that does not
exist is null with a reason beside it; one unit's null never spreads to another's.

Missing rows are zero activity. Null values are unknown and left out (see `presence`). Formulas, choices and
a worked table: ``docs/explanation/methods/complexity.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from coopetir.foundation.core.progress import Progress, silent
from coopetir.identify.core.complexity_result import Complexity, Reasons, Settings
from coopetir.identify.core.fitness import fitness
from coopetir.identify.core.presence import Activity, Array, Mask, activity, advantage, core_of, presence
from coopetir.identify.core.relatedness import density, gain, outlook, proximity
from coopetir.identify.core.spectrum import LEAST, components, spectrum

# Below this many regions an own PCI says little about industries; the run says so (see `projection`).
FEW = 50


def complexity(
    table: pl.DataFrame,
    settings: Settings | None = None,
    *,
    period: str = "",
    reference: Mapping[str, float] | None = None,
) -> Complexity:
    """Every measure of one period.

    :param table: checked table of one period (``region``, ``industry``, ``value``) from
        :func:`coopetir.foundation.core.tables.long_table` or
        :func:`coopetir.identify.core.coded_table.coded_table`.
    :param reference: region → a number that grows with complexity (mean wage, last period's ECI), used for
        the sign of ECI only where diversity does not tell it (``sign_uncertain``).
    :raises ThresholdUnusable: :raises CodesCollide:
    """
    settings = settings or Settings()
    found = activity(table)
    ratio = advantage(found)
    present = presence(ratio, settings.threshold)
    rows, columns = core_of(present)
    result = _blank(period, settings, found, ratio, present, rows, columns)
    core = _Block(np.flatnonzero(rows), np.flatnonzero(columns), shape=present.shape)
    if rows.any():
        given = np.array([(reference or {}).get(name, np.nan) for name in found.regions])
        _relate(result, core)
        _rank(result, core, given)
    return result


def complexity_by_period(
    table: pl.DataFrame,
    settings: Settings | None = None,
    *,
    reference: Mapping[str, float] | None = None,
    progress: Progress = silent,
) -> Iterator[Complexity]:
    """Every period of a checked long table in order, one at a time so that only one is in memory.

    Periods are computed apart. Where the sign of ECI is uncertain and no ``reference`` is given, the period
    before decides it, so that an index does not flip from one year to the next.
    """
    periods = table["period"].cast(pl.String).unique().sort().to_list()
    before = reference
    for done, period in enumerate(periods):
        progress(done, len(periods), "complexity")
        one = table if len(periods) == 1 else table.filter(pl.col("period") == period)
        result = complexity(one, settings, period=period, reference=before)
        if reference is None and not np.isnan(result.eci).all():
            before = dict(zip(result.activity.regions, result.eci.tolist(), strict=True))
        yield result
    progress(len(periods), len(periods), "complexity")


def _blank(
    period: str, settings: Settings, found: Activity, ratio: Array, present: Mask, rows: Mask, columns: Mask
) -> Complexity:
    """Results with counts and per-unit reasons filled in and every other number null."""
    shape = present.shape
    region_reasons = unit_reasons(found, present, axis=1)
    industry_reasons = unit_reasons(found, present, axis=0)
    return Complexity(
        period,
        settings,
        found,
        ratio,
        present,
        diversity=_count(present, found.known, axis=1),
        ubiquity=_count(present, found.known, axis=0),
        eci=_nans(shape[0]),
        pci=_nans(shape[1]),
        coi=_nans(shape[0]),
        density=_nans(shape),
        cog=_nans(shape),
        proximity=_nans((shape[1], shape[1])),
        fitness=_nans(shape[0]),
        complexity=_nans(shape[1]),
        region_reasons=region_reasons,
        industry_reasons=industry_reasons,
        notes=_notes(period, found, rows, columns),
    )


def _notes(period: str, found: Activity, rows: Mask, columns: Mask) -> dict[str, Any]:
    """A period's counts and flags as they are before any index is computed."""
    return {
        "period": period,
        "regions": len(rows),
        "industries": len(columns),
        "regions_with_presence": int(rows.sum()),
        "industries_with_presence": int(columns.sum()),
        "unknown_cells": found.unknown(),
        "eigenvalues": [],
        "gap": None,
        "few_regions": bool(rows.sum() < FEW),
        "too_small": bool(min(rows.sum(), columns.sum()) < LEAST),
        "disconnected": False,
        "components": 0,
        "degenerate": False,
        "sign_uncertain": False,
        "sign_by": None,
        "fitness_steps": None,
        "fitness_converged": None,
    }


@dataclass(frozen=True)
class _Block:
    """Some rows and columns of the period's matrices; the whole matrix is not copied to be read."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    shape: tuple[int, ...]

    @property
    def whole(self) -> bool:
        return (len(self.rows), len(self.columns)) == self.shape

    def of(self, matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return matrix if self.whole else matrix[np.ix_(self.rows, self.columns)]

    def known(self, mask: Mask | None) -> Mask | None:
        return None if mask is None else self.of(mask)

    def put(self, matrix: Array, values: Array) -> None:
        matrix[np.ix_(self.rows, self.columns)] = values


def _relate(result: Complexity, core: _Block) -> None:
    """Fill in proximity, density, fitness and complexity of the units with presence."""
    present, known = core.of(result.present), core.known(result.activity.known)
    phi = proximity(present, known)
    result.proximity[np.ix_(core.columns, core.columns)] = phi
    core.put(result.density, density(present, phi, known=known))
    fit = fitness(present, result.settings.iterations)
    result.fitness[core.rows] = fit.fitness
    result.complexity[core.columns] = fit.complexity
    result.notes.update(fitness_steps=fit.steps, fitness_converged=fit.converged)


def _rank(result: Complexity, core: _Block, reference: Array) -> None:
    """Fill in ECI, PCI, outlook and gain, of the whole core or of each of its pieces."""
    count, of_region, of_industry = components(core.of(result.present))
    result.notes.update(components=count, disconnected=count > 1)
    if count > 1:
        result.notes["component_of_region"] = _named(result.activity.regions, core.rows, of_region)
        result.notes["component_of_industry"] = _named(result.activity.industries, core.columns, of_industry)
    if result.notes["too_small"] or (count > 1 and not result.settings.per_component):
        _explain(result, core, "too_small" if result.notes["too_small"] else "disconnected")
        return
    for piece in range(1, count + 1):
        rows, columns = core.rows[of_region == piece], core.columns[of_industry == piece]
        _rank_piece(result, _Block(rows, columns, core.shape), reference, main=piece == 1)


def _rank_piece(result: Complexity, piece: _Block, reference: Array, *, main: bool) -> None:
    present, known = piece.of(result.present), piece.known(result.activity.known)
    found = spectrum(present, reference[piece.rows])
    if main:
        result.notes.update(
            eigenvalues=list(found.eigenvalues),
            gap=found.gap,
            degenerate=found.reason == "degenerate",
            sign_uncertain=found.sign_uncertain,
            sign_by=found.sign_by,
        )
    if found.kc is None or found.q is None:
        _explain(result, piece, str(found.reason))
        return
    mean, spread = found.kc.mean(), found.kc.std()
    result.eci[piece.rows] = (found.kc - mean) / spread
    own = result.settings.pci_scale == "own"
    pci = _standard(found.q) if own else (found.q - mean) / spread
    result.pci[piece.columns] = pci
    weights = found.q / spread if result.settings.pci == "raw" else pci
    near, phi = piece.of(result.density), result.proximity[np.ix_(piece.columns, piece.columns)]
    result.coi[piece.rows] = _standard(outlook(present, near, weights, known=known))
    piece.put(result.cog, gain(present, phi, weights, known=known))
    if np.isnan(result.coi[piece.rows]).any():
        _explain(result, _Block(piece.rows, piece.columns[:0], piece.shape), "no_spread")


def _explain(result: Complexity, block: _Block, reason: str) -> None:
    """Say why a block's units have no index, unless they already say something graver."""
    for reasons, where in ((result.region_reasons, block.rows), (result.industry_reasons, block.columns)):
        for unit in where:
            if reasons[unit] in (None, "unknown_cells"):
                reasons[unit] = reason


def unit_reasons(found: Activity, present: Mask, *, axis: int) -> Reasons:
    """Why a unit has no presence, or that it has unknown cells; ``axis=1`` for regions, 0 for industries."""
    reasons = np.full(present.shape[1 - axis], None, dtype=object)
    reasons[~present.any(axis=axis)] = "no_presence"
    reasons[np.nansum(found.value, axis=axis) == 0] = "no_activity"
    if found.known is not None:
        partly = ~found.known.all(axis=axis)
        reasons[partly & (reasons == None)] = "unknown_cells"  # noqa: E711  (elementwise)
        reasons[~found.known.any(axis=axis)] = "all_unknown"
    return reasons


def _named(names: list[str], where: npt.NDArray[np.intp], piece: npt.NDArray[np.intp]) -> dict[str, int]:
    return {names[unit]: int(number) for unit, number in zip(where, piece, strict=True)}


def _standard(values: Array) -> Array:
    """Mean 0, population deviation 1; NaN when the values do not vary."""
    spread = values.std()
    if not spread > 1e-12 * np.abs(values).max(initial=0.0):
        return _nans(values.shape)
    return (values - values.mean()) / spread


def _nans(shape: int | tuple[int, ...]) -> Array:
    return np.full(shape, np.nan)


def _count(present: Mask, known: Mask | None, *, axis: int) -> Array:
    count = present.sum(axis=axis).astype(np.float64)
    if known is not None:
        count[~known.any(axis=axis)] = np.nan
    return count
