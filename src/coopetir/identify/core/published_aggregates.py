"""What do official aggregates alone say about the nine families of Cali and the strongest industries nobody chose?

The demo's honest half: jobs of 2022 (CIIU Rev. 4) for density, 2012–2017 (Rev. 3) for growth, at department
level, under the Method ``coop-1-encuesta`` (:mod:`survey_rule`). No firm, real or invented, feeds it.
``LQ = (x_rf / x_r) / (x_f / x)`` with x_r and x all jobs of the department and the country, codes outside
CIIU included. A family counts every class its definition lists, also the few that serve the local
population (the Method for registries leaves those out: here the family would lose its core, e.g. hospitals);
the quotient of its traded part is shown beside it and a caveat says when the light would change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from coopetir.identify.core import survey_words as words
from coopetir.identify.core.random_families import Draws, draw_families
from coopetir.identify.core.survey_growth import SurveyGrowth, family_growth
from coopetir.identify.core.survey_rule import (
    Criterion,
    Measure,
    Standing,
    SurveyMethod,
    density_grade,
    growth_grade,
    standing,
)
from coopetir.identify.core.survey_tables import LEVEL_YEAR, SOURCES, Family, SurveyTables, survey_tables
from coopetir.identify.core.tradability import local_industry

CHAMBER_DEPARTMENT = "76"
LEVEL, GROWTH = str(LEVEL_YEAR), "2012–2017"
UNCHOSEN_ROWS = 3
FEW_PEOPLE = 100_000  # nine departments; the survey of 2017 found two to nine times as many people there


@dataclass(frozen=True)
class FamilyView:
    """A family's lights, figures and sentences in one department.

    ``chosen_in``: the year the chamber chose it, None if it did not or the department is not the chamber's.
    ``rank``, ``of``: place among the traded groups nobody chose (only for those). ``random_lq`` and
    ``random_best``: share of random families of ``size`` classes whose quotient, or best class, is as high.
    """

    id: str
    name: dict[str, str]
    classes: tuple[str, ...]
    size: int
    chosen_in: int | None
    jobs: float
    lq: float | None
    lq_traded: float | None
    local_share: float | None
    noise_share: float | None
    best_class: str | None
    best_title: dict[str, str]
    best_lq: float | None
    random_lq: float | None
    random_best: float | None
    rank: int | None
    of: int | None
    growth: SurveyGrowth
    criteria: tuple[Criterion, ...]
    standing: Standing
    sentences: dict[str, tuple[str, str, str]]
    method: SurveyMethod

    def criterion(self, name: str) -> Criterion:
        """One of ``density growth technology market``."""
        return next(criterion for criterion in self.criteria if criterion.name == name)

    def verdict_under(self, lq_threshold: float) -> Standing:
        """What the lights add up to if specialisation had to reach ``lq_threshold`` (borderline from 5/6 of it)."""
        density = self.criterion("density")
        grade = density.grade
        if density.evaluable and self.lq is not None:
            grade = density_grade(self.lq, lq_threshold, self.method)
        return standing((grade, *(criterion.grade for criterion in self.criteria[1:])))

    def flat(self) -> dict[str, Any]:
        """One row for a table or a download: figures and grades, no sentences."""
        grades = {criterion.name: criterion.grade for criterion in self.criteria}
        trend = self.growth.trends.get("equal")
        return {
            "id": self.id, "name": self.name["es"], "chosen_in": self.chosen_in, "classes": self.size,
            "jobs": self.jobs, "lq": self.lq, "lq_traded": self.lq_traded, "local_share": self.local_share,
            "noise_share": self.noise_share, "best_class": self.best_class, "best_lq": self.best_lq,
            "random_lq": self.random_lq, "random_best": self.random_best,
            "slope": trend and trend.slope, "se": trend and trend.se, "z": trend and trend.z,
            "national_slope": self.growth.national_slope, "one_to_one": self.growth.one_to_one,
            **grades, "met": self.standing.met, "evaluable": self.standing.evaluable,
            "partial": self.standing.partial, "verdict": self.standing.verdict,
        }  # fmt: skip


@dataclass(frozen=True)
class DepartmentView:
    """The home page's data: families and unchosen industries of a department, ready to draw."""

    code: str
    name: str
    families: tuple[FamilyView, ...]
    unchosen: tuple[FamilyView, ...]
    classes: pl.DataFrame
    totals: dict[str, float]
    method: SurveyMethod
    sources: tuple[str, ...]
    years: dict[str, str]

    @property
    def caveats(self) -> tuple[str, ...]:
        """Codes of ``survey_words.CAVEATS`` that hold for the whole department."""
        return ("few_people",) if self.totals["jobs"] < FEW_PEOPLE else ()

    def table(self) -> pl.DataFrame:
        """Families, then unchosen groups, one row each (columns of :meth:`FamilyView.flat`)."""
        return pl.DataFrame(
            [view.flat() for view in (*self.families, *self.unchosen)], infer_schema_length=None
        )

    def agreement(self) -> dict[str, tuple[str, ...]]:
        """Where the data that can be graded and the chamber's choice agree: family ids under four heads.

        ``chosen_meets``, ``chosen_borderline``, ``chosen_fails``, ``unchosen_meets``, ``not_gradable``;
        empty outside the chamber's department.
        """
        heads: dict[str, list[str]] = {
            "chosen_meets": [], "chosen_borderline": [], "chosen_fails": [], "unchosen_meets": [], "not_gradable": [],
        }  # fmt: skip
        names = {"meets_evaluable": "meets", "borderline_evaluable": "borderline", "fails_evaluable": "fails"}
        for view in self.families + self.unchosen if self.code == CHAMBER_DEPARTMENT else ():
            ending = names.get(view.standing.partial)
            chosen = "chosen" if view.chosen_in else "unchosen"
            head = f"{chosen}_{ending}" if ending else "not_gradable"
            if head in heads:
                heads[head].append(view.id)
        return {head: tuple(ids) for head, ids in heads.items()}


