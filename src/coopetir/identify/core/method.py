"""By which rule is a family of industries judged?

A Method is a named, versioned set of thresholds. It is data: a TOML file, validated here key by key. A file
may state only what it changes; everything else is taken from the shipped ``coop-1``. ``Method.digest`` is the
SHA-256 of the complete rule, so that a verdict can always be traced to the exact thresholds behind it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from coopetir.foundation.core.errors import CoopetirError

CRITERIA = ("density", "growth", "technology", "market")
TOP_FIRM_MEASURES = ("weighted_mean", "bound")
DEFAULT = "coop-1"


class MethodMissing(CoopetirError):
    code = "method.missing"
    es = "No existe el archivo de método «{source}». Revise la ruta."
    en = "There is no Method file “{source}”. Check the path."


class MethodUnreadable(CoopetirError):
    code = "method.unreadable"
    es = "«{source}» no es un TOML válido ({why}). Parta de una copia de coop-1.toml."
    en = "“{source}” is not valid TOML ({why}). Start from a copy of coop-1.toml."


class MethodKeyUnknown(CoopetirError):
    code = "method.key_unknown"
    es = "El método «{source}» tiene claves que no existen: {keys}. Las claves válidas de [{section}] son: {valid}."
    en = "The Method “{source}” has keys that do not exist: {keys}. The valid keys of [{section}] are: {valid}."


class MethodValueInvalid(CoopetirError):
    code = "method.value_invalid"
    es = "En el método «{source}», {key} = {value} no es válido: debe ser {expected}."
    en = "In the Method “{source}”, {key} = {value} is not valid: it must be {expected}."


class MethodThresholdsCrossed(CoopetirError):
    code = "method.thresholds_crossed"
    es = "En el método «{source}», {lower} = {low} no puede ser mayor que {upper} = {high}: corrija uno de los dos."
    en = "In the Method “{source}”, {lower} = {low} may not exceed {upper} = {high}: mend one of the two."


@dataclass(frozen=True, slots=True)
class Window:
    level_periods: int


@dataclass(frozen=True, slots=True)
class Density:
    lq_meets: float
    lq_borderline: float
    interval_level: float
    lower_bound: float
    firms_meets: float
    firms_borderline: float
    top_firm_max: float
    top_firm_measure: str


@dataclass(frozen=True, slots=True)
class Growth:
    z_meets: float
    min_periods: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A criterion judged by the mean percentile of a family among all families."""

    measures: tuple[str, ...]
    percentile_meets: float
    percentile_borderline: float
    min_families: int


@dataclass(frozen=True, slots=True)
class Suppression:
    small_cell_firms: float
    low_quantile: float
    high_quantile: float
    imputed_max: float


@dataclass(frozen=True, slots=True)
class Stability:
    scales: tuple[float, ...]
    firm: float
    fragile: float


@dataclass(frozen=True, slots=True)
class Acceptability:
    draws: int
    concentration: float


@dataclass(frozen=True, slots=True)
class Method:
    """The complete rule. Sections mirror the TOML file; ``changed`` gives a copy with other thresholds."""

    name: str
    version: str
    window: Window
    density: Density
    growth: Growth
    technology: Standing
    market: Standing
    suppression: Suppression
    stability: Stability
    acceptability: Acceptability

    def to_dict(self) -> dict[str, Any]:
        """The complete rule as plain data, in the layout of the TOML file."""
        plain = dataclasses.asdict(self)
        return {
            section: {key: list(value) if isinstance(value, tuple) else value for key, value in body.items()}
            if isinstance(body, dict)
            else body
            for section, body in plain.items()
        }

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the complete rule, independent of the order and comments of its file."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def changed(self, thresholds: Mapping[str, Any]) -> Method:
        """A copy with other values, given as ``{"density.lq_meets": 1.4}``; validated like a file.

        :raises MethodKeyUnknown: :raises MethodValueInvalid: :raises MethodThresholdsCrossed:
        """
        plain = self.to_dict()
        for path, value in thresholds.items():
            section, _, key = path.rpartition(".")
            if section:
                body = plain.get(section)
                if not isinstance(body, dict):
                    raise MethodKeyUnknown(source=self.name, keys=[path], section="", valid=list(SECTIONS))
                body[key] = value
            else:
                plain[key] = value
        return _build(plain, source=self.name)


SECTIONS: dict[str, type] = {
    "window": Window,
    "density": Density,
    "growth": Growth,
    "technology": Standing,
    "market": Standing,
    "suppression": Suppression,
    "stability": Stability,
    "acceptability": Acceptability,
}

# Inclusive limits of every number. Shares are 0-1, percentiles 0-100.
LIMITS: dict[str, tuple[float, float]] = {
    "level_periods": (1, 50),
    "lq_meets": (0, 1000),
    "lq_borderline": (0, 1000),
    "interval_level": (0.01, 0.999),
    "lower_bound": (0, 1000),
    "firms_meets": (0, 1e6),
    "firms_borderline": (0, 1e6),
    "top_firm_max": (0, 1),
    "z_meets": (0, 20),
    "min_periods": (3, 100),
    "percentile_meets": (0, 100),
    "percentile_borderline": (0, 100),
    "min_families": (2, 1000),
    "small_cell_firms": (1, 1000),
    "low_quantile": (0, 1),
    "high_quantile": (0, 1),
    "imputed_max": (0, 1),
    "scales": (0.1, 10),
    "firm": (0, 1),
    "fragile": (0, 1),
    "draws": (1, 100_000),
    "concentration": (0.01, 1000),
}

