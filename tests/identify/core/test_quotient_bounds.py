"""Bounds of quotients under withheld cells: the truth is always inside, and the corners are reached."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from coopetir.identify.core.quotient_bounds import hidden_room, quotient_bounds
from coopetir.identify.core.specialization import location_quotient, location_quotient_against


def _hide(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 80, (rng.integers(2, 6), rng.integers(2, 6))).astype(float)
    return truth, np.where(rng.random(truth.shape) < 0.3, np.nan, truth)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000))
def test_the_truth_is_inside(seed):
    truth, seen = _hide(seed)
    totals = truth.sum(axis=1)
    own = quotient_bounds(seen, totals)
    lq = location_quotient(truth)
    assert np.all((own.low <= lq + 1e-12) & (lq <= own.high + 1e-12))
    shares = truth.sum(axis=0) / truth.sum()
    outside = quotient_bounds(seen, totals, shares)
    lq = location_quotient_against(truth, totals, shares)
    assert np.all((outside.low <= lq + 1e-12) & (lq <= outside.high + 1e-12))
    known = ~np.isnan(seen)
    assert_allclose(outside.low[known], outside.high[known])


def test_corners_are_reached_by_hand():
    seen = np.array([[30.0, np.nan], [20.0, 50.0]])
    assert_allclose(hidden_room(seen, [40, 70]), [10, 0])
    found = quotient_bounds(seen, [40, 70])
    assert_allclose([found.low[0, 1], found.high[0, 1]], [0, (10 / 40) / (60 / 110)])
    assert_allclose([found.low[1, 1], found.high[1, 1]], [(50 / 70) / (60 / 110), (50 / 70) / (50 / 110)])
    assert_allclose([found.low[0, 0], found.high[0, 0]], (30 / 40) / (50 / 110))


def test_totals_that_bound_nothing_give_no_bounds():
    seen = np.array([[30.0, np.nan], [20.0, 50.0], [5.0, 6.0]])
    found = quotient_bounds(seen, [25, 70, 11])
    assert np.isnan(found.low[:, 1]).all()
    assert np.isnan(hidden_room(seen, [25, np.nan, 11])[:2]).all()
    outside = quotient_bounds(seen, [25, 70, 11], [0.5, 0.4])
    assert np.isnan(outside.high[0, 1])
    assert_allclose(outside.high[1:, 1], [50 / 70 / 0.4, 6 / 11 / 0.4])
