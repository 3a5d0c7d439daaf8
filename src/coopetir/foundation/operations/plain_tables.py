"""Small tables put in use at once: jobs by industry and region, and what a registry does not say of industries."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.plain import read_plain
from coopetir.foundation.core.extracts.source import sha256_of
from coopetir.foundation.core.industry_attributes import checked_attributes
from coopetir.foundation.core.tables import read_table, write_table
from coopetir.foundation.events import record
from coopetir.foundation.models import Dataset, ImportBatch, ManagingEntity, User
from coopetir.foundation.operations.imports import SentFile, folder_of, start_import
from coopetir.foundation.permissions import require

MOST_BYTES = 20 * 1024 * 1024


class TableTooLarge(CoopetirError):
    code = "table.too_large"
    es = "«{name}» pesa {size} MB y el límite de estas tablas es {limit} MB. Agréguela antes por industria, región y año."
    en = "“{name}” weighs {size} MB and the limit of these tables is {limit} MB. Add it up first by industry, region and year."


class NotJobs(CoopetirError):
    code = "table.not_jobs"
    es = "«{name}» está en {found}; un tamizaje necesita empleo por clase CIIU Rev. 4. Las exportaciones por producto se estudian con «coopetir complexity»."
    en = "“{name}” is in {found}; a screening needs jobs by CIIU Rev. 4 class. Exports by product are studied with “coopetir complexity”."


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
    :raises NotJobs: :raises YearNeeded: :raises CoopetirError: the table is refused, by row.
    """
    _check_size(file)
    reading = read_plain(_named(file))
    if reading.classification != "ciiu4":
        raise NotJobs(name=file.name, found=reading.classification)
    table = reading.table.with_columns(
        period=pl.when(pl.col("period") == "").then(None).otherwise(pl.col("period"))
    )
    if year is None and table["period"].null_count():
        raise YearNeeded(name=file.name)
    table = table.with_columns(
        pl.col("period").fill_null(str(year)).str.slice(0, 4).cast(pl.Int32).alias("year")
    )
    years = sorted(table["year"].unique().to_list())
    return _put_in_use(table.drop("period"), entity, ImportBatch.Kind.CELLS, file, actor, now, years=years)


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
) -> Dataset:
    require(actor, "dataset.apply", entity)
    batch = start_import(entity=entity, kind=kind, files=[file], year=None, actor=actor, now=now)
    target = folder_of(batch) / "reading" / f"{kind}.parquet"
    write_table(table, target)
    shutil.rmtree(folder_of(batch) / "incoming", ignore_errors=True)
    batch.state = ImportBatch.State.APPLIED
    batch.quality = {"rows": table.height, "years": years}
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
