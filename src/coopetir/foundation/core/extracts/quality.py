"""How good is what was read, and what can it answer?

Quality is data that a page can show: rows in and kept, every finding by code, what share of the firms lacks each
field, and which of the four criteria of a screening can be graded with these columns, with where to get the rest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from coopetir.foundation.core.extracts.registry import ACTIVE, CANONICAL

Criterion = Literal["density", "growth", "technology", "market"]
Grade = Literal["yes", "partly", "no"]

DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Quality:
    """What came out of a reading.

    ``missing``: canonical column → share of firm rows (0–1) without a value. ``firms_by_year``: rows kept per cut
    year; ``active_by_year``: those with status ACTIVA (or without a status column). ``issues``: one entry per code and
    column, with its full count and both sentences. ``dropped_columns`` were personal or not recognised.
    """

    rows_read: int
    firms: int
    branches: int
    rows_dropped: int
    natural_persons: int
    years: list[int]
    firms_by_year: dict[int, int]
    active_by_year: dict[int, int]
    chambers: list[str]
    departments: list[str]
    missing: dict[str, float]
    issues: list[dict[str, str | int]]
    personal_columns: list[str]
    unrecognised_columns: list[str]
    mixed_vintages: bool = False

    def has(self, column: str, share: float = 0.5) -> bool:
        """True when at least ``share`` of the firms have a value in ``column``."""
        return self.firms > 0 and 1 - self.missing[column] >= share

    def count(self, code: str) -> int:
        """Findings with this code, over all columns."""
        return sum(int(issue["count"]) for issue in self.issues if issue["code"] == code)


@dataclass(slots=True)
class Tally:
    """Adds up batches of kept rows."""

    firms: int = 0
    natural: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    by_year: Counter[int] = field(default_factory=Counter)
    active: Counter[int] = field(default_factory=Counter)
    chambers: set[str] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)

    def add(self, frame: pl.DataFrame) -> None:
        """Count a batch with the canonical columns and ``_natural``."""
        self.firms += len(frame)
        self.natural += int(frame["_natural"].sum())
        self.nulls.update({name: frame[name].null_count() for name in CANONICAL})
        self.by_year.update(dict(frame.group_by("year").len().iter_rows()))
        active = frame.filter(pl.col("status").fill_null(ACTIVE) == ACTIVE)
        self.active.update(dict(active.group_by("year").len().iter_rows()))
        self.chambers.update(frame["chamber"].drop_nulls().unique())
        self.departments.update(frame["municipality"].drop_nulls().str.slice(0, 2).unique())

    def missing(self) -> dict[str, float]:
        """Share of rows without a value, by column."""
        return {name: self.nulls[name] / self.firms if self.firms else 1.0 for name in CANONICAL}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one criterion can be graded with the file, why, and what to get elsewhere (Spanish and English)."""

    criterion: Criterion
    grade: Grade
    es: str
    en: str
    get_es: str
    get_en: str

    def to_dict(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "criterion": self.criterion,
            "grade": self.grade,
            "es": self.es,
            "en": self.en,
            "get_es": self.get_es,
            "get_en": self.get_en,
        }


def answers(quality: Quality) -> list[Answer]:
    """Which of density, growth, technology and market can be graded with this extract, and where to get the rest."""
    return [_density(quality), _growth(quality), _technology(quality), _market(quality)]


def cautions(quality: Quality) -> list[tuple[str, str]]:
    """What to keep in mind with these data, as pairs of sentences (Spanish, English)."""
    found = []
    if quality.count("category.derived") > DOUBT * quality.firms:
        found.append((
            "Sin categoría de matrícula: puede haber establecimientos contados como empresas.",
            "Without the category of registration, some establishments may be counted as firms.",
        ))  # fmt: skip
    if quality.count("status.presumed") or quality.missing["status"] > DOUBT:
        found.append((
            "Sin estado de la matrícula: no se sabe cuáles empresas siguen activas.",
            "Without the status of registration it is not known which firms are still active.",
        ))  # fmt: skip
    if quality.count("chamber.derived"):
        found.append((
            "La cámara se dedujo del municipio más cercano; no es la jurisdicción legal.",
            "The chamber was derived from the nearest seat; it is not the legal jurisdiction.",
        ))  # fmt: skip
    if quality.mixed_vintages:
        found.append((
            "Hay códigos CIIU de 2012 y de la actualización vigente: los años se comparan por grupo donde cambió la clase.",
            "There are CIIU codes of 2012 and of the current update: years compare by group where the class changed.",
        ))  # fmt: skip
    if quality.missing["municipality"] > DOUBT:
        share = f"{100 * quality.missing['municipality']:.0f} %"
        found.append((
            f"El {share} de las empresas no tiene municipio y queda fuera de los mapas.",
            f"{share} of the firms have no municipality and are left out of maps.",
        ))  # fmt: skip
    return found


