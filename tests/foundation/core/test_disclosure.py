"""No firm's figure may be read off what is published: vectors of the reference, and properties on random tables."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.disclosure import (
    DominanceOfOneAlone,
    Profile,
    ProfileInvalid,
    judge_cells,
    k_equivalent,
    p_equivalent,
    profiles,
    protect,
    protect_growth,
    protect_mean,
    protect_precomputed,
    protect_ratio,
    three_digits,
)

VIEWS = profiles(15)


def firms(values, cell="a", groups=None):
    return pl.DataFrame(
        {
            "cell": [cell] * len(values),
            "nit": [f"{cell}{index}" for index in range(len(values))],
            "group": groups or [None] * len(values),
            "x": [None if value is None else float(value) for value in values],
        },
        schema={"cell": pl.String, "nit": pl.String, "group": pl.String, "x": pl.Float64},
    )


def judge(values, profile, groups=None):
    frame = firms(values, groups=groups)
    return judge_cells(frame, keys=["cell"], value="x", firm="nit", group="group", profile=profile).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("values", "profile", "rules"),
    [
        ([100, 90, 80, 70, 60], VIEWS["public"], []),
        ([100, 90, 80, 70, 60], VIEWS["rival"], []),
        ([400, 100, 100, 100, 100], VIEWS["public"], []),
        ([400, 100, 100, 100, 100], VIEWS["rival"], ["share"]),
        ([25, 25, 25, 25], VIEWS["public"], []),
        ([25, 25, 25, 25], VIEWS["rival"], ["frequency"]),
        ([30, 20, 20, 15, 15], VIEWS["public"], []),
        ([30, 20, 20, 15, 15], VIEWS["rival"], ["share"]),
        ([1000, 5, 5, 5, 5, 5], VIEWS["public"], ["p_percent"]),
        ([1000, 5, 5, 5, 5, 5], VIEWS["rival"], ["p_percent", "share"]),
        ([52000, 50000, 8000], Profile("p", 3, p=10), []),
        ([52000, 50000, 8000], Profile("k", 3, k=90.9), ["dominance"]),
        ([50000, 49000, 1000], Profile("p", 3, p=10), ["p_percent"]),
    ],
)
def test_the_vectors_of_the_reference(values, profile, rules):
    """platform.md §7.10."""
    cell = judge(values, profile)
    assert cell["rules"] == rules
    assert cell["safe"] is (not rules)


def test_the_protection_level_of_the_reference():
    assert judge([1000, 5, 5, 5, 5, 5], VIEWS["public"])["level"] == pytest.approx(130)
    assert judge([50, 50], VIEWS["public"])["level"] == pytest.approx(15)  # frequency: p % of the total
    assert judge([3, 2], VIEWS["public"])["level"] == 1.0  # … and never under 1


@pytest.mark.parametrize(("k", "p"), [(75, 33.33), (80, 25), (85, 17.65), (90, 11.11), (95, 5.26)])
def test_dominance_of_two_and_p_percent_are_equivalent(k, p):
    assert p_equivalent(k) == pytest.approx(p, abs=0.005)
    assert k_equivalent(p_equivalent(k)) == pytest.approx(k)


@given(st.lists(st.floats(0.01, 1e6), min_size=3, max_size=9), st.floats(60, 99))
@settings(max_examples=60, deadline=None)
def test_dominance_hides_all_that_its_p_percent_hides(values, k):
    """(2, k) compares the rest with x1 + x2, p % with x1 only (Handbook ch. 4)."""
    dominance, percent = Profile("k", 3, k=k), Profile("p", 3, p=min(100, p_equivalent(k)))
    if not judge(values, percent)["safe"]:
        total, top = sum(values), sum(sorted(values)[-2:])
        assert abs(top - k / 100 * total) < 1e-9 * total or not judge(values, dominance)["safe"]


def test_the_dominance_of_one_alone_is_refused():
    with pytest.raises(DominanceOfOneAlone):
        Profile("weak", 3, k=90, largest=1)
    assert not judge([95, 1, 1, 1, 1, 1], Profile("both", 3, p=0.001, k=90, largest=1))["safe"]
    # why: at (1, 90) this passes, although the second firm knows the first within 2 %
    assert 50000 < 0.9 * 100000


@pytest.mark.parametrize(
    "wrong", [{"n": 0}, {"p": 0}, {"p": 140}, {"k": 101}, {"share": 1.2}, {"largest": 3}]
)
def test_parameters_out_of_range_are_refused_without_being_told(wrong):
    with pytest.raises(ProfileInvalid) as caught:
        Profile("x", **wrong)
    assert next(iter(wrong)) in caught.value.sentence("es")


def test_secret_parameters_do_not_show_in_a_profile():
    text = repr(Profile("public", 3, p=13.77, k=81.23))
    assert "13.77" not in text
    assert "81.23" not in text


def test_firms_of_one_group_count_once():
    values = [100, 90, 80, 70]
    assert judge(values, VIEWS["public"])["safe"]
    cell = judge(values, VIEWS["public"], groups=["G", "G", "H", "H"])
    assert cell["n"] == 2
    assert cell["rules"] == ["frequency", "p_percent"]
    assert (cell["x1"], cell["x2"]) == (190, 150)


def test_no_group_or_an_empty_one_leaves_a_firm_alone_and_names_do_not_collide():
    assert judge([10, 10, 10], VIEWS["public"], groups=[None, "", " "])["n"] == 3
    assert judge([10, 10, 10], VIEWS["public"], groups=["a1", None, None])["n"] == 3  # a1 is also a firm's id


def test_zeros_missing_and_nobody_are_three_things():
    zeros = judge([0, 0, 0, 0], VIEWS["public"])
    assert (zeros["n"], zeros["missing"], zeros["safe"]) == (0, 0, False)  # 0 would say that each firm has 0
    some = judge([10, 10, 10, None], VIEWS["public"])
    assert (some["n"], some["missing"], some["total"], some["safe"]) == (3, 1, 30, True)
    table = protect(firms([None, None]), keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    assert table.row(0) == ("a", None, None, "na")


def test_negative_contributions_use_absolute_values_and_half_of_p():
    mild = judge([100, -60, 12], VIEWS["public"])  # rest 12 >= 7.5 % of 100, though 12 < 15
    assert mild["safe"]
    assert mild["total"] == 52
    assert not judge([100, 60, 12], VIEWS["public"])["safe"]
    assert not judge([100, -60, 5], VIEWS["public"])["safe"]


def test_published_table_hides_count_and_value_alike():
    frame = pl.concat(
        [firms([10, 20, 30, 40], "open"), firms([10, 20], "few"), firms([1000, 1, 1], "one big")]
    )
    table = protect(frame, keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    assert table.rows() == [("few", None, None, "c"), ("one big", None, None, "c"), ("open", 4, 100.0, "ok")]


def test_the_mean_is_hidden_with_its_total_and_counts_zeros():
    frame = pl.concat([firms([0, 10, 20, 30, None], "open"), firms([7, 9], "few")])
    table = protect_mean(frame, keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    assert table.rows() == [("few", None, None, "c"), ("open", 4, 15.0, "ok")]
    whole = protect_mean(frame, keys=[], value="x", firm="nit", profile=VIEWS["public"])
    assert whole.row(0) == (6, 76 / 6, "ok")


def test_a_ratio_needs_both_sides_safe():
    frame = pl.concat(
        [firms([10, 20, 30, 40], "open"), firms([10, 20], "few"), firms([1, 2, 3], "only above")]
    )
    above = protect(frame, keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    below = above.filter(pl.col("cell") != "only above")
    assert protect_ratio(above, below, keys=["cell"]).rows() == [
        ("few", None, "c"), ("only above", None, "na"), ("open", 1.0, "ok"),
    ]  # fmt: skip


def test_growth_is_of_the_firms_in_both_years():
    before, after = firms([10, 10, 10, 10]), firms([20, 20, 20, 20, 500])
    growth = protect_growth(before, after, keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    assert growth.row(0) == ("a", 1.0, "ok")
    newcomers = protect_growth(
        firms([10, 10]),
        firms([20, 20, 5, 5, 5]),
        keys=["cell"],
        value="x",
        firm="nit",
        profile=VIEWS["public"],
    )
    assert newcomers.row(0) == ("a", None, "c")


def _by_hand(values, profile):
    """The rules, written once more and slowly."""
    sizes = sorted((v for v in values if v is not None), reverse=True)
    total, n = sum(sizes), sum(v != 0 for v in sizes)
    x1, x2 = ([*sizes, 0, 0])[:2]
    margin = abs(total - x1 - x2 - profile.p / 100 * x1)
    if margin < 1e-9 * max(total, 1) or (
        profile.share and abs(x1 - profile.share * total) < 1e-9 * max(total, 1)
    ):
        return None
    unsafe = n < profile.n or total - x1 - x2 < profile.p / 100 * x1
    return not (unsafe or (profile.share is not None and x1 > profile.share * total))


@given(
    st.lists(
        st.lists(st.one_of(st.just(0.0), st.floats(0.1, 1000)), min_size=1, max_size=8),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["public", "network", "rival"]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_the_table_agrees_with_the_rules_by_hand_in_any_order(cells, view, random):
    frame = pl.concat([firms(values, f"c{index}") for index, values in enumerate(cells)])
    order = list(range(frame.height))
    random.shuffle(order)
    judged = judge_cells(frame[order], keys=["cell"], value="x", firm="nit", profile=VIEWS[view])
    for values, safe in zip(cells, judged["safe"], strict=True):
        expected = _by_hand(values, VIEWS[view])
        assert expected is None or expected == safe


@given(st.lists(st.floats(0.1, 1e5), min_size=1, max_size=7), st.floats(1, 50), st.floats(1, 2))
@settings(max_examples=60, deadline=None)
def test_a_stricter_profile_never_opens_a_cell(values, p, factor):
    mild, strict = Profile("mild", 3, p=p), Profile("strict", 4, p=p * factor, share=0.5)
    assert judge(values, mild)["safe"] or not judge(values, strict)["safe"]


def test_figures_already_added_up_are_judged_the_same():
    frame = pl.concat([firms([10, 20, 30, 40], "a"), firms([1000, 5, 5], "b")])
    judged = judge_cells(frame, keys=["cell"], value="x", firm="nit", profile=VIEWS["public"])
    again = protect_precomputed(judged.select("n", "x1", "x2", "total"), VIEWS["public"])
    assert again["safe"].to_list() == judged["safe"].to_list() == [True, False]
    assert again["level"].to_list() == judged["level"].to_list()


def test_three_significant_digits():
    assert [three_digits(v) for v in (2.5025, 123456.0, 0.00123456, 0.0, None)] == [
        2.5,
        123000.0,
        0.00123,
        0.0,
        None,
    ]
    assert not math.isnan(three_digits(1e-300))


METHODS = Path(__file__).parents[3] / "docs" / "explanation" / "methods"


def test_the_worked_table_of_the_method_page():
    for row in pl.read_csv(METHODS / "tables" / "disclosure_rules.csv", infer_schema=False).iter_rows(
        named=True
    ):
        share = float(row["share"]) if row["share"] else None
        profile = Profile("page", int(row["n"]), p=float(row["p"]), share=share)
        cell = judge([float(part) for part in row["contributions"].split()], profile)
        assert (" ".join(cell["rules"]) or "none") == row["rules that fire"]
        assert cell["level"] == pytest.approx(float(row["level"]))


def test_the_method_page_does_not_print_the_shipped_parameters():
    page = (METHODS / "disclosure.md").read_text(encoding="utf-8")
    assert "p = 10 as an example" in page
    assert not re.search(r"\b15\b", page)


def test_a_large_table_is_one_pass():
    """200,000 contributions in 50,000 cells: the judgement is vectorised, not a loop (about 0.2 s)."""
    rng = np.random.default_rng(5)
    n = 200_000
    frame = pl.DataFrame(
        {
            "r": rng.integers(0, 500, n),
            "i": rng.integers(0, 100, n),
            "nit": np.arange(n),
            "x": rng.lognormal(2, 1, n),
        }
    )
    table = protect(frame, keys=["r", "i"], value="x", firm="nit", profile=VIEWS["public"])
    assert table.height == frame.select("r", "i").unique().height
    assert table.filter(pl.col("status") == "ok")["n"].min() >= 3
