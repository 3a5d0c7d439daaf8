"""Can somebody who picks regions or moves sliders subtract a rival's figure?

Three doors, one rule each, for everybody but the owning entity (platform.md §7.7):

- **Regions.** A custom region is a union of frozen blocks whose own figures are published
  (:func:`union_of_blocks`): its total is a sum of what is already in view, so it tells nothing new. Where
  blocks are not all published, :func:`safe_union` admits a region only if its own cell is safe, every difference
  with one or two regions already published is safe, and the sums of all published regions together still leave
  every unsafe block uncertain by its protection level (linear programme). Unsafe sets of several blocks are not
  searched for in longer combinations, so the first rule is the one to offer. The published regions belong to
  the release, not to a viewer: two viewers can talk.
- **Leave one out.** Taking a firm out and looking at what is left is a subtraction: owners only.
- **Thresholds.** A what-if compares the threshold with the protected value as shown (three significant
  digits, or one decimal for percentages): bisecting the slider finds the printed figure, never a finer one, and
  nothing at all where the figure is hidden.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy import sparse

from coopetir.foundation.core.disclosure import Profile, judge_cells, three_digits
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.suppression import SLACK, Unsafe, feasible


class RegionNotFromBlocks(CoopetirError):
    code = "disclosure.region_not_from_blocks"
    es = "La región elegida corta bloques publicados: {parts}. Tome el bloque entero o quítelo; así nadie puede restar la cifra de una empresa."
    en = "The chosen region cuts published blocks: {parts}. Take the whole block or leave it out, so that nobody can subtract a firm's figure."


class RegionReveals(CoopetirError):
    code = "disclosure.region_reveals"
    es = "Esta región no se puede consultar: junto con lo ya publicado ({against}) dejaría ver la cifra de muy pocas empresas. Agregue más municipios."
    en = "This region cannot be queried: together with what is published ({against}) it would show the figure of very few firms. Add more municipalities."


class WhatIfForOwnersOnly(CoopetirError):
    code = "disclosure.what_if_for_owners"
    es = "Dejar fuera una empresa y recalcular solo está disponible para la entidad dueña de los datos, porque la diferencia sería la cifra de esa empresa."
    en = "Leaving one firm out and recalculating is only for the entity that owns the data, since the difference would be that firm's figure."


class RegionEmpty(CoopetirError):
    code = "disclosure.region_empty"
    es = "La región elegida no tiene municipios con datos. Elija al menos un bloque."
    en = "The chosen region has no municipalities with data. Choose at least one block."


def union_of_blocks(region: Collection[str], blocks: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The names of the published blocks that make up ``region`` exactly, in the order of ``blocks``.

    :param blocks: block name → base regions; blocks do not overlap.
    :raises RegionNotFromBlocks: naming the base regions that are not a whole block. :raises RegionEmpty:
    """
    chosen = set(region)
    if not chosen:
        raise RegionEmpty
    whole = [name for name, parts in blocks.items() if parts and chosen.issuperset(parts)]
    left = chosen.difference(*(blocks[name] for name in whole))
    if left:
        raise RegionNotFromBlocks(parts=sorted(left))
    return tuple(whole)


def sum_of_blocks(
    region: Collection[str], blocks: Mapping[str, Collection[str]], published: pl.DataFrame
) -> float | None:
    """The total of a custom region from the published table of blocks alone (columns block, value, status).

    None where any of its blocks is hidden or unknown: the firms' own figures are never read.
    """
    names = union_of_blocks(region, blocks)
    rows = published.filter(pl.col("block").is_in(list(names)))
    if rows.height < len(names) or (rows["status"] != "ok").any():
        return None
    return float(rows["value"].sum())


@dataclass(frozen=True)
class Release:
    """The firms behind a table and the regions whose totals are already in view. **Confidential.**

    ``contributions``: a row per firm and base region; ``published``: sets of base regions.
    """

    contributions: pl.DataFrame = field(repr=False)
    region: str
    value: str
    firm: str
    profile: Profile
    group: str | None = None
    published: tuple[frozenset[str], ...] = ()

    def judged(self, regions: Collection[str]) -> pl.DataFrame:
        """The one cell that adds up ``regions`` (columns of ``judge_cells``)."""
        inside = self.contributions.filter(pl.col(self.region).is_in(list(regions)))
        return judge_cells(
            inside, keys=[], value=self.value, firm=self.firm, profile=self.profile, group=self.group
        )

    def harmless(self, regions: Collection[str]) -> bool:
        """Whether the total of ``regions`` may be known: safe, or no firm there at all."""
        if not regions:
            return True
        cell = self.judged(regions)
        return not bool(cell["n"][0] or cell["missing"][0]) or cell["safe"][0] is not False


