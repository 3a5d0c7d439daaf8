"""Shift-share: the terms sum to the change, cell by cell, whatever appears, ends or is unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose

from coopetir.identify.core.shift_share import dynamic_shift_share, shift_share

panels = hnp.arrays(
    np.int64,
    st.tuples(st.integers(2, 5), st.integers(1, 5), st.integers(1, 6)),
    elements=st.one_of(st.just(0), st.integers(0, 400)),
)


@settings(max_examples=80, deadline=None)
@given(panels, st.booleans(), st.booleans())
def test_terms_sum_to_the_change_in_every_cell(x, homothetic, exits_apart):
    found = shift_share(x[0], x[-1], homothetic=homothetic, exits_apart=exits_apart)
    assert_allclose(found.change, x[-1] - x[0], atol=1e-8)
    moving = dynamic_shift_share(x, homothetic=homothetic, exits_apart=exits_apart)
    assert_allclose(moving.change, x[-1] - x[0], atol=1e-8)
    assert_allclose(found.by_region()["change"], (x[-1] - x[0]).sum(axis=1), atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(panels)
def test_what_began_at_zero_stands_apart(x):
    found = shift_share(x[0], x[-1])
    born = x[0] == 0
    assert_allclose(found.entry_exit, np.where(born, x[-1] - x[0], 0))
    for term in (found.national, found.mix, found.regional):
        assert not term[born].any()
    died = (x[0] > 0) & (x[-1] == 0)
    apart = shift_share(x[0], x[-1], exits_apart=True).entry_exit
    assert_allclose(apart[died], -x[0][died])


def test_regional_terms_cancel_over_regions_when_nothing_is_born():
    rng = np.random.default_rng(4)
    start, end = rng.integers(1, 99, (6, 5)), rng.integers(0, 99, (6, 5))
    found = shift_share(start, end)
    assert_allclose(found.regional.sum(axis=0), 0, atol=1e-9)
    assert_allclose(found.mix.sum(), 0, atol=1e-9)


def test_unknown_cells_are_unknown_and_leave_rates_alone():
    start = np.array([[10.0, 20], [30, 40], [50, np.nan]])
    end = np.array([[12.0, 10], [np.nan, 44], [60, 7]])
    found = shift_share(start, end)
    for term in (found.national, found.mix, found.regional, found.entry_exit):
        assert np.isnan(term).tolist() == [[False, False], [True, False], [False, True]]
    g = (12 + 10 + 44 + 60) / (10 + 20 + 40 + 50) - 1
    g_first = 72 / 60 - 1
    assert_allclose(found.national[0], np.array([10, 20]) * g)
    assert_allclose(found.mix[0, 0], 10 * (g_first - g))
    nothing = shift_share([[np.nan, np.nan], [1.0, 2]], [[1.0, 2], [2, 2]]).by_region()
    assert np.isnan(nothing["change"]).tolist() == [True, False]


def test_nation_from_outside():
    found = shift_share([[10.0, 20]], [[15.0, 20]], nation=([100, 100], [110, 130]))
    assert_allclose(found.national, [[2, 4]])
    assert_allclose(found.mix, [[-1, 2]])
    assert_allclose(found.regional, [[4, -6]])


def test_the_order_of_years_matters_to_the_dynamic_form_only_through_structure():
    # One region doubles while the nation's structure shifts: end points and yearly rates tell it differently.
    x = np.array([[[10.0, 90], [90, 10]], [[20, 80], [60, 40]], [[40, 60], [50, 50]]])
    ends, years = shift_share(x[0], x[2]), dynamic_shift_share(x)
    assert_allclose(ends.change, years.change)
    assert not np.allclose(ends.regional, years.regional)


def test_a_panel_needs_two_dates():
    with pytest.raises(ValueError, match="two dates"):
        dynamic_shift_share(np.ones((1, 2, 2)))