def department_view(
    code: str,
    rng: np.random.Generator,
    *,
    method: SurveyMethod | None = None,
    tables: SurveyTables | None = None,
    families: Sequence[Family] | None = None,
) -> DepartmentView:
    """The families of Cali and the three strongest industries outside them, in department ``code``.

    :param rng: draws the random families; the same seed gives the same shares.
    :param families: other families than the shipped nine.
    :raises DepartmentUnknown: naming the codes there are.
    """
    method, tables = method or SurveyMethod(), tables or survey_tables()
    name = tables.department_name(code)
    judge = _Judge(code, tables, method, rng)
    given = tables.families if families is None else tuple(families)
    outside, groups = unchosen_groups(judge.classes, given, tables, method)
    return DepartmentView(
        code=code,
        name=name,
        families=tuple(judge.view(family) for family in given),
        unchosen=tuple(judge.view(group, rank, groups) for rank, group in enumerate(outside, start=1)),
        classes=judge.classes,
        totals=judge.totals,
        method=method,
        sources=SOURCES,
        years={"level": LEVEL, "growth": GROWTH},
    )


def class_table(tables: SurveyTables, department: str) -> pl.DataFrame:
    """Every class with jobs in the country, seen from one department.

    Columns: industry, title_es, title_en, jobs (people, 0 = the survey found nobody), national_jobs, lq,
    noise (1 to 99 people), local, income and schooling (means per person, null = nobody found).
    """
    level = tables.level
    nation = level.filter("listed").group_by("industry").agg(national_jobs=pl.col("jobs").sum())
    here = level.filter(pl.col("department") == department)
    scale = float(level["jobs"].sum()) / float(here["jobs"].sum())
    return (
        nation.filter(pl.col("national_jobs") > 0)
        .join(here.select("industry", "jobs", "income", "schooling"), on="industry", how="left")
        .with_columns(income=pl.col("income") / pl.col("jobs"), jobs=pl.col("jobs").fill_null(0.0))
        .join(tables.titles.select("title_es", "title_en", industry="code"), on="industry", how="left")
        .with_columns(
            local_industry("industry"),
            lq=pl.col("jobs") / pl.col("national_jobs") * scale,
            noise=(pl.col("jobs") > 0) & (pl.col("jobs") < SurveyMethod().noise_people),
        )
        .sort("industry")
    )


