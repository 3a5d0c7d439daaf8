"""Three sentences per verdict, with the real numbers, and flips that do flip."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coopetir.foundation.core.tables import read_table
from coopetir.identify.core.drivers import industry_drivers
from coopetir.identify.core.explanation import borderline_reason, explain, flips
from coopetir.identify.core.screening import ScreeningResult, prepare, screen, verdict_row
from coopetir.identify.core.whatif import judge_row
from coopetir.identify.core.wording import (
    CONDITIONS,
    CRITERION_NAMES,
    HINGE_WORDS,
    MEASURE_WORDS,
    NOTE_WORDS,
    SETTING_WORDS,
    UNKNOWN_WORDS,
    VERDICT_WORDS,
)
from screening_tables import cells, industries

PLANTED = Path(__file__).resolve().parents[2] / "data" / "planted_dev"


@pytest.fixture(scope="module")
def seen() -> ScreeningResult:
    parts = ("_cells.parquet", "_industries.csv.gz", "_regions.csv.gz")
    return screen(*(read_table(PLANTED / f"planted_dev{part}") for part in parts), resamples=0)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_verdict_has_three_sentences(seen: ScreeningResult, language: str) -> None:
    some = pl.concat([seen.verdicts.filter(pl.col("verdict") != "not_now"), seen.verdicts.gather_every(40)])
    for row in some.iter_rows(named=True):
        told = explain(row, seen.method, language=language)
        for sentence in told.sentences():
            assert sentence.endswith(".")
            assert "{" not in sentence
            assert "None" not in sentence
            assert "nan" not in sentence.lower().split()


def test_flips_flip_and_are_the_nearest(seen: ScreeningResult) -> None:
    rows = seen.verdicts.filter(pl.col("verdict").is_in(["qualifies", "candidate"]))
    for row in rows.iter_rows(named=True):
        for flip in flips(row, seen.method):
            assert (
                judge_row(row, seen.method, {flip.setting: flip.new}).after == flip.verdict != row["verdict"]
            )
            if flip.change > 1e-4:  # else the measure lies on the threshold itself
                almost = flip.old + (flip.new - flip.old) * 0.99
                assert judge_row(row, seen.method, {flip.setting: almost}).after == row["verdict"], flip


def test_jobs_needed_reach_the_threshold_when_added() -> None:
    table = cells()
    row = verdict_row(screen(table, industries(), resamples=0), "R3", "A")
    here = (pl.col("region") == "R3") & (pl.col("industry") == "A1")
    more = table.with_columns(
        employees=pl.when(here).then(pl.col("employees") + row["jobs_needed"]).otherwise(pl.col("employees"))
    )
    assert verdict_row(screen(more, industries(), resamples=0), "R3", "A")["lq"] == pytest.approx(
        1.5, rel=1e-9
    )


def test_sentences_hold_the_numbers_in_both_languages() -> None:
    row = verdict_row(screen(cells(), industries(), resamples=0), "R0", "A")
    method = screen(cells(), industries(), resamples=0).method
    spanish, english = explain(row, method), explain(row, method, language="en")
    assert f"{row['lq']:.2f}".replace(".", ",") in spanish.meets
    assert f"{row['lq']:.2f}" in english.meets
    assert spanish.meets.startswith("Cumple densidad")
    assert english.meets.startswith("It meets density")


def test_missing_evidence_is_said_and_what_would_help() -> None:
    result = screen(cells().drop("firms"), industries().drop("world_demand_growth"), resamples=0)
    told = explain(verdict_row(result, "R0", "A"), result.method)
    assert "no trae número de empresas" in told.fails
    assert "world_demand_growth" in told.fails
    assert "dato que falta" in told.change


def test_drivers_are_the_verdicts_without_each_industry() -> None:
    base = prepare(cells(), industries(), method=screen(cells(), industries(), resamples=0).method)
    table = industry_drivers(base)
    assert set(table["industry"]) == {"A1", "A2", "B1", "B2", "C1", "C2"}  # no local industry
    assert table.group_by("region", "family").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
        [1.0] * 24
    )
    row = table.filter((pl.col("region") == "R0") & (pl.col("industry") == "A1")).row(0, named=True)
    fewer = industries().with_columns(
        family=pl.when(pl.col("industry") == "A1").then(pl.lit("")).otherwise(pl.col("family"))
    )
    without = verdict_row(screen(cells(), fewer, resamples=0), "R0", "A")
    assert row["lq_without"] == pytest.approx(without["lq"], rel=1e-12)
    assert row["verdict_without"] == without["verdict"]


def test_a_family_of_one_industry_has_no_verdict_without_it() -> None:
    single = industries().with_columns(
        family=pl.when(pl.col("industry") == "A1").then(pl.lit("D")).otherwise(pl.col("family"))
    )
    table = screen(cells(), single, resamples=0).drivers.filter(pl.col("family") == "D")
    assert table["verdict_without"].null_count() == table.height == 8
    assert table["changes"].all()


@pytest.mark.parametrize(
    "words",
    [
        CONDITIONS,
        CRITERION_NAMES,
        HINGE_WORDS,
        MEASURE_WORDS,
        NOTE_WORDS,
        SETTING_WORDS,
        UNKNOWN_WORDS,
        VERDICT_WORDS,
    ],
)
def test_both_languages_say_everything(words: dict[str, dict[str, str]]) -> None:
    assert set(words["es"]) == set(words["en"])
    assert all(words[language][key].strip() for language in ("es", "en") for key in words["es"])


@pytest.mark.parametrize(("language", "words"), [("es", "en el límite porque"), ("en", "borderline because")])
def test_a_borderline_density_says_its_rule(seen: ScreeningResult, language: str, words: str) -> None:
    rule = seen.method.density
    rows = seen.verdicts.filter(pl.col("density") == 1)
    assert rows.height
    for row in rows.iter_rows(named=True):
        reason = borderline_reason(seen.method, row, "density", language)
        assert reason.startswith(words)
        assert reason in explain(row, seen.method, language=language).fails
        by_bound = row["lq_shrunk_low"] is not None and row["lq_shrunk_low"] > rule.lower_bound
        assert (("límite inferior" in reason) or ("lower bound" in reason)) == by_bound
