"""Judging again: every run changes one thing, and stability is the share of runs with the same verdict."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coopetir.foundation.core.errors import Cancelled
from coopetir.identify.core.method import shipped_method
from coopetir.identify.core.qualification import VERDICTS
from coopetir.identify.core.robustness import (
    THRESHOLDS,
    Base,
    largest_firms,
    measure_without,
    resample,
    robustness,
    threshold_factors,
)
from coopetir.identify.core.screening import prepare, screen, verdict_row
from screening_tables import cells, industries


@pytest.fixture(scope="module")
def base() -> Base:
    return prepare(cells(), industries(), method=shipped_method())


def at(base: Base, region: str, family: str) -> tuple[int, int]:
    return base.cells.regions.index(region), base.cells.families.index(family)


def test_the_runs_are_those_that_are_documented(base: Base) -> None:
    found = robustness(base, resamples=3, rng=np.random.default_rng(0))
    kinds = [run.kind for run in found.runs]
    assert kinds.count("threshold") == 2 * (len(THRESHOLDS) + 1)
    assert kinds.count("year") == 6
    assert kinds.count("largest_firm") == 1
    assert "suppressed" not in kinds


def test_stability_counts_every_run_alike(base: Base) -> None:
    found = robustness(base, resamples=7, rng=np.random.default_rng(0))
    row = at(base, "R0", "A")
    same = found.resampled[int(base.verdicts[row])][row] + sum(
        run.verdicts[row] == base.verdicts[row] for run in found.runs
    )
    assert found.stability[row] == pytest.approx(same / (7 + len(found.runs)))
    assert np.all(found.resampled.sum(axis=0) == 7)


def test_thresholds_get_stricter_above_one_and_looser_below() -> None:
    method = shipped_method()
    assert threshold_factors(method, "density.lq_meets", 1.25) == {
        "density.lq_meets": 1.875,
        "density.lq_borderline": 1.5625,
    }
    assert threshold_factors(method, "density.top_firm_max", 1.25)["density.top_firm_max"] == pytest.approx(
        0.52
    )
    assert threshold_factors(method, "density.top_firm_max", 0.5)["density.top_firm_max"] == 1.0
    assert threshold_factors(method, "market.percentile_meets", 3.0)["market.percentile_meets"] == 100.0


def test_stricter_thresholds_never_lift_a_verdict(base: Base) -> None:
    for run in robustness(base, resamples=0, rng=np.random.default_rng(0)).runs:
        if run.kind == "threshold":
            worse = run.verdicts <= base.verdicts
            assert np.all(worse if run.detail.endswith("1.25") else run.verdicts >= base.verdicts), run.detail


def test_without_the_largest_firm_is_as_if_it_had_never_been() -> None:
    """Taking the firm out by formula and taking its jobs and itself out of the table agree."""
    row = ("R0", "A")
    whole = prepare(cells(), industries(), method=shipped_method())
    jobs, firms = largest_firms(whole)
    only = np.zeros_like(jobs)
    place = at(whole, *row)
    only[:, place[0], place[1]] = jobs[:, place[0], place[1]]
    found = measure_without(whole, only, (only > 0) * firms)
    largest = cells().filter((pl.col("region") == "R0") & pl.col("industry").is_in(["A1", "A2"]))
    largest = (
        largest.sort("employees", descending=True).unique("year", keep="first").select("year", "industry")
    )
    marked = cells().join(
        largest.with_columns(region=pl.lit("R0"), mark=pl.lit(value=True)),
        on=["year", "region", "industry"],
        how="left",
    )
    less = marked.with_columns(
        employees=pl.when("mark").then(pl.col("employees") * 0.9).otherwise(pl.col("employees")),
        firms=pl.when("mark").then(pl.col("firms") - 1).otherwise(pl.col("firms")),
    ).drop("mark")
    other = prepare(less, industries(), method=shipped_method()).measures
    for name in ("lq", "firms", "slope"):
        assert getattr(found, name)[place] == pytest.approx(getattr(other, name)[place], rel=1e-9), name
    assert found.lower[place] == pytest.approx(other.lower[place], rel=1e-3)  # the prior stays as it was


def test_a_family_of_one_plant_hangs_on_it() -> None:
    here = (pl.col("region") == "R0") & (pl.col("industry") == "A1")
    other = (pl.col("region") == "R0") & (pl.col("industry") == "A2")
    plant = cells().with_columns(
        employees=pl.when(here)
        .then(pl.col("employees") * 2)
        .when(other)
        .then(60.0)
        .otherwise(pl.col("employees")),
        top1_emp_share=pl.when(here).then(0.6).otherwise(pl.col("top1_emp_share")),
    )
    row = verdict_row(screen(plant, industries(), resamples=0), "R0", "A")
    assert row["verdict"] == "qualifies"
    assert any(hinge.startswith("largest_firm:") for hinge in row["hinges"])
    assert row["stability_largest_firm"] == 0.0


def test_fewer_firms_are_less_stable() -> None:
    few = cells().with_columns(firms=pl.max_horizontal(pl.col("firms") // 12, pl.lit(1)))
    many = cells().with_columns(firms=pl.col("firms") * 20)
    stability = [
        screen(table, industries(), resamples=60, rng=np.random.default_rng(5))
        .verdicts["stability_resample"]
        .mean()
        for table in (few, many)
    ]
    assert stability[0] < stability[1]


def test_resampling_can_be_cancelled(base: Base) -> None:
    def stop(done: int, total: int, stage: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        resample(base, resamples=50, rng=np.random.default_rng(0), progress=stop)


def test_verdicts_are_positions_in_one_list(base: Base) -> None:
    assert base.verdicts.min() >= 0
    assert base.verdicts.max() < len(VERDICTS)
