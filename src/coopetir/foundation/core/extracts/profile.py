"""What does Coopetir remember about how a chamber sends its registry?

A profile is a small TOML file: encoding, separator, which column is which, the decimal mark of each number column,
the order of day and month, the cut year, values that stand for a missing field, fillers, and the purpose if personal
data may be kept. Next year's extract is then read without a question.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.registry import CANONICAL, HELPERS, NUMBERS
from coopetir.foundation.core.extracts.values import DateOrder, DecimalMark
from coopetir.foundation.core.tables import replacing

# Values that stand for "not given" in real extracts. A single employee and none are plausible, so jobs keep 0 and 1.
FILLERS: dict[str, tuple[float, ...]] = {
    "assets_cop": (0, 1, 999999999),
    "income_cop": (0, 1, 999999999),
    "jobs": (999999, 999999999),
}
KEEPABLE = ("name", "nit")


class ProfileInvalid(CoopetirError):
    code = "profile.invalid"
    es = "El perfil «{file}» no es válido: {why}. Corríjalo o vuelva a crearlo desde la pantalla de columnas."
    en = "The profile “{file}” is not valid: {why}. Mend it or make it again from the page of columns."


@dataclass(frozen=True, slots=True)
class Profile:
    """How one sender's files are read. Empty fields are found out from the file itself.

    ``columns``: canonical field (or helper) → header as sent. ``scale``: pesos per unit of an amount (1000 = thousands).
    ``constants``: canonical field → value for every row.
    ``keep`` may hold "name" and "nit" of natural persons, only with a stated ``purpose``.
    """

    name: str = ""
    encoding: str | None = None
    separator: str | None = None
    year: int | None = None
    date_order: DateOrder | None = None
    columns: dict[str, str] = field(default_factory=dict)
    decimal: dict[str, DecimalMark] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    fillers: dict[str, tuple[float, ...]] = field(default_factory=lambda: dict(FILLERS))
    purpose: str = ""
    keep: tuple[str, ...] = ()

    def changed(self, **fields: Any) -> Profile:
        """The same profile with some fields replaced."""
        return replace(self, **fields)


def read_profile(path: str | Path) -> Profile:
    """:raises ProfileInvalid: naming what is wrong in the file."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileInvalid(file=path.name, why=str(error)[:200]) from error
    return parse_profile(text, source=path.name)


def parse_profile(text: str, *, source: str) -> Profile:
    """The profile in TOML ``text``. :raises ProfileInvalid: naming what is wrong in ``source``."""
    try:
        return _profile(tomllib.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProfileInvalid(file=source, why=str(error)[:200]) from error


def _profile(data: dict[str, Any]) -> Profile:
    unknown = set(data) - {
        "version",
        "name",
        "encoding",
        "separator",
        "year",
        "date_order",
        "columns",
        "decimal",
        "scale",
        "constants",
        "fillers",
        "personal",
    }
    if unknown:
        raise ValueError(f"claves desconocidas / unknown keys: {', '.join(sorted(unknown))}")
    personal = data.get("personal", {})
    profile = Profile(
        name=str(data.get("name", "")),
        encoding=data.get("encoding") or None,
        separator=data.get("separator") or None,
        year=int(data["year"]) if data.get("year") else None,
        date_order=data.get("date_order") or None,
        columns={str(key): str(value) for key, value in data.get("columns", {}).items()},
        decimal=dict(data.get("decimal", {})),
        scale={str(key): float(value) for key, value in data.get("scale", {}).items()},
        constants={str(key): str(value) for key, value in data.get("constants", {}).items()},
        fillers=FILLERS
        | {key: tuple(float(v) for v in values) for key, values in data.get("fillers", {}).items()},
        purpose=str(personal.get("purpose", "")).strip(),
        keep=tuple(personal.get("keep", ())),
    )
    _check(profile)
    return profile


def _check(profile: Profile) -> None:
    fields = set(CANONICAL) | set(HELPERS)
    wrong = sorted((set(profile.columns) | set(profile.constants)) - fields)
    if wrong:
        raise ValueError(f"campos desconocidos / unknown fields: {', '.join(wrong)}")
    if set(profile.scale) - {"assets_cop", "income_cop"} or any(
        not value > 0 for value in profile.scale.values()
    ):
        raise ValueError("scale: use assets_cop, income_cop = 1, 1000, 1000000…")
    if set(profile.decimal) - set(NUMBERS) or set(profile.decimal.values()) - {",", ".", "none"}:
        raise ValueError('decimal: use assets_cop, income_cop, jobs = "," "." "none"')
    if profile.date_order not in (None, "dmy", "mdy"):
        raise ValueError("date_order: dmy, mdy")
    if profile.keep and not profile.purpose:
        raise ValueError("personal.keep exige personal.purpose / needs personal.purpose")
    if set(profile.keep) - set(KEEPABLE):
        raise ValueError(f"personal.keep: {', '.join(KEEPABLE)}")


def write_profile(profile: Profile, path: str | Path) -> None:
    """Write the profile as TOML, whole or not at all; :func:`read_profile` gives the same back."""
    with replacing(Path(path)) as temporary:
        temporary.write_text(profile_toml(profile), encoding="utf-8")


def profile_toml(profile: Profile) -> str:
    """The profile as TOML; :func:`parse_profile` gives the same back."""
    lines = ["# Perfil de importación de Coopetir / Coopetir import profile", "version = 1"]
    for key in ("name", "encoding", "separator", "year", "date_order"):
        value = getattr(profile, key)
        if value not in (None, ""):
            lines.append(f"{key} = {_toml(value)}")
    for key in ("columns", "decimal", "scale", "constants", "fillers"):
        table = getattr(profile, key)
        if table:
            lines += [
                "",
                f"[{key}]",
                *(f"{_toml_key(name)} = {_toml(value)}" for name, value in table.items()),
            ]
    if profile.purpose or profile.keep:
        lines += ["", "[personal]", f"purpose = {_toml(profile.purpose)}", f"keep = {_toml(profile.keep)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, str):
        # A JSON string of ASCII is a TOML basic string, except for surrogate pairs, which are written as they are.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return repr(value)


def _toml_key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _toml(name)
