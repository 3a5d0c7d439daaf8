"""Small tables put in use at once: jobs by industry and region, and what a registry does not say of industries."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.plain import PlainReading, read_plain
from coopetir.foundation.core.extracts.source import sha256_of
from coopetir.foundation.core.industry_attributes import checked_attributes
from coopetir.foundation.core.tables import read_table, write_table
from coopetir.foundation.events import record
from coopetir.foundation.models import Dataset, ImportBatch, ManagingEntity, User
from coopetir.foundation.operations.imports import SentFile, folder_of, start_import
from coopetir.foundation.permissions import require

MOST_BYTES = 20 * 1024 * 1024
MOST_JOBS = 1e9
"""More jobs than this in one cell is a slip of the pen: there are fewer people in the country by far."""
HARMLESS = frozenset({"repaired", "warning"})
"""Findings that keep every row and every value."""


class TableTooLarge(CoopetirError):
    code = "table.too_large"
    es = "«{name}» pesa {size} MB y el límite de estas tablas es {limit} MB. Agréguela antes por industria, región y año."
    en = "“{name}” weighs {size} MB and the limit of these tables is {limit} MB. Add it up first by industry, region and year."


class NotJobs(CoopetirError):
    code = "table.not_jobs"
    es = "«{name}» está en {found}; un tamizaje necesita empleo por clase CIIU Rev. 4. Las exportaciones por producto se estudian con «coopetir complexity»."
    en = "“{name}” is in {found}; a screening needs jobs by CIIU Rev. 4 class. Exports by product are studied with “coopetir complexity”."


class FiguresUnread(CoopetirError):
    code = "table.figures_unread"
    es = "«{name}» no se puso en uso: al leerla se perderían datos. {es_found} Corrija esas celdas (vacía = dato desconocido) o quite esas filas, y súbala otra vez."
    en = "“{name}” was not put in use: figures would be lost in reading it. {en_found} Mend those cells (empty = value unknown) or remove those rows, and upload it again."


class JobsOverlap(CoopetirError):
    code = "table.jobs_overlap"
    es = "Ya hay una tabla de empleo en uso con datos de {years} («{label}»): los mismos empleos se contarían dos veces. Sáquela de uso primero o quite esos años de «{name}»."
    en = "A table of jobs with data of {years} is in use already (“{label}”): the same jobs would be counted twice. Take it out of use first, or remove those years from “{name}”."


class YearNeeded(CoopetirError):
    code = "table.year_needed"
    es = "«{name}» no trae columna de año. Escríbalo en el formulario."
    en = "“{name}” has no column of years. Write the year in the form."


def add_industry_table(*, entity: ManagingEntity, file: SentFile, actor: User, now: datetime) -> Dataset:
    """Put in use a table of technology and demand by industry.

    Columns: ``industry`` and any of ``tech_intensity``, ``world_demand_growth``, ``world_imports_usd``.
    :raises CoopetirError: the table is refused, by row.
    """
    _check_size(file)
    table = checked_attributes(read_table(_named(file)), source=file.name)
    return _put_in_use(table, entity, ImportBatch.Kind.INDUSTRIES, file, actor, now, years=[])


def add_jobs_table(
    *, entity: ManagingEntity, file: SentFile, year: int | None, actor: User, now: datetime
) -> Dataset:
    """Put in use jobs by department or municipality, CIIU Rev. 4 class and year, added up by others.

    ``year`` is for tables without a column of years.
    :raises NotJobs: :raises YearNeeded: :raises FiguresUnread: rows or values would be lost
    :raises JobsOverlap: a table in use covers some of the years :raises CoopetirError: refused, by row.
    """
    _check_size(file)
    reading = read_plain(_named(file))
    if reading.classification != "ciiu4":
        raise NotJobs(name=file.name, found=reading.classification)
    _refuse_losses(reading, file.name)
    table = reading.table.with_columns(
        period=pl.when(pl.col("period") == "").then(None).otherwise(pl.col("period"))
    )
    if year is None and table["period"].null_count():
        raise YearNeeded(name=file.name)
    table = table.with_columns(
        pl.col("period").fill_null(str(year)).str.slice(0, 4).cast(pl.Int32).alias("year")
    )
    _refuse_huge(table, file.name)
    years = sorted(table["year"].unique().to_list())
    return _put_in_use(
        table.drop("period"),
        entity,
        ImportBatch.Kind.CELLS,
        file,
        actor,
        now,
        years=years,
        issues=_issues(reading),
    )


def _refuse_losses(reading: PlainReading, name: str) -> None:
    """A row left out or a value made unknown changes the region's total without a trace: refused instead."""
    lost = [issue for issue in _issues(reading) if issue["severity"] not in HARMLESS]
    if lost:
        found = {
            language: " ".join(f"{issue['count']} × {issue['column']}: {issue[language]}" for issue in lost)
            for language in ("es", "en")
        }
        raise FiguresUnread(name=name, es_found=found["es"], en_found=found["en"])


