"""Can published families be combined to give the figures of one firm?

Inside one screening families share no industry, so their totals subtract to nothing. Several published screenings may
name overlapping families: {sugar, panela} in one and {sugar} in the other give panela alone. Whatever sum of
industries can be worked out by adding and subtracting published totals must be safe under the same rules as a cell
of its own. Checked: every family less another inside it, every family less all those inside it, and every smallest
block of industries (industries that always appear together) that linear algebra can isolate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from coopetir.foundation.core.disclosure import Profile, judge_cells

Codes = frozenset[str]


@dataclass(frozen=True)
class Difference:
    """A family and what it is combined with, and the industries whose figures that would reveal."""

    family: str
    other: str
    industries: tuple[str, ...]


def revealing_differences(
    firms: pl.DataFrame,
    families: Mapping[str, Iterable[str]],
    released: Mapping[str, Iterable[str]],
    profile: Profile,
) -> list[Difference]:
    """Combinations of the families to publish with the released ones that would reveal a firm.

    ``firms``: ``industry, firm, jobs`` of the territory, a row per firm. ``families`` and ``released``: a key of its
    own → industries, only those whose values are shown. **Confidential input**; the answer names industries only.
    """
    new = {key: frozenset(codes) for key, codes in families.items()}
    old = {key: frozenset(codes) for key, codes in released.items()}
    found: dict[Codes, Difference] = {}
    for family, other, left in (*_pairs(new, old), *_remainders(new, old), *_isolated(new, old)):
        if left and left not in found and not _is_safe(firms, left, profile):
            found[left] = Difference(family, other, tuple(sorted(left)))
    return list(found.values())


def _pairs(new: Mapping[str, Codes], old: Mapping[str, Codes]) -> Iterator[tuple[str, str, Codes]]:
    for family, mine in new.items():
        for other, theirs in old.items():
            if mine != theirs and (mine < theirs or theirs < mine):
                yield family, other, mine ^ theirs


def _remainders(new: Mapping[str, Codes], old: Mapping[str, Codes]) -> Iterator[tuple[str, str, Codes]]:
    """A family less everything published inside it."""
    everything = {**new, **old}
    for family, mine in everything.items():
        inside = [codes for codes in everything.values() if codes < mine]
        if len(inside) > 1:
            yield family, "…", mine.difference(*inside)


def _isolated(new: Mapping[str, Codes], old: Mapping[str, Codes]) -> Iterator[tuple[str, str, Codes]]:
    """Blocks of industries that always appear together and whose total follows from the published ones."""
    families = list({**new, **old}.items())
    codes = sorted({code for _, each in families for code in each})
    columns: dict[tuple[bool, ...], set[str]] = {}
    for code in codes:
        columns.setdefault(tuple(code in each for _, each in families), set()).add(code)
    blocks = [frozenset(block) for block in columns.values()]
    table = np.array([[block <= each for block in blocks] for _, each in families], dtype=np.float64)
    rank = np.linalg.matrix_rank(table) if table.size else 0
    whole = {each for _, each in families}
    for at, block in enumerate(blocks):
        unit = np.zeros((1, len(blocks)))
        unit[0, at] = 1.0
        if block not in whole and np.linalg.matrix_rank(np.vstack([table, unit])) == rank:
            yield "…", "…", block


def _is_safe(firms: pl.DataFrame, codes: Codes, profile: Profile) -> bool:
    """A difference without any firm that states jobs reveals nothing."""
    inside = firms.filter(pl.col("industry").is_in(sorted(codes)))
    if inside["jobs"].sum() == 0:
        return True
    judged = judge_cells(inside, keys=[], value="jobs", firm="firm", profile=profile)
    return judged["safe"][0] is not False
