"""The measures behind a grade and what a verdict hangs on, ready for a page."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1
from typing import Any

import polars as pl

from coopetir.foundation.core import catalogues, engines, formats, industries
from coopetir.identify.core.editions import FROM_JOBS, LARGEST_FIRM
from coopetir.identify.core.firms import firms_of
from coopetir.identify.core.wording import CRITERION_NAMES, MEASURE_WORDS
from coopetir.identify.models import Verdict
from coopetir.identify.queries.results import registry_paths, result_table
from coopetir.identify.queries.screenings import CRITERIA, Shown

SHARES = {"top_firm", "top_firm_bound", "top_firm_weighted", "imputed_share"}
RATES = {"slope", "slope_se", "national_slope"}
WHOLE = {"firms", "jobs", "jobs_needed", "regional_term", "entry_exit"}
SIGNS = {">=": "≥", "<=": "≤", ">": ">", None: ""}


@dataclass(frozen=True)
class Measure:
    """One measure of a criterion, formatted for the reader; ``text`` is "protegido" or "sin dato" in words."""

    name: str
    label: str
    text: str
    threshold: str
    meets: bool | None
    decides: bool
    protected: bool
    imputed: float


@dataclass(frozen=True)
class Criterion:
    """One criterion: its grade and its measures, those that decide first."""

    name: str
    label: str
    grade: int | None
    measures: list[Measure]


def criteria(shown: Shown, language: str) -> list[Criterion]:
    """The four criteria in order."""
    return [criterion(shown, name, language) for name in CRITERIA]


def criterion(shown: Shown, name: str, language: str) -> Criterion:
    """One criterion with every measure behind it, in the reader's edition. Unknown names give no measures."""
    language = "en" if language.startswith("en") else "es"
    rows = [row for row in shown.verdict.detail["criteria"] if row["criterion"] == name]
    measures = [_measure(shown, row, language) for row in rows]
    label = CRITERION_NAMES[language].get(name, name)
    return Criterion(
        name, label, getattr(shown.verdict, name, None), sorted(measures, key=lambda row: not row.decides)
    )


def _measure(shown: Shown, row: dict[str, Any], language: str) -> Measure:
    name = row["measure"]
    hidden = not shown.internal and (name in LARGEST_FIRM or (not shown.safe and name in FROM_JOBS))
    value = shown.row.get(name, row["value"])
    return Measure(
        name=name,
        label=MEASURE_WORDS[language].get(name, name),
        text="·" if hidden else figure(name, value, language),
        threshold=""
        if row["threshold"] is None
        else f"{SIGNS[row['comparison']]} {figure(name, row['threshold'], language)}",
        meets=None if hidden else row["meets"],
        decides=row["decides"],
        protected=hidden,
        imputed=row["imputed_share"] or 0.0,
    )


def figure(name: str, value: float | None, language: str) -> str:
    """A measure as people read it: shares and growth in per cent, counts whole, quotients with two decimals."""
    if name in SHARES:
        return formats.percent(value, 0, language)
    if name in RATES:
        return formats.percent(None if value is None else expm1(value), 1, language)
    whole = name in WHOLE or name.endswith("percentile")
    return formats.number(value, 0 if whole else 2, language)


def rows_behind(verdict: Verdict, language: str) -> dict[str, list[dict[str, str]]]:
    """**Reserved.** The cells a verdict is made of: the family by year, and its industries in the last year."""
    screening = verdict.screening
    members = result_table(screening, "industries").filter(pl.col("family") == verdict.family)["industry"]
    cells = result_table(screening, "cells").filter(
        (pl.col("region") == verdict.region) & pl.col("industry").is_in(members.implode())
    )
    counts = [pl.col("firms").sum() if "firms" in cells.columns else pl.lit(None).alias("firms")]
    known = pl.when(pl.col("employees").null_count() == 0).then(pl.col("employees").sum()).alias("employees")
    by_year = cells.group_by("year").agg(*counts, known).sort("year")
    last = cells.filter(pl.col("year") == pl.col("year").max())
    by_industry = (
        last.group_by("industry").agg(*counts, known).sort("employees", descending=True, nulls_last=True)
    )
    titles = industries.titles("4")
    return {
        "years": [_cell(str(year), firms, jobs, language) for year, firms, jobs in by_year.iter_rows()],
        "industries": [
            _cell(f"{code} {titles.get(code, '')}", firms, jobs, language)
            for code, firms, jobs in by_industry.iter_rows()
        ],
    }


def _cell(name: str, firms: float | None, jobs: float | None, language: str) -> dict[str, str]:
    return {
        "name": name,
        "firms": formats.number(firms, 0, language),
        "jobs": formats.number(jobs, 0, language),
    }


def leave_one_out(verdict: Verdict, language: str) -> list[dict[str, Any]]:
    """**Reserved.** The verdict without each industry, municipality and firm, as tables for a page."""
    tables = [{"by": "industry", "rows": _industries(verdict, language)}]
    if not registry_paths(verdict.screening):
        return tables
    places = dict(catalogues.municipalities().select("municipality", "name").iter_rows())
    for kind, names in (("municipality", places), ("firm", _firm_names(verdict))):
        rows = [_row(row, names.get(row["unit"], row["unit"]), language) for row in _units(verdict, kind)]
        tables.append({"by": kind, "rows": rows})
    return tables


def _industries(verdict: Verdict, language: str) -> list[dict[str, Any]]:
    titles = industries.titles("4", language)
    return [
        _row(row, f"{row['industry']} {titles.get(row['industry'], '')}", language)
        for row in verdict.detail["drivers"]
    ]


def _units(verdict: Verdict, kind: str) -> list[dict[str, Any]]:
    table = result_table(verdict.screening, f"drivers-{kind}")
    return table.filter(
        (pl.col("region") == verdict.region) & (pl.col("family") == verdict.family)
    ).to_dicts()


def _firm_names(verdict: Verdict) -> dict[str, str]:
    with engines.connect() as engine:
        rows = firms_of(
            engine,
            registry_paths(verdict.screening),
            result_table(verdict.screening, "industries"),
            department=verdict.region,
            year=verdict.screening.summary["years"][-1],
        )
    return dict(rows.select("firm", "name").iter_rows())


def _row(row: dict[str, Any], name: str, language: str) -> dict[str, Any]:
    return {
        "name": name,
        "jobs": formats.number(row["jobs"], 0, language),
        "share": formats.percent(row["share"], 0, language),
        "verdict": row["verdict_without"],
        "changes": row["changes"],
    }
