"""What somebody may take along from a verdict: the ficha's facts, firms to call, tables of the evidence pack.

Every function takes the edition it is for. ``internal`` is decided by the caller with ``firm.view``; the public
edition is made of ``editions.public_row`` and protected totals, never of the reserved rows with columns left out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
from django.conf import settings
from django.utils import timezone

from coopetir.foundation.core import catalogues, engines, industries
from coopetir.foundation.core.disclosure import Profile, profiles
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.models import ImportBatch
from coopetir.identify.core.call_list import call_list
from coopetir.identify.core.editions import public_row, public_sentences
from coopetir.identify.core.explanation import explain
from coopetir.identify.core.family_sets import label_for
from coopetir.identify.core.family_years import (
    FIRM_YEARS,
    family_firms_by_year,
    protected_totals,
    totals_by_year,
)
from coopetir.identify.core.method import parse_method
from coopetir.identify.documents.ficha import Absence, FichaFirm, FichaSource
from coopetir.identify.documents.picture import PictureSource
from coopetir.identify.documents.workbook import CallBook
from coopetir.identify.models import Decision, Screening, Verdict
from coopetir.identify.queries.results import registry_paths, result_file, result_table
from coopetir.identify.queries.screenings import shows_values

if TYPE_CHECKING:
    from coopetir.identify.core.verdict_picture import Series


class ResultStale(CoopetirError):
    code = "screening.stale"
    es = "«{name}» cambió después de calcularse: calcule de nuevo antes de sacar fichas o archivos."
    en = "“{name}” changed after it was computed: compute it again before taking sheets or files out."


class FirmsWithdrawn(CoopetirError):
    code = "screening.firms_withdrawn"
    es = "«{name}» no tiene en uso un registro de empresas; sin él no hay lista. Suba el extracto y calcule."
    en = "“{name}” has no registry of firms in use; without it there is no list. Upload the extract and compute."


@dataclass(frozen=True)
class Edition:
    """A verdict's row and sentences for one kind of reader."""

    internal: bool
    safe: bool
    row: dict[str, Any]
    sentences: tuple[str, str, str]


def edition_of(verdict: Verdict, *, internal: bool, language: str) -> Edition:
    """The verdict as the reader of this edition sees it.

    :raises ResultStale: families or Method changed since; its row and the present Method do not belong together.
    """
    if verdict.screening.state == Screening.State.DRAFT or not verdict.screening.is_current:
        raise ResultStale(name=verdict.screening.name)
    row, safe = verdict.detail["row"], shows_values(verdict)
    method = parse_method(verdict.screening.method_toml, source="method.toml")
    if internal:
        return Edition(internal, safe, row, explain(row, method, language=language).sentences())
    sentences = public_sentences(row, method, safe=safe, language=language)
    return Edition(internal, safe, public_row(row, safe=safe), sentences)


def public_profile() -> Profile:
    """The rules of what outsiders may see, with the parameters of this installation."""
    return profiles(settings.SDC_P, settings.SDC_K)["public"]


def firms_to_call(verdict: Verdict) -> pl.DataFrame:
    """**Reserved** (``firm.view``). The firms behind a verdict in its last year: columns of ``core.call_list``."""
    screening, paths = verdict.screening, registry_paths(verdict.screening)
    if not paths:
        raise FirmsWithdrawn(name=screening.name)
    with engines.connect() as engine:
        return call_list(
            engine,
            paths,
            result_table(screening, "industries"),
            department=screening.department,
            year=max(screening.summary["years"]),
            family=verdict.family,
        )


def call_book(verdict: Verdict, *, who: str) -> CallBook:
    """**Reserved** (``firm.view``). Everything the workbook of firms to call says."""
    screening = verdict.screening
    return CallBook(
        rows=firms_to_call(verdict),
        label=verdict.label,
        place=department_name(screening.department),
        year=max(screening.summary["years"]),
        entity=screening.entity.name,
        screening=screening.name,
        evidence_sha256=evidence_sha256(screening),
        invented=screening.entity.invented,
        towns=_municipality_names(),
        titles=industries.titles("4"),
        who=who,
    )


def picture_source(verdict: Verdict, *, internal: bool) -> PictureSource:
    """What the picture of a verdict tells in one edition."""
    screening = verdict.screening
    return PictureSource(
        label=verdict.label,
        place=department_name(screening.department),
        years=tuple(screening.summary["years"]),
        row=edition_of(verdict, internal=internal, language="es").row,
        method=parse_method(screening.method_toml, source="method.toml"),
        internal=internal,
        invented=screening.entity.invented,
    )


def firm_years(screening: Screening) -> pl.DataFrame:
    """**Reserved.** Firms of the families by year, to be added up or protected, never shown; none if withdrawn."""
    paths = registry_paths(screening)
    if not paths:
        return pl.DataFrame(schema=FIRM_YEARS)
    with engines.connect() as engine:
        return family_firms_by_year(
            engine,
            paths,
            result_table(screening, "industries"),
            department=screening.department,
        ).filter(pl.col("year").is_in(screening.summary["years"]))


