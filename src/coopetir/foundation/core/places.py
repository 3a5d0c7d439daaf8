"""Which department, municipality or chamber does this text mean?

DIVIPOLA: departments have 2 digits, municipalities 5. Spreadsheets lose zeros (5001 → 05001), some systems add
the three digits of a populated centre (76001000), and people write names: ``VALLE``, ``BOGOTA D.C.``, ``CALI-VALLE``.
Every reading says how it was reached, so that callers can count repairs. Codes of municipalities created after the
shipped list (2018) are accepted when their department exists.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal, NamedTuple

from coopetir.foundation.core.catalogues import chambers, departments, municipalities, municipality_chambers

PlaceNote = Literal[
    "ok", "blank", "zero_restored", "centre_stripped", "from_name", "not_listed", "ambiguous", "unknown"
]

BLANKS = frozenset(
    {
        "",
        "NA",
        "N/A",
        "NULL",
        "NAN",
        "SIN DATO",
        "SIN DATOS",
        "NO APLICA",
        "NO REPORTA",
        "0",
        "00000",
        "99999",
    }
)

# How sources write departments besides their official names (after `name_key`).
_OTHER_NAMES = {
    "VALLE": "76",
    "GUAJIRA": "44",
    "BOGOTA": "11",
    "BOGOTA DC": "11",
    "BOGOTA D C": "11",
    "SANTAFE DE BOGOTA": "11",
    "SANTA FE DE BOGOTA": "11",
    "SANTAFE DE BOGOTA DC": "11",
    "SANTAFE DE BOGOTA D C": "11",
    "DISTRITO CAPITAL": "11",
    "SAN ANDRES": "88",
    "SAN ANDRES Y PROVIDENCIA": "88",
    "ARCHIPIELAGO DE SAN ANDRES": "88",
    "N DE SANTANDER": "54",
    "NORTE SANTANDER": "54",
    "NTE DE SANTANDER": "54",
    "NTE SANTANDER": "54",
}
_OTHER_TOWNS = {
    "SANTIAGO DE CALI": "76001",
    "BUGA": "76111",
    "CARTAGENA": "13001",
    "CARTAGENA DE INDIAS": "13001",
    "PASTO": "52001",
    "SAN JUAN DE PASTO": "52001",
    "TUMACO": "52835",
    "CUCUTA": "54001",
    "SAN JOSE DE CUCUTA": "54001",
}


class PlaceFound(NamedTuple):
    """A code (or null) and how the text led to it."""

    code: str | None
    note: PlaceNote


def name_key(text: str) -> str:
    """Upper case without accents, dots or doubled spaces; Ñ becomes N."""
    plain = unicodedata.normalize("NFD", text.upper())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^A-Z0-9]+", " ", plain.replace(".", "")).strip()


@cache
def _departments_by_name() -> dict[str, str]:
    names = dict(_OTHER_NAMES)
    for code, name, official in departments().select("department", "name", "official_name").iter_rows():
        names[name_key(name)] = names[name_key(official)] = code
    return names


@cache
def _municipality_codes() -> frozenset[str]:
    return frozenset(municipalities()["municipality"])


@cache
def _department_codes() -> frozenset[str]:
    return frozenset(departments()["department"])


@cache
def _towns_by_name() -> dict[str, tuple[str, ...]]:
    names: dict[str, set[str]] = {}
    for code, name, official in municipalities().select("municipality", "name", "official_name").iter_rows():
        for written in (name, official, re.sub(r"\(.*?\)", "", name)):
            names.setdefault(name_key(written), set()).add(code)
    for written, code in _OTHER_TOWNS.items():
        names.setdefault(written, set()).add(code)
    for written in (
        "BOGOTA",
        "BOGOTA D C",
        "SANTAFE DE BOGOTA",
        "SANTAFE DE BOGOTA DC",
        "SANTA FE DE BOGOTA",
    ):
        names[written] = {"11001"}
    return {name: tuple(sorted(codes)) for name, codes in names.items()}


def _digits(text: str) -> str | None:
    """The digits of a code that may have passed through a spreadsheet (``5001.0``), else null."""
    bare = re.sub(r"[.,]0+$", "", text)
    return bare if bare.isdecimal() else None


def find_department(text: str | None) -> PlaceFound:
    """The two digits of a department from a code or a name."""
    raw = (text or "").strip().strip("\"'")
    if raw.upper() in BLANKS:
        return PlaceFound(None, "blank")
    digits = _digits(raw)
    if digits is not None:
        code = digits.zfill(2)
        if code not in _department_codes():
            return PlaceFound(None, "unknown")
        return PlaceFound(code, "ok" if code == raw else "zero_restored")
    found = _departments_by_name().get(name_key(raw))
    return PlaceFound(found, "from_name") if found else PlaceFound(None, "unknown")


def find_municipality(text: str | None, department: str | None = None) -> PlaceFound:
    """The five digits of a municipality from a code or a name.

    A name shared by several municipalities is "ambiguous" unless ``department`` (2 digits) or a suffix as in
    ``CALI-VALLE`` settles it.
    """
    raw = (text or "").strip().strip("\"'")
    if raw.upper() in BLANKS:
        return PlaceFound(None, "blank")
    digits = _digits(raw)
    if digits is not None:
        return _municipality_from_digits(digits)
    return _municipality_from_name(raw, department)


def _municipality_from_digits(digits: str) -> PlaceFound:
    if len(digits) in (7, 8):
        code = digits.zfill(8)[:5]
        return (
            PlaceFound(code, "centre_stripped")
            if code in _municipality_codes()
            else PlaceFound(None, "unknown")
        )
    if len(digits) not in (4, 5):
        return PlaceFound(None, "unknown")
    code = digits.zfill(5)
    if code in _municipality_codes():
        return PlaceFound(code, "ok" if len(digits) == 5 else "zero_restored")
    if code[:2] in _department_codes() and code[2:] != "000":
        return PlaceFound(code, "not_listed")
    return PlaceFound(None, "unknown")


def _municipality_from_name(raw: str, department: str | None) -> PlaceFound:
    coded = re.match(r"^(\d{4,5})\s*[-–:]\s*\D", raw)
    if coded:
        return _municipality_from_digits(coded.group(1))
    candidates = _towns_by_name().get(name_key(raw))
    if candidates is None:
        town, inside = _town_and_department(raw)
        candidates = _towns_by_name().get(name_key(town)) if town else None
        department = inside or department
    if not candidates:
        return PlaceFound(None, "unknown")
    if department:
        candidates = tuple(code for code in candidates if code.startswith(department))
    if len(candidates) == 1:
        return PlaceFound(candidates[0], "from_name")
    return PlaceFound(None, "ambiguous" if candidates else "unknown")


def _town_and_department(raw: str) -> tuple[str | None, str | None]:
    """``CALI-VALLE``, ``CALI (VALLE)`` and ``CALI, VALLE DEL CAUCA`` in two parts."""
    parts = re.split(r"\s*[-–/(,]\s*", raw.rstrip(") "), maxsplit=1)
    if len(parts) != 2:
        return None, None
    inside = _departments_by_name().get(name_key(parts[1]))
    return (parts[0], inside) if inside else (None, None)


@cache
def _chambers_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, name, seat in chambers().select("chamber", "name", "seat_name").iter_rows():
        key = name_key(name)
        names[key] = code
        names[re.sub(r"^CAMARA DE COMERCIO( DEL?| DE LA)? ", "", key)] = code
        names.setdefault(name_key(seat), code)
    names["BOGOTA"] = names.get("BOGOTA", "04")
    return names


def find_chamber(text: str | None) -> PlaceFound:
    """The two digits of a chamber of commerce (RUES) from a code or a name (``CALI``)."""
    raw = (text or "").strip().strip("\"'")
    if raw.upper() in BLANKS:
        return PlaceFound(None, "blank")
    digits = _digits(raw)
    if digits is not None:
        code = digits.zfill(2)
        known = code in set(chambers()["chamber"])
        return (
            PlaceFound(code, "ok" if code == raw else "zero_restored")
            if known
            else PlaceFound(None, "unknown")
        )
    key = name_key(raw)
    short = re.sub(r"^(CAMARA DE COMERCIO|CAMARA|CC)( DEL?| DE LA)? ", "", key)
    found = _chambers_by_name().get(key) or _chambers_by_name().get(short)
    return PlaceFound(found, "from_name") if found else PlaceFound(None, "unknown")


@cache
def _chamber_of_municipality() -> dict[str, str]:
    return dict(municipality_chambers().select("municipality", "chamber").iter_rows())


def chamber_near(municipality: str) -> str | None:
    """The chamber a municipality most likely belongs to: nearest seat in its department, an approximation."""
    return _chamber_of_municipality().get(municipality)