def _density(quality: Quality) -> Answer:
    place = quality.has("municipality") or quality.has("chamber")
    if place and quality.has("jobs") and len(quality.departments) > 1:
        return Answer(
            "density", "yes",
            "Sí: hay actividad, lugar y empleados por empresa en varios departamentos, que sirven de comparación.",
            "Yes: there are activity, place and jobs by firm in several departments, which serve as comparison.",
            "Cuanto más completos los otros departamentos, más vale la comparación.",
            "The more complete the other departments, the better the comparison.",
        )  # fmt: skip
    if place and quality.has("jobs"):
        return Answer(
            "density", "partly",
            "A medias: hay empresas y empleados, pero de un solo departamento; sin otros no se sabe si es especialización.",
            "Partly: there are firms and jobs, but of one department; without others nobody knows whether it is specialised.",
            "Sume extractos de otras cámaras de los mismos años (Confecámaras entrega el registro nacional a entidades).",
            "Add extracts of other chambers for the same years (Confecámaras delivers the national registry to institutions).",
        )  # fmt: skip
    if place:
        return Answer(
            "density", "partly",
            "A medias: se cuentan empresas, pero sin empleados no se mide el tamaño ni la empresa mayor.",
            "Partly: firms can be counted, but without jobs neither size nor the largest firm is measured.",
            "Pida a la cámara la entrega con EMPLEADOS (o PILA agregada por CIIU y municipio).",
            "Ask the chamber for the delivery with EMPLEADOS (or PILA added up by CIIU and municipality).",
        )  # fmt: skip
    return Answer(
        "density", "no", "No: el archivo no dice dónde está cada empresa.", "No: the file does not say where each firm is.",
        "Pida MUNICIPIO_COMERCIAL, o indique la cámara en el perfil.", "Ask for MUNICIPIO_COMERCIAL, or state the chamber in the profile.",
    )  # fmt: skip


def _growth(quality: Quality) -> Answer:
    years = len(quality.years)
    measure_es, measure_en = ("empleados", "jobs") if quality.has("jobs") else ("empresas", "firms")
    if years >= 3:
        grade: Grade = "yes" if quality.has("jobs") else "partly"
        return Answer(
            "growth", grade, f"Tendencia de {measure_es} en {years} años.", f"Trend of {measure_en} over {years} years.",
            "Con cinco o más cortes el error es menor.", "With five or more yearly cuts the error is smaller.",
        )  # fmt: skip
    if years == 2:
        return Answer(
            "growth", "partly", f"Solo dos cortes: hay cambio de {measure_es}, no tendencia con su error.",
            f"Only two yearly cuts: a change in {measure_en}, not a trend with its error.",
            "Pida los cortes de otros años a la misma fecha.", "Ask for the cuts of other years at the same date.",
        )  # fmt: skip
    if quality.has("registered_on"):
        return Answer(
            "growth", "partly",
            "Un solo corte: las fechas de matrícula muestran nacimientos de las que viven hoy, no el crecimiento.",
            "A single cut: registration dates show births of those alive today, not growth.",
            "Pida los cortes anuales anteriores (mínimo tres).", "Ask for earlier yearly cuts (three at least).",
        )  # fmt: skip
    return Answer(
        "growth", "no", "No: un solo corte y sin fechas.", "No: a single cut and no dates.",
        "Pida los cortes anuales anteriores (mínimo tres).", "Ask for earlier yearly cuts (three at least).",
    )  # fmt: skip


def _technology(quality: Quality) -> Answer:
    if quality.has("activity_1"):
        return Answer(
            "technology", "partly",
            "Por la clase y solo en la manufactura (niveles de Eurostat); la de sus empresas no se ve en el registro.",
            "By class and in manufacturing only (Eurostat's levels); that of its firms is not visible in a registry.",
            "Suba una tabla propia con la columna tech_intensity por CIIU: EDIT de DANE, patentes o una encuesta.",
            "Upload a table of your own with a column tech_intensity by CIIU: EDIT of DANE, patents or a survey.",
        )  # fmt: skip
    return Answer(
        "technology",
        "no",
        "No: sin actividad económica.",
        "No: there is no economic activity.",
        "Pida el CIIU principal.",
        "Ask for the main CIIU.",
    )


def _market(quality: Quality) -> Answer:
    if quality.has("income_cop") and len(quality.years) >= 3:
        return Answer(
            "market", "partly", "Las ventas muestran el mercado que ya se atiende, no la demanda que crece fuera.",
            "Sales show the market already served, not the demand that grows elsewhere.",
            "Suba una tabla con la columna world_demand_growth por CIIU: crecimiento de las importaciones mundiales.",
            "Upload a table with a column world_demand_growth by CIIU: growth of world imports.",
        )  # fmt: skip
    return Answer(
        "market", "no", "No: el registro no dice de la demanda.", "No: a registry does not tell about demand.",
        "Suba una tabla con la columna world_demand_growth por CIIU: crecimiento de las importaciones mundiales.",
        "Upload a table with a column world_demand_growth by CIIU: growth of world imports.",
    )  # fmt: skip
