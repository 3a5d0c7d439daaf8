"""Which rows stand behind each view of Explore? The page, its pictures and its downloads ask here alike."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from coopetir.identify.core.survey_rule import SurveyMethod
from coopetir.identify.queries import explore


def listed(department: str, digits: int, text: str, sort: str) -> pl.DataFrame:
    """Industries whose title or code answers ``text``, sorted; unknown values last in both directions.

    :param sort: a column of ``industry_rows``, with "-" before it for falling.
    :raises DepartmentUnknown:
    """
    rows = explore.industry_rows(department, digits)
    if text:
        rows = rows.filter(pl.col("industry").is_in(explore.found_industries(text, digits)))
    column, falling = sort.removeprefix("-"), sort.startswith("-")
    return rows.sort(column, "industry", descending=[falling, False], nulls_last=True)


def leading(department: str, digits: int) -> str:
    """The most specialised industry of some size (1,500 people): what a page shows when nothing was asked."""
    rows = explore.industry_rows(department, digits)
    large = rows.filter(pl.col("jobs") >= SurveyMethod().minimum_people).sort("lq", descending=True)
    return str((large if large.height else rows.sort("jobs", descending=True))["industry"][0])


def by_department(key: str) -> pl.DataFrame:
    """One industry in every department, most specialised first, noise last: adds rank (null for noise)."""
    rows = explore.industry_everywhere(key).sort("noise", "lq", descending=[False, True])
    return rows.with_row_index("rank", offset=1).with_columns(
        rank=pl.when(~pl.col("noise")).then(pl.col("rank").cast(pl.Int64))
    )


def compared(departments: Sequence[str]) -> pl.DataFrame:
    """The nine families in each department given: family, department, jobs, lq, density, slope, growth,
    growth_reason. Quotients that rest on survey noise are null.

    :raises DepartmentUnknown:
    """
    for code in departments:
        explore.industry_rows(code, 2)  # refuses what does not exist, by name
    order = pl.Enum([family.id for family in explore.family_list()])
    rows = explore.families_everywhere().filter(pl.col("department").is_in(list(departments)))
    return (
        rows.with_columns(lq=pl.when(pl.col("density").is_not_null()).then(pl.col("lq")))
        .sort(pl.col("family").cast(order), "department")
        .select("family", "department", "name", "jobs", "lq", "density", "slope", "growth", "growth_reason")
    )


def by_year(key: str, department: str) -> pl.DataFrame:
    """Jobs by year within CIIU Rev. 3: year, jobs, national_jobs, index, national_index (2012 = 100).

    No rows where the survey does not cover the department or no class corresponds.

    :raises IndustryUnknown:
    """
    growth = explore.industry_growth(key, department)
    schema = {"year": pl.Int64, "jobs": pl.Float64, "national_jobs": pl.Float64}
    if not growth.jobs:
        return pl.DataFrame(schema=schema | {"index": pl.Float64, "national_index": pl.Float64})
    frame = pl.DataFrame(
        {"year": growth.years, "jobs": growth.jobs, "national_jobs": explore.national_jobs()}, schema=schema
    )
    first = pl.col("jobs").first()
    return frame.with_columns(
        index=pl.when(first > 0).then(100 * pl.col("jobs") / first),
        national_index=100 * pl.col("national_jobs") / pl.col("national_jobs").first(),
    )
