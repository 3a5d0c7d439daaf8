"""Whoever picks regions or moves sliders must not be able to subtract a rival's figure."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.differencing import (
    RegionEmpty,
    RegionNotFromBlocks,
    RegionReveals,
    Release,
    ShownMeasure,
    WhatIfForOwnersOnly,
    exposed_blocks,
    grades_along,
    require_owner,
    safe_union,
    sum_of_blocks,
    union_of_blocks,
)
from coopetir.foundation.core.disclosure import Profile, profiles

PUBLIC = profiles(15)["public"]
BLOCKS = {"norte": ["a", "b"], "centro": ["c"], "sur": ["d", "e"]}


def release(sizes, published=()):
    """A firm of about 10 per unit of ``sizes`` in each base region."""
    rows = [(town, f"{town}{k}", 10.0 + k) for town, size in sizes.items() for k in range(size)]
    frame = pl.DataFrame(rows, schema={"town": pl.String, "nit": pl.String, "x": pl.Float64}, orient="row")
    return Release(
        frame, "town", "x", "nit", PUBLIC, published=tuple(frozenset(known) for known in published)
    )


def test_a_custom_region_is_made_of_whole_published_blocks():
    assert union_of_blocks(["d", "a", "b", "e"], BLOCKS) == ("norte", "sur")
    with pytest.raises(RegionNotFromBlocks) as caught:
        union_of_blocks(["a", "c", "d"], BLOCKS)
    assert "a, d" in caught.value.sentence("es")
    with pytest.raises(RegionEmpty):
        union_of_blocks([], BLOCKS)


def test_the_total_of_a_custom_region_comes_from_published_figures_only():
    published = pl.DataFrame(
        {"block": ["norte", "centro", "sur"], "value": [100.0, None, 40.0], "status": ["ok", "c", "ok"]}
    )
    assert sum_of_blocks(["a", "b", "d", "e"], BLOCKS, published) == 140.0
    assert sum_of_blocks(["a", "b", "c"], BLOCKS, published) is None


def test_a_region_one_town_short_of_a_published_one_is_refused():
    towns = release({"a": 8, "b": 8, "c": 2}, published=[{"a", "b", "c"}])
    with pytest.raises(RegionReveals) as caught:
        safe_union(["a", "b"], towns)
    assert "a, b, c" in caught.value.sentence("es")


def test_a_region_beyond_a_published_one_by_one_town_is_refused():
    towns = release({"a": 8, "b": 8, "c": 2}, published=[{"a", "b"}])
    with pytest.raises(RegionReveals):
        safe_union(["a", "b", "c"], towns)


def test_an_unsafe_region_is_refused_on_its_own():
    with pytest.raises(RegionReveals):
        safe_union(["c"], release({"a": 8, "c": 2}))


def test_regions_that_reveal_a_town_only_together_are_refused():
    """No two are nested: {a,b,c,d} - {b,d,e} - {a,e} + 2 {e} leaves c, found by the programme over all sums."""
    towns = release({"a": 8, "b": 8, "c": 2, "d": 8, "e": 8}, published=[{"a", "b", "c", "d"}, {"a", "e"}])
    admitted = safe_union(["b", "d", "e"], towns)  # c is still bounded by e only
    assert exposed_blocks(admitted) == []
    with pytest.raises(RegionReveals):
        safe_union(["e"], admitted)


def test_a_set_left_over_by_two_regions_and_a_third_is_refused():
    """{a,b,c} + {d,e,f} - {a,b,d,e} = {c,f}: two firms, though neither town is found out."""
    sizes = {"a": 8, "b": 8, "c": 1, "d": 8, "e": 8, "f": 1}
    towns = release(sizes, published=[{"a", "b", "c"}, {"d", "e", "f"}])
    with pytest.raises(RegionReveals):
        safe_union(["a", "b", "d", "e"], towns)
    last = release(sizes, published=[{"a", "b", "d", "e"}, {"a", "b", "c"}])
    with pytest.raises(RegionReveals):
        safe_union(["d", "e", "f"], last)


def test_safe_differences_are_admitted_and_remembered():
    towns = release({"a": 8, "b": 8, "c": 9}, published=[{"a", "b", "c"}])
    admitted = safe_union(["a", "b"], towns)
    assert frozenset({"a", "b"}) in admitted.published
    assert safe_union(["a", "b"], admitted) is admitted
    # a town without firms may be added or left out freely: there is nobody to expose
    assert safe_union(["a", "b", "empty"], admitted)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=3, max_size=6),
    st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=6), min_size=1, max_size=5),
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_admitted_leaves_every_small_town_uncertain(sizes, wishes):
    towns = release(sizes)
    for wish in wishes:
        try:
            towns = safe_union(wish & set(sizes), towns)
        except (RegionReveals, RegionEmpty):
            continue
    assert exposed_blocks(towns) == []
    for first in towns.published:
        for second in towns.published:
            if first < second:
                assert towns.harmless(second - first)


def test_leaving_a_firm_out_is_for_owners():
    require_owner(owner=True)
    with pytest.raises(WhatIfForOwnersOnly):
        require_owner(owner=False)


@given(st.floats(0.01, 50), st.floats(-0.004, 0.004), st.lists(st.floats(0.01, 60), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_slider_answers_from_the_shown_figure_alone(value, wobble, thresholds):
    """Two raw values that print alike answer alike at every threshold, so bisection finds only the printed figure."""
    first, second = ShownMeasure.ratio(value, safe=True), ShownMeasure.ratio(value * (1 + wobble), safe=True)
    answers = grades_along(first, thresholds, 5 / 6)
    if first == second:
        assert answers == grades_along(second, thresholds, 5 / 6)
    assert answers == [2 if first.value >= t else 1 if first.value >= t * (5 / 6) else 0 for t in thresholds]


def test_a_hidden_figure_answers_nothing():
    assert ShownMeasure.ratio(2.5, safe=False).grade(1.5, 1.25) is None
    assert ShownMeasure.percentage(None, safe=True).grade(10, 5) is None
    assert ShownMeasure.percentage(12.349, safe=True).value == 12.3
    assert grades_along(ShownMeasure.ratio(2.5, safe=False), [0.1, 99.0], 0.8) == [None, None]


def test_the_profile_of_a_release_is_the_viewers():
    towns = release({"a": 4, "b": 9}, published=[{"a", "b"}])
    assert safe_union(["b"], towns)  # public: the 4 firms left over are safe
    rival = Release(**{**vars(towns), "profile": Profile("rival", 5, p=15)})
    with pytest.raises(RegionReveals):
        safe_union(["b"], rival)
