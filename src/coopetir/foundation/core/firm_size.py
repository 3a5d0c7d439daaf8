"""Is this firm micro, small, medium or large, by the rule in force?

Since December 2019 (Decreto 957 de 2019) the only criterion is ordinary income of the previous year in UVT, by
macro-sector of the activity with the highest income; limits are inclusive. The UVT is, by default, the one in force
when the figures were filed (income of 2023 filed in March 2024 uses the UVT of 2024), as the chambers do; it is a
setting. Before, size followed the number of workers (Ley 905 de 2004). No income means no class, never "micro".

Deviations: manufacturing limits also hold for everything that is neither commerce (section G) nor services (sections
H to U), as public code does; the day on which each rule starts and the older rule are unverified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.industries import sections

Size = Literal["micro", "small", "medium", "large"]
MacroSector = Literal["manufactura", "servicios", "comercio"]

SIZES: tuple[Size, ...] = ("micro", "small", "medium", "large")
RUES_CODES: dict[Size, str] = {"micro": "01", "small": "02", "medium": "03", "large": "04"}
LABELS: dict[Size, tuple[str, str]] = {
    "micro": ("Microempresa", "Micro"),
    "small": ("Pequeña empresa", "Small"),
    "medium": ("Mediana empresa", "Medium"),
    "large": ("Gran empresa", "Large"),
}
SERVICES = frozenset("HIJKLMNOPQRSTU")
COMMERCE = frozenset("G")
WORKERS_LIMITS = (10, 50, 200)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of size with the first day it holds; it ends where the next one starts."""

    name: str
    since: date
    criterion: Literal["income", "workers"]


RULES = (
    Rule("Ley 905 de 2004", date(2004, 8, 2), "workers"),
    Rule("Decreto 957 de 2019", date(2019, 12, 5), "income"),
)


class TaxUnitUnknown(CoopetirError):
    code = "firm_size.tax_unit_unknown"
    es = "No hay UVT para los años {years}; se conocen de {first} a {last}. Actualice la tabla uvt.csv."
    en = "There is no UVT for the years {years}; those from {first} to {last} are known. Update the table uvt.csv."


def rule_on(day: date) -> Rule:
    """The rule in force on ``day`` (the oldest one for anything earlier)."""
    return max((rule for rule in RULES if rule.since <= day), key=lambda rule: rule.since, default=RULES[0])


@cache
def tax_unit(year: int) -> int:
    """The UVT of a year in COP. :raises TaxUnitUnknown:"""
    units = dict(catalogues.tax_units().iter_rows())
    if year not in units:
        raise TaxUnitUnknown(years=[year], first=min(units), last=max(units))
    return int(units[year])


def macro_sector(activity: str | None) -> MacroSector | None:
    """The macro-sector of a Rev. 4 class; null when the class is unknown."""
    section = sections("4").get((activity or "")[:2])
    if section is None:
        return None
    return "comercio" if section in COMMERCE else "servicios" if section in SERVICES else "manufactura"


@cache
def _limits() -> dict[str, tuple[int, int, int]]:
    return {
        str(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in catalogues.size_limits().iter_rows()
    }


def size_by_income(income_cop: float | None, activity: str | None, *, filed_in: int) -> Size | None:
    """Decreto 957: size from COP of ordinary income, by the UVT of the year ``filed_in``; null when unknown.

    ``size_by_income(2_000_000_000, "6201", filed_in=2025)`` is "small" (40,161 UVT of services).
    """
    sector = macro_sector(activity)
    if income_cop is None or sector is None or income_cop < 0:
        return None
    units = income_cop / tax_unit(filed_in)
    for size, limit in zip(SIZES, _limits()[sector], strict=False):
        if units <= limit:
            return size
    return "large"


def size_by_workers(workers: float | None) -> Size | None:
    """Ley 905, by workers alone: up to 10, 50, 200 (its limits on assets are not in the shipped tables)."""
    if workers is None or workers < 0:
        return None
    for size, limit in zip(SIZES, WORKERS_LIMITS, strict=False):
        if workers <= limit:
            return size
    return "large"


def size_column(
    frame: pl.DataFrame,
    *,
    income: str = "income_cop",
    activity: str = "top_income_activity",
    otherwise: str = "activity_1",
    year: str = "year",
) -> pl.Series:
    """The size of each firm of canonical rows: text, null = unknown.

    ``activity`` decides, or ``otherwise`` where it is null; the UVT is that of ``year`` (the cut year, in which the
    figures of the previous 31 December were filed).

    :raises TaxUnitUnknown: when a year has no UVT.
    """
    units = dict(catalogues.tax_units().iter_rows())
    missing = sorted(set(frame[year].drop_nulls()) - set(units))
    if missing:
        raise TaxUnitUnknown(years=missing, first=min(units), last=max(units))
    sector = _sector_column(pl.coalesce(activity, otherwise))
    relative = pl.col(income) / pl.col(year).replace_strict(units, default=None, return_dtype=pl.Int64)
    limits = [
        sector.replace_strict(
            {name: limit[place] for name, limit in _limits().items()}, default=None, return_dtype=pl.Int64
        )
        for place in range(3)
    ]
    size = (
        pl.when(sector.is_null() | relative.is_null() | (pl.col(income) < 0)).then(None)
        .when(relative <= limits[0]).then(pl.lit("micro"))
        .when(relative <= limits[1]).then(pl.lit("small"))
        .when(relative <= limits[2]).then(pl.lit("medium"))
        .otherwise(pl.lit("large"))
    )  # fmt: skip
    return frame.select(size.alias("size")).to_series()


def _sector_column(activity: pl.Expr) -> pl.Expr:
    """The macro-sector of a column of classes, null where the class is unknown."""
    section = activity.str.slice(0, 2).replace_strict(sections("4"), default=None, return_dtype=pl.String)
    return (
        pl.when(section.is_in(sorted(COMMERCE))).then(pl.lit("comercio"))
        .when(section.is_in(sorted(SERVICES))).then(pl.lit("servicios"))
        .when(section.is_not_null()).then(pl.lit("manufactura"))
    )  # fmt: skip
