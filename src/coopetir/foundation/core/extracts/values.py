"""How is one cell of a registry read: a date, a code of a list, a number under its column's decimal mark?

The decimal mark and the order of day and month are decided once per column, never per cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from typing import Literal, NamedTuple

import polars as pl

from coopetir.foundation.core.catalogues import registry_codes
from coopetir.foundation.core.places import BLANKS, name_key

DecimalMark = Literal[",", ".", "none"]
DateOrder = Literal["dmy", "mdy"]

_DATE = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$")
_SLASHED = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0)?$")
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")


class DateRead(NamedTuple):
    value: date | None
    note: str


def read_date(text: str | None, order: DateOrder = "dmy", latest: int = 2100) -> DateRead:
    """AAAAMMDD, AAAA-MM-DD (with or without time), DD/MM/AAAA by ``order``, or a spreadsheet's day number.

    Notes: ok, blank, serial, indefinite (99991231), out_of_range (before 1900 or after ``latest``), unreadable.
    """
    raw = (text or "").strip()
    if raw.upper() in BLANKS or not raw.strip("0-/ :."):
        return DateRead(None, "blank")
    parts = _date_parts(raw, order)
    if parts is None:
        serial = _SERIAL.match(raw)
        if serial and 10_000 <= int(serial.group(1)) <= 60_000:
            return DateRead(date(1899, 12, 30) + timedelta(days=int(serial.group(1))), "serial")
        return DateRead(None, "unreadable")
    if parts[0] == 9999:
        return DateRead(None, "indefinite")
    try:
        found = date(*parts)
    except ValueError:
        return DateRead(None, "unreadable")
    return DateRead(found, "ok") if 1900 <= found.year <= latest else DateRead(None, "out_of_range")


def _date_parts(raw: str, order: DateOrder) -> tuple[int, int, int] | None:
    for pattern in (_COMPACT, _DATE):
        if match := pattern.match(raw):
            return int(match.group(1)), int(match.group(2)), int(match.group(3))
    if match := _SLASHED.match(raw):
        first, second, year = (int(group) for group in match.groups())
        return (year, second, first) if order == "dmy" else (year, first, second)
    return None


def date_order_of(values: Iterable[str]) -> DateOrder | Literal["iso", "ambiguous", "mixed"]:
    """Which order the slashed dates of a column have: a day over 12 tells. ``iso`` = there are none."""
    first = second = slashed = False
    for value in values:
        if match := _SLASHED.match(value.strip()):
            slashed = True
            first = first or int(match.group(1)) > 12
            second = second or int(match.group(2)) > 12
    if first and second:
        return "mixed"
    if not slashed:
        return "iso"
    return "dmy" if first else "mdy" if second else "ambiguous"


_DECORATION = r"[\s$\u00a0']|COP|cop"


def bare_number(text: pl.Expr) -> pl.Expr:
    """The number without currency signs and spaces; ``(1.200)`` becomes ``-1.200``; blanks become null."""
    bare = text.str.replace_all(_DECORATION, "").str.replace(r"^\((.*)\)$", "-$1")
    blank = bare.is_null() | bare.str.to_uppercase().is_in(
        ["", "-", "NA", "N/A", "NULL", "NAN", "SINDATO", "NOAPLICA", "NOREPORTA"]
    )
    return pl.when(~blank).then(bare)


def decimal_mark_of(values: pl.Series) -> DecimalMark | Literal["ambiguous", "mixed"]:
    """The decimal mark of a whole column: "," or "." if some cell proves it, "none" without marks.

    A cell proves a mark when both appear (the last one is decimal), when one repeats (it groups thousands), or when
    the group after it has not three digits. Only three-digit groups after a single mark: "ambiguous". Proofs of
    both: "mixed".
    """
    bare = values.to_frame("v").select(bare_number(pl.col("v"))).to_series().drop_nulls()
    marked = bare.filter(bare.str.contains(r"[.,]"))
    if not len(marked):
        return "none"
    comma = marked.str.contains(
        r"\..*,\d*$|^-?\d{1,3}\.\d{3}\.\d{3}|^[^.,]*,(\d{1,2}|\d{4,})?$|^-?,\d+$"
    ).any()
    point = marked.str.contains(
        r",.*\.\d*$|^-?\d{1,3},\d{3},\d{3}|^[^.,]*\.(\d{1,2}|\d{4,})?$|^-?\.\d+$"
    ).any()
    long_comma = marked.str.contains(r"^-?\d{4,},\d+$|^-?0,\d+$").any()
    long_point = marked.str.contains(r"^-?\d{4,}\.\d+$|^-?0\.\d+$").any()
    if (comma or long_comma) and (point or long_point):
        return "mixed"
    if comma or long_comma:
        return ","
    return "." if point or long_point else "ambiguous"


def as_number(text: pl.Expr, mark: DecimalMark) -> pl.Expr:
    """Float64 under the column's mark; null where the cell is not a number of that form."""
    bare = bare_number(text)
    if mark == "none":
        return pl.when(bare.str.contains(r"^-?\d+$")).then(bare).cast(pl.Float64, strict=False)
    group, point = (r"\.", ",") if mark == "," else (",", r"\.")
    form = rf"^-?(\d{{1,3}}({group}\d{{3}})+|\d*)({point}\d*)?$"
    plain = bare.str.replace_all(group, "").str.replace(point, ".")
    return (
        pl.when(bare.str.contains(form) & bare.str.contains(r"\d")).then(plain).cast(pl.Float64, strict=False)
    )


