"""On which industries does a verdict hang?

Each traded industry is left out of its family, in every region, and the family judged again: the table says
how large the industry is in the region's family, what the verdict would be without it, and whether that is
another verdict. Region totals stay as they are. A family of a single industry has no verdict without it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coopetir.identify.core.cells import Cells, Floats, Ints
from coopetir.identify.core.measures import (
    Sums,
    add_up,
    family_means,
    largest_of,
    measure,
    percentiles,
    places_of,
    window_weights,
)
from coopetir.identify.core.method import Standing
from coopetir.identify.core.qualification import VERDICTS, decide, grade
from coopetir.identify.core.robustness import Base


def industry_drivers(base: Base) -> pl.DataFrame:
    """Leave each industry out of its family.

    Columns: ``region, family, industry, jobs`` (mean of the window), ``share`` (of the family's jobs, 0-1),
    ``lq_without, verdict_without`` (null: nothing is left of the family), ``changes`` (another verdict).
    One row per region and industry with jobs there, largest share first within a family.
    """
    cells, method = base.cells, base.method
    members = np.flatnonzero(cells.family >= 0)
    alone = np.full(len(cells.industries), -1, dtype=np.int64)
    alone[members] = np.arange(len(members))
    single = add_up(places_of(cells, alone), cells.typical, cells.firms, cells.top)
    of = cells.family[members]
    without = Sums(
        jobs=np.maximum(base.sums.jobs[:, :, of] - single.jobs, 0.0),
        firms=np.maximum(base.sums.firms[:, :, of] - single.firms, 0.0),
        region_jobs=base.sums.region_jobs,
        region_firms=base.sums.region_firms,
        top_jobs=_top_without(base, single.top_jobs, of),
        top_seen=np.maximum(
            base.sums.top_seen[:, :, of] - (single.jobs if base.places.by_largest else single.top_seen), 0.0
        ),
    )
    blank = None if base.blank is None else base.blank[:, :, of]
    standing = (
        _standing_without(cells, members, method.technology),
        _standing_without(cells, members, method.market),
    )
    found = measure(without, cells, method, standing, blank=blank)
    verdicts = decide(grade(found, method))
    weights = window_weights(cells.present, method.window.level_periods)
    jobs = np.einsum("tr,trp->rp", weights, single.jobs)
    whole = np.einsum("tr,trf->rf", weights, base.sums.jobs)[:, of]
    return _table(cells, members, jobs, whole, found.lq, verdicts, base.verdicts)


def _top_without(base: Base, single: Floats, of: Ints) -> Floats:
    if not base.places.by_largest:
        return np.maximum(base.sums.top_jobs[:, :, of] - single, 0.0)
    first, second = largest_of(base.places, base.cells.typical, base.cells.top)
    return np.where(single >= first[:, :, of], second[:, :, of], first[:, :, of])


def _table(
    cells: Cells,
    members: Ints,
    jobs: Floats,
    whole: Floats,
    lq: Floats,
    verdicts: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
    before: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
) -> pl.DataFrame:
    of = cells.family[members]
    left = np.bincount(of)[of] > 1
    r, p = np.nonzero(jobs > 0)
    same = verdicts[r, p] == before[r, of[p]]
    words = np.array(VERDICTS, dtype=object)[verdicts[r, p]]
    table = pl.DataFrame(
        {
            "region": np.array(cells.regions, dtype=object)[r].tolist(),
            "family": np.array(cells.families, dtype=object)[of[p]].tolist(),
            "industry": np.array(cells.industries, dtype=object)[members[p]].tolist(),
            "jobs": jobs[r, p],
            "share": jobs[r, p] / whole[r, p],
            "lq_without": lq[r, p],
            "verdict_without": [word if some else None for word, some in zip(words, left[p], strict=True)],
            "changes": ~same | ~left[p],
        },
        schema_overrides={
            "verdict_without": pl.String,
            "region": pl.String,
            "family": pl.String,
            "industry": pl.String,
        },
    )
    return table.with_columns(pl.col("lq_without").fill_nan(None)).sort(
        ["region", "family", "share", "industry"], descending=[False, False, True, False]
    )


def _standing_without(cells: Cells, members: Ints, rule: Standing) -> Floats:
    """Percentile of each family without one industry, the other families as they are (one per member)."""
    stacked = []
    for column in rule.measures:
        means, _ = family_means(cells, column)
        values = cells.attributes.get(column, np.full(len(cells.industries), np.nan))
        found = np.full(len(members), np.nan)
        for place, industry in enumerate(members):
            others = members[(cells.family[members] == cells.family[industry]) & (members != industry)]
            rest = values[others]
            rest = rest[~np.isnan(rest)]
            if rest.size:
                changed = means.copy()
                changed[cells.family[industry]] = rest.mean()
                if np.sum(~np.isnan(changed)) >= rule.min_families:
                    found[place] = percentiles(changed)[cells.family[industry]]
        stacked.append(found)
    mean: Floats = np.mean(stacked, axis=0)
    return mean
