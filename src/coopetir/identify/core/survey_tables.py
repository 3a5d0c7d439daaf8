"""What do the official aggregates shipped with the product say, read once and checked?

Two tables of DANE's household survey GEIH, both estimates of employed people by department and class:
``empleo_dpto_ciiu4_2022.csv`` (CIIU Rev. 4 A.C., 2022) and ``empleo_dpto_ciiu3_2012_2017.csv`` (CIIU
Rev. 3 A.C., 2012–2017, no San Andrés). The two are never put on one line: different years, different
classifications, and the first counts only people with known income.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.errors import CoopetirError

LEVEL_YEAR = 2022
SOURCES = (
    "DANE, GEIH 2022: ocupados por departamento y clase CIIU Rev. 4 A.C.",
    "DANE, GEIH 2012–2017: ocupados por departamento y clase CIIU Rev. 3 A.C.",
    "DANE, correlativa CIIU Rev. 3 A.C. a Rev. 4 A.C.",
    "Plataforma Clúster, Cámara de Comercio de Cali: nueve clústeres de 2014 a 2020 (clases CIIU: Coopetir)",
)


class DepartmentUnknown(CoopetirError):
    code = "survey.department_unknown"
    es = "No hay datos del departamento «{code}». Use un código DIVIPOLA de dos dígitos: {known}."
    en = "There are no data for department “{code}”. Use a two-digit DIVIPOLA code: {known}."


@dataclass(frozen=True)
class Family:
    """A group of CIIU Rev. 4 classes judged together; ``chosen_in`` is the year a chamber chose it, or None."""

    id: str
    name: str
    classes: tuple[str, ...]
    chosen_in: int | None = None


@dataclass(frozen=True)
class SurveyTables:
    """The shipped aggregates.

    ``level``: department, industry (Rev. 4 class, also codes outside the list), jobs, income, schooling,
    listed. ``history``: year, department, industry (Rev. 3 class), jobs. ``links``: rev3, rev4 (2012
    codes), targets. ``splits``: old, new (Rev. 4 codes divided after 2012). ``titles``: code, level,
    title_es, title_en. ``departments``: department, name. Jobs are people; income is COP a month.
    """

    level: pl.DataFrame
    history: pl.DataFrame
    links: pl.DataFrame
    splits: pl.DataFrame
    titles: pl.DataFrame
    departments: pl.DataFrame
    families: tuple[Family, ...]

    def department_name(self, code: str) -> str:
        """:raises DepartmentUnknown:"""
        names: dict[str, str] = dict(self.departments.iter_rows())
        known = sorted(self.level["department"].unique())
        if code not in known:
            raise DepartmentUnknown(code=code, known=", ".join(known))
        return names.get(code, code)

    def title(self, code: str, language: str = "es") -> str:
        """The title of a Rev. 4 section, division, group or class; English falls back to Spanish."""
        row = self.titles.filter(pl.col("code") == code)
        if row.is_empty():
            return code
        spanish, english = row["title_es"][0], row["title_en"][0]
        return str(english or spanish) if language.startswith("en") else str(spanish)


@cache
def survey_tables() -> SurveyTables:
    """The shipped tables in the shape this analysis needs, joined on first use, then kept."""
    titles = catalogues.industries("4")
    classes = titles.filter(pl.col("level") == "class")["code"]
    level = catalogues.employment_rev4().select(
        "department", "industry", "jobs", income="income_mass_cop", schooling="schooling_years"
    )
    changes = catalogues.vintage_changes().select(old="code_2012", new="code_current")
    return SurveyTables(
        level=level.with_columns(listed=pl.col("industry").is_in(classes.implode())),
        history=catalogues.employment_rev3().select("year", "department", "industry", "jobs"),
        links=catalogues.revision_correspondence().select("rev3", "rev4", targets=pl.len().over("rev3")),
        splits=changes.drop_nulls(),
        titles=titles.select("code", "level", title_es="title", title_en="title_en"),
        departments=catalogues.departments().select("department", "name"),
        families=_families(),
    )


def _families() -> tuple[Family, ...]:
    return tuple(
        Family(str(key[0]), rows["cluster"][0], tuple(rows["industry"]), int(rows["start_year"][0]))
        for key, rows in catalogues.families().group_by("family", maintain_order=True)
    )