def unchosen_groups(
    classes: pl.DataFrame, families: Sequence[Family], tables: SurveyTables, method: SurveyMethod
) -> tuple[tuple[Family, ...], int]:
    """The three groups (3 digits) with the highest LQ among traded classes outside every family.

    A group counts only its traded classes that no family lists, and needs ``minimum_people``. Also returns
    how many groups were ranked.
    """
    taken = {code for family in families for code in family.classes}
    ranked = (
        classes.filter(~pl.col("local") & ~pl.col("industry").is_in(list(taken)))
        .group_by(group=pl.col("industry").str.slice(0, 3))
        .agg(pl.col("jobs").sum(), pl.col("national_jobs").sum(), members=pl.col("industry").sort())
        .filter(pl.col("jobs") >= method.minimum_people)
        .sort(-pl.col("jobs") / pl.col("national_jobs"), pl.col("group"))
    )
    top = ranked.head(UNCHOSEN_ROWS)
    rows = zip(top["group"], top["members"].to_list(), strict=True)
    return tuple(Family(group, tables.title(group), tuple(members)) for group, members in rows), ranked.height


class _Judge:
    """Judges families of one department; draws random families once per size."""

    def __init__(
        self, code: str, tables: SurveyTables, method: SurveyMethod, rng: np.random.Generator
    ) -> None:
        self.code, self.tables, self.method, self.rng = code, tables, method, rng
        self.classes = class_table(tables, code)
        level = tables.level
        here = level.filter(pl.col("department") == code)
        self.totals = {
            "jobs": float(here["jobs"].sum()),
            "national_jobs": float(level["jobs"].sum()),
            "unclassified_jobs": float(here.filter(~pl.col("listed"))["jobs"].sum()),
        }
        self.scale = self.totals["national_jobs"] / self.totals["jobs"]
        self.drawn: dict[int, Draws] = {}

    def view(self, family: Family, rank: int | None = None, of: int | None = None) -> FamilyView:
        rows = self.classes.filter(pl.col("industry").is_in(list(family.classes)))
        jobs, national = float(rows["jobs"].sum()), float(rows["national_jobs"].sum())
        lq = jobs / national * self.scale if national > 0 else None
        traded = rows.filter(~pl.col("local"))
        lq_traded = self._lq(traded)
        noise = float(rows.filter("noise")["jobs"].sum()) / jobs if jobs > 0 else None
        best = rows.filter(pl.col("jobs") >= self.method.minimum_people).sort("lq", descending=True).head(1)
        best_lq = float(best["lq"][0]) if best.height else None
        as_dense, as_best = (None, None)
        if lq is not None:
            as_dense, as_best = self._draws(rows.height).share_at_least(lq, best_lq)
        growth = family_growth(self.tables, self.code, family.classes, noise_people=self.method.noise_people)
        criteria = (
            self._density(jobs, lq, lq_traded, noise),
            _growth(growth, self.method),
            _technology(rows, self.classes),
            Criterion("market", None, "no_trade_data"),
        )
        summary = standing(tuple(criterion.grade for criterion in criteria))
        return FamilyView(
            id=family.id,
            name=self._name(family),
            classes=family.classes,
            size=rows.height,
            chosen_in=family.chosen_in if self.code == CHAMBER_DEPARTMENT else None,
            jobs=jobs,
            lq=lq,
            lq_traded=lq_traded,
            local_share=1 - float(traded["jobs"].sum()) / jobs if jobs > 0 else None,
            noise_share=noise,
            best_class=str(best["industry"][0]) if best.height else None,
            best_title=self._title(str(best["industry"][0])) if best.height else {"es": "", "en": ""},
            best_lq=best_lq,
            random_lq=as_dense,
            random_best=as_best,
            rank=rank,
            of=of,
            growth=growth,
            criteria=criteria,
            standing=summary,
            sentences=_sentences(
                jobs, lq, as_dense if rank is None else None, rows.height, growth, criteria, summary
            ),
            method=self.method,
        )

    def _lq(self, rows: pl.DataFrame) -> float | None:
        national = float(rows["national_jobs"].sum())
        return float(rows["jobs"].sum()) / national * self.scale if national > 0 else None

    def _draws(self, size: int) -> Draws:
        if size not in self.drawn:
            self.drawn[size] = draw_families(
                self.classes["jobs"].to_numpy(),
                self.classes["national_jobs"].to_numpy(),
                size=size,
                scale=self.scale,
                minimum_people=self.method.minimum_people,
                draws=self.method.draws,
                rng=self.rng,
            )
        return self.drawn[size]

    def _title(self, code: str) -> dict[str, str]:
        return {language: self.tables.title(code, language) for language in ("es", "en")}

    def _name(self, family: Family) -> dict[str, str]:
        return self._title(family.id) if family.id.isdigit() else {"es": family.name, "en": family.name}

    def _density(
        self, jobs: float, lq: float | None, lq_traded: float | None, noise: float | None
    ) -> Criterion:
        method = self.method
        measures = (
            Measure("lq_jobs", lq, "ratio", LEVEL, method.lq),
            Measure("lq_jobs_traded", lq_traded, "ratio", LEVEL),
            Measure("jobs", jobs, "people", LEVEL),
            Measure("noise_share", noise, "share", LEVEL, method.noise_share),
            Measure("firms", None, "firms", LEVEL),
            Measure("largest_firm_share", None, "share", LEVEL),
        )
        caveats = ["firms_unknown", "survey_estimate"]
        if lq is None:
            return Criterion("density", None, "no_data", tuple(caveats), measures)
        if jobs < method.noise_people or (noise or 0.0) > method.noise_share:
            return Criterion("density", None, "survey_noise", tuple(caveats), measures)
        grade = density_grade(lq, method.lq, method)
        if noise:
            caveats.append("noisy_cells")
        if lq_traded is not None and density_grade(lq_traded, method.lq, method) != grade:
            caveats.append("local_classes")
        return Criterion("density", grade, "", tuple(caveats), measures)


