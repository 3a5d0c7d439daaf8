"""Screenings of planted worlds, and what holds for any table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import read_table
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.planted import score
from coopetir.identify.core.robustness import robustness
from coopetir.identify.core.screening import ScreeningResult, narrowed, screen, verdict_row, what_if
from screening_tables import cells, industries

PLANTED = Path(__file__).resolve().parents[2] / "data" / "planted_dev"


def planted(name: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    parts = ("_cells.parquet", "_industries.csv.gz", "_regions.csv.gz")
    read = [read_table(PLANTED / f"{name}{part}") for part in parts]
    return read[0], read[1], read[2]


@pytest.fixture(scope="module")
def seen() -> ScreeningResult:
    return screen(*planted("planted_dev"), resamples=20, rng=np.random.default_rng(7))


def test_planted_dev_misses_one_at_most_and_lets_no_decoy_through(seen: ScreeningResult) -> None:
    found = score(seen.verdicts, read_table(PLANTED / "planted_dev_truth.csv.gz"))
    assert found.missed + found.false <= 1
    assert found.decoys == ()


def test_planted_dev_suppressed() -> None:
    result = screen(*planted("planted_dev_suppressed"), resamples=0)
    found = score(result.verdicts, read_table(PLANTED / "planted_dev_suppressed_truth.csv.gz"))
    assert found.f1 >= 0.94
    assert found.decoys == ()
    assert result.verdicts["imputed_share"].max() > 0.5
    assert "flag:imputed_share_high" in set(result.verdicts["reasons"].explode())


def test_every_region_with_every_family_that_has_a_traded_industry(seen: ScreeningResult) -> None:
    catalogue = read_table(PLANTED / "planted_dev_industries.csv.gz")
    traded = catalogue.filter(pl.col("local").str.to_lowercase() == "false")["family"].n_unique()
    assert seen.verdicts.height == 33 * traded
    assert not seen.verdicts.select("region", "family").is_duplicated().any()


def test_stability_is_a_share_and_labels_follow_it(seen: ScreeningResult) -> None:
    assert seen.verdicts["stability"].is_between(0, 1).all()
    labelled = seen.verdicts.filter(pl.col("label") == "firm")
    assert labelled["stability"].min() >= 0.9
    assert seen.verdicts.filter(pl.col("label") == "fragile")["stability"].max() < 0.7


def test_the_same_seed_gives_the_same_result_whatever_the_order_of_the_rows(seen: ScreeningResult) -> None:
    table, catalogue, places = planted("planted_dev")
    again = screen(
        table.sample(fraction=1.0, shuffle=True, seed=3),
        catalogue.sample(fraction=1.0, shuffle=True, seed=4),
        places.reverse(),
        resamples=20,
        rng=np.random.default_rng(7),
    )
    assert again.verdicts.equals(seen.verdicts)
    other = screen(table, catalogue, places, resamples=20, rng=np.random.default_rng(8))
    assert not other.verdicts["stability"].equals(seen.verdicts["stability"])
    assert other.verdicts["verdict"].equals(seen.verdicts["verdict"])


def test_the_criteria_table_holds_the_values_that_were_compared(seen: ScreeningResult) -> None:
    deciding = seen.criteria.filter(pl.col("decides") & (pl.col("criterion") == "density"))
    met = deciding.group_by("region", "family").agg(
        all_met=pl.col("meets").all(), grade=pl.col("grade").first()
    )
    assert met.filter(pl.col("all_met") != (pl.col("grade") == 2)).is_empty()


def test_growth_and_density_are_what_the_formulas_say() -> None:
    result = screen(cells(), industries(), resamples=0)
    row = verdict_row(result, "R0", "A")
    table = cells().join(industries(), on="industry")
    last = (
        table.filter(pl.col("year") >= 2021)
        .group_by("region", "family", "local")
        .agg(pl.col("employees").sum() / 3)
    )
    own = last.filter((pl.col("region") == "R0") & (pl.col("family") == "A") & ~pl.col("local"))[
        "employees"
    ].sum()
    family = last.filter((pl.col("family") == "A") & ~pl.col("local"))["employees"].sum()
    region = last.filter(pl.col("region") == "R0")["employees"].sum()
    assert row["lq"] == pytest.approx((own / region) / (family / last["employees"].sum()), rel=1e-12)
    yearly = table.filter((pl.col("region") == "R0") & (pl.col("family") == "A") & ~pl.col("local"))
    series = yearly.group_by("year").agg(pl.col("employees").sum()).sort("year")
    slope = np.polyfit(series["year"], np.log(series["employees"].to_numpy() + 0.5), 1)[0]
    assert row["slope"] == pytest.approx(slope, rel=1e-9)
    assert row["verdict"] == "qualifies"


def test_local_industries_stay_out_of_families_and_in_totals() -> None:
    more = cells().with_columns(
        employees=pl.when((pl.col("industry") == "Z1") & (pl.col("region") == "R0"))
        .then(pl.col("employees") * 10)
        .otherwise(pl.col("employees"))
    )
    before = verdict_row(screen(cells(), industries(), resamples=0), "R0", "A")
    after = verdict_row(screen(more, industries(), resamples=0), "R0", "A")
    assert after["jobs"] == before["jobs"]
    assert after["lq"] < before["lq"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (cells().drop("firms"), "density:unknown:no_firms_column"),
        (cells().drop("top1_emp_share"), "density:unknown:no_top_share_column"),
        (cells().filter(pl.col("year") == 2023), "growth:unknown:too_few_years"),
        (cells().filter(pl.col("region") == "R0"), "density:unknown:one_region"),
        (
            cells().with_columns(employees=pl.lit(None, pl.Float64), firms=pl.lit(None, pl.Float64)),
            "density:unknown:jobs_unknown",
        ),
    ],
)
def test_missing_evidence_is_unknown_with_its_reason(table: pl.DataFrame, reason: str) -> None:
    row = verdict_row(screen(table, industries(), resamples=3), "R0", "A")
    assert row["verdict"] == "insufficient_data"
    assert reason in row["reasons"]
    assert row["label"] is None


@pytest.mark.parametrize("column", ["tech_intensity", "world_demand_growth"])
def test_unknown_evidence_never_qualifies_nor_rejects(column: str) -> None:
    criterion = "technology" if column == "tech_intensity" else "market"
    none = screen(cells(), industries().drop(column), resamples=0).verdicts
    assert set(none["verdict"]) == {"insufficient_data"}
    assert none[criterion].null_count() == none.height
    lacking = industries().with_columns(
        pl.when(pl.col("family") == "B").then(None).otherwise(pl.col(column)).alias(column)
    )
    method = shipped_method().changed({f"{criterion}.min_families": 2})
    some = screen(cells(), lacking, method=method, resamples=0).verdicts
    assert set(some.filter(pl.col("family") == "B")["verdict"]) == {"insufficient_data"}
    assert "insufficient_data" not in set(some.filter(pl.col("family") != "B")["verdict"])


def test_a_survey_gets_no_interval_from_counts() -> None:
    result = screen(cells(), industries(), resamples=5, survey=True)
    row = verdict_row(result, "R0", "A")
    assert row["lq_shrunk_low"] is None
    assert {"density:unknown:survey_no_interval", "flag:survey_noise"} <= set(row["reasons"])


def test_withheld_jobs_are_imputed_and_judged_at_both_ends() -> None:
    small = cells().with_columns(
        firms=pl.when(pl.col("region") == "R5").then(2).otherwise(pl.col("firms")),
        employees=pl.when(pl.col("region") == "R5").then(18).otherwise(pl.col("employees")),
    )
    hide = (pl.col("region") == "R5") & (pl.col("industry") == "B1")
    hidden = small.with_columns(
        employees=pl.when(hide).then(None).otherwise(pl.col("employees")),
        suppressed=hide,
    )
    result = screen(hidden, industries(), resamples=0)
    row = verdict_row(result, "R5", "B")
    assert 0 < row["imputed_share"] < 1
    assert row["jobs"] == pytest.approx(36)  # every visible small cell has nine jobs per firm
    runs = robustness(result.base, resamples=0, rng=np.random.default_rng(0)).runs
    assert {run.detail for run in runs if run.kind == "suppressed"} == {"low", "high"}


def test_what_others_imputed_is_passed_on() -> None:
    half = cells().with_columns(imputed_share=pl.when(pl.col("industry") == "B1").then(0.5).otherwise(None))
    row = verdict_row(screen(half, industries(), resamples=0), "R2", "B")
    assert row["imputed_share"] == pytest.approx(0.25, abs=0.01)  # two equal industries, one half imputed
    assert verdict_row(screen(half, industries(), resamples=0), "R2", "A")["imputed_share"] == 0.0


def test_a_region_without_some_year_is_noted_and_not_taken_for_a_fall() -> None:
    hole = cells().filter(~((pl.col("region") == "R3") & (pl.col("year") == 2020)))
    result = screen(hole, industries(), resamples=0)
    assert {"code": "regions_without_some_year", "regions": ["R3"]} in result.notes
    before = screen(cells(), industries(), resamples=0)
    assert result.national_slope == pytest.approx(before.national_slope, abs=1e-3)
    assert verdict_row(result, "R3", "B")["slope"] == pytest.approx(
        verdict_row(before, "R3", "B")["slope"], abs=2e-3
    )


def test_only_chosen_regions_are_reported_and_all_compared() -> None:
    whole = screen(cells(), industries(), resamples=10, rng=np.random.default_rng(1))
    part = narrowed(whole, ["R0"])
    assert (
        set(part.verdicts["region"]) == set(part.criteria["region"]) == set(part.drivers["region"]) == {"R0"}
    )
    assert part.verdicts.equals(whole.verdicts.filter(pl.col("region") == "R0"))
    with pytest.raises(CoopetirError, match="R99"):
        narrowed(whole, ["R99"])


def test_what_if_judges_like_a_new_screening(seen: ScreeningResult) -> None:
    table, catalogue, places = planted("planted_dev")
    thresholds = {"density.lq_meets": 2.5, "growth.z_meets": 2.0, "technology.percentile_meets": 70.0}
    again = screen(table, catalogue, places, method=shipped_method().changed(thresholds), resamples=0)
    for row in seen.verdicts.filter(pl.col("verdict") != "not_now").iter_rows(named=True):
        moved = what_if(seen, row["region"], row["family"], thresholds)
        assert moved.before == row["verdict"]
        assert moved.after == verdict_row(again, row["region"], row["family"])["verdict"]


def test_what_if_refuses_what_needs_a_new_screening(seen: ScreeningResult) -> None:
    with pytest.raises(CoopetirError, match="level_periods"):
        what_if(seen, "R00", "F00", {"window.level_periods": 5})
    with pytest.raises(CoopetirError, match="R99"):
        what_if(seen, "R99", "F00", {"density.lq_meets": 1.4})
    with pytest.raises(CoopetirError, match="lq_meets"):
        what_if(seen, "R00", "F00", {"density.lq_meets": -1.0})


@settings(max_examples=25, deadline=None)
@given(
    region=st.integers(1, 7),
    industry=st.sampled_from(["A1", "A2", "B1", "C2"]),
    more=st.floats(1, 5),
)
def test_more_jobs_in_the_family_never_lower_its_quotient(region: int, industry: str, more: float) -> None:
    """Where the region does not hold most of the family: LQ rises while 1/x + 1/X > 1/x_r + 1/x_f."""
    here = (pl.col("region") == f"R{region}") & (pl.col("industry") == industry)
    grown = cells().with_columns(
        employees=pl.when(here).then(pl.col("employees") * more).otherwise(pl.col("employees"))
    )
    family = industry[0]
    before = verdict_row(screen(cells(), industries(), resamples=0), f"R{region}", family)
    after = verdict_row(screen(grown, industries(), resamples=0), f"R{region}", family)
    assert after["lq"] >= before["lq"] * (1 - 1e-12)
    assert after["density"] >= before["density"]


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(0.1, 20))
def test_all_jobs_times_a_number_leave_the_quotients(factor: float) -> None:
    scaled = cells().with_columns(pl.col("employees") * factor)
    before, after = screen(cells(), industries(), resamples=0), screen(scaled, industries(), resamples=0)
    assert np.allclose(before.verdicts["lq"], after.verdicts["lq"], rtol=1e-12)


def test_the_largest_firm_by_its_bound() -> None:
    method = shipped_method().changed({"density.top_firm_measure": "bound"})
    row = verdict_row(screen(cells(), industries(), method=method, resamples=0), "R0", "A")
    assert row["top_firm"] == row["top_firm_bound"] == pytest.approx(0.05, rel=0.02)  # one of two equal cells
    assert row["top_firm_weighted"] == pytest.approx(0.1)


def test_one_measure_of_the_largest_firm_goes_through_all_runs() -> None:
    """Two industries, one firm in each: half the family by its true share, all of it by the weighted mean."""
    alone = (pl.col("region") == "R0") & pl.col("industry").is_in(["A1", "A2"])
    lonely = cells().with_columns(
        top1_emp_share=pl.when(alone).then(0.99).otherwise(pl.col("top1_emp_share"))
    )
    by_mean = screen(lonely, industries(), resamples=30, rng=np.random.default_rng(1))
    by_firm = screen(lonely, industries(), resamples=30, rng=np.random.default_rng(1), registry=True)
    assert verdict_row(by_mean, "R0", "A")["density"] == 1
    row = verdict_row(by_firm, "R0", "A")
    assert (row["verdict"], row["top_firm"]) == ("qualifies", pytest.approx(0.5, abs=0.01))
    assert row["top_firm_weighted"] == pytest.approx(0.99)
    assert row["stability_resample"] > 0.5  # judged by the mean it would be 0
    without = by_firm.drivers.filter((pl.col("region") == "R0") & (pl.col("family") == "A"))
    assert set(without["verdict_without"]) == {"candidate"}  # one plant is left, whichever industry goes


@pytest.mark.parametrize(
    ("table", "catalogue", "code"),
    [
        (cells().drop("employees"), industries(), "table.column_missing"),
        (pl.concat([cells(), cells().head(1)]), industries(), "table.keys_duplicated"),
        (cells(employees=-1.0), industries(), "table.negative"),
        (cells(employees=float("inf")), industries(), "table.not_finite"),
        (cells(employees="many"), industries(), "table.not_a_number"),
        (cells(year="last"), industries(), "cells.year_not_number"),
        (cells(suppressed="maybe"), industries(), "cells.not_yes_no"),
        (cells(top1_emp_share=35.0), industries(), "cells.share_out_of_range"),
        (cells().head(0), industries(), "table.empty"),
        (cells(), industries().filter(pl.col("industry") != "C1"), "cells.industries_unclassified"),
        (cells(), industries().with_columns(local=pl.lit(value=True)), "cells.no_families"),
        (cells(), industries().with_columns(local=pl.lit("perhaps")), "cells.not_yes_no"),
        (cells(), pl.concat([industries(), industries().head(1)]), "table.keys_duplicated"),
    ],
)
def test_bad_tables_are_refused_by_name(table: pl.DataFrame, catalogue: pl.DataFrame, code: str) -> None:
    with pytest.raises(CoopetirError) as refused:
        screen(table, catalogue, resamples=0)
    assert refused.value.code == code
    assert refused.value.sentence("es") != refused.value.sentence("en")


def test_lost_leading_zeros_are_pointed_at() -> None:
    coded = industries().with_columns(industry="0" + pl.col("industry"))
    with pytest.raises(CoopetirError, match="eading zeros"):
        screen(cells(), coded, resamples=0)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(CoopetirError, match="R7"):
        screen(
            cells(), industries(), pl.DataFrame({"region": [f"R{place}" for place in range(7)]}), resamples=0
        )
