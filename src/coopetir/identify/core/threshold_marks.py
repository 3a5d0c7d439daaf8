"""How far is each measure from what the Method asks for, on one ruler?

Every deciding measure of a verdict becomes a mark between 0 and 1, with 0.5 = exactly the threshold and right =
better. Each measure keeps its own scale: ratios (LQ, firms) logarithmic from a quarter to four times the
threshold; the largest firm's share mirrored; growth ±10 points a year; z ±3; percentiles as they are. A value
beyond an end stands at the end and says so. Unknown and protected values have no place, only their word.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, log2
from typing import Any, Literal

from coopetir.foundation.core.formats import number, percent, unknown
from coopetir.identify.core.explanation import facts
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.wording import CRITERION_NAMES, GRADE_WORDS, MEASURE_WORDS

Row = dict[str, Any]
State = Literal["known", "unknown", "protected"]

PROTECTED = {"es": "protegido", "en": "protected"}
SIGNS = {"lq_shrunk_low": ">", "slope": ">", "top_firm": "≤"}
RATIOS = ("lq", "lq_shrunk_low", "firms")
_SHARES = ("top_firm", "slope")


@dataclass(frozen=True)
class Mark:
    """One measure against its threshold. ``place``: 0–1 (0.5 = the threshold), None without a value.

    ``value, limit, word`` are words; ``figure, threshold`` the numbers behind them.
    """

    criterion: str
    measure: str
    label: str
    value: str
    limit: str
    word: str
    state: State
    meets: bool | None
    place: float | None
    beyond: bool
    soft: float | None
    figure: float | None
    threshold: float


def marks(row: Row, method: Method, language: str) -> list[Mark]:
    """The measures that decide a verdict, criterion by criterion. ``row``: of ``verdicts``, internal or public."""
    found = []
    for criterion in CRITERIA:
        for name, value, limit, meets in facts(method, row, criterion):
            state = _state(row, criterion, value)
            found.append(
                Mark(
                    criterion=criterion,
                    measure=name,
                    label=_label(name, criterion, language),
                    value=_figure(name, value, language) if state == "known" else _word(state, language),
                    limit=f"{SIGNS.get(name, '≥')} {_figure(name, limit, language, limit=True)}",
                    word=_verdict_word(state, meets, language),
                    state=state,
                    meets=meets if state == "known" else None,
                    place=None if value is None else min(1.0, max(0.0, _place(name, value, limit))),
                    beyond=value is not None and not 0.0 <= _place(name, value, limit) <= 1.0,
                    soft=_soft(name, criterion, method, limit),
                    figure=value,
                    threshold=limit,
                )
            )
    return found


def _state(row: Row, criterion: str, value: float | None) -> State:
    if value is not None:
        return "known"
    return "protected" if row.get("protected") and row[criterion] is not None else "unknown"


def _word(state: State, language: str) -> str:
    return PROTECTED[language] if state == "protected" else unknown(language)


def _verdict_word(state: State, meets: bool | None, language: str) -> str:
    if state != "known":
        return _word(state, language)
    return GRADE_WORDS[language][2 if meets else 0]


def _label(name: str, criterion: str, language: str) -> str:
    if name.endswith("_percentile"):
        words = {"es": "Percentil de {what} entre familias", "en": "Percentile of {what} among families"}
        return words[language].format(what=CRITERION_NAMES[language][criterion])
    return MEASURE_WORDS[language][name]


def _figure(name: str, value: float | None, language: str, *, limit: bool = False) -> str:
    if name == "slope" and value is not None:
        return percent(expm1(value), 1, language)
    if name == "top_firm":
        return percent(value, 0, language)
    if name == "firms" or name.endswith("_percentile"):
        return number(value, 0 if limit or name != "firms" else None, language)
    return number(value, 2, language)


def _place(name: str, value: float, limit: float) -> float:
    if name in RATIOS:
        return 0.5 + log2(value / limit) / 4 if value > 0 and limit > 0 else (0.0 if limit > 0 else 1.0)
    if name == "top_firm":
        return 0.5 + (limit - value) / (2 * max(limit, 1 - limit))
    if name == "slope":
        return 0.5 + (value - limit) / 0.2
    if name == "z":
        return 0.5 + (value - limit) / 6
    return 0.5 + (value - limit) / 100


def _soft(name: str, criterion: str, method: Method, limit: float) -> float | None:
    """Where the borderline begins on the ruler; None for measures that have none of their own."""
    low: float | None = None
    if name in {"lq", "firms"}:
        low = getattr(method.density, f"{name}_borderline")
    elif name.endswith("_percentile"):
        low = (method.technology if criterion == "technology" else method.market).percentile_borderline
    return None if low is None else min(1.0, max(0.0, _place(name, low, limit)))
