"""The long work of identify: computing a screening from the registry tables in use."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings
from django.utils import timezone

from coopetir.foundation.core import engines
from coopetir.foundation.core.disclosure import profiles
from coopetir.foundation.core.progress import Progress
from coopetir.foundation.jobs import declare
from coopetir.foundation.models import Job
from coopetir.identify.core.family_years import family_firms_by_year, family_safety
from coopetir.identify.core.method import parse_method
from coopetir.identify.core.record import evidence_document, plain
from coopetir.identify.core.registry_screening import Fabric, fabric_of, fabric_of_jobs
from coopetir.identify.core.registry_units import Kind, registry_units
from coopetir.identify.core.report import render_report
from coopetir.identify.core.screening import ScreeningResult, screen
from coopetir.identify.core.units import read_units, unit_drivers
from coopetir.identify.models import Screening, Verdict
from coopetir.identify.operations.screenings import REQUESTED, store_result
from coopetir.identify.queries.results import attributes_of, family_pairs, jobs_table, registry_paths

KINDS: tuple[Kind, ...] = ("firm", "municipality")
CRITERIA = ("density", "growth", "technology", "market")


def compute_screening(job: Job, progress: Progress) -> dict[str, Any]:
    """Screen the tables in use and store the result; running it again replaces the result."""
    screening = Screening.objects.select_related("entity").get(pk=job.subject_id)
    asked = screening.asked()
    progress(0, 100, "read")
    done = (
        _from_registry(screening, progress) if registry_paths(screening) else _from_jobs(screening, progress)
    )
    progress(99, 100, "explain")
    result, safe = done.result, done.safe
    without = {kind: _without(result, rows) for kind, rows in done.units.items()}
    earlier, folder = screening.folder, _write(screening, done.fabric, result, without)
    verdicts = [_verdict(screening, row, result, safe) for row in _rows(screening, result)]
    left = folder
    try:
        store_result(
            screening=screening,
            asked=asked,
            folder=folder,
            summary=_summary(screening, result),
            verdicts=verdicts,
            now=timezone.now(),
        )
        left = earlier
    finally:
        # The earlier result once the new one is stored; the new one if it was refused.
        if left:
            shutil.rmtree(Path(settings.MEDIA_ROOT) / left, ignore_errors=True)
    return {"url": f"/identificar/tamizajes/{screening.pk}/", "verdicts": len(verdicts)}


@dataclass(frozen=True)
class Done:
    """A computed screening, the units to leave out by kind, and which families' totals outsiders may see."""

    fabric: Fabric
    result: ScreeningResult
    units: Mapping[Kind, pl.DataFrame]
    safe: dict[str, bool]


def _from_registry(screening: Screening, progress: Progress) -> Done:
    paths, here = registry_paths(screening), [screening.department]
    with engines.connect() as engine:
        fabric = fabric_of(engine, paths, **_asked(screening))
        units: dict[Kind, pl.DataFrame] = {
            kind: registry_units(engine, paths, here, kind=kind) for kind in KINDS
        }
        result = _screened(screening, fabric, progress, registry=True, firms=units["firm"])
        firms = family_firms_by_year(engine, paths, fabric.industries, department=screening.department)
    judged = firms.filter(pl.col("year").is_in(result.years))
    safe = family_safety(judged, profiles(settings.SDC_P, settings.SDC_K)["public"])
    return Done(fabric, result, units, safe)


def _from_jobs(screening: Screening, progress: Progress) -> Done:
    """From a table of jobs added up by others: no firm behind it, so nothing is known to be safe to show."""
    fabric = fabric_of_jobs(jobs_table(screening), **_asked(screening))
    result = _screened(screening, fabric, progress, registry=False, firms=None)
    return Done(fabric, result, {}, dict.fromkeys(result.verdicts["family"].to_list(), False))


def _asked(screening: Screening) -> dict[str, Any]:
    return {
        "families": family_pairs(screening),
        "attributes": attributes_of(screening),
        "until_year": screening.until_year,
    }


def _screened(
    screening: Screening, fabric: Fabric, progress: Progress, *, registry: bool, firms: pl.DataFrame | None
) -> ScreeningResult:
    return screen(
        fabric.cells,
        fabric.industries,
        fabric.regions,
        method=parse_method(screening.method_toml, source="method.toml"),
        resamples=screening.resamples,
        rng=np.random.default_rng(screening.seed),
        registry=registry,
        firms=firms,
        keep=[screening.department],
        progress=progress,
    )


def _without(result: ScreeningResult, units: pl.DataFrame) -> pl.DataFrame:
    """The verdict of each family without each of its largest firms or municipalities."""
    return unit_drivers(result.base, read_units(units, result.base.cells))


def _rows(screening: Screening, result: ScreeningResult) -> list[dict[str, Any]]:
    """The department's rows, of the families asked for."""
    asked = {family["family"] for family in screening.families}
    here = pl.col("region") == screening.department
    return [row for row in result.verdicts.filter(here).to_dicts() if row["family"] in asked]


def _verdict(
    screening: Screening, row: dict[str, Any], result: ScreeningResult, safe: dict[str, bool]
) -> Verdict:
    labels = {family["family"]: family["label"] for family in screening.families}
    family = row["family"]
    here = (pl.col("region") == screening.department) & (pl.col("family") == family)
    return Verdict(
        screening=screening,
        region=row["region"],
        family=family,
        label=labels[family],
        outcome=row["verdict"],
        stability=row["stability"],
        **{name: row[name] for name in CRITERIA},
        detail={
            "row": row,
            "safe": safe.get(family, False),
            "criteria": result.criteria.filter(here).to_dicts(),
            "drivers": result.drivers.filter(here).to_dicts(),
        },
    )


def _summary(screening: Screening, result: ScreeningResult) -> dict[str, Any]:
    return {
        "years": list(result.years),
        "method": {
            "name": result.method.name,
            "version": result.method.version,
            "digest": result.method.digest,
        },
        "national_slope": plain(result.national_slope),
        "runs": result.runs,
        "notes": [dict(note) for note in result.notes],
        "inputs": [
            {"label": row.label, "sha256": row.sha256, "rows": row.rows} for row in screening.datasets.all()
        ],
    }


def _write(
    screening: Screening, fabric: Fabric, result: ScreeningResult, without: Mapping[Kind, pl.DataFrame]
) -> str:
    """The result's files in a new folder, whole or not at all; returns it relative to the files' root.

    The folder in use stays until the database points at the new one, so a kill at any moment leaves either result.
    """
    root = Path(settings.MEDIA_ROOT)
    parent = root / "screenings"
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f".partial-{screening.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(dir=parent, prefix=f".partial-{screening.pk}-"))
    target = parent / draft.name.removeprefix(".partial-")
    try:
        tables = {
            "verdicts": result.verdicts,
            "criteria": result.criteria,
            "drivers": result.drivers,
            **{f"drivers-{kind}": table for kind, table in without.items()},
            "cells": fabric.cells,
            "industries": fabric.industries,
            "regions": fabric.regions,
        }
        for name, table in tables.items():
            table.write_parquet(draft / f"{name}.parquet")
        inputs = {
            f"dataset_{row.pk}": {"name": row.label, "sha256": row.sha256} for row in screening.datasets.all()
        }
        document = evidence_document(result, inputs=inputs, seed=screening.seed)
        (draft / "evidence.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (draft / "method.toml").write_text(screening.method_toml, encoding="utf-8")
        for language in ("es", "en"):
            (draft / f"report-{language}.html").write_text(render_report(result, language), encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return str(target.relative_to(root))


declare({REQUESTED: compute_screening})
