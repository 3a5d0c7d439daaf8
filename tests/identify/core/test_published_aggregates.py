"""The real aggregates of the demo: published reference answers, the rule, and what must not be claimed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.published_aggregates import class_table, department_view, to_json
from coopetir.identify.core.random_families import draw_families
from coopetir.identify.core.survey_explore import compare_departments, industry_table, quadrant
from coopetir.identify.core.survey_growth import (
    SurveyGrowth,
    Trend,
    basket_shares,
    family_growth,
    linked_classes,
)
from coopetir.identify.core.survey_rule import SurveyMethod, growth_grade, standing
from coopetir.identify.core.survey_tables import Family, survey_tables
from coopetir.identify.core.tradability import is_local, local_industry

TABLES = survey_tables()


@pytest.fixture(scope="module")
def valle():
    return department_view("76", np.random.default_rng(20261122))


@pytest.fixture(scope="module")
def families(valle):
    return {view.id: view for view in valle.families}


@pytest.mark.parametrize(
    ("department", "expected"),
    [
        (
            "76",
            {
                "1071": 8.03,
                "1701": 5.10,
                "1030": 4.01,
                "4641": 3.29,
                "5222": 3.00,
                "8553": 2.80,
                "1082": 2.78,
                "1702": 2.74,
            },
        ),
        ("11", {"6020": 4.43}),
        ("63", {"5511": 3.02, "0123": 2.17}),
    ],
)
def test_the_largest_quotients_are_the_published_ones(department, expected):
    """colombia-data.md §7: classes with more than 1,500 people, to the printed digit, first ones first."""
    large = class_table(TABLES, department).filter(pl.col("jobs") > 1500).sort("lq", descending=True)
    quotients = dict(large.select("industry", "lq").iter_rows())
    for industry, lq in expected.items():
        assert quotients[industry] == pytest.approx(lq, abs=0.005)
    if department != "63":  # Quindío's second figure is quoted without a rank
        assert large["industry"].head(len(expected)).to_list() == list(expected)
    assert large["industry"][0] == next(iter(expected))


def test_the_department_total_is_the_published_one(valle):
    assert round(valle.totals["jobs"]) == 1_587_396
    assert valle.totals["unclassified_jobs"] < 0.001 * valle.totals["jobs"]


def test_family_quotient_agrees_with_a_sum_by_hand(families):
    level = TABLES.level
    classes = ["0124", "1071", "1072", "2011", "3511"]
    of = level.filter(pl.col("industry").is_in(classes))
    here = of.filter(pl.col("department") == "76")["jobs"].sum() / 1_587_395.91
    nation = of["jobs"].sum() / level["jobs"].sum()
    assert families["bioenergia"].lq == pytest.approx(here / nation, rel=1e-9)
    assert families["bioenergia"].best_class == "1071"


def test_only_what_the_data_support_is_graded(valle):
    for view in (*valle.families, *valle.unchosen):
        assert view.criterion("technology").grade is None
        assert view.criterion("market").grade is None
        assert view.standing.evaluable <= 2
        assert view.standing.verdict == "insufficient_data"
        assert "firms_unknown" in view.criterion("density").caveats
        firms = next(m for m in view.criterion("density").measures if m.code == "firms")
        assert firms.value is None


def test_the_results_written_in_the_replication_page(families, valle):
    """The page docs/replications/valle-del-cauca.md quotes these; a change of data or rule must show up here."""
    grades = {
        name: (v.criterion("density").grade, v.criterion("growth").grade) for name, v in families.items()
    }
    assert grades == {
        "macrosnacks": (2, 0),
        "proteina_blanca": (2, 1),
        "belleza": (1, 0),
        "bioenergia": (2, 0),
        "excelencia_clinica": (1, 2),
        "sistema_moda": (0, 1),
        "habitat_urbano": (0, 1),
        "economia_digital": (0, 2),
        "experiencias_turismo": (0, None),
    }
    assert families["experiencias_turismo"].criterion("growth").reason == "conversion_decides"
    assert [view.id for view in valle.unchosen] == ["103", "170", "661"]
    assert valle.agreement()["chosen_meets"] == ()


def test_the_figures_of_the_replication_page_are_those_computed(valle):
    root = Path(__file__).parents[3]
    page = (root / "docs" / "replications" / "valle-del-cauca.md").read_text(encoding="utf-8")
    for view in valle.families:
        trend = view.growth.trends["equal"]
        row = next(
            line for line in page.splitlines() if line.startswith(f"| {view.name['es']} ({view.chosen_in})")
        )
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1:4] == [f"{view.jobs:,.0f}", f"{view.lq:.2f}", f"{view.lq_traded:.2f}"]
        assert cells[4] == f"{100 * view.random_lq:.1f} %"
        assert cells[5] == f"{view.best_class} ({view.best_lq:.2f})"
        assert cells[6] == f"{100 * view.random_best:.1f} %"
        assert cells[7] == f"{trend.slope:+.3f} ± {trend.se:.3f}"
        assert cells[8] == f"{100 * view.growth.one_to_one:.0f} %"


def test_the_random_benchmark_is_seeded_and_says_what_a_draw_says(families):
    again = department_view("76", np.random.default_rng(20261122))
    assert [v.random_lq for v in again.families] == [families[v.id].random_lq for v in again.families]
    # A second seed must agree within the error of 2,000 draws (four standard errors).
    other = department_view("76", np.random.default_rng(7))
    for view in other.families:
        p = families[view.id].random_lq
        assert abs(view.random_lq - p) < 4 * np.sqrt(2 * max(p * (1 - p), 0.002) / 2000)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_draws_are_families_of_distinct_classes(size, seed):
    rng = np.random.default_rng(seed)
    nation = rng.uniform(1, 100, 6)
    draws = draw_families(nation, nation, size=size, scale=1.0, minimum_people=0.0, draws=50, rng=rng)
    assert np.allclose(draws.lq, 1.0)  # a region with the country's structure: every family weighs the same
    assert draws.share_at_least(1.0, 1.0) == (1.0, 1.0)
    powers = 2.0 ** np.arange(6)  # sums of distinct powers of two have `size` bits set
    picked = draw_families(powers, np.ones(6), size=size, scale=1.0, minimum_people=0.0, draws=50, rng=rng)
    sums = np.rint(picked.lq * size).astype(int)
    assert all(int(total).bit_count() == size for total in sums)


def test_all_classes_drawn_at_once_equal_the_department(valle):
    """A random family of every class is the whole economy: LQ 1 but for codes outside CIIU."""
    classes = valle.classes
    scale = valle.totals["national_jobs"] / valle.totals["jobs"]
    draws = draw_families(
        classes["jobs"].to_numpy(), classes["national_jobs"].to_numpy(), size=classes.height, scale=scale,
        minimum_people=1500, draws=3, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert np.allclose(draws.lq, 1.0, atol=1e-3)
    assert np.allclose(draws.best, 8.0295, atol=1e-3)


def test_the_slider_moves_the_partial_verdict_and_nothing_else(families):
    clinic = families["excelencia_clinica"]
    assert clinic.standing.partial == "borderline_evaluable"
    assert clinic.verdict_under(1.2).partial == "meets_evaluable"
    assert clinic.verdict_under(1.2).met == 2
    assert clinic.verdict_under(1.6).partial == "fails_evaluable"
    assert {clinic.verdict_under(t).verdict for t in (0.5, 1.2, 3.0)} == {"insufficient_data"}
    for view in families.values():
        assert view.verdict_under(view.method.lq) == view.standing


@given(st.floats(0.3, 6), st.floats(0.3, 6))
@settings(max_examples=40, deadline=None)
def test_a_stricter_threshold_never_improves_the_standing(valle_low, valle_high):
    low, high = sorted((valle_low, valle_high))
    order = ["fails_evaluable", "borderline_evaluable", "meets_evaluable"]
    for view in VIEW.families:
        easy, hard = view.verdict_under(low), view.verdict_under(high)
        assert order.index(hard.partial) <= order.index(easy.partial)
        assert hard.met <= easy.met


VIEW = department_view("76", np.random.default_rng(0))


@pytest.mark.parametrize("basket", ["equal", "jobs"])
def test_every_rev3_class_gives_away_exactly_itself(basket):
    sums = linked_classes(TABLES, basket).group_by("rev3").agg(pl.col("weight").sum())
    assert np.allclose(sums["weight"].to_numpy(), 1.0, atol=1e-12)


@pytest.mark.parametrize("basket", ["equal", "jobs", "whole"])
def test_a_family_of_everything_is_the_whole_table(basket):
    everything = set(TABLES.links["rev4"])
    shares = basket_shares(TABLES, everything, basket)
    assert shares.height == 445
    assert np.allclose(shares["share"].to_numpy(), 1.0)


def test_shares_of_a_partition_of_classes_add_up():
    codes = sorted(set(TABLES.links["rev4"]))
    halves = [basket_shares(TABLES, part, "equal") for part in (codes[::2], codes[1::2])]
    total = pl.concat(halves).group_by("industry").agg(pl.col("share").sum())
    assert np.allclose(total["share"].to_numpy(), 1.0)


def test_a_class_divided_after_2012_is_counted_by_its_heirs():
    """7110 became 7111 and 7112: either name, or both, is the same activity of 2012; one heir is half of it."""
    both = basket_shares(TABLES, ["7111", "7112"], "equal")
    assert both.equals(basket_shares(TABLES, ["7110"], "equal"))
    assert both.equals(basket_shares(TABLES, ["7110", "7111", "7112"], "equal"))
    half = basket_shares(TABLES, ["7111"], "equal")
    assert np.allclose(half["share"].to_numpy() * 2, both["share"].to_numpy())


def test_growth_of_a_one_to_one_class_is_the_slope_of_its_rev3_class():
    growth = family_growth(TABLES, "76", ["1071"])
    rows = TABLES.history.filter((pl.col("department") == "76") & (pl.col("industry") == "1571")).sort("year")
    assert growth.jobs == pytest.approx(rows["jobs"].to_list())
    slope = np.polyfit(rows["year"].to_numpy().astype(float), np.log(rows["jobs"].to_numpy() + 0.5), 1)[0]
    assert growth.trends["equal"].slope == pytest.approx(slope, abs=1e-9)
    assert growth.one_to_one == 1.0
    assert len({trend.slope for trend in growth.trends.values()}) == 1


def _growth(**slopes: tuple[float, float]) -> SurveyGrowth:
    trends = {name: Trend(slope, 0.01, z) for name, (slope, z) in slopes.items()}
    return SurveyGrowth((), (), trends, 0.02, None, None)


@pytest.mark.parametrize(
    ("growth", "expected"),
    [
        (_growth(equal=(0.05, 3.0), jobs=(0.04, 2.0)), (2, "")),
        (_growth(equal=(0.05, 3.0), jobs=(0.021, 0.1)), (1, "")),
        (_growth(equal=(0.01, -1.0), jobs=(0.02, 0.0)), (0, "")),
        (_growth(equal=(0.05, 3.0), whole=(0.01, -1.0)), (None, "conversion_decides")),
    ],
)
def test_growth_is_graded_only_as_far_as_the_conversions_agree(growth, expected):
    assert growth_grade(growth, SurveyMethod()) == expected


def test_standing_never_compensates_and_unknown_never_rejects():
    assert standing((2, 2, None, None)).partial == "meets_evaluable"
    assert standing((2, 0, None, None)).partial == "fails_evaluable"
    assert standing((2, 0, None, None)).verdict == "insufficient_data"
    assert standing((None,) * 4).partial == "nothing_evaluable"
    assert [standing((2, 2, 2, g)).verdict for g in (2, 1, 0)] == ["qualifies", "candidate", "not_now"]


def test_tiny_families_are_noise_not_zero():
    view = department_view("97", np.random.default_rng(1))  # Vaupés: 3,651 people in all
    digital = next(v for v in view.families if v.id == "economia_digital")
    assert digital.criterion("density").grade is None
    assert digital.criterion("density").reason == "survey_noise"
    assert view.agreement()["chosen_fails"] == ()
    assert all(v.chosen_in is None for v in view.families)
    assert view.caveats == ("few_people",)
    assert VIEW.caveats == ()


def test_san_andres_has_no_growth_because_the_survey_did_not_go_there():
    view = department_view("88", np.random.default_rng(1))
    assert {v.criterion("growth").reason for v in view.families} == {"not_surveyed"}
    assert set(quadrant("88")["reason"]) == {"not_surveyed"}


def test_a_family_without_known_classes_is_without_data():
    view = department_view("76", np.random.default_rng(1), families=[Family("x", "X", ("0000",))])
    assert view.families[0].lq is None
    assert view.families[0].criterion("density").reason == "no_data"


def test_unknown_department_is_refused_with_the_codes_there_are():
    with pytest.raises(CoopetirError) as caught:
        department_view("77", np.random.default_rng(1))
    assert caught.value.code == "survey.department_unknown"
    assert "76" in caught.value.sentence("es")


def test_every_department_gives_a_view_and_sentences_in_both_languages():
    method = SurveyMethod(draws=20)
    for code in sorted(TABLES.level["department"].unique()):
        view = department_view(code, np.random.default_rng(1), method=method)
        for family in (*view.families, *view.unchosen):
            assert all(len(family.sentences[language]) == 3 for language in ("es", "en"))
            assert all("nan" not in text and "None" not in text for text in family.sentences["es"])
        json.dumps(to_json(view))


def test_unchosen_groups_are_traded_large_and_outside_every_family(valle):
    taken = {code for family in TABLES.families for code in family.classes}
    for view in valle.unchosen:
        assert not taken.intersection(view.classes)
        assert not any(is_local(code) for code in view.classes)
        assert view.jobs >= 1500
    assert [view.rank for view in valle.unchosen] == [1, 2, 3]
    assert valle.unchosen[0].lq >= valle.unchosen[1].lq >= valle.unchosen[2].lq


def test_sentences_are_said_in_the_way_of_each_language(families):
    spanish, english = families["bioenergia"].sentences["es"][0], families["bioenergia"].sentences["en"][0]
    assert "Especialización 2,5" in spanish
    assert "28.199 personas" in spanish
    assert "Specialisation 2.5" in english
    assert "0,7\N{NO-BREAK SPACE}% de las familias al azar de 5 clases" in spanish
    growth = families["excelencia_clinica"].sentences["es"][1]
    assert "4,9\N{NO-BREAK SPACE}% al año (± 1,5 puntos)" in growth


def test_local_list_reads_prefixes_the_same_way_both_ways():
    codes = ["4711", "4641", "8610", "1071", "4921", "4923", "3511", "3513", "86", "471"]
    frame = pl.DataFrame({"code": codes}).select(local_industry("code"))
    assert frame["local"].to_list() == [is_local(code) for code in codes]
    assert frame["local"].to_list() == [True, False, True, False, True, False, False, True, True, True]


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_industries_of_any_depth_add_up_to_the_department(digits):
    table = industry_table("76", digits=digits)
    assert table["jobs"].sum() == pytest.approx(1_587_395.91 - 302.43, abs=0.1)
    assert table["share"].sum() == pytest.approx(1, abs=1e-3)
    assert table["industry"].is_unique().all()


def test_quadrants_follow_from_their_two_axes():
    rows = quadrant("76").filter(pl.col("quadrant").is_not_null())
    assert rows.height > 60
    for lq, slope, national, name in rows.select("lq", "slope", "national_slope", "quadrant").iter_rows():
        expected = {(True, True): "strength", (False, True): "opportunity", (True, False): "risk"}
        assert name == expected.get((lq >= 1, slope > national), "neither")


def test_comparison_gives_the_grades_of_the_department_page(valle):
    table = compare_departments()
    assert table.height == 33 * 9
    for code in ("76", "11", "97"):
        view = valle if code == "76" else department_view(code, np.random.default_rng(1))
        rows = {
            row["family"]: row for row in table.filter(pl.col("department") == code).iter_rows(named=True)
        }
        for family in view.families:
            assert rows[family.id]["density"] == family.criterion("density").grade
            assert rows[family.id]["growth"] == family.criterion("growth").grade
            assert rows[family.id]["growth_reason"] == family.criterion("growth").reason
            assert rows[family.id]["lq"] == pytest.approx(family.lq)
