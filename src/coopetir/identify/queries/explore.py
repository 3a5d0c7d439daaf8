"""What do the public aggregates say, ready for pages? Each department is computed once per process.

The tables are shipped and never change while the product runs, so a cache needs no invalidation; there are
33 departments and three levels of the classification, so it is bounded. No database is asked.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from coopetir.identify.core.published_aggregates import CHAMBER_DEPARTMENT, DepartmentView, department_view
from coopetir.identify.core.survey_explore import compare_departments, quadrant
from coopetir.identify.core.survey_rule import SurveyMethod
from coopetir.identify.core.survey_tables import Family, survey_tables

SEED = 20261122
"""Of the random families: the same page shows the same shares today and tomorrow."""

HOME_DEPARTMENT = CHAMBER_DEPARTMENT


@cache
def department_answers(code: str) -> DepartmentView:
    """The nine families and the three strongest industries outside them, under the shipped Method.

    :raises DepartmentUnknown:
    """
    return department_view(code, np.random.default_rng(SEED))


@cache
def department_choices() -> tuple[tuple[str, str], ...]:
    """Departments with data: (code, name), by name."""
    tables = survey_tables()
    known = tables.level["department"].unique().to_list()
    rows = tables.departments.filter(pl.col("department").is_in(known)).select("department", "name")
    return tuple(sorted(rows.iter_rows(), key=lambda row: row[1]))


@cache
def industry_rows(code: str, digits: int) -> pl.DataFrame:
    """Every industry of a department at 2, 3 or 4 digits with level, growth and quadrant (see ``quadrant``).

    :raises DepartmentUnknown:
    """
    return quadrant(code, digits=digits)


@cache
def families_everywhere() -> pl.DataFrame:
    """Every department beside every family (columns of ``compare_departments``)."""
    return compare_departments()


@cache
def industry_everywhere(industry: str) -> pl.DataFrame:
    """One industry (2, 3 or 4 digits) in every department: department, name, jobs, lq, noise.

    Jobs 0 means the survey found nobody; LQ is then 0 too. Columns suit the map.
    """
    tables = survey_tables()
    level = tables.level
    total = level.group_by("department").agg(total_jobs=pl.col("jobs").sum())
    rows = level.filter("listed" if industry else False).filter(pl.col("industry").str.starts_with(industry))
    share = float(rows["jobs"].sum()) / float(level["jobs"].sum())
    here = rows.group_by("department").agg(pl.col("jobs").sum())
    noise = SurveyMethod().noise_people
    return (
        total.join(here, on="department", how="left")
        .with_columns(pl.col("jobs").fill_null(0.0))
        .with_columns(
            lq=pl.when(share > 0).then(pl.col("jobs") / pl.col("total_jobs") / (share or 1.0)),
            noise=(pl.col("jobs") > 0) & (pl.col("jobs") < noise),
        )
        .join(tables.departments, on="department", how="left")
        .select("department", "name", "jobs", "lq", "noise")
        .sort("department")
    )


def family_list() -> tuple[Family, ...]:
    """The shipped families, in the order in which the chamber chose them."""
    return survey_tables().families