def ficha_source(verdict: Verdict, *, internal: bool, language: str) -> FichaSource:
    """Everything the ficha of one edition tells."""
    screening, edition = verdict.screening, edition_of(verdict, internal=internal, language=language)
    years = tuple(screening.summary["years"])
    by_year = firm_years(screening).filter(pl.col("family") == verdict.family)
    last = by_year.filter(pl.col("year") == years[-1])
    towns = _municipality_names()
    decision = Decision.objects.filter(verdict=verdict).first()
    computed = timezone.localdate(screening.computed_at) if screening.computed_at else date.min
    return FichaSource(
        label=label_for(verdict.family, verdict.label, language),
        place=department_name(screening.department),
        row=edition.row,
        method=parse_method(screening.method_toml, source="method.toml"),
        sentences=edition.sentences,
        survey=False,
        years=years,
        runs=screening.summary["runs"],
        sources=source_words(screening, language),
        evidence_sha256=evidence_sha256(screening),
        computed_on=computed,
        invented=screening.entity.invented,
        activities=_activities(screening, verdict.family),
        firms=_ficha_firms(verdict, towns) if internal else None,
        firms_total=last["firm"].n_unique(),
        absence=_absence(screening),
        places=_places(last, towns),
        series=_series(screening, verdict.family, by_year, internal=internal),
        proposed=decision.proposed if decision and internal else "",
        decided=decision.decided if decision else "",
    )


def evidence_sha256(screening: Screening) -> str:
    """The hash of the screening's evidence document, which names Method, inputs and seed."""
    path = result_file(screening, "evidence.json")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def department_name(code: str) -> str:
    """The department's name for people."""
    names: dict[str, str] = dict(catalogues.departments().select("department", "name").iter_rows())
    return names.get(code, code)


def _municipality_names() -> dict[str, str]:
    return dict(catalogues.municipalities().select("municipality", "name").iter_rows())


def _absence(screening: Screening) -> Absence:
    """Why a screening has no firms to show, if it has none."""
    if registry_paths(screening):
        return ""
    return "withdrawn" if ImportBatch.Kind.REGISTRY in _kinds(screening) else "table"


def _kinds(screening: Screening) -> set[str]:
    return set(screening.datasets.values_list("kind", flat=True))


def source_words(screening: Screening, language: str) -> str:
    """Where a screening's figures come from, for people."""
    named = {
        ImportBatch.Kind.REGISTRY: {
            "es": "registro mercantil de {entity}",
            "en": "business registry of {entity}",
        },
        ImportBatch.Kind.CELLS: {"es": "tabla de empleo de {entity}", "en": "table of jobs of {entity}"},
        ImportBatch.Kind.INDUSTRIES: {"es": "tabla de industrias", "en": "table of industries"},
    }
    kinds = _kinds(screening)
    found = [words[language] for kind, words in named.items() if kind in kinds]
    return ", ".join(found).format(entity=screening.entity.name)


def _activities(screening: Screening, family: str) -> tuple[str, ...]:
    found = next((item for item in screening.families if item["family"] == family), None)
    return tuple(sorted(found["industries"])) if found else ()


def _ficha_firms(verdict: Verdict, towns: dict[str, str]) -> tuple[FichaFirm, ...]:
    if not registry_paths(verdict.screening):
        return ()
    rows = firms_to_call(verdict).select("name", "category", "municipality", "jobs").iter_rows()
    return tuple(
        FichaFirm(
            name=name if category == "01" else None, municipality=towns.get(town, town or ""), jobs=jobs
        )
        for name, category, town, jobs in rows
    )


def _places(firms: pl.DataFrame, towns: dict[str, str]) -> tuple[tuple[str, int], ...]:
    counts = firms.group_by("municipality").agg(count=pl.col("firm").n_unique())
    rows = counts.sort("count", "municipality", descending=[True, False]).iter_rows()
    return tuple((towns.get(town, town or "?"), count) for town, count in rows)


def _series(screening: Screening, family: str, firms: pl.DataFrame, *, internal: bool) -> Series | None:
    """Jobs stated by the family's firms and all jobs of the country's fabric, first year = 100."""
    table = totals_by_year(firms) if internal else protected_totals(firms, public_profile())
    of_family = dict(table.select("year", "jobs").drop_nulls().iter_rows())
    cells = result_table(screening, "cells")
    nation = dict(cells.group_by("year").agg(pl.col("employees").sum()).iter_rows())
    years = screening.summary["years"]
    if set(years) - set(of_family) or not of_family[years[0]] or not nation.get(years[0]):
        return None
    start, whole = of_family[years[0]], nation[years[0]]
    return [(year, 100 * of_family[year] / start, 100 * nation[year] / whole) for year in years]


def evidence_json(screening: Screening) -> dict[str, Any]:
    """The evidence document of a computed screening."""
    path = result_file(screening, "evidence.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
