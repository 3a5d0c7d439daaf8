"""How does a figure read in Spanish (Colombia) and in English?

Spanish: ``1.234.567,8``, ``86 %``, ``$ 1.234 millones``, ``21 de noviembre de 2026``; English: ``1,234,567.8``,
``86%``, ``COP 1,234 million``, ``21 November 2026``. Unknown (``None``, NaN) reads «sin dato», never zero or blank.
Halves round away from zero, as readers of printed tables expect; the minus sign is U+2212 and the space
between a figure and its sign or unit does not break (before «millones» it may).
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from typing import SupportsFloat

Figure = SupportsFloat | None

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_MONTHS = {
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_UNKNOWN = {"es": "sin dato", "en": "no data"}
# Scale, half of the last digit written just below it (or 999.999,6 would read 1.000.000), and its words.
# Spanish counts on the long scale: a billón is 10^12; figures from 10^9 still read as thousands of millions.
_MONEY = (
    (Decimal(10) ** 12, Decimal(500_000), {"es": ("billón", "billones"), "en": ("trillion", "trillion")}),
    (Decimal(10) ** 6, Decimal("0.5"), {"es": ("millón", "millones"), "en": ("million", "million")}),
)


def unknown(language: str = "es") -> str:
    """The word for a value nobody knows."""
    return _UNKNOWN[_short(language)]


def number(value: Figure, decimals: int | None = None, language: str = "es") -> str:
    """A figure with thousands separators.

    :param decimals: fixed number of decimals; ``None`` gives none to whole numbers and to figures of 100 or
        more, and one to the rest.
    """
    known = _decimal(value)
    if known is None:
        return unknown(language)
    if decimals is None:
        decimals = 0 if known == known.to_integral_value() or abs(known) >= 100 else 1
    return _write(known, decimals, language)


def percent(share: Figure, decimals: int = 0, language: str = "es") -> str:
    """A share (0–1) as a percentage; a positive share below the last shown digit reads «< 1 %», not «0 %»."""
    known = _decimal(share)
    if known is None:
        return unknown(language)
    step = Decimal(1).scaleb(-decimals)
    shown = known * 100
    sign = "<" + NBSP if 0 < shown < step / 2 else ""
    text = _write(step if sign else shown, decimals, language)
    return f"{sign}{text}%" if _short(language) == "en" else f"{sign}{text}{NBSP}%"


def money(pesos: Figure, language: str = "es") -> str:
    """Colombian pesos without cents: in full below a million, else in millones or billones (10^12)."""
    known = _decimal(pesos)
    if known is None:
        return unknown(language)
    prefix = "COP" if _short(language) == "en" else "$"
    sign = MINUS if known < 0 else ""
    size = abs(known)
    for scale, slack, words in _MONEY:
        if size + slack >= scale:
            scaled = _round(size / scale, 0 if size / scale >= 100 else 1)
            decimals = 0 if scaled == scaled.to_integral_value() else 1
            word = words[_short(language)][0 if scaled == 1 else 1]
            return f"{sign}{prefix}{NBSP}{_write(scaled, decimals, language)} {word}"
    return f"{sign}{prefix}{NBSP}{_write(size, 0, language)}"


def interval(low: Figure, high: Figure, decimals: int | None = None, language: str = "es") -> str:
    """Both ends of an interval: «1,2 a 3,4»; «sin dato» unless both are known."""
    if _decimal(low) is None or _decimal(high) is None:
        return unknown(language)
    between = "to" if _short(language) == "en" else "a"
    return f"{number(low, decimals, language)}{NBSP}{between}{NBSP}{number(high, decimals, language)}"


def signed(value: Figure, decimals: int | None = None, language: str = "es") -> str:
    """A difference, always with its sign: «+3,2», «−1,0», «0»."""
    text = number(value, decimals, language)
    known = _decimal(value)
    return f"+{text}" if known is not None and known > 0 and text.strip("0.,") else text


def date_long(day: dt.date | None, language: str = "es") -> str:
    """«21 de noviembre de 2026» or “21 November 2026”."""
    if day is None:
        return unknown(language)
    month = _MONTHS[_short(language)][day.month - 1]
    if _short(language) == "en":
        return f"{day.day} {month} {day.year}"
    return f"{day.day} de {month} de {day.year}"


def _short(language: str) -> str:
    return "en" if language.startswith("en") else "es"


def _decimal(value: Figure) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    known = float(value)
    return Decimal(repr(known)) if math.isfinite(known) else None


def _round(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _write(value: Decimal, decimals: int, language: str) -> str:
    rounded = _round(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    if _short(language) == "es":
        text = text.translate({ord(","): ".", ord("."): ","})
    return f"{MINUS}{text}" if rounded < 0 else text
