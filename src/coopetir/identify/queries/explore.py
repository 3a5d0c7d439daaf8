"""What do the public aggregates say, ready for pages? Each department is computed once per process.

The tables are shipped and never change while the product runs, so a cache needs no invalidation; there are
33 departments and three levels of the classification, so it is bounded. No database is asked.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.search import Document, search
from coopetir.identify.core.published_aggregates import CHAMBER_DEPARTMENT, DepartmentView, department_view
from coopetir.identify.core.survey_explore import compare_departments, quadrant
from coopetir.identify.core.survey_growth import SurveyGrowth, family_growth
from coopetir.identify.core.survey_rule import SurveyMethod
from coopetir.identify.core.survey_tables import Family, survey_tables

SEED = 20261122
"""Of the random families: the same page shows the same shares today and tomorrow."""

HOME_DEPARTMENT = CHAMBER_DEPARTMENT


# Departments that take the article in Spanish: «del Valle del Cauca», but «de Antioquia».
_WITH_ARTICLE = frozenset(
    {"08", "18", "19", "20", "27", "41", "47", "50", "63", "73", "76", "86", "91", "94", "95", "97", "99"}
)


class IndustryUnknown(CoopetirError):
    code = "explore.industry_unknown"
    es = "No hay una industria ni una familia «{key}». Use un código CIIU Rev. 4 de dos a cuatro dígitos o búsquela por su nombre."
    en = "There is no industry or family “{key}”. Use a CIIU Rev. 4 code of two to four digits, or look for it by name."


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


def of_department(code: str, language: str) -> str:
    """A department's name after its preposition: «del Valle del Cauca», «de Antioquia»; English: the name.

    :raises DepartmentUnknown:
    """
    name = survey_tables().department_name(code)
    if language.startswith("en"):
        return name
    return f"{'del' if code in _WITH_ARTICLE else 'de'} {name}"


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


def classes_of(key: str) -> tuple[str, ...]:
    """The CIIU classes of a family's id, or those that begin with a code of 2 to 4 digits.

    :raises IndustryUnknown:
    """
    for family in family_list():
        if family.id == key:
            return family.classes
    level = survey_tables().level
    if key.isdecimal() and 2 <= len(key) <= 4:
        found = level.filter("listed").filter(pl.col("industry").str.starts_with(key))["industry"]
        if found.len():
            return tuple(sorted(found.unique()))
    raise IndustryUnknown(key=key[:40])


def title_of(key: str, language: str) -> str:
    """The name of a family or industry in the reader's language; the key itself when it has none."""
    names = {family.id: family.name for family in family_list()}
    return names.get(key) or survey_tables().title(key, language)


@lru_cache(maxsize=600)
def industry_everywhere(key: str) -> pl.DataFrame:
    """One industry or family in every department: department, name, jobs, lq, noise.

    Jobs 0 means the survey found nobody. ``noise``: fewer than 100 people, or most of them in classes of
    fewer than 100. Columns suit the map.

    :raises IndustryUnknown:
    """
    tables, few = survey_tables(), SurveyMethod().noise_people
    level = tables.level
    total = level.group_by("department").agg(total_jobs=pl.col("jobs").sum())
    rows = level.filter(pl.col("industry").is_in(classes_of(key)))
    share = float(rows["jobs"].sum()) / float(level["jobs"].sum())
    small = pl.col("jobs").filter(pl.col("jobs") < few).sum()
    here = rows.group_by("department").agg(pl.col("jobs").sum(), small=small)
    return (
        total.join(here, on="department", how="left")
        .with_columns(pl.col("jobs", "small").fill_null(0.0))
        .with_columns(
            lq=pl.col("jobs") / pl.col("total_jobs") / share,
            noise=(pl.col("jobs") < few) | (pl.col("small") > SurveyMethod().noise_share * pl.col("jobs")),
        )
        .join(tables.departments, on="department", how="left")
        .select("department", "name", "jobs", "lq", "noise")
        .sort("department")
    )


@lru_cache(maxsize=600)
def industry_growth(key: str, department: str) -> SurveyGrowth:
    """Jobs of an industry or family from 2012 to 2017 within CIIU Rev. 3, and how sure its trend is.

    :raises IndustryUnknown:
    """
    return family_growth(survey_tables(), department, classes_of(key))


@cache
def national_jobs() -> tuple[float, ...]:
    """All jobs of the country, 2012 to 2017."""
    yearly = survey_tables().history.group_by("year").agg(pl.col("jobs").sum()).sort("year")
    return tuple(float(value) for value in yearly["jobs"])


@cache
def _documents(digits: int) -> tuple[Document, ...]:
    titles = survey_tables().titles.filter(pl.col("code").str.len_chars() == digits)
    rows = titles.filter(pl.col("code").str.contains(r"^\d+$")).select("code", "title_es", "title_en")
    return tuple(
        Document(code, spanish, english or "", (code,)) for code, spanish, english in rows.iter_rows()
    )


def found_industries(query: str, digits: int) -> list[str]:
    """Codes of ``digits`` digits whose title holds every word of the query, best first."""
    return [document.key for document in search(query, _documents(digits))]


def family_list() -> tuple[Family, ...]:
    """The shipped families, in the order in which the chamber chose them."""
    return survey_tables().families
