"""Hidden cells stay hidden when every margin is published: reference interval and properties on random tables.

The checks rebuild the onlooker's problem from the published table alone, with dense matrices, so that they do
not lean on the code they check.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from coopetir.foundation.core.disclosure import Profile, judge_cells, profiles
from coopetir.foundation.core.suppression import TreeInvalid, Unsafe, feasible, protect_with_margins

PUBLIC = profiles(15)["public"]


def contributions(seed, rows, columns, count):
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "row": [f"r{index}" for index in rng.integers(0, rows, count)],
            "column": [f"c{index}" for index in rng.integers(0, columns, count)],
            "nit": [str(index) for index in range(count)],
            "x": rng.lognormal(3, 1.2, count).round(1),
        }
    )


def protected(frame, profile=PUBLIC, **more):
    return protect_with_margins(
        frame, row="row", column="column", value="x", firm="nit", profile=profile, **more
    )


def onlooker(published, row, column, known=None):
    """Lowest and highest value of a hidden cell for somebody who has only the published table (no tree)."""
    rows, columns = published["row"].unique().to_list(), published["column"].unique().to_list()
    place = {(r, c): i for i, (r, c) in enumerate((r, c) for r in rows for c in columns)}
    sums = []
    for across, along, flip in ((rows, columns, False), (columns, rows, True)):
        for line in across:
            equation = np.zeros(len(place))
            for node in along:
                key = (node, line) if flip else (line, node)
                equation[place[key]] = -1.0 if node == "total" else 1.0
            sums.append(equation)
    bounds = [(0.0, None)] * len(place)
    for r, c, value, status in published.select("row", "column", "value", "status").iter_rows():
        if status != "c":
            bounds[place[r, c]] = (value or 0.0, value or 0.0)
    for key, value in (known or {}).items():
        bounds[place[key]] = (value, value)
    target = np.zeros(len(place))
    target[place[row, column]] = 1.0
    # figures are rounded in their last bit, and the solver has a tolerance: leave the sums that much room
    slack = 1e-6 * max(published["value"].max() or 1.0, 1.0)
    matrix = np.vstack([np.array(sums), -np.array(sums)])
    limits = np.full(len(matrix), slack)
    ends = [linprog(s * target, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs") for s in (1.0, -1.0)]
    return ends[0].fun, np.inf if ends[1].status in (3, 4) else -ends[1].fun  # 4: "unbounded or infeasible"


def test_the_interval_of_the_reference():
    """platform.md §7.6: row totals 7, 3, 6; column totals 9, 7; last row 3, 3 in view: cell (1,1) lies in [3, 6]."""
    values = np.array([5, 2, 7, 1, 2, 3, 3, 3, 6, 9, 7, 16], dtype=float)
    hidden = np.zeros(12, dtype=bool)
    hidden[[0, 1, 3, 4]] = True
    sums = np.zeros((7, 12))
    for row in range(4):
        sums[row, [3 * row, 3 * row + 1, 3 * row + 2]] = (1, 1, -1)
    for column in range(3):
        sums[4 + column, [column, 3 + column, 6 + column, 9 + column]] = (1, 1, 1, -1)
    zero = np.zeros(12)
    table = Unsafe(values, sparse.csr_array(sums), zero, zero > 0, np.full(12, -1), zero + 1)
    assert feasible(table, hidden, 0) == pytest.approx((3, 6))


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 4), st.integers(4, 30))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_unsafe_cell_can_be_derived(seed, rows, columns, count):
    frame = contributions(seed, rows, columns, count)
    published = protected(frame).published
    judged = judge_cells(frame, keys=["row", "column"], value="x", firm="nit", profile=PUBLIC)
    unsafe = judged.filter(~pl.col("safe"))
    hidden = {
        key
        for *key, s in published.select("row", "column", "status").iter_rows()
        for key in [tuple(key)]
        if s == "c"
    }
    for row, column, total, level in unsafe.select("row", "column", "total", "level").iter_rows():
        assert (row, column) in hidden
        low, high = onlooker(published, row, column)
        tolerance = 1e-4 * level
        assert low <= total - min(level, total) + tolerance
        assert high >= total + level - tolerance


@given(st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_the_only_firm_of_a_hidden_cell_cannot_derive_its_neighbour(seed):
    frame = contributions(seed, 3, 3, 10)
    published = protected(frame).published
    judged = judge_cells(frame, keys=["row", "column"], value="x", firm="nit", profile=PUBLIC)
    alone = {(r, c): x for r, c, n, x in judged.select("row", "column", "n", "total").iter_rows() if n == 1}
    for row, column, total, level in (
        judged.filter(~pl.col("safe")).select("row", "column", "total", "level").iter_rows()
    ):
        for key, value in alone.items():
            if key != (row, column) and (key[0] == row or key[1] == column):
                low, high = onlooker(published, row, column, {key: value})
                assert (
                    low <= total - min(level, total) + 1e-4 * level
                )  # cells of the interior do not contain each other
                assert high >= total + level - 1e-4 * level


@given(st.integers(0, 10_000), st.integers(5, 60))
@settings(max_examples=6, deadline=None)
def test_what_is_shown_is_true_and_adds_up(seed, count):
    frame = contributions(seed, 4, 3, count)
    published = protected(frame).published
    truth = frame.group_by("row", "column").agg(pl.col("x").sum())
    shown = published.filter(pl.col("status") == "ok").join(truth, on=["row", "column"], how="inner")
    assert np.allclose(shown["value"].to_numpy(), shown["x"].to_numpy())
    totals = published.filter((pl.col("row") == "total") & (pl.col("column") == "total"))
    if totals["status"][0] == "ok":
        assert totals["value"][0] == pytest.approx(frame["x"].sum())
    assert published.filter(pl.col("status") == "c").select(pl.col("n", "value").is_null().all()).row(0) in (
        (True, True), (None, None),
    )  # fmt: skip


def test_a_safe_table_stays_whole():
    frame = pl.concat([contributions(seed, 1, 1, 20).with_columns(row=pl.lit(f"r{seed % 2}"), column=pl.lit(f"c{seed // 2}"),
                       nit=pl.col("nit") + f"-{seed}") for seed in range(4)])  # fmt: skip
    table = protected(frame, Profile("mild", 3, p=1))
    assert set(table.published["status"]) == {"ok"}
    assert table.audit.is_empty()


def test_one_unsafe_cell_takes_company_with_it():
    """Alone, it would be its row's total less the others."""
    rows = [(f"r{i}", f"c{j}", f"{i}{j}{k}", 10.0 + k) for i in range(3) for j in range(3) for k in range(5)]
    frame = pl.DataFrame(rows, schema=["row", "column", "nit", "x"], orient="row")
    frame = frame.filter(~((pl.col("row") == "r0") & (pl.col("column") == "c0") & (pl.col("x") > 11)))
    published = protected(frame).published
    hidden = published.filter(pl.col("status") == "c")
    assert hidden.height == 4  # the smallest rectangle
    assert hidden.filter((pl.col("row") == "r0") & (pl.col("column") == "c0")).height == 1