def _growth(growth: SurveyGrowth, method: SurveyMethod) -> Criterion:
    grade, why = growth_grade(growth, method)
    trend = growth.trends.get("equal")
    caveats = ["fitted_error"] if trend else []
    if growth.one_to_one is not None and growth.one_to_one < 0.5:
        caveats.append("split_classes")
    measures = (
        Measure("slope", trend.slope if trend else None, "log points a year", GROWTH, growth.national_slope),
        Measure("slope_se", trend.se if trend else None, "log points a year", GROWTH),
        Measure("z", trend.z if trend else None, "standard errors", GROWTH, method.growth_z),
        Measure("one_to_one_share", growth.one_to_one, "share", GROWTH),
        *(Measure(f"slope_{basket}", other.slope, "log points a year", GROWTH)
          for basket, other in growth.trends.items() if basket != "equal"),
    )  # fmt: skip
    return Criterion("growth", grade, why, tuple(caveats), measures)


def _technology(rows: pl.DataFrame, everything: pl.DataFrame) -> Criterion:
    return Criterion("technology", None, "no_firm_technology", ("survey_estimate",), (
        Measure("schooling", _mean(rows, "schooling"), "years", LEVEL),
        Measure("schooling_department", _mean(everything, "schooling"), "years", LEVEL),
        Measure("income", _mean(rows, "income"), "COP a month", LEVEL),
        Measure("income_department", _mean(everything, "income"), "COP a month", LEVEL),
    ))  # fmt: skip


def _mean(rows: pl.DataFrame, column: str) -> float | None:
    known = rows.filter(pl.col(column).is_not_null() & (pl.col("jobs") > 0))
    total = float(known["jobs"].sum())
    return float((known[column] * known["jobs"]).sum()) / total if total > 0 else None


def _sentences(
    jobs: float, lq: float | None, luck: float | None, size: int,
    growth: SurveyGrowth, criteria: Sequence[Criterion], summary: Standing,
) -> dict[str, tuple[str, str, str]]:  # fmt: skip
    density, trend = criteria[0], growth.trends.get("equal")
    slope, se = (trend.slope, trend.se) if trend else (None, None)
    holds = lq if density.evaluable else None
    return {
        language: (
            words.density_sentence(lq, jobs, density.reason, luck, size, language),
            words.growth_sentence(
                slope,
                se,
                growth.national_slope,
                growth.one_to_one,
                criteria[1].grade,
                criteria[1].reason,
                language,
            ),
            words.missing_sentence(summary.met, summary.evaluable, holds, language),
        )
        for language in ("es", "en")
    }


def to_json(view: DepartmentView) -> dict[str, Any]:
    """The view as plain values for a page or ``--json``: everything except the table of classes."""
    plain = {key: value for key, value in vars(view).items() if key != "classes"}
    plain["families"] = [asdict(family) for family in view.families]
    plain["unchosen"] = [asdict(family) for family in view.unchosen]
    plain["method"] = asdict(view.method)
    plain["agreement"] = view.agreement()
    return plain