def _issues(reading: PlainReading) -> list[dict[str, str | int]]:
    """What the reading found, with columns under the names the file gives them."""
    headers: dict[str, str] = {str(field): header for field, header in reading.columns.items()}
    return [
        {**issue, "column": headers.get(str(issue["column"]), issue["column"])} for issue in reading.issues
    ]


def _refuse_huge(table: pl.DataFrame, name: str) -> None:
    """Infinite, or more jobs in one cell than there are people: not a figure of jobs."""
    huge = table.filter(pl.col("value").is_nan() | ~pl.col("value").is_between(0, MOST_JOBS))
    if not huge.is_empty():
        where = "; ".join(
            f"{region} / {industry}"
            for region, industry in huge.select("region", "industry").head(5).iter_rows()
        )
        raise FiguresUnread(
            name=name,
            es_found=f"{huge.height} × empleos imposibles en {where}.",
            en_found=f"{huge.height} × impossible jobs in {where}.",
        )


def _refuse_jobs_twice(entity: ManagingEntity, years: list[int], name: str) -> None:
    """Tables of jobs are added to each other: a year in two of them would count each job twice."""
    # Uploads of one entity wait for each other here, so that two at once cannot both find the years free.
    ManagingEntity.objects.select_for_update().get(pk=entity.pk)
    live = Dataset.objects.filter(entity=entity, kind=ImportBatch.Kind.CELLS, reverted_at__isnull=True)
    for other in live.select_related("batch").order_by("pk"):
        common = sorted(set(years) & set(other.batch.quality.get("years", [])))
        if common:
            raise JobsOverlap(name=name, label=other.label, years=", ".join(map(str, common)))


def _check_size(file: SentFile) -> None:
    size = file.path.stat().st_size
    if size > MOST_BYTES:
        raise TableTooLarge(name=file.name, size=size // 1024**2, limit=MOST_BYTES // 1024**2)


def _named(file: SentFile) -> Path:
    """The file under a name with its own suffix: upload handlers drop it, and the suffix says the format."""
    if file.path.suffix == Path(file.name).suffix:
        return file.path
    named = file.path.with_name(f"{file.path.stem}{Path(file.name).suffix}")
    shutil.copyfile(file.path, named)
    return named


@transaction.atomic
def _put_in_use(
    table: pl.DataFrame,
    entity: ManagingEntity,
    kind: str,
    file: SentFile,
    actor: User,
    now: datetime,
    *,
    years: list[int],
    issues: Sequence[dict[str, str | int]] = (),
) -> Dataset:
    require(actor, "dataset.apply", entity)
    if kind == ImportBatch.Kind.CELLS:
        _refuse_jobs_twice(entity, years, file.name)
    batch = start_import(entity=entity, kind=kind, files=[file], year=None, actor=actor, now=now)
    target = folder_of(batch) / "reading" / f"{kind}.parquet"
    write_table(table, target)
    shutil.rmtree(folder_of(batch) / "incoming", ignore_errors=True)
    batch.state = ImportBatch.State.APPLIED
    batch.quality = {"rows": table.height, "years": years, "issues": list(issues)}
    batch.save(update_fields=["state", "quality"])
    record(
        "foundation.import.applied", batch, actor=actor, now=now, after={"rows": table.height, "years": years}
    )
    return Dataset.objects.create(
        entity=entity,
        batch=batch,
        kind=kind,
        label=file.name,
        year=years[0] if len(years) == 1 else None,
        rows=table.height,
        path=str(target.relative_to(settings.MEDIA_ROOT)),
        sha256=sha256_of(target),
        invented=entity.invented,
        applied_at=now,
    )
