"""How complex are the activities of regions by the complexity that the world gives their industries?

With few regions (33 departments) an own PCI says little; so a region takes the PCI of a wider table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl

from coopetir.identify.core.complexity import unit_reasons
from coopetir.identify.core.complexity_result import nullable
from coopetir.identify.core.presence import Activity, advantage, presence


def project(
    found: Activity,
    pci: Mapping[str, float],
    *,
    weights: Literal["share", "presence"] = "share",
    threshold: float = 1.0,
) -> pl.DataFrame:
    """Complexity of regions by an outside PCI (the world's), instead of one made from few regions.

    ``ECI_r = sum_i s_ri PCI_i / sum_i s_ri`` over the industries whose PCI and value are known, with
    ``s_ri`` the region's shares, or 1 for present industries and 0 for others (``weights="presence"``).

    :returns: ``region, eci, coverage, reason``; ``coverage`` is the share of the region's visible activity
        (or presences) whose industry has a PCI; ``reason`` is ``no_activity``, ``no_presence``,
        ``all_unknown`` or ``no_pci``.
    """
    values = np.array([pci.get(name, np.nan) for name in found.industries])
    heft = np.nan_to_num(found.value)
    if weights == "presence":
        heft = presence(advantage(found), threshold).astype(np.float64)
    rated = ~np.isnan(values)
    all_heft, rated_heft = heft.sum(axis=1), heft[:, rated].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        eci = heft[:, rated] @ values[rated] / rated_heft
        coverage = rated_heft / all_heft
    reasons = unit_reasons(found, heft > 0, axis=1)
    for row in np.flatnonzero((rated_heft == 0) & (all_heft > 0)):
        reasons[row] = "no_pci"
    return pl.DataFrame(
        {
            "region": found.regions,
            "eci": nullable(eci),
            "coverage": nullable(coverage),
            "reason": pl.Series(reasons.tolist(), dtype=pl.String),
        }
    )