def test_hierarchies_are_protected_together():
    """Municipalities within departments within the country: the department's total must not give a town away."""
    rng = np.random.default_rng(11)
    towns = {"76001": "76", "76520": "76", "76834": "76", "63001": "63", "63130": "63", "63190": "63"}
    rows = []
    for town in towns:
        for group in ("101", "107"):
            size = 2 if (town, group) == ("76834", "107") else 8
            rows += [(town, group, f"{town}{group}{k}", float(rng.integers(20, 60))) for k in range(size)]
    frame = pl.DataFrame(rows, schema=["row", "column", "nit", "x"], orient="row")
    table = protected(frame, row_parents=towns, total="country")
    status = {(r, c): s for r, c, s in table.published.select("row", "column", "status").iter_rows()}
    assert status["76834", "107"] == "c"
    in_department = [status[town, "107"] for town, department in towns.items() if department == "76"]
    assert in_department.count("c") >= 2 or status["76", "107"] == "c"
    assert status["country", "country"] == "ok"
    assert {"76", "63", "country"} <= set(table.published["row"])
    assert table.audit["passed"].all()


def test_negative_values_have_no_floor():
    rows = [
        (f"r{i}", f"c{j}", f"{i}{j}{k}", 50.0 - 20 * k) for i in range(3) for j in range(3) for k in range(6)
    ]
    frame = pl.DataFrame(rows, schema=["row", "column", "nit", "x"], orient="row")
    frame = frame.filter(~((pl.col("row") == "r0") & (pl.col("column") == "c0") & (pl.col("x") < 20)))
    table = protected(frame)
    audit = table.audit.filter((pl.col("row") == "r0") & (pl.col("column") == "c0"))
    assert audit["passed"].all()
    assert audit["low"].min() < 0


def test_cells_of_zeros_are_hidden_without_refusing_the_table():
    """Firms with nothing to report: a zero in view would say so of each; their neighbours must not block the table."""
    frame = contributions(603263, 4, 5, 15).with_columns(
        x=pl.when(pl.col("x") < 5).then(0.0).otherwise(pl.col("x"))
    )
    table = protected(frame)
    zeros = frame.group_by("row", "column").agg(pl.col("x").sum()).filter(pl.col("x") == 0)
    assert zeros.height
    status = table.published.join(zeros, on=["row", "column"], how="semi")["status"]
    assert set(status) == {"c"}


def test_parents_that_go_round_are_refused():
    with pytest.raises(TreeInvalid):
        protected(contributions(1, 2, 2, 9), row_parents={"r0": "r1", "r1": "r0"})
