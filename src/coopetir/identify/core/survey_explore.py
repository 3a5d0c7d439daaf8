"""What else do the survey aggregates show: every industry of a department, its quadrant, and departments beside each other?

Levels are of 2022 (CIIU Rev. 4), growth of 2012–2017 within Rev. 3 carried to Rev. 4 by the equal basket of
:mod:`survey_growth`. A quadrant puts the two on two axes, never on one line.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from coopetir.identify.core.growth import growth_z, log_trend
from coopetir.identify.core.published_aggregates import class_table
from coopetir.identify.core.survey_growth import BASKETS, SurveyGrowth, Trend, basket_shares, linked_classes
from coopetir.identify.core.survey_rule import SurveyMethod, density_grade, growth_grade
from coopetir.identify.core.survey_tables import SurveyTables, survey_tables

QUADRANTS = ("strength", "opportunity", "risk", "neither")


def industry_table(
    department: str,
    *,
    digits: int = 2,
    tables: SurveyTables | None = None,
    method: SurveyMethod | None = None,
) -> pl.DataFrame:
    """The industries of a department at 2 (division), 3 (group) or 4 digits (class), most specialised first.

    Columns: industry, title_es, title_en, jobs, national_jobs (people, 2022), share (of the department's
    jobs), lq, noise (1 to 99 people), local_share (of its jobs, in classes serving the local population),
    family (ids of the families that list one of its classes, comma separated, "" if none), schooling (years),
    income (COP a month a person). Codes outside CIIU are in the totals, not in the rows.

    :raises DepartmentUnknown:
    """
    tables, method = tables or survey_tables(), method or SurveyMethod()
    tables.department_name(department)
    here = tables.level.filter(pl.col("department") == department)
    total, nation = float(here["jobs"].sum()), float(tables.level["jobs"].sum())
    listed = pl.DataFrame(
        [(code, family.id) for family in tables.families for code in family.classes],
        schema={"industry": pl.String, "family": pl.String},
        orient="row",
    )
    families = listed.group_by(code=pl.col("industry").str.slice(0, digits)).agg(
        family=pl.col("family").unique(maintain_order=True).str.join(",")
    )
    known = pl.col("schooling").is_not_null()
    people = pl.col("jobs")
    rows = (
        class_table(tables, department)
        .group_by(code=pl.col("industry").str.slice(0, digits))
        .agg(
            jobs=people.sum(),
            national_jobs=pl.col("national_jobs").sum(),
            local_share=people.filter(pl.col("local")).sum() / people.sum(),
            schooling=(pl.col("schooling") * people).filter(known).sum() / people.filter(known).sum(),
            income=(pl.col("income") * people).filter(known).sum() / people.filter(known).sum(),
        )
        .with_columns(
            share=people / total,
            lq=people / pl.col("national_jobs") * (nation / total),
            noise=(people > 0) & (people < method.noise_people),
        )
    )
    return (
        rows.join(tables.titles.select("code", "title_es", "title_en"), on="code", how="left")
        .join(families, on="code", how="left")
        .with_columns(pl.col("family").fill_null(""), pl.col("title_en").fill_null(pl.col("title_es")))
        .with_columns(pl.col("local_share", "schooling", "income").fill_nan(None))
        .rename({"code": "industry"})
        .select(
            "industry",
            "title_es",
            "title_en",
            "jobs",
            "national_jobs",
            "share",
            "lq",
            "noise",
            "local_share",
            "family",
            "schooling",
            "income",
        )
        .sort("lq", "industry", descending=[True, False])
    )


def quadrant(
    department: str,
    *,
    digits: int = 2,
    tables: SurveyTables | None = None,
    method: SurveyMethod | None = None,
) -> pl.DataFrame:
    """The industries of :func:`industry_table` with their growth: specialisation × growth, size = jobs.

    Adds slope, se, z (null where unknown), national_slope, growth (yearly rate), whole (share of its
    2012–2017 jobs from Rev. 3 classes that lie wholly in it), quadrant (``strength``: LQ >= 1 and faster than
    the country; ``opportunity``: LQ < 1 and faster; ``risk``: LQ >= 1, not faster; ``neither``) and reason
    (``survey_noise``, ``no_correspondence`` or ``not_surveyed`` where the quadrant is null).
    """
    tables, method = tables or survey_tables(), method or SurveyMethod()
    rows = industry_table(department, digits=digits, tables=tables, method=method)
    links = linked_classes(tables).with_columns(code=pl.col("rev4").str.slice(0, digits))
    shares = links.group_by("rev3", "code").agg(share=pl.col("weight").sum())
    grown = _growth_by_code(tables, department, shares.rename({"rev3": "industry"}), method)
    national = national_slope(tables)
    faster, dense = pl.col("slope") > national, pl.col("lq") >= 1
    quadrants = (
        pl.when(faster & dense).then(pl.lit("strength"))
        .when(faster).then(pl.lit("opportunity"))
        .when(dense).then(pl.lit("risk"))
        .otherwise(pl.lit("neither"))
    )  # fmt: skip
    surveyed = department in tables.history["department"].unique().to_list()
    noisy = pl.col("noise") | pl.col("noisy") | (pl.col("jobs") == 0)
    why = (
        pl.when(pl.col("noisy").is_null()).then(pl.lit("no_correspondence" if surveyed else "not_surveyed"))
        .when(noisy).then(pl.lit("survey_noise")).otherwise(pl.lit(""))
    )  # fmt: skip
    return (
        rows.join(grown, left_on="industry", right_on="code", how="left")
        .with_columns(national_slope=pl.lit(national), growth=pl.col("slope").exp() - 1, reason=why)
        .with_columns(quadrant=pl.when(pl.col("reason") == "").then(quadrants))
        .drop("noisy")
    )


def compare_departments(
    *, tables: SurveyTables | None = None, method: SurveyMethod | None = None
) -> pl.DataFrame:
    """Every department beside every family: department, name, total_jobs, family, jobs, lq, density (grade),
    slope, z (equal basket), growth (grade, under all baskets), growth_reason. Null grade = unknown."""
    tables, method = tables or survey_tables(), method or SurveyMethod()
    level = _family_levels(tables, method)
    grown = _family_growth(tables, method)
    graded = level.join(grown, on=["department", "family"], how="left").with_columns(
        growth_reason=pl.col("growth_reason").fill_null("not_surveyed")
    )
    density = [
        density_grade(lq, method.lq, method)
        if jobs >= method.noise_people and noise <= method.noise_share * jobs
        else None
        for lq, jobs, noise in graded.select("lq", "jobs", "noise_jobs").iter_rows()
    ]
    return graded.with_columns(pl.Series("density", density, dtype=pl.Int64)).select(
        "department", "name", "total_jobs", "family", "jobs", "lq", "density", "slope", "z", "growth",
        "growth_reason",
    ).sort("department", "family")  # fmt: skip


def national_slope(tables: SurveyTables) -> float:
    """Yearly slope of the logarithm of all jobs of the country, 2012–2017."""
    yearly = tables.history.group_by("year").agg(pl.col("jobs").sum()).sort("year")
    return float(log_trend(yearly["jobs"].to_numpy(), yearly["year"].to_numpy()).slope[0])


def _growth_by_code(
    tables: SurveyTables, department: str, shares: pl.DataFrame, method: SurveyMethod
) -> pl.DataFrame:
    """code, slope, se, z, whole, noisy; no rows where the survey does not cover the department."""
    rows = tables.history.filter(pl.col("department") == department).join(shares, on="industry", how="inner")
    rows = rows.with_columns(part=pl.col("jobs") * pl.col("share"))
    whole = rows.group_by("code").agg(
        whole=pl.col("part").filter(pl.col("share") > 1 - 1e-9).sum() / pl.col("part").sum()
    )
    codes, years, matrix = _matrix(rows, "code", tables)
    trends = log_trend(matrix, years)
    found = pl.DataFrame(
        {
            "code": pl.Series(codes, dtype=pl.String),
            "slope": trends.slope,
            "se": trends.se,
            "z": growth_z(trends, national_slope(tables)),
            "noisy": matrix.min(axis=1) < method.noise_people if codes else np.zeros(0, dtype=bool),
        }
    ).join(whole, on="code", how="left")
    quiet = pl.col("noisy")
    return found.with_columns(
        pl.when(quiet).then(None).otherwise(pl.col(name)).alias(name) for name in ("slope", "se", "z")
    )


def _matrix(
    rows: pl.DataFrame, key: str, tables: SurveyTables
) -> tuple[
    list[str], np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int, ...], np.dtype[np.float64]]
]:
    """Keys, years and the table of jobs (keys × years); a missing row is a survey that found nobody."""
    years = tables.history["year"].unique().sort()
    summed = rows.group_by(key, "year").agg(pl.col("part").sum()).sort(key)
    keys = summed[key].unique(maintain_order=True).to_list()
    matrix = np.zeros((len(keys), len(years)))
    row = {value: index for index, value in enumerate(keys)}
    column = {value: index for index, value in enumerate(years)}
    for value, year, part in summed.iter_rows():
        matrix[row[value], column[year]] = part
    return keys, years.to_numpy().astype(np.float64), matrix


def _family_levels(tables: SurveyTables, method: SurveyMethod) -> pl.DataFrame:
    level = tables.level
    total = level.group_by("department").agg(total_jobs=pl.col("jobs").sum())
    nation = float(level["jobs"].sum())
    parts = []
    for family in tables.families:
        rows = level.filter(pl.col("industry").is_in(list(family.classes)))
        share = float(rows["jobs"].sum()) / nation
        noise = pl.col("jobs").filter(pl.col("jobs") < method.noise_people).sum()
        sums = rows.group_by("department").agg(pl.col("jobs").sum(), noise_jobs=noise)
        parts.append(
            total.join(sums, on="department", how="left")
            .with_columns(pl.col("jobs", "noise_jobs").fill_null(0.0), family=pl.lit(family.id))
            .with_columns(lq=pl.col("jobs") / pl.col("total_jobs") / share)
        )
    return pl.concat(parts).join(tables.departments, on="department", how="left")


def _family_growth(tables: SurveyTables, method: SurveyMethod) -> pl.DataFrame:
    """department, family, slope, z, growth (grade), growth_reason."""
    national = national_slope(tables)
    trends: dict[tuple[str, str], dict[str, Trend]] = {}
    for basket in BASKETS:
        for department, family, trend in _basket_trends(tables, basket, national, method):
            kept = trends.setdefault((department, family), {})
            if trend is not None:
                kept[basket] = trend
    rows = []
    for (department, family), kept in trends.items():
        noise = "" if "equal" in kept else "survey_noise"
        grade, why = growth_grade(SurveyGrowth((), (), kept, national, None, None, noise), method)
        shown = kept.get("equal", Trend(math.nan, math.nan, math.nan))
        rows.append((department, family, shown.slope, shown.z, grade, why))
    names = {"department": pl.String, "family": pl.String, "slope": pl.Float64, "z": pl.Float64,
             "growth": pl.Int64, "growth_reason": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("slope", "z").fill_nan(None))


def _basket_trends(
    tables: SurveyTables, basket: str, national: float, method: SurveyMethod
) -> list[tuple[str, str, Trend | None]]:
    shares = pl.concat(
        [
            basket_shares(tables, family.classes, basket).with_columns(family=pl.lit(family.id))
            for family in tables.families
        ]
    )
    rows = tables.history.join(shares, on="industry", how="inner").with_columns(
        part=pl.col("jobs") * pl.col("share"), key=pl.col("department") + "|" + pl.col("family")
    )
    keys, years, matrix = _matrix(rows, "key", tables)
    found = log_trend(matrix, years)
    z = growth_z(found, national)
    quiet = matrix.min(axis=1) < method.noise_people
    return [
        (*key.split("|"), None if quiet[i] else Trend(float(found.slope[i]), float(found.se[i]), float(z[i])))  # type: ignore[misc]
        for i, key in enumerate(keys)
    ]
