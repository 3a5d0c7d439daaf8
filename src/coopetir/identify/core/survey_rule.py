"""How far can survey aggregates answer the four criteria? The Method ``coop-1-encuesta``.

A variant of ``coop-1`` (identify.md §7.1) for tables of jobs without firms:

- density: jobs LQ of one year >= 1.5 meets (2), >= 1.25 is borderline (1), else 0. The conditions on firms
  of ``coop-1`` (interval of the firm-count LQ, at least 5 firms, largest firm <= 65 %) are **unknown** and
  said to be so on every row; the grade is therefore a grade of jobs only. No interval is given, since the
  survey's sampling error is not published with the table; cells under 100 people are flagged as noise, and
  a family with under 100 people, or with most of its jobs in such cells, is not graded.
- growth: slope 2012–2017 within CIIU Rev. 3 above the country's with z >= 1 meets (2), above with z < 1 is
  borderline (1), else 0, re-decided under every basket of :mod:`survey_growth`. Baskets on both sides of
  the country's slope: unknown (``conversion_decides``). All above but not all with z >= 1: borderline.
- technology and market: unknown (no exports, no technology by firm). Schooling and income are shown, not graded.

The verdict in the vocabulary of ``coop-1`` is therefore always ``insufficient_data``: unknown evidence never
qualifies and never rejects. What the data do support is said beside it: ``met`` of ``evaluable`` criteria, and
``partial``, which the slider moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from coopetir.identify.core.survey_growth import SurveyGrowth

CRITERIA = ("density", "growth", "technology", "market")


@dataclass(frozen=True)
class SurveyMethod:
    """Every threshold of ``coop-1-encuesta``; ``minimum_people`` is the size from which a class may be "best"."""

    id: str = "coop-1-encuesta"
    version: str = "1"
    lq: float = 1.5
    lq_borderline_ratio: float = 1.25 / 1.5
    growth_z: float = 1.0
    noise_people: float = 100.0
    noise_share: float = 0.5
    minimum_people: float = 1500.0
    draws: int = 2000


@dataclass(frozen=True)
class Measure:
    """One number beside a criterion. ``value`` None = unknown; ``threshold`` None = shown, does not decide."""

    code: str
    value: float | None
    unit: str
    years: str
    threshold: float | None = None


@dataclass(frozen=True)
class Criterion:
    """A light: grade 2 meets, 1 borderline, 0 does not, None unknown with its ``reason`` code."""

    name: str
    grade: int | None
    reason: str
    caveats: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()

    @property
    def evaluable(self) -> bool:
        return self.grade is not None


@dataclass(frozen=True)
class Standing:
    """What four lights add up to.

    ``partial``: ``meets_evaluable`` (every graded criterion is 2), ``borderline_evaluable``,
    ``fails_evaluable`` or ``nothing_evaluable``. ``verdict``: in the words of :mod:`qualification`.
    """

    met: int
    evaluable: int
    partial: str
    verdict: str


def density_grade(lq: float, threshold: float, method: SurveyMethod) -> int:
    """The grade of a jobs LQ under a threshold; borderline begins at 5/6 of it (1.25 for 1.5)."""
    if lq >= threshold:
        return 2
    return 1 if lq >= threshold * method.lq_borderline_ratio - 1e-12 else 0


def growth_grade(growth: SurveyGrowth, method: SurveyMethod) -> tuple[int | None, str]:
    """The grade on which all baskets agree, or None with a reason."""
    if growth.reason:
        return None, growth.reason
    grades = {
        0 if trend.slope <= growth.national_slope else 2 if trend.z >= method.growth_z else 1
        for trend in growth.trends.values()
    }
    if 0 in grades and grades != {0}:
        return None, "conversion_decides"
    return min(grades), ""


def standing(grades: tuple[int | None, ...]) -> Standing:
    """Count, partial verdict and verdict of the four grades, without compensation between criteria."""
    known = [grade for grade in grades if grade is not None]
    met = sum(grade == 2 for grade in known)
    if not known:
        return Standing(0, 0, "nothing_evaluable", "insufficient_data")
    lowest = min(known)
    verdict = (
        ("not_now", "candidate", "qualifies")[lowest] if len(known) == len(grades) else "insufficient_data"
    )
    partial = ("fails_evaluable", "borderline_evaluable", "meets_evaluable")[lowest]
    return Standing(met, len(known), partial, verdict)
