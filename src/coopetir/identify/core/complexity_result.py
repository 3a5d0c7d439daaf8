"""What did a run of complexity find, as arrays and as tables?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from coopetir.identify.core.presence import Activity, Array, Mask

Reasons = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Settings:
    """What a run may choose.

    ``pci_scale``: ``eci`` puts PCI on the regions' mean and standard deviation, so that a region's ECI is
    the plain mean of the PCI of its present industries; ``own`` gives PCI mean 0 and deviation 1.
    ``pci``: which PCI enters outlook and gain, ``standard`` (as printed) or ``raw`` (the unscaled
    eigenvector, as py-ecomplexity does). ``iterations``: fixed steps of fitness, None until ranks rest.
    ``per_component``: give each piece of a disconnected table its own ECI instead of none.
    """

    threshold: float = 1.0
    pci_scale: Literal["eci", "own"] = "eci"
    pci: Literal["standard", "raw"] = "standard"
    iterations: int | None = None
    per_component: bool = False


@dataclass(frozen=True)
class Complexity:
    """One period's results. Arrays follow ``activity.regions`` and ``activity.industries``; NaN is null.

    ``region_reasons`` and ``industry_reasons`` hold a code or None (codes: `REASONS`).
    """

    period: str
    settings: Settings
    activity: Activity
    advantage: Array
    present: Mask
    diversity: Array
    ubiquity: Array
    eci: Array
    pci: Array
    coi: Array
    density: Array
    cog: Array
    proximity: Array
    fitness: Array
    complexity: Array
    region_reasons: Reasons
    industry_reasons: Reasons
    notes: dict[str, Any] = field(default_factory=dict)

    def regions(self) -> pl.DataFrame:
        """``period, region, diversity, eci, coi, fitness, reason``, one row per region."""
        return pl.DataFrame(
            {
                "period": [self.period] * len(self.eci),
                "region": self.activity.regions,
                "diversity": _whole(self.diversity),
                "eci": nullable(self.eci),
                "coi": nullable(self.coi),
                "fitness": nullable(self.fitness),
                "reason": pl.Series(self.region_reasons.tolist(), dtype=pl.String),
            }
        )

    def industries(self) -> pl.DataFrame:
        """``period, industry, ubiquity, pci, complexity, reason``, one row per industry."""
        return pl.DataFrame(
            {
                "period": [self.period] * len(self.pci),
                "industry": self.activity.industries,
                "ubiquity": _whole(self.ubiquity),
                "pci": nullable(self.pci),
                "complexity": nullable(self.complexity),
                "reason": pl.Series(self.industry_reasons.tolist(), dtype=pl.String),
            }
        )

    def summary(self) -> dict[str, Any]:
        """The period's flags and counts: see `notes`, and how many units each reason holds back."""
        return self.notes | {
            "regions_by_reason": dict(Counter(why for why in self.region_reasons if why)),
            "industries_by_reason": dict(Counter(why for why in self.industry_reasons if why)),
        }

    def cells(self, first: int = 0, last: int | None = None) -> pl.DataFrame:
        """``period, region, industry, value, rca, present, density, distance, cog, reason``.

        One row per region × industry, absent ones too (value 0), for the regions ``first`` to ``last`` so
        that a large table can be written piece by piece.
        """
        rows = slice(first, len(self.activity.regions) if last is None else last)
        names = self.activity.regions[rows]
        wide = len(self.activity.industries)
        near = nullable(self.density[rows].ravel())
        known = self.activity.known
        present = pl.Series(self.present[rows].ravel())
        frame = pl.DataFrame(
            {
                "region": pl.Series(names, dtype=pl.String).gather(np.repeat(np.arange(len(names)), wide)),
                "industry": pl.Series(self.activity.industries, dtype=pl.String).gather(
                    np.tile(np.arange(wide), len(names))
                ),
                "value": nullable(self.activity.value[rows].ravel()),
                "rca": nullable(self.advantage[rows].ravel()),
                "present": present if known is None else present.set(pl.Series(~known[rows].ravel()), None),
                "density": near,
                "distance": 1.0 - near,
                "cog": nullable(self.cog[rows].ravel()),
                "reason": self._cell_reasons(rows),
            }
        )
        return frame.select(pl.lit(self.period).alias("period"), pl.all())

    def _cell_reasons(self, rows: slice) -> pl.Series:
        """The cell's own reason, else its region's, else its industry's; None when nothing is null."""
        wide, tall = len(self.activity.industries), len(self.region_reasons[rows])
        of_region = pl.Series([_blocking(why) for why in self.region_reasons[rows]], dtype=pl.String)
        of_industry = pl.Series([_blocking(why) for why in self.industry_reasons], dtype=pl.String)
        known = self.activity.known
        if of_region.null_count() == tall and of_industry.null_count() == wide and known is None:
            return pl.repeat(None, tall * wide, dtype=pl.String, eager=True)
        across = of_region.gather(np.repeat(np.arange(tall), wide))
        down = of_industry.gather(np.tile(np.arange(wide), tall))
        found = across.to_frame("a").select(pl.coalesce("a", down.alias("b"))).to_series()
        if known is None:
            return found
        return found.set(pl.Series(~known[rows].ravel()), "unknown_value")


REASONS = {
    "no_activity": "its visible values sum to zero",
    "all_unknown": "none of its values is known",
    "no_presence": "it has activity, but no RCA reaches the threshold",
    "unknown_cells": "a note, not an obstacle: some of its values are unknown and were left out",
    "unknown_value": "(cells) the value itself is unknown",
    "too_small": "fewer than 3 regions or 3 industries with presence",
    "disconnected": "the table falls into pieces that share no industry; ECI has no common scale",
    "no_spread": "(outlook) all regions have the same outlook, so it cannot be standardised",
    "degenerate": "second and third eigenvalues coincide; ECI is not pinned down",
}


def _blocking(reason: str | None) -> str | None:
    """The reason if it can leave a cell without a number."""
    return None if reason in {"unknown_cells", "no_spread"} else reason


def nullable(values: Array) -> pl.Series:
    """A column in which NaN is null."""
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def _whole(values: Array) -> pl.Series:
    return nullable(values).cast(pl.Int64)
