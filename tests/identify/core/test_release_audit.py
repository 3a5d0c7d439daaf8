"""Two publications together reveal no more than each alone."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.disclosure import profiles
from coopetir.identify.core.release_audit import Difference, revealing_differences

PUBLIC = profiles(15, 85)["public"]
FIRMS = pl.DataFrame(
    [("1071", f"a{n}", 100.0) for n in range(8)]
    + [("1072", "lonely", 40.0)]
    + [("1081", f"b{n}", 30.0) for n in range(6)],
    schema=["industry", "firm", "jobs"],
    orient="row",
)


def test_a_nested_family_whose_difference_is_one_firm_is_found():
    found = revealing_differences(FIRMS, {"azucar": ["1071"]}, {"dulce": ["1071", "1072"]}, PUBLIC)
    assert found == [Difference("azucar", "dulce", ("1072",))]
    again = revealing_differences(FIRMS, {"dulce": ["1071", "1072"]}, {"azucar": ["1071"]}, PUBLIC)
    assert [pair.industries for pair in again] == [("1072",)]


def test_a_nested_family_with_many_firms_in_the_difference_is_fine():
    assert revealing_differences(FIRMS, {"azucar": ["1071"]}, {"mas": ["1071", "1081"]}, PUBLIC) == []


def test_equal_and_crossing_families_are_no_difference_of_one_cell():
    assert revealing_differences(FIRMS, {"a": ["1071"]}, {"b": ["1071"]}, PUBLIC) == []
    assert revealing_differences(FIRMS, {"a": ["1071", "1072"]}, {"b": ["1071", "1081"]}, PUBLIC) == []


def test_an_empty_difference_reveals_nothing():
    assert revealing_differences(FIRMS, {"a": ["1071"]}, {"b": ["1071", "9999"]}, PUBLIC) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=2))
def test_one_or_two_firms_in_the_difference_are_never_published(jobs):
    extra = [("2011", f"x{n}", float(value)) for n, value in enumerate(jobs)]
    firms = pl.concat([FIRMS, pl.DataFrame(extra, schema=FIRMS.schema, orient="row")])
    assert revealing_differences(firms, {"a": ["1071"]}, {"b": ["1071", "2011"]}, PUBLIC)


def test_two_published_parts_of_a_family_leave_its_third():
    found = revealing_differences(
        FIRMS, {"all": ["1071", "1072", "1081"]}, {"a": ["1071"], "b": ["1081"]}, PUBLIC
    )
    assert [pair.industries for pair in found] == [("1072",)]


def test_a_block_that_only_algebra_isolates():
    """a+b, b+c and a+c give each of them; a alone is one firm."""
    firms = FIRMS.with_columns(pl.col("industry").replace({"1072": "a", "1071": "b", "1081": "c"}))
    found = revealing_differences(firms, {"ab": ["a", "b"]}, {"bc": ["b", "c"], "ac": ["a", "c"]}, PUBLIC)
    assert [pair.industries for pair in found] == [("a",)]
