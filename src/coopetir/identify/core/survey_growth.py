"""Did a family's jobs grow faster than the country's between 2012 and 2017, and does the answer hang on the conversion?

Families are sets of CIIU Rev. 4 classes; the survey of 2012–2017 speaks Rev. 3, and the correspondence is
many to many. A Rev. 3 class sends an explicit share of its jobs to each of its targets; the shares of one
class sum to 1 and are the same every year and everywhere, so the series is a fixed basket of Rev. 3 classes.
Three baskets are computed, and the grade is given only as far as they agree:

- ``equal``: every target gets 1 / (number of targets). The series shown.
- ``jobs``: targets get shares in proportion to their jobs in the country in 2022 divided by the number of
  their Rev. 3 sources.
- ``whole``: only Rev. 3 classes whose targets all lie in the family; nothing is split.

Trend: least squares slope b of ln(jobs + 0.5) on the year, its standard error (4 degrees of freedom), and
z = (b - g) / se with g the slope of all jobs of the country in the same table (identify.md §4 and §7.1).
The error is that of the fit; the survey's own sampling error is not published with the table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coopetir.identify.core.growth import growth_z, log_trend
from coopetir.identify.core.survey_tables import SurveyTables

BASKETS = ("equal", "jobs", "whole")


@dataclass(frozen=True)
class Trend:
    """A slope per year of ln(jobs + 0.5), its standard error, and how far above the country it is."""

    slope: float
    se: float
    z: float


@dataclass(frozen=True)
class SurveyGrowth:
    """Growth of a family in a department within CIIU Rev. 3.

    ``jobs``: people per year (basket ``equal``); ``trends``: basket → trend, for the baskets with jobs every
    year; ``one_to_one``: share of those jobs from Rev. 3 classes with a single target; ``whole``: share from
    classes that lie wholly in the family; ``reason``: why there is no trend, or "".
    """

    years: tuple[int, ...]
    jobs: tuple[float, ...]
    trends: dict[str, Trend]
    national_slope: float
    one_to_one: float | None
    whole: float | None
    reason: str = ""


def family_growth(
    tables: SurveyTables, department: str, classes: Collection[str], *, noise_people: float = 100.0
) -> SurveyGrowth:
    """Growth 2012–2017 of the jobs in ``classes`` (Rev. 4) in ``department``.

    Reasons: ``not_surveyed`` (the department is not in the table), ``no_correspondence`` (no Rev. 3 class
    leads to the family), ``survey_noise`` (under ``noise_people`` people in some year).
    """
    years = tuple(int(year) for year in sorted(tables.history["year"].unique()))
    national = _yearly(tables.history, years)
    slope = float(log_trend(national, years).slope[0])
    here = tables.history.filter(pl.col("department") == department)
    if here.is_empty():
        return SurveyGrowth(years, (), {}, slope, None, None, "not_surveyed")
    shares = {basket: basket_shares(tables, classes, basket) for basket in BASKETS}
    if shares["equal"].is_empty():
        return SurveyGrowth(years, (), {}, slope, None, None, "no_correspondence")
    series = {basket: _yearly(_weighted(here, shares[basket]), years) for basket in BASKETS}
    jobs = tuple(float(value) for value in series["equal"])
    one_to_one, whole = _certain(here, shares["equal"])
    if min(jobs) < noise_people:
        return SurveyGrowth(years, jobs, {}, slope, one_to_one, whole, "survey_noise")
    kept = {basket: values for basket, values in series.items() if min(values) >= noise_people}
    trends = {basket: _trend(years, values, slope) for basket, values in kept.items()}
    return SurveyGrowth(years, jobs, trends, slope, one_to_one, whole)


def basket_shares(tables: SurveyTables, classes: Collection[str], basket: str) -> pl.DataFrame:
    """The share of each Rev. 3 class that goes to the family.

    Columns: ``industry`` (Rev. 3), ``share`` in (0, 1], ``targets`` (Rev. 4 classes it leads to).
    """
    inside = pl.DataFrame(
        _inside(tables, classes), schema={"rev4": pl.String, "part": pl.Float64}, orient="row"
    )
    shares = (
        linked_classes(tables, basket)
        .join(inside, on="rev4", how="inner")
        .group_by("rev3")
        .agg(share=(pl.col("weight") * pl.col("part")).sum(), targets=pl.col("targets").first())
        .filter(pl.col("share") > 0)
        .rename({"rev3": "industry"})
        .sort("industry")
    )
    return shares.filter(pl.col("share") > 1 - 1e-9) if basket == "whole" else shares


def linked_classes(tables: SurveyTables, basket: str = "equal") -> pl.DataFrame:
    """The correspondence with its weights: rev3, rev4 (2012 codes), targets, weight (sums to 1 per rev3)."""
    links = tables.links.with_columns(weight=1.0 / pl.col("targets"))
    return _by_jobs(tables, links) if basket == "jobs" else links


def _inside(tables: SurveyTables, classes: Collection[str]) -> list[tuple[str, float]]:
    """Rev. 4 codes of 2012 in the family; a code divided since then counts by the share of its heirs."""
    chosen = set(classes)
    heirs: dict[str, list[str]] = {}
    for old, new in tables.splits.iter_rows():
        heirs.setdefault(old, []).append(new)
    parts = dict.fromkeys(chosen, 1.0)
    for old, new in heirs.items():
        if old not in chosen and chosen.intersection(new):
            parts[old] = len(chosen.intersection(new)) / len(new)
    return list(parts.items())


def _by_jobs(tables: SurveyTables, links: pl.DataFrame) -> pl.DataFrame:
    old = {new: old for old, new in tables.splits.iter_rows()}
    nation = (
        tables.level.with_columns(rev4=pl.col("industry").replace(old))
        .group_by("rev4")
        .agg(size=pl.col("jobs").sum())
    )
    sized = links.join(nation, on="rev4", how="left").with_columns(
        size=pl.col("size").fill_null(0.0) / pl.len().over("rev4")
    )
    total = pl.col("size").sum().over("rev3")
    return sized.with_columns(
        weight=pl.when(total > 0).then(pl.col("size") / total).otherwise(pl.col("weight"))
    ).drop("size")


def _weighted(here: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    return here.join(shares, on="industry", how="inner").with_columns(jobs=pl.col("jobs") * pl.col("share"))


def _yearly(frame: pl.DataFrame, years: tuple[int, ...]) -> NDArray[np.float64]:
    sums = dict(frame.group_by("year").agg(pl.col("jobs").sum()).iter_rows())
    return np.array([sums.get(year, 0.0) for year in years])


def _certain(here: pl.DataFrame, shares: pl.DataFrame) -> tuple[float | None, float | None]:
    rows = _weighted(here, shares)
    total = float(rows["jobs"].sum())
    if total <= 0:
        return None, None
    one = float(rows.filter(pl.col("targets") == 1)["jobs"].sum())
    whole = float(rows.filter(pl.col("share") > 1 - 1e-9)["jobs"].sum())
    return one / total, whole / total


def _trend(years: tuple[int, ...], jobs: NDArray[np.float64], national: float) -> Trend:
    found = log_trend(jobs, years)
    return Trend(float(found.slope[0]), float(found.se[0]), float(growth_z(found, national)[0]))
