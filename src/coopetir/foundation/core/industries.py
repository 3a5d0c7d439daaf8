"""Which industry is this code, in which revision, and how do years and revisions compare?

CIIU Rev. 4 A.C. has 21 sections, 88 divisions, 246 groups and 495 classes (2012) or 502 (current); household
surveys until 2019 use Rev. 3 A.C. (445 classes). Codes are text. Nothing is guessed: a class that was split
between two vintages compares at its group; the many-to-many step from Rev. 3 to Rev. 4 takes explicit weights
and says what share of the values had one target only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.catalogues import Level, Revision
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import require_columns, rows_where

ActivityNote = Literal["ok", "blank", "zero_restored", "trimmed", "unclassified", "not_a_class"]
TechnologyScheme = Literal["oecd_2016", "eurostat_manufacturing", "eurostat_services"]

# Codes that registries and tax forms use for "none": never a class, always counted.
NO_ACTIVITY = frozenset({"0000", "0006", "9710", "0010", "0081", "0082", "0090"})

_FORM = re.compile(r"^([A-Ua-u])?[\s.-]*(\d{1,4})(?:[.,]0+)?(?:\s*[-–:|].*|\s+[^\d\s].*)?$", re.DOTALL)


class ActivityFound(NamedTuple):
    """A four-digit class (or null) and how the text led to it."""

    code: str | None
    note: ActivityNote


class WeightsInvalid(CoopetirError):
    code = "industries.weights"
    es = "Los pesos para pasar de CIIU Rev. 3 a Rev. 4 no suman 1 en las clases {codes}. Corríjalos."
    en = "The weights from CIIU Rev. 3 to Rev. 4 do not add up to 1 in classes {codes}. Mend them."


class RevisionUnclear(CoopetirError):
    code = "industries.revision_unclear"
    es = "Los códigos CIIU no permiten saber la revisión: {rev4} de las filas valen en Rev. 4 y {rev3} en Rev. 3 (p. ej. {examples}). Revise qué columna es la actividad o separe el archivo por revisión."
    en = "The CIIU codes do not tell the revision: {rev4} of the rows are valid in Rev. 4 and {rev3} in Rev. 3 (e.g. {examples}). Check which column is the activity, or split the file by revision."


@cache
def classes(revision: Revision = "4") -> frozenset[str]:
    """All four-digit classes; for Rev. 4 both vintages (2012 and current)."""
    frame = catalogues.industries(revision)
    return frozenset(frame.filter(pl.col("level") == "class")["code"])


def find_activity(text: str | None, revision: Revision = "4") -> ActivityFound:
    """Read ``C2711 - Fabricación…``, ``G4610``, ``111``, ``2711.0`` or ``0111`` as a class of ``revision``.

    Codes that mean "none" are "unclassified"; digits that are no class are "not_a_class". Both give null.
    """
    raw = (text or "").strip().strip("\"'")
    if raw.upper() in {"", "NULL", "NA", "N/A", "NAN", "SIN DATO", "SIN CIIU", "NO APLICA"}:
        return ActivityFound(None, "blank")
    form = _FORM.match(raw)
    if not form:
        return ActivityFound(None, "not_a_class")
    digits = form.group(2)
    code = digits.zfill(4)
    if code in NO_ACTIVITY or not code.strip("0"):
        return ActivityFound(None, "unclassified")
    if len(digits) < 3 or code not in classes(revision):
        return ActivityFound(None, "not_a_class")
    if raw == code:
        return ActivityFound(code, "ok")
    return ActivityFound(code, "zero_restored" if len(digits) == 3 else "trimmed")


@cache
def sections(revision: Revision = "4") -> dict[str, str]:
    """Division → section, e.g. ``sections()["10"] == "C"``. Section is a function of the division."""
    frame = catalogues.industries(revision).filter(pl.col("level") == "division")
    return dict(frame.select("code", "section").iter_rows())


@cache
def titles(revision: Revision = "4", language: str = "es") -> dict[str, str]:
    """Code of any level → title; in English where ISIC has the same code, else in Spanish."""
    frame = catalogues.industries(revision)
    title = pl.coalesce("title_en", "title") if language.startswith("en") else pl.col("title")
    return dict(frame.select("code", title.alias("title")).iter_rows())


def at_level(code: pl.Expr, level: Level, revision: Revision = "4") -> pl.Expr:
    """Roll classes up: the group (3 digits), division (2), or section (letter) of a column of codes."""
    if level == "class":
        return code
    if level == "group":
        return code.str.slice(0, 3)
    division = code.str.slice(0, 2)
    if level == "division":
        return division
    return division.replace_strict(sections(revision), default=None, return_dtype=pl.String)


class RevisionGuess(NamedTuple):
    """Shares of rows valid in each revision, shares valid in that one only, and the verdict (null = unclear)."""

    revision: Revision | None
    valid_rev4: float
    valid_rev3: float
    only_rev4: float
    only_rev3: float


def guess_revision(counts: Mapping[str, int]) -> RevisionGuess:
    """Tell Rev. 3 from Rev. 4 by content: ``counts`` is four-digit code → rows.

    A revision wins when at least 90 % of the rows are its classes and codes found only in the other one are under
    5 %. Neither: ``revision`` is null, and nobody may mix them silently.
    """
    rows = {code: count for code, count in counts.items() if code not in NO_ACTIVITY}
    total = sum(rows.values())
    if not total:
        return RevisionGuess(None, 0.0, 0.0, 0.0, 0.0)
    four, three = classes("4"), classes("3")
    valid4 = sum(count for code, count in rows.items() if code in four) / total
    valid3 = sum(count for code, count in rows.items() if code in three) / total
    only4 = sum(count for code, count in rows.items() if code in four - three) / total
    only3 = sum(count for code, count in rows.items() if code in three - four) / total
    revision: Revision | None = None
    if valid4 >= 0.9 and only3 < 0.05 and valid4 >= valid3:
        revision = "4"
    elif valid3 >= 0.9 and only4 < 0.05:
        revision = "3"
    return RevisionGuess(revision, valid4, valid3, only4, only3)


@cache
def _comparable() -> dict[str, str]:
    """Class → the code at which the 2012 and the current vintage compare, for the classes that changed."""
    changes = catalogues.vintage_changes()
    targets = changes.group_by("code_2012").agg(pl.col("code_current"))
    renamed = {old: new[0] for old, new in targets.iter_rows() if old is not None and len(new) == 1}
    touched = {code[:3] for row in changes.iter_rows() for code in row[:2] if code and row[0] not in renamed}
    comparable = {code: code[:3] for code in classes("4") if code[:3] in touched}
    return comparable | renamed


def comparable_vintages(code: pl.Expr) -> pl.Expr:
    """Up-map Rev. 4 classes so that 2012 and current extracts compare.

    Groups in which a class was split or added (103, 321, 711, 889 and the insurance groups 651 and 652) become their
    three digits; everything else stays a class. A split is never guessed.
    """
    return code.replace(_comparable())


def mixes_vintages(codes: frozenset[str] | set[str]) -> bool:
    """True when codes that exist only in 2012 meet codes that exist only in the current update."""
    frame = catalogues.industries("4").filter(pl.col("level") == "class")
    old = set(frame.filter(pl.col("in_2012") & ~pl.col("in_current"))["code"])
    new = set(frame.filter(~pl.col("in_2012") & pl.col("in_current"))["code"])
    return bool(codes & old) and bool(codes & new)


@dataclass(frozen=True, slots=True)
class Concordance:
    """Values moved from Rev. 3 to Rev. 4.

    ``frame`` has the other columns, ``industry`` (Rev. 4, 2012 classes) and the values; ``one_to_one`` is, per value
    column, the share that had a single target; ``unmapped`` the codes left out, with their rows counted.
    """

    frame: pl.DataFrame
    one_to_one: dict[str, float]
    unmapped: dict[str, int]


def concord(
    frame: pl.DataFrame, *, industry: str, values: list[str], weights: pl.DataFrame | None = None
) -> Concordance:
    """Convert Rev. 3 classes to Rev. 4 with explicit weights.

    ``weights`` has rev3, rev4, weight, adding up to 1 per rev3; without it every target gets 1/targets, which is an
    assumption to be shown. Values are split by weight and added up by the other columns.

    :raises WeightsInvalid: when the weights of a class do not add up to 1.
    """
    require_columns(frame, [industry, *values], source="concord")
    table = _weights(weights)
    single = table.group_by("rev3").len().filter(pl.col("len") == 1)["rev3"].implode()
    known = pl.col(industry).is_in(table["rev3"].unique().implode())
    keys = [column for column in frame.columns if column not in {industry, *values}]
    kept = frame.filter(known)
    totals = kept.select(pl.col(value).sum() for value in values).row(0)
    alone = kept.filter(pl.col(industry).is_in(single)).select(pl.col(value).sum() for value in values).row(0)
    lost = frame.filter(~known.fill_null(value=False)).group_by(pl.col(industry).fill_null("")).len()
    moved = (
        kept.join(table, left_on=industry, right_on="rev3", how="inner")
        .with_columns(pl.col(value) * pl.col("weight") for value in values)
        .group_by([*keys, "rev4"], maintain_order=True)
        .agg(pl.col(value).sum() for value in values)
        .rename({"rev4": "industry"})
    )
    shares = {v: (a / t if t else 0.0) for v, a, t in zip(values, alone, totals, strict=True)}
    return Concordance(moved, shares, dict(lost.iter_rows()))


def _weights(given: pl.DataFrame | None) -> pl.DataFrame:
    if given is None:
        return catalogues.revision_correspondence().select("rev3", "rev4", weight=1.0 / pl.col("targets"))
    require_columns(given, ["rev3", "rev4", "weight"], source="weights")
    sums = given.group_by("rev3").agg(pl.col("weight").sum()).sort("rev3")
    wrong = rows_where(sums, (pl.col("weight") - 1).abs() > 1e-6)
    if wrong:
        raise WeightsInvalid(codes=[sums["rev3"][row - 1] for row in wrong])
    return given.select("rev3", "rev4", "weight")


@cache
def _technology(scheme: TechnologyScheme) -> dict[str, str]:
    frame = catalogues.technology_intensity().select("code", scheme).drop_nulls()
    return dict(frame.iter_rows())


def technology_of(code: str, scheme: TechnologyScheme = "oecd_2016") -> str | None:
    """The technology intensity of a class: its group's exception if there is one, else its division's level."""
    levels = _technology(scheme)
    return levels.get(code[:3]) or levels.get(code[:2])


def technology_column(code: pl.Expr, scheme: TechnologyScheme = "oecd_2016") -> pl.Expr:
    """The same for a column of codes."""
    levels = {other: technology_of(other, scheme) for other in classes("4")}
    return code.replace_strict(levels, default=None, return_dtype=pl.String)