class CodeRead(NamedTuple):
    code: str | None
    note: str


_FORMS = {
    "SAS": "16", "S A S": "16", "SOCIEDAD POR ACCIONES SIMPLIFICADA": "16", "SOCIEDADES POR ACCIONES SIMPLIFICADAS": "16",
    "LTDA": "03", "LIMITADA": "03", "SOCIEDAD DE RESPONSABILIDAD LIMITADA": "03", "SA": "04", "S A": "04",
    "NATURAL": "01", "PERSONA NATURAL COMERCIANTE": "01", "EMPRESA UNIPERSONAL": "10", "COOPERATIVA": "40",
    "FUNDACION": "32", "CORPORACION": "31", "SOCIEDAD EN COMANDITA": "06", "SUCURSAL DE SOCIEDAD EXTRANJERA": "08",
}  # fmt: skip
_CATEGORIES = {
    "SOCIEDAD": "01", "PERSONA JURIDICA": "01", "PERSONA JURIDICA PRINCIPAL": "01", "PRINCIPAL": "01", "ESAL": "01",
    "NATURAL": "00", "ESTABLECIMIENTO": "02", "ESTABLECIMIENTO DE COMERCIO": "02", "SUCURSAL": "03", "AGENCIA": "04",
}  # fmt: skip
_STATUSES = {
    "MATRICULA ACTIVA": "01",
    "ACTIVO": "01",
    "VIGENTE": "01",
    "MATRICULA CANCELADA": "03",
    "CANCELADO": "03",
    "INACTIVO": "02",
}
# Categories beyond the two of the list; only what they are not (a firm) matters here.
_MORE_CATEGORIES = {"02", "03", "04", "05", "06", "07"}
_LISTS: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "legal_form": ("codigo_organizacion_juridica", _FORMS, set()),
    "category": ("codigo_categoria_matricula", _CATEGORIES, _MORE_CATEGORIES),
    "status": ("codigo_estado_matricula", _STATUSES, set()),
}


@cache
def _labels(field: str) -> tuple[dict[str, str], frozenset[str]]:
    listed, extra, more = _LISTS[field]
    rows = registry_codes().filter(pl.col("list") == listed)
    labels = {name_key(label): code for code, label in rows.select("code", "label").iter_rows()}
    return labels | extra, frozenset(rows["code"]) | more


def code_reader(field: str) -> Callable[[str | None], CodeRead]:
    """Read a code (``1`` → ``01``) or a label (``ACTIVA``) of the RUES list of ``legal_form``, ``category`` or ``status``."""
    labels, codes = _labels(field)

    def read(text: str | None) -> CodeRead:
        raw = re.sub(r"\.0$", "", (text or "").strip())
        if raw.upper() in BLANKS - {"0", "00000"}:
            return CodeRead(None, "blank")
        if raw.isdecimal():
            code = raw.zfill(2)
            return CodeRead(code, "ok") if code in codes else CodeRead(None, "unknown")
        key = name_key(re.sub(r"^\d{2}\s*[-–:]\s*", "", raw))
        found = labels.get(key) or _starting(key, labels)
        return CodeRead(found, "ok") if found else CodeRead(None, "unknown")

    return read


def _starting(key: str, labels: dict[str, str]) -> str | None:
    """A label that the text begins with (``SOCIEDAD O PERSONA JURIDICA PRINCIPAL…``); the longest wins."""
    found = [label for label in labels if len(label) >= 6 and key.startswith(label)]
    return labels[max(found, key=len)] if found else None


def mend_double_encoding(text: str) -> str:
    """``BOGOTÃ\\x81`` → ``BOGOTÁ``: text that was UTF-8, read as cp1252 or latin-1, and written again."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return re.sub(r"[ÂÃ][\u0080-\u00bf‘’“”•–—˜™š›œžŸ€‚ƒ„…†‡ˆ‰Š‹ŒŽ¡-¿]", lambda m: _mend_pair(m.group()), text)


def _mend_pair(pair: str) -> str:
    try:
        return pair.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return pair
