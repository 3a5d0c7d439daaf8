"""What is this tax number, and is its check digit right?

A NIT has 6–10 digits and a check digit (DV). With the weights 3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53,
59, 67, 71 from the rightmost digit, ``s = Σ wᵢ·dᵢ mod 11`` and ``DV = s if s < 2 else 11 − s``. Firms have nine
digits that start with 8 or 9; natural persons carry their identity number. No digit is ever dropped silently:
what was read, and how, comes back beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
PLACEHOLDERS = frozenset(
    {
        "",
        "0",
        "SIN DATO",
        "SIN DATOS",
        "NO APLICA",
        "NO PROVISTO",
        "N/A",
        "NA",
        "NULL",
        "999999999",
        "SIN IDENTIFICACION",
    }
)

NitNote = Literal["ok", "blank", "no_check_digit", "check_digit_wrong", "split", "unclear", "unreadable"]

_WITH_DV = re.compile(r"^(\d[\d.\s,]*\d)\s*[-–/ ]\s*(\d)$")
_PREFIX = re.compile(r"^\s*(?:N\.?\s*I\.?\s*T\.?|CC|C\.C\.)[\s:.#-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Nit:
    """A tax number as read: digits, check digit if known, and a note on how it was read."""

    number: str | None
    check_digit: str | None
    note: NitNote

    @property
    def is_company(self) -> bool:
        """True when the number has the form of a legal person's: nine digits starting with 8 or 9."""
        return self.number is not None and len(self.number) == 9 and self.number[0] in "89"


def check_digit(number: str) -> str:
    """The check digit of up to 15 digits, e.g. ``check_digit("891224106") == "7"``."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, reversed(number), strict=False)) % 11
    return str(total if total < 2 else 11 - total)


def parse_nit(text: str | None, given_digit: str | None = None) -> Nit:
    """Read ``901.888.999-6``, ``901888999-6``, ``9018889996``, ``901888999`` or ``NIT 901888999 6``.

    ``given_digit`` is the check digit of its own column, if there is one. Ten digits that start with 8 or 9 are
    split only when the last one is the check digit of the first nine ("split"); otherwise they stay ten ("unclear").
    """
    raw = _PREFIX.sub("", (text or "").strip().upper())
    raw = re.sub(r"\.0$", "", raw) if re.fullmatch(r"\d{6,11}\.0", raw) else raw
    if raw in PLACEHOLDERS:
        return Nit(None, None, "blank")
    digit = (given_digit or "").strip()[:1]
    marked = _WITH_DV.match(raw)
    if marked and not digit:
        raw, digit = marked.group(1), marked.group(2)
    number = re.sub(r"[.\s,\-–]", "", raw).lstrip("0")
    if not number.isdecimal() or not 6 <= len(number) <= 11:
        return Nit(None, None, "blank" if not number else "unreadable")
    if not digit and len(number) == 10 and number[0] in "89":
        if check_digit(number[:9]) == number[9]:
            return Nit(number[:9], number[9], "split")
        return Nit(number, None, "unclear")
    if not digit:
        return Nit(number, None, "no_check_digit")
    right = digit.isdecimal() and check_digit(number) == digit
    return Nit(number, digit if digit.isdecimal() else None, "ok" if right else "check_digit_wrong")


def check_digit_of(number: pl.Expr) -> pl.Expr:
    """The same check digit for a column of digits (text), null where the text is not 1–15 digits."""
    digits = pl.when(number.str.len_bytes() <= len(WEIGHTS)).then(number).cast(pl.Int64, strict=False)
    rest = pl.sum_horizontal(digits // 10**place % 10 * weight for place, weight in enumerate(WEIGHTS)) % 11
    valid = (digits >= 0) & ~number.str.starts_with("+")
    return pl.when(valid).then(pl.when(rest < 2).then(rest).otherwise(11 - rest).cast(pl.String))


def looks_company(number: pl.Expr) -> pl.Expr:
    """True where a column of digits has the form of a legal person's number."""
    return number.str.contains(r"^[89]\d{8}$")
