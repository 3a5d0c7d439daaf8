"""Can two published families be subtracted to give the figures of one firm?

Inside one screening families share no industry, so their totals subtract to nothing. Two published screenings may
name nested families: {sugar, panela} in one and {sugar} in the other give panela alone. Each such difference must be
safe under the same rules as a cell of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from coopetir.foundation.core.disclosure import Profile, judge_cells


@dataclass(frozen=True)
class Difference:
    """A family and a nested one of an earlier release, whose difference would reveal a firm."""

    family: str
    other: str
    industries: tuple[str, ...]


def revealing_differences(
    firms: pl.DataFrame,
    families: Mapping[str, Iterable[str]],
    released: Mapping[str, Iterable[str]],
    profile: Profile,
) -> list[Difference]:
    """Pairs of a family to publish and a released one, one inside the other, whose difference is unsafe.

    ``firms``: ``industry, firm, jobs`` of the territory, a row per firm. ``families`` and ``released``: name →
    industries. **Confidential input**; the answer names industries only.
    """
    found = []
    for family, codes in families.items():
        for other, others in released.items():
            mine, theirs = frozenset(codes), frozenset(others)
            if mine == theirs or not (mine < theirs or theirs < mine):
                continue
            left = tuple(sorted(mine ^ theirs))
            if not _is_safe(firms.filter(pl.col("industry").is_in(left)), profile):
                found.append(Difference(family, other, left))
    return found


def _is_safe(firms: pl.DataFrame, profile: Profile) -> bool:
    """A difference without any firm that states jobs reveals nothing."""
    if firms["jobs"].sum() == 0:
        return True
    judged = judge_cells(firms, keys=[], value="jobs", firm="firm", profile=profile)
    return judged["safe"][0] is not False
