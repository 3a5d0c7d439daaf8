"""What about a file can only a person decide?

Blocking questions stop the reading: guessing a decimal mark or the unit of an amount would give a silent wrong number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.core.extracts.registry import DATES, NUMBERS
from coopetir.foundation.core.extracts.sniffing import Sniff
from coopetir.foundation.core.extracts.values import as_number, date_order_of, decimal_mark_of

PESOS_FLOOR = 100_000.0  # a median of assets or income under this many pesos is not in pesos


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person knows: which field or setting, the options, and the sentence. Blocking ones stop."""

    about: str
    header: str
    options: tuple[str, ...]
    blocking: bool
    es: str
    en: str


def questions_of(seen: Sniff, columns: dict[str, str], profile: Profile) -> list[Question]:
    """What remains to be asked about a file whose ``columns`` (field → header) are known."""
    return [
        *_number_questions(seen, columns, profile),
        *_scale_questions(seen, columns, profile),
        *_date_questions(seen, columns, profile),
    ]


def _number_questions(seen: Sniff, columns: dict[str, str], profile: Profile) -> list[Question]:
    questions = []
    for name in NUMBERS:
        if name not in columns:
            continue
        header = columns[name]
        mark = decimal_mark_of(seen.sample[header])
        said = profile.decimal.get(name)
        if mark not in ("ambiguous", "mixed") and (said in (None, mark) or mark == "none"):
            continue
        if mark == "ambiguous" and said:
            continue
        why_es, why_en = _doubt(seen.sample[header], mark, said)
        questions.append(
            Question(
                f"decimal.{name}", header, (",", ".", "none"), True,
                f"En la columna {header} el signo decimal no es seguro: {why_es}. ¿La coma o el punto separa los decimales?",
                f"The decimal mark of column {header} is not certain: {why_en}. Does the comma or the point separate decimals?",
            )
        )  # fmt: skip
    return questions


def _doubt(values: pl.Series, mark: str, said: str | None) -> tuple[str, str]:
    if mark == "mixed":
        return "mezcla comas y puntos decimales", "it mixes decimal commas and points"
    if mark != "ambiguous":
        return (
            f"el perfil dice «{said}» y los valores prueban «{mark}»",
            f"the profile says “{said}” and the values prove “{mark}”",
        )
    example = next(text for text in values.drop_nulls() if re.search(r"[.,]", text)).strip()
    return f"«{example}» puede leerse de dos maneras", f"“{example}” can be read in two ways"


def _scale_questions(seen: Sniff, columns: dict[str, str], profile: Profile) -> list[Question]:
    """Amounts so small that they cannot be pesos: the file may be in thousands or millions, and only she knows."""
    questions = []
    for name in ("assets_cop", "income_cop"):
        if name not in columns or name in profile.scale:
            continue
        header = columns[name]
        mark = profile.decimal.get(name) or decimal_mark_of(seen.sample[header])
        if mark in ("ambiguous", "mixed"):
            continue
        value = seen.sample.select(as_number(pl.col(header), mark)).to_series()  # type: ignore[arg-type]
        middle = value.filter(value > 1).median()
        if isinstance(middle, float) and middle < PESOS_FLOOR:
            questions.append(
                Question(
                    f"scale.{name}", header, ("1", "1000", "1000000", "1000000000"), True,
                    f"La mitad de los valores de {header} está por debajo de {middle:.0f}: ¿vienen en pesos, miles, millones o miles de millones?",
                    f"Half of the values of {header} are below {middle:.0f}: are they pesos, thousands, millions or thousand millions?",
                )
            )  # fmt: skip
    return questions


def _date_questions(seen: Sniff, columns: dict[str, str], profile: Profile) -> list[Question]:
    if profile.date_order:
        return []
    questions = []
    for name in DATES:
        if name not in columns:
            continue
        header = columns[name]
        order = date_order_of(seen.sample[header].drop_nulls())
        if order in ("ambiguous", "mixed"):
            questions.append(
                Question(
                    "date_order", header, ("dmy", "mdy"), order == "mixed",
                    f"En la columna {header} no se sabe si va primero el día o el mes; se supone el día.",
                    f"In column {header} it is not known whether the day or the month comes first; the day is assumed.",
                )
            )  # fmt: skip
    return questions