# (section, must not exceed, must not be below)
ORDERED = (
    ("density", "lq_borderline", "lq_meets"),
    ("density", "firms_borderline", "firms_meets"),
    ("technology", "percentile_borderline", "percentile_meets"),
    ("market", "percentile_borderline", "percentile_meets"),
    ("suppression", "low_quantile", "high_quantile"),
    ("stability", "fragile", "firm"),
)


def shipped_text() -> str:
    """The TOML of ``coop-1`` with its comments, as a start for a Method of one's own."""
    return files("coopetir.identify").joinpath("methods", f"{DEFAULT}.toml").read_text(encoding="utf-8")


@cache
def shipped_method() -> Method:
    """``coop-1``, the default that comes with the package."""
    return _build(tomllib.loads(shipped_text()), source=DEFAULT)


def read_method(path: str | Path) -> Method:
    """The Method in a TOML file; what it does not state is taken from ``coop-1``.

    :raises MethodMissing: :raises MethodUnreadable: and the refusals of :func:`parse_method`.
    """
    path = Path(path)
    if not path.is_file():
        raise MethodMissing(source=str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise MethodUnreadable(source=path.name, why=str(error)[:200]) from error
    return parse_method(text, source=path.name)


def parse_method(text: str, *, source: str) -> Method:
    """The Method in TOML ``text``.

    :raises MethodUnreadable: not TOML.
    :raises MethodKeyUnknown: a section or key that does not exist.
    :raises MethodValueInvalid: a value of the wrong type or out of its limits.
    :raises MethodThresholdsCrossed: a borderline threshold above the one that meets.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MethodUnreadable(source=source, why=str(error)) from error
    plain = shipped_method().to_dict()
    for key, value in given.items():
        if isinstance(value, dict) and isinstance(plain.get(key), dict):
            plain[key] = {**plain[key], **value}
        else:
            plain[key] = value
    return _build(plain, source=source)


def method_from_dict(plain: Mapping[str, Any], *, source: str) -> Method:
    """The Method that ``Method.to_dict`` wrote; every key must be there. Refusals as :func:`parse_method`."""
    return _build(plain, source=source)


def _build(plain: Mapping[str, Any], *, source: str) -> Method:
    known = {"name", "version", *SECTIONS}
    _refuse_unknown(set(plain) - known, section="", valid=sorted(known), source=source)
    for key in ("name", "version"):
        if not isinstance(plain.get(key), str) or not plain[key].strip():
            _invalid(source, key, plain.get(key), "texto no vacío / non-empty text")
    sections = {name: _section(name, kind, plain.get(name), source) for name, kind in SECTIONS.items()}
    for section, lower, upper in ORDERED:
        low, high = getattr(sections[section], lower), getattr(sections[section], upper)
        if low > high:
            raise MethodThresholdsCrossed(
                source=source, lower=f"{section}.{lower}", low=low, upper=f"{section}.{upper}", high=high
            )
    return Method(name=plain["name"], version=plain["version"], **sections)


def _section(name: str, kind: type, body: Any, source: str) -> Any:
    if not isinstance(body, dict):
        _invalid(source, name, body, f"una sección [{name}] / a section [{name}]")
    fields = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    _refuse_unknown(set(body) - set(fields), section=name, valid=list(fields), source=source)
    _refuse_absent(set(fields) - set(body), name, source)
    return kind(
        **{key: _value(f"{name}.{key}", key, kind_, body[key], source) for key, kind_ in fields.items()}
    )


def _value(path: str, key: str, kind: str, value: Any, source: str) -> Any:
    if key == "measures":
        if (
            not isinstance(value, list | tuple)
            or not value
            or not all(isinstance(item, str) for item in value)
        ):
            _invalid(source, path, value, "una lista de columnas / a list of columns")
        return tuple(value)
    if key == "top_firm_measure":
        if value not in TOP_FIRM_MEASURES:
            _invalid(source, path, value, " | ".join(TOP_FIRM_MEASURES))
        return value
    if key == "scales":
        if not isinstance(value, list | tuple) or not value:
            _invalid(source, path, value, "una lista de factores / a list of factors")
        return tuple(_number(path, key, "float", item, source) for item in value)
    return _number(path, key, kind, value, source)


def _number(path: str, key: str, kind: str, value: Any, source: str) -> float | int:
    low, high = LIMITS[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        _invalid(source, path, value, f"un número / a number ({low:g} – {high:g})")
    if not low <= value <= high:
        _invalid(source, path, value, f"{low:g} – {high:g}")
    if kind == "int":
        if value != int(value):
            _invalid(source, path, value, "un entero / an integer")
        return int(value)
    return float(value)


def _refuse_unknown(keys: set[str], *, section: str, valid: list[str], source: str) -> None:
    if keys:
        raise MethodKeyUnknown(source=source, keys=sorted(keys), section=section, valid=valid)


def _refuse_absent(keys: set[str], section: str, source: str) -> None:
    for key in sorted(keys):
        _invalid(source, f"{section}.{key}", "∅", "un valor / a value")


def _invalid(source: str, key: str, value: Any, expected: str) -> None:
    raise MethodValueInvalid(source=source, key=key, value=str(value), expected=expected)
