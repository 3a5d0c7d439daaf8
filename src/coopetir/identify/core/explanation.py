"""Why this verdict, and what would change it, in three sentences?

1. what the family meets; 2. what it fails or what is unknown; 3. the smallest change of one threshold, or of
one thing in the data, that gives another verdict. Spanish first, English complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import expm1
from typing import Any

import numpy as np

from coopetir.foundation.core.formats import number, percent
from coopetir.identify.core.method import CRITERIA, Method
from coopetir.identify.core.qualification import VERDICTS, decide, grade
from coopetir.identify.core.whatif import measures_of, moved
from coopetir.identify.core.wording import (
    BORDERLINE_WORDS,
    CONDITIONS,
    CRITERION_NAMES,
    HINGE_WORDS,
    SETTING_WORDS,
    UNKNOWN_WORDS,
    VERDICT_WORDS,
)

Row = dict[str, Any]
Fact = tuple[str, float | None, float, bool | None]

# setting: the measure that decides at it. "over" = the measure must be strictly greater
MEASURE_OF: dict[str, tuple[str, str]] = {
    "density.lq_meets": ("lq", ">="),
    "density.lq_borderline": ("lq", ">="),
    "density.lower_bound": ("lower", ">"),
    "density.firms_meets": ("firms", ">="),
    "density.firms_borderline": ("firms", ">="),
    "density.top_firm_max": ("top", "<="),
    "growth.z_meets": ("z", ">="),
    "technology.percentile_meets": ("technology", ">="),
    "technology.percentile_borderline": ("technology", ">="),
    "market.percentile_meets": ("market", ">="),
    "market.percentile_borderline": ("market", ">="),
}


@dataclass(frozen=True)
class Flip:
    """One threshold that, moved from ``old`` to ``new``, gives ``verdict``; ``change`` = relative distance."""

    setting: str
    old: float
    new: float
    verdict: str
    change: float


@dataclass(frozen=True)
class Explanation:
    """The three sentences and the facts they are made of."""

    region: str
    family: str
    verdict: str
    stability: float | None
    meets: str
    fails: str
    change: str
    flips: tuple[Flip, ...]
    hinges: tuple[str, ...]
    jobs_needed: float | None

    def sentences(self) -> tuple[str, str, str]:
        return self.meets, self.fails, self.change


def flips(row: Row, method: Method) -> list[Flip]:
    """Every single threshold whose smallest move gives another verdict: a better one first, then the nearest.

    ``row``: one row of ``ScreeningResult.verdicts`` as a dict.
    """
    measured, plain = measures_of(row), method.to_dict()
    now = int(decide(grade(measured, method))[0, 0])
    found = []
    for setting, (name, comparison) in MEASURE_OF.items():
        section, key = setting.split(".")
        old, value = float(plain[section][key]), float(getattr(measured, name)[0, 0])
        new = _just_beyond(old, value, comparison, ceiling=_ceiling(key))
        if new is None:
            continue
        after = int(decide(grade(measured, moved(method, {setting: new})))[0, 0])
        if after != now:
            found.append(Flip(setting, old, new, VERDICTS[after], abs(new - old) / (abs(old) or 1.0)))
    return sorted(found, key=lambda flip: (VERDICTS.index(flip.verdict) < now, flip.change, flip.setting))


def _ceiling(key: str) -> float:
    return (
        100.0
        if key.startswith("percentile")
        else 1.0
        if key == "top_firm_max"
        else 20.0
        if key == "z_meets"
        else 1000.0
    )


def _just_beyond(old: float, value: float, comparison: str, *, ceiling: float) -> float | None:
    """The threshold nearest to ``old`` at which ``value`` changes sides; None when there is none allowed."""
    if not np.isfinite(value) or value < 0:
        return None
    step = max(1e-6, 1e-6 * value)
    if comparison == "<=":
        new = value - step if value <= old else value
    elif comparison == ">":
        new = value if value > old else value - step
    else:
        new = value + step if value >= old else value
    return new if 0.0 <= new <= ceiling else None


def explain(row: Row, method: Method, *, language: str = "es", judged: Row | None = None) -> Explanation:
    """Why the row has its verdict, from one row of ``ScreeningResult.verdicts`` (or of ``verdicts.parquet``).

    ``judged``: the row to try other thresholds on, when ``row`` is a protected edition of it (see ``editions``);
    thresholds of a measure that ``row`` hides are not mentioned.
    """
    found = [flip for flip in flips(judged or row, method) if not _is_hidden(flip, row)]
    return Explanation(
        region=row["region"],
        family=row["family"],
        verdict=row["verdict"],
        stability=row["stability"],
        meets=_meets_sentence(method, row, language),
        fails=_fails_sentence(method, row, language),
        change=_change_sentence(row, found, language),
        flips=tuple(found),
        hinges=tuple(row["hinges"]),
        jobs_needed=row["jobs_needed"],
    )


def _is_hidden(flip: Flip, row: Row) -> bool:
    return bool(row.get("protected")) and flip.setting == "density.top_firm_max"


def facts(method: Method, row: Row, criterion: str) -> list[Fact]:
    """What decides a criterion in a row of ``verdicts``: (measure, value, threshold, whether it meets)."""
    d = method.density
    if criterion == "density":
        listed = [
            ("lq", d.lq_meets, ">="),
            ("lq_shrunk_low", d.lower_bound, ">"),
            ("firms", d.firms_meets, ">="),
            ("top_firm", d.top_firm_max, "<="),
        ]
    elif criterion == "growth":
        listed = [("slope", row["national_slope"] or 0.0, ">"), ("z", method.growth.z_meets, ">=")]
    else:
        rule = method.technology if criterion == "technology" else method.market
        listed = [(f"{criterion}_percentile", rule.percentile_meets, ">=")]
    return [(name, row[name], limit, _holds(row[name], limit, sign)) for name, limit, sign in listed]


def _holds(value: float | None, limit: float, sign: str) -> bool | None:
    if value is None:
        return None
    return {">=": value >= limit, ">": value > limit, "<=": value <= limit}[sign]


def _meets_sentence(method: Method, row: Row, language: str) -> str:
    met = [name for name in CRITERIA if row[name] == 2]
    if not met:
        return {
            "es": "No cumple del todo ninguno de los cuatro criterios.",
            "en": "It fully meets none of the four criteria.",
        }[language]
    parts = [
        f"{CRITERION_NAMES[language][name]} ({_clauses(facts(method, row, name), row, language)})"
        for name in met
    ]
    start = {"es": "Cumple ", "en": "It meets "}[language]
    return f"{start}{_join(parts, language)}."


def _fails_sentence(method: Method, row: Row, language: str) -> str:
    short = [name for name in CRITERIA if row[name] in (0, 1)]
    unknown = [name for name in CRITERIA if row[name] is None]
    parts = []
    for name in short:
        missed = [fact for fact in facts(method, row, name) if fact[3] is False]
        verb = _SHORT[language][row[name]]
        why = borderline_reason(method, row, name, language) if row[name] == 1 else ""
        said = _clauses(missed, row, language) + (f"; {why}" if why else "")
        parts.append(f"{verb} {CRITERION_NAMES[language][name]} ({said})")
    parts.extend(
        f"{_SHORT[language][None]} {CRITERION_NAMES[language][name]} ({_unknown_clause(row, name, language)})"
        for name in unknown
    )
    if not parts:
        return {
            "es": "No le falla ni le falta nada de lo que el método pide.",
            "en": "Nothing the Method asks for fails or is missing.",
        }[language]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


_SHORT: dict[str, dict[int | None, str]] = {
    "es": {0: "no cumple", 1: "queda en el límite en", None: "no se puede evaluar"},
    "en": {0: "it fails", 1: "it is borderline in", None: "there is no way to judge"},
}


def borderline_reason(method: Method, row: Row, criterion: str, language: str) -> str:
    """By which rule a criterion is borderline (see ``qualification``); "" where the row hides what decides it."""
    words = BORDERLINE_WORDS[language]
    if criterion == "growth":
        return words["start"].format(why=words["faster"])
    if criterion != "density":
        rule = method.technology if criterion == "technology" else method.market
        limit = number(rule.percentile_borderline, 0, language)
        return words["start"].format(why=words["percentile"].format(limit=limit))
    rules = (
        ("lq", row["lq"], method.density.lq_borderline, ">="),
        ("lower", row["lq_shrunk_low"], method.density.lower_bound, ">"),
    )
    reached = [
        words[name].format(limit=number(limit, 2, language))
        for name, value, limit, sign in rules
        if _holds(value, limit, sign)
    ]
    if not reached:
        return ""
    firms = words["firms"].format(limit=number(method.density.firms_borderline, 0, language))
    return words["start"].format(why=_join([*reached, firms], language))


def _clauses(found: Iterable[Fact], row: Row, language: str) -> str:
    texts = [clause(name, value, limit, language) for name, value, limit, _ in found if value is not None]
    if not texts and row.get("protected"):
        return {"es": "valor protegido", "en": "protected value"}[language]
    return ", ".join(texts) or {"es": "sin actividad", "en": "no activity"}[language]


def clause(name: str, value: float, limit: float, language: str) -> str:
    """One measure against its threshold, in words: "especialización 2,8 (se pide 1,5)"."""
    template = CONDITIONS[language][name]
    if name == "slope":
        return template.format(
            value=percent(expm1(value), 1, language), limit=percent(expm1(limit), 1, language)
        )
    if name == "top_firm":
        return template.format(value=percent(value, 0, language), limit=percent(limit, 0, language))
    digits = 0 if name == "firms" or name.endswith("percentile") else 2
    return template.format(
        value=number(value, digits, language), limit=number(limit, None if digits == 0 else digits, language)
    )


def _unknown_clause(row: Row, criterion: str, language: str) -> str:
    prefix = f"{criterion}:unknown:"
    codes = [code.removeprefix(prefix) for code in row["reasons"] if code.startswith(prefix)]
    words = [unknown_words(code, language) for code in codes]
    return ", ".join(words) or {"es": "falta un dato", "en": "a value is missing"}[language]


def unknown_words(code: str, language: str) -> str:
    """A reason for an unknown grade, in words."""
    kind, _, detail = code.partition(":")
    return UNKNOWN_WORDS[language][kind].format(detail=detail)


def _change_sentence(row: Row, found: list[Flip], language: str) -> str:
    if row["verdict"] == "insufficient_data":
        return {
            "es": "Cambiaría con el dato que falta: mientras no llegue, no califica ni se descarta.",
            "en": "The missing data would change it: until it arrives, the family neither qualifies nor is ruled out.",
        }[language]
    parts = []
    upward = [flip for flip in found if VERDICTS.index(flip.verdict) > VERDICTS.index(row["verdict"])]
    if upward or (found and row["verdict"] == "qualifies"):
        parts.append(_flip_words((upward or found)[0], language))
    elif row["verdict"] != "qualifies":
        short = [CRITERION_NAMES[language][name] for name in CRITERIA if row[name] != 2]
        parts.append(_TOGETHER[language].format(criteria=_join(short, language)))
    jobs = row["jobs_needed"]
    if jobs is not None and (row["lq"] or 0.0) >= NEAR:
        parts.append(_JOBS[language].format(jobs=number(np.ceil(jobs), 0, language)))
    hinge = next((item for item in row["hinges"] if not item.startswith("threshold:")), None)
    if hinge:
        parts.append(hinge_words(hinge, language))
    if not parts:
        return {
            "es": "Ningún umbral por sí solo, ni quitar un año o la empresa más grande, cambia el veredicto.",
            "en": "No single threshold, nor leaving out a year or the largest firm, changes the verdict.",
        }[language]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


_HAIR = {
    "es": {True: "apenas mayor", False: "apenas menor"},
    "en": {True: "a hair more", False: "a hair less"},
}
NEAR = 0.75  # below this LQ the jobs it lacks are no longer a change one can picture

_TOGETHER = {
    "es": "ningún umbral por sí solo lo mejora: tendría que mejorar en {criteria}",
    "en": "no single threshold improves it: it would have to improve in {criteria}",
}

_JOBS = {
    "es": "le faltan unos {jobs} empleos para la especialización que se pide",
    "en": "it lacks about {jobs} jobs for the specialisation asked for",
}


def _flip_words(flip: Flip, language: str) -> str:
    verdict = VERDICT_WORDS[language][flip.verdict]
    share = flip.setting == "density.top_firm_max"
    old = percent(flip.old, 1, language) if share else number(flip.old, 2, language)
    new = percent(flip.new, 1, language) if share else number(flip.new, 2, language)
    if old == new:
        new = _HAIR[language][flip.new > flip.old]
    template = {
        "es": "el veredicto pasaría a «{verdict}» si {setting} fuera {new} en vez de {old}",
        "en": "the verdict would become “{verdict}” if {setting} were {new} instead of {old}",
    }[language]
    return template.format(verdict=verdict, setting=SETTING_WORDS[language][flip.setting], new=new, old=old)


def hinge_words(hinge: str, language: str) -> str:
    """A hinge of ``verdicts.hinges`` in words."""
    change, _, verdict = hinge.rpartition("=")
    kind, _, detail = change.partition(":")
    if kind == "threshold":
        setting, _, scale = detail.partition(" x ")
        detail = f"{SETTING_WORDS[language].get(setting, SETTING_WORDS[language]['all'])} × {number(float(scale), 2, language)}"
    elif kind == "suppressed":
        detail = {"es": {"low": "mínimo", "high": "máximo"}, "en": {"low": "minimum", "high": "maximum"}}[
            language
        ][detail]
    return HINGE_WORDS[language][kind].format(detail=detail, verdict=VERDICT_WORDS[language][verdict])


def _join(parts: list[str], language: str) -> str:
    word = {"es": " y ", "en": " and "}[language]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + word + parts[-1]
