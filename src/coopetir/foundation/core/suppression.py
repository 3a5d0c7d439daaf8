"""Which further cells of a table with margins must be hidden, so that nobody finds an unsafe one by subtraction?

Rows and columns are trees (municipality → department → country; class → group → total); every node of one with
every node of the other is a cell, and every parent is the sum of its children. Hidden cells are unknowns x >= 0
under these sums. An unsafe cell with value X and level U is protected when the sums allow every value from
X - min(U, X) to X + U, and when they still do for the sole contributor of any other hidden cell, who knows its
value (platform.md §7.5, §7.6), as far as he does not know it anyway from his own part of X.

Secondary cells are chosen greedily, the largest levels first: for each direction a linear programme (HiGHS)
finds the cheapest change of the table, in value of cells not hidden yet, that moves the unsafe cell by its
level; the cells it moves are hidden. Cells that turn out not to be needed are shown again where the table is
small. The audit solves the lowest and highest possible value of every unsafe cell and is the proof.

Limits: a contributor of a cell with two or more holders is not modelled as knowing his part, nor does any
firm know cells beyond a common sum; the choice is not the cheapest possible (exact search is left for a later version).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from coopetir.foundation.core.disclosure import CONFIDENTIAL, Profile, judge_cells, status
from coopetir.foundation.core.errors import CoopetirError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SLACK = 1e-6  # of the level: what the solver's own tolerance can eat
TRIM_BELOW = 1000  # unsafe × secondary cells up to which hidden cells are tried for showing again


class AuditFailed(CoopetirError):
    code = "disclosure.audit_failed"
    es = "La tabla no se puede publicar: {cells} celdas protegidas se podrían calcular con lo que queda a la vista. Publique solo los totales."
    en = "The table cannot be published: {cells} protected cells could be worked out from what is left in view. Publish the totals only."


class TreeInvalid(CoopetirError):
    code = "disclosure.tree"
    es = "La jerarquía de «{axis}» no es un árbol: {nodes} se contienen a sí mismos. Corrija los padres."
    en = "The hierarchy of “{axis}” is not a tree: {nodes} contain themselves. Mend the parents."


@dataclass(frozen=True)
class Unsafe:
    """A table as the solver sees it, cells in one line.

    ``sums``: one row per sum, +1 for parts, -1 for the total. ``level``: protection levels (0 = safe cell).
    ``fixed``: cells everybody knows (structural zeros), never hidden. ``sole``: who is the only holder in a
    cell, zeros counted (a number per holder, -1 = several or none).
    ``weight``: what hiding a cell costs. ``signed``: values may be negative, so nothing bounds them below.
    """

    values: Floats
    sums: sparse.csr_array
    level: Floats
    fixed: Mask
    sole: NDArray[np.int64]
    weight: Floats
    signed: bool = False
    unavoidable: dict[tuple[int, tuple[int, ...]], tuple[float, float]] = field(
        default_factory=dict, repr=False
    )

    def reach(self, cell: int, known: tuple[int, ...]) -> tuple[float, float]:
        """How far below and above its value this onlooker could put the cell if every cell but his were hidden.

        A firm inside a total knows at least its own part of it, and all of it where nobody else answered.
        """
        if not known:
            return float(self.room[cell]), np.inf
        if (cell, known) not in self.unavoidable:
            low, high = feasible(
                self, ~self.fixed, cell, known=known, unit=max(float(self.level[cell]), 1e-9)
            )
            value = float(self.values[cell])
            self.unavoidable[cell, known] = (value - low, high - value)
        return self.unavoidable[cell, known]

    @property
    def room(self) -> Floats:
        """How far each cell could lie below its value, as far as anybody knows."""
        return np.where(self.signed, np.inf, np.maximum(self.values, 0.0))

    @property
    def primary(self) -> list[int]:
        """Unsafe cells, the largest level first."""
        found = np.flatnonzero(self.level > 0)
        return [int(cell) for cell in found[np.argsort(-self.level[found], kind="stable")]]


@dataclass(frozen=True)
class ProtectedTable:
    """``published``: row, column, n, value, status. ``audit``: row, column, known, low, high, needed_low,
    needed_high, passed: **confidential**, it states how far hidden values are bounded."""

    published: pl.DataFrame
    audit: pl.DataFrame


def protect_with_margins(
    contributions: pl.DataFrame,
    *,
    row: str,
    column: str,
    value: str,
    firm: str,
    profile: Profile,
    group: str | None = None,
    row_parents: Mapping[str, str] | None = None,
    column_parents: Mapping[str, str] | None = None,
    total: str = "total",
) -> ProtectedTable:
    """The table rows × columns with all its margins, primary and secondary cells hidden alike, with its audit.

    :param row_parents: child → parent; a node without parent hangs from ``total``, e.g. {"76001": "76"}.
    :raises AuditFailed: nothing is published. :raises TreeInvalid:
    """
    contributions = contributions.with_columns(pl.col(row, column).cast(pl.String))
    rows = _ancestors(contributions[row].unique().sort().to_list(), row_parents or {}, total, row)
    columns = _ancestors(contributions[column].unique().sort().to_list(), column_parents or {}, total, column)
    spread = contributions.join(_pairs(rows, row, "_row"), on=row, how="inner").join(
        _pairs(columns, column, "_column"), on=column, how="inner"
    )
    judged = judge_cells(
        spread, keys=["_row", "_column"], value=value, firm=firm, profile=profile, group=group
    )
    names = (_nodes(rows), _nodes(columns))
    grid = pl.DataFrame({"_row": names[0]}).join(pl.DataFrame({"_column": names[1]}), how="cross")
    cells = grid.join(judged, on=["_row", "_column"], how="left", maintain_order="left")
    table = _as_unsafe(cells, _sums(names, (_parents(rows), _parents(columns))))
    hidden = suppress(table)
    proof = audit(table, hidden)
    failed = proof.filter(~pl.col("passed"))["cell"].n_unique()
    if failed:
        raise AuditFailed(cells=failed)
    return ProtectedTable(_published(cells, hidden), _named(proof, cells))


def _ancestors(
    leaves: Sequence[str], parents: Mapping[str, str], total: str, axis: str
) -> dict[str, list[str]]:
    """Each leaf with itself and everything above it, up to ``total``."""
    found = {}
    for leaf in leaves:
        line = [str(leaf)]
        while line[-1] in parents:
            line.append(parents[line[-1]])
            if len(set(line)) < len(line):
                raise TreeInvalid(axis=axis, nodes=sorted(set(line)))
        found[str(leaf)] = line if line[-1] == total else [*line, total]
    return found


def _pairs(lines: Mapping[str, list[str]], name: str, node: str) -> pl.DataFrame:
    rows = [(leaf, above) for leaf, line in lines.items() for above in line]
    return pl.DataFrame(rows, schema={name: pl.String, node: pl.String}, orient="row")


def _nodes(lines: Mapping[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(node for line in lines.values() for node in line))


def _parents(lines: Mapping[str, list[str]]) -> dict[str, str]:
    return {child: parent for line in lines.values() for child, parent in itertools.pairwise(line)}


def _sums(
    names: tuple[Sequence[str], Sequence[str]], parents: tuple[Mapping[str, str], Mapping[str, str]]
) -> sparse.csr_array:
    """One row per sum: children +1, parent -1, along each axis for every node of the other."""
    along = [_axis(nodes, above) for nodes, above in zip(names, parents, strict=True)]
    sizes = [len(nodes) for nodes in names]
    by_row = sparse.kron(along[0], sparse.eye_array(sizes[1]))
    by_column = sparse.kron(sparse.eye_array(sizes[0]), along[1])
    return sparse.csr_array(sparse.vstack([by_row, by_column]))


def _axis(nodes: Sequence[str], parents: Mapping[str, str]) -> sparse.csr_array:
    place = {node: index for index, node in enumerate(nodes)}
    above = [node for node in nodes if node in set(parents.values())]
    matrix = sparse.lil_array((len(above), len(nodes)))
    for index, parent in enumerate(above):
        matrix[index, place[parent]] = -1
        for child in (node for node in nodes if parents.get(node) == parent):
            matrix[index, place[child]] = 1
    return sparse.csr_array(matrix)


def _as_unsafe(cells: pl.DataFrame, sums: sparse.csr_array) -> Unsafe:
    values = cells["total"].fill_null(0.0).to_numpy()
    safe = cells["safe"].fill_null(value=True).to_numpy()
    weight = np.abs(values) + 1.0
    grand = int(np.argmax(values)) if len(values) else 0
    weight[grand] = 1000 * weight.sum()  # the grand total goes only when nothing else can
    return Unsafe(
        values=values,
        sums=sums,
        level=np.where(safe, 0.0, cells["level"].fill_null(0.0).to_numpy()),
        fixed=cells["safe"].is_null().to_numpy(),
        sole=cells["only"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy() - 1,
        weight=weight,
        signed=bool((cells["total"] < cells["mass"] - SLACK * cells["mass"]).any()),
    )


def suppress(table: Unsafe) -> Mask:
    """The cells to hide: the unsafe ones and those that protect them."""
    hidden = table.level > 0
    done: set[tuple[int, tuple[int, ...]]] = set()
    while True:  # a cell hidden late may have a sole contributor, who must be shut out too
        pending = [(cell, known) for cell in table.primary for known in _onlookers(table, hidden, cell)]
        pending = [pair for pair in pending if pair not in done]
        if not pending:
            return _trimmed(table, hidden)
        for cell, known in pending:
            done.add((cell, known))
            for sign in (1.0, -1.0):
                if not _covered(table, hidden, cell, sign, known):
                    hidden = hidden | _moved(table, hidden, cell, sign, known)


def _onlookers(table: Unsafe, hidden: Mask, cell: int) -> list[tuple[int, ...]]:
    """The hidden cells each onlooker knows: none (everybody), then those of each sole contributor nearby.

    Nearby = in a sum with ``cell``. The sole contributor of ``cell`` itself has nothing to learn there.
    """
    touching = np.unique(table.sums[table.sums[:, [cell]].nonzero()[0]].nonzero()[1])
    holders = np.unique(table.sole[touching][hidden[touching]])
    known = [
        np.flatnonzero(hidden & (table.sole == who)) for who in holders if who not in (-1, table.sole[cell])
    ]
    return [(), *(tuple(int(place) for place in places) for places in known)]


def _covered(table: Unsafe, hidden: Mask, cell: int, sign: float, known: tuple[int, ...]) -> bool:
    """Whether the cells hidden so far already leave enough room on one side: a smaller programme than the next."""
    value, level = float(table.values[cell]), float(table.level[cell])
    below, above = table.reach(cell, known)
    ends = feasible(table, hidden, cell, known=known, unit=level, signs=(sign,))
    gap = ends[1] - value if sign > 0 else value - ends[0]
    return gap >= min(level, above if sign > 0 else below) - SLACK * level


def _moved(table: Unsafe, hidden: Mask, cell: int, sign: float, known: tuple[int, ...]) -> Mask:
    """Cells moved by the cheapest change that shifts ``cell`` by its level; the table stays consistent."""
    unit = table.level[cell]
    below, above = table.reach(cell, known)
    need = min(1.0, (above if sign > 0 else below) / unit)
    count = len(table.values)
    if need <= SLACK:
        return np.zeros(count, dtype=bool)
    up = np.where(table.fixed, 0.0, np.inf)
    down = np.where(table.fixed, 0.0, table.room / unit)
    up[list(known)] = down[list(known)] = 0.0
    low_up, low_down = np.zeros(count), np.zeros(count)
    (low_up if sign > 0 else low_down)[cell] = need
    up[cell], down[cell] = (need, 0.0) if sign > 0 else (0.0, need)
    cost = np.where(hidden, 0.0, table.weight / np.median(table.weight))
    both: Any = sparse.hstack([table.sums, -table.sums]).tocsr()
    bounds: Any = np.column_stack([np.concatenate([low_up, low_down]), np.concatenate([up, down])])
    result: Any = linprog(
        np.concatenate([cost, cost]), A_eq=both, b_eq=np.zeros(both.shape[0]), bounds=bounds, method="highs"
    )
    if not result.success:  # nothing can move it: the audit will refuse the table
        return np.zeros(count, dtype=bool)
    change = result.x[:count] - result.x[count:]
    moved: Mask = np.abs(change) > 1e-9
    return moved


def _trimmed(table: Unsafe, hidden: Mask) -> Mask:
    """Show again, dearest first, each secondary cell whose hiding turns out not to be needed."""
    secondary = np.flatnonzero(hidden & (table.level <= 0))
    if len(secondary) * len(table.primary) > TRIM_BELOW:
        return hidden
    for cell in secondary[np.argsort(-table.weight[secondary], kind="stable")]:
        without = hidden.copy()
        without[cell] = False
        if audit(table, without, stop_early=True)["passed"].all():
            hidden = without
    return hidden


def audit(table: Unsafe, hidden: Mask, *, stop_early: bool = False) -> pl.DataFrame:
    """Lowest and highest possible value of every unsafe cell, for everybody and for sole contributors.

    :returns: cell, known (hidden cells the onlooker knows: 0 = everybody), low, high, needed_low, needed_high,
        passed. ``stop_early`` returns at the first failure.
    """
    rows = []
    for cell in table.primary:
        value, level = float(table.values[cell]), float(table.level[cell])
        for known in _onlookers(table, hidden, cell):
            below, above = table.reach(cell, known)
            needed = (value - min(level, below), value + min(level, above))
            low, high = feasible(table, hidden, cell, known=known, unit=level)
            passed = low <= needed[0] + SLACK * level and high >= needed[1] - SLACK * level
            rows.append((cell, len(known), low, high, *needed, passed))
            if stop_early and not passed:
                return _proof(rows)
    return _proof(rows)


def _proof(rows: list[tuple[int, int, float, float, float, float, bool]]) -> pl.DataFrame:
    numbers = dict.fromkeys(("low", "high", "needed_low", "needed_high"), pl.Float64)
    schema = {"cell": pl.Int64, "known": pl.Int64, **numbers, "passed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def feasible(
    table: Unsafe,
    hidden: Mask,
    cell: int,
    *,
    known: Sequence[int] = (),
    unit: float = 1.0,
    signs: Sequence[float] = (-1.0, 1.0),
) -> tuple[float, float]:
    """The lowest and highest value of a hidden cell that the sums and x >= 0 allow.

    ``known``: cells whose value the onlooker knows. ``unit`` scales the programme. ``signs``: which
    ends to find (-1 lowest, 1 highest); the other is ``nan``.
    """
    free = hidden.copy()
    free[list(known)] = False
    places = np.flatnonzero(free)
    target = np.zeros(len(places))
    target[np.searchsorted(places, cell)] = 1.0
    part: Any = table.sums[:, places]
    part = part[np.flatnonzero(np.diff(part.indptr))]
    bounds: Any = np.column_stack([-table.room[places] / unit, np.full(len(places), np.inf)])
    value = float(table.values[cell])
    if part.shape[0] == 0:
        return value - float(table.room[cell]), np.inf
    ends = dict.fromkeys((-1.0, 1.0), np.nan)
    for sign in signs:
        ends[sign] = sign * _furthest(-sign * target, part, bounds, unit)
    return value + ends[-1.0], value + ends[1.0]


def _furthest(cost: Floats, part: Any, bounds: Any, unit: float) -> float:
    """How far the cell can go one way: infinite if unbounded, ``nan`` (nothing proved) if the solver cannot say."""
    for presolve in (
        True,
        False,
    ):  # presolve may only say "unbounded or infeasible"; no move is always feasible
        result: Any = linprog(
            cost,
            A_eq=part,
            b_eq=np.zeros(part.shape[0]),
            bounds=bounds,
            method="highs",
            options={"presolve": presolve},
        )
        if result.status == 3:
            return float(np.inf)
        if result.status == 0:
            return float(-result.fun * unit)
    return float(np.nan)


def _published(cells: pl.DataFrame, hidden: Mask) -> pl.DataFrame:
    """Absent cells are public zeros; primary and secondary cells look alike."""
    closed = pl.Series("_hidden", hidden)
    absent = pl.col("total").is_null()
    shown = cells.with_columns(
        closed, safe=pl.when(absent).then(pl.lit(value=True)).otherwise(pl.col("safe"))
    )
    word = pl.when(pl.col("_hidden")).then(pl.lit(CONFIDENTIAL)).otherwise(status())
    shown = shown.with_columns(status=word)
    open_ = pl.col("status") == "ok"
    return shown.select(
        row="_row",
        column="_column",
        n=pl.when(open_).then(pl.col("n").fill_null(0)),
        value=pl.when(open_).then(pl.col("total").fill_null(0.0)),
        status="status",
    )


def _named(proof: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    place = (
        cells.select(row="_row", column="_column")
        .with_row_index("cell")
        .with_columns(pl.col("cell").cast(pl.Int64))
    )
    return place.join(proof, on="cell", how="inner").drop("cell")
