"""What a screening is made of and what came of it, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from django.conf import settings

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import read_table, unique_keys
from coopetir.foundation.models import ImportBatch

if TYPE_CHECKING:
    from coopetir.identify.models import Screening


class NoData(CoopetirError):
    code = "screening.no_data"
    es = (
        "«{name}» no tiene en uso ni un extracto del registro ni una tabla de empleo. Agregue uno de los dos."
    )
    en = "“{name}” has neither a registry extract nor a table of jobs in use. Add one of them."


class ResultGone(CoopetirError):
    code = "screening.result_gone"
    es = "Los archivos del resultado de «{name}» ya no están en el disco. Calcule de nuevo, o restaure una copia de seguridad."
    en = "The files of the result of “{name}” are no longer on disk. Compute it again, or restore a backup."


def registry_paths(screening: Screening) -> list[Path]:
    """The registry tables in use of a screening, as files."""
    return _paths(screening, ImportBatch.Kind.REGISTRY)


def _paths(screening: Screening, kind: str) -> list[Path]:
    rows = screening.datasets.filter(kind=kind, reverted_at__isnull=True).order_by("pk")
    return [Path(settings.MEDIA_ROOT) / row.path for row in rows]


def attributes_of(screening: Screening) -> pl.DataFrame | None:
    """The table of industry attributes (technology, demand) that goes with the registry, if there is one."""
    paths = _paths(screening, ImportBatch.Kind.INDUSTRIES)
    return read_table(paths[-1]) if paths else None


def jobs_table(screening: Screening) -> pl.DataFrame:
    """Jobs added up by others, all tables of the screening together.

    :raises NoData: :raises KeysDuplicated: a year, region and industry is in two tables and would count twice
    """
    paths = _paths(screening, ImportBatch.Kind.CELLS)
    if not paths:
        raise NoData(name=screening.name)
    jobs = pl.concat([read_table(path) for path in paths], how="diagonal")
    unique_keys(jobs, ["year", "region", "industry"], source=screening.name)
    return jobs


def family_pairs(screening: Screening) -> pl.DataFrame:
    """``family, industry, cluster`` (the family's label), a row per pair."""
    pairs: list[dict[str, Any]] = [
        {"family": family["family"], "industry": code, "cluster": family["label"]}
        for family in screening.families
        if not family.get("local")
        for code in family["industries"]
    ]
    return pl.DataFrame(pairs, schema={"family": pl.String, "industry": pl.String, "cluster": pl.String})


def result_file(screening: Screening, name: str) -> Path:
    """One file of a computed result. :raises ResultGone: its folder or the file is not there."""
    path = Path(settings.MEDIA_ROOT) / screening.folder / name
    if not screening.folder or not path.is_file():
        raise ResultGone(name=screening.name)
    return path


def result_table(screening: Screening, name: str) -> pl.DataFrame:
    """One table of a computed result: verdicts, criteria, drivers, cells, panel, industries or regions."""
    return read_table(result_file(screening, f"{name}.parquet"))