def safe_union(region: Collection[str], release: Release) -> Release:
    """Admit one more region for a viewer; returns the release with it among the published.

    :raises RegionEmpty: :raises RegionReveals: naming the published region it could be subtracted from.
    """
    chosen = frozenset(region)
    if not chosen:
        raise RegionEmpty
    if chosen in release.published:
        return release
    if not release.harmless(chosen):
        raise RegionReveals(against="–")
    for apart, against in _differences(chosen, release.published):
        if not release.harmless(apart):
            raise RegionReveals(against=sorted(against))
    admitted = Release(**{**vars(release), "published": (*release.published, chosen)})
    exposed = exposed_blocks(admitted)
    if exposed:
        raise RegionReveals(against=sorted(set().union(*release.published) & chosen))
    return admitted


def _differences(
    chosen: frozenset[str], published: Sequence[frozenset[str]]
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Sets whose total follows from the new region and one or two published ones, with what they are less of.

    Nested differences A - B, and combinations A + B - C that count every base region once or not at all; the
    new region takes part in each.
    """
    for known in published:
        for whole, part in ((known, chosen), (chosen, known)):
            if part < whole:
                yield whole - part, known
        if not known & chosen:
            for third in published:
                if third < known | chosen:
                    yield (known | chosen) - third, third
    for first, second in itertools.combinations(published, 2):
        if not first & second and chosen < first | second:
            yield (first | second) - chosen, first | second


def exposed_blocks(release: Release) -> list[str]:
    """Base regions whose unsafe figure the published totals together bound more closely than its level."""
    names = sorted(set(release.contributions[release.region].cast(pl.String)))
    cells = judge_cells(
        release.contributions.with_columns(pl.col(release.region).cast(pl.String)),
        keys=[release.region], value=release.value, firm=release.firm, profile=release.profile, group=release.group,
    )  # fmt: skip
    cells = pl.DataFrame({release.region: names}).join(
        cells, on=release.region, how="left", maintain_order="left"
    )
    rows = [[name in known for name in names] for known in release.published]
    values = cells["total"].fill_null(0.0).to_numpy()
    table = Unsafe(
        values=values,
        sums=sparse.csr_array(np.array(rows, dtype=float).reshape(len(rows), len(names))),
        level=np.where(
            cells["safe"].fill_null(value=True).to_numpy(), 0.0, cells["level"].fill_null(0.0).to_numpy()
        ),
        fixed=cells["safe"].is_null().to_numpy(),
        sole=np.full(len(names), -1),
        weight=np.ones(len(names)),
        signed=bool((values < 0).any()),
    )
    hidden = ~table.fixed
    return [names[cell] for cell in table.primary if not _uncertain(table, hidden, cell)]


def _uncertain(table: Unsafe, hidden: np.ndarray[tuple[int], np.dtype[np.bool_]], cell: int) -> bool:
    level, value = float(table.level[cell]), float(table.values[cell])
    low, high = feasible(table, hidden, cell, unit=level)
    down = min(level, float(table.room[cell]))
    return low <= value - down + SLACK * level and high >= value + level - SLACK * level


def require_owner(*, owner: bool) -> None:
    """Guard of every what-if that leaves out a firm. :raises WhatIfForOwnersOnly:"""
    if not owner:
        raise WhatIfForOwnersOnly


@dataclass(frozen=True)
class ShownMeasure:
    """A measure as the viewer sees it: ``value`` already coarse, None = hidden or unknown."""

    value: float | None

    @staticmethod
    def ratio(value: float | None, *, safe: bool) -> ShownMeasure:
        """A quotient or an amount: three significant digits, nothing if unsafe."""
        return ShownMeasure(three_digits(value) if safe else None)

    @staticmethod
    def percentage(value: float | None, *, safe: bool) -> ShownMeasure:
        """A percentage (0–100): one decimal, nothing if unsafe."""
        return ShownMeasure(None if value is None or not safe else round(value, 1))

    def grade(self, meets: float, borderline: float) -> int | None:
        """2, 1 or 0 against two thresholds, from the shown value only; None where nothing is shown."""
        if self.value is None:
            return None
        return 2 if self.value >= meets else 1 if self.value >= borderline else 0


def grades_along(
    measure: ShownMeasure, thresholds: Sequence[float], borderline_ratio: float
) -> list[int | None]:
    """What a slider answers at each threshold; the whole answer is a function of the shown value."""
    return [measure.grade(threshold, threshold * borderline_ratio) for threshold in thresholds]
