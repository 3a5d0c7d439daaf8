"""An upload on its way into use: start → map → check → apply, and back out again.

The file as sent waits in ``incoming`` only until it has been read, and is deleted then; what is kept is the
canonical table, the findings and the redacted copy, plus the hash of what was sent.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.profile import Profile, profile_toml
from coopetir.foundation.core.extracts.result import ExtractReading
from coopetir.foundation.core.extracts.source import sha256_of
from coopetir.foundation.events import record
from coopetir.foundation.models import Dataset, ImportBatch, Job, ManagingEntity, MappingProfile, User
from coopetir.foundation.permissions import require
from coopetir.foundation.queries import overlapping

KEEP_INCOMING = timedelta(hours=24)
READ_EVENT = "foundation.import.mapped"
"""The event that starts the reading."""
State = ImportBatch.State


class ImportNotReady(CoopetirError):
    code = "import.not_ready"
    es = "«{name}» está {state}; ese paso no corresponde ahora. Vuelva a la lista de cargas."
    en = "“{name}” is {state}; this step does not apply now. Go back to the list of uploads."


class ImportOverlaps(CoopetirError):
    code = "import.overlaps"
    es = "Ya hay datos en uso de {what} («{label}»). Reviértalos primero: las mismas empresas se contarían dos veces."
    en = "Data of {what} are in use already (“{label}”). Revert them first: the same firms would be counted twice."


class ImportInUse(CoopetirError):
    code = "import.in_use"
    es = "«{label}» se usa en {uses} análisis. Archive o borre esos análisis antes de revertir."
    en = "“{label}” is used by {uses} analyses. Archive or delete those before reverting."


class IncomingGone(CoopetirError):
    code = "import.incoming_gone"
    es = "El archivo enviado ya se borró (se guarda solo hasta leerlo, 24 horas a lo sumo). Súbalo otra vez."
    en = "The file sent is gone (it is kept only until it is read, 24 hours at most). Upload it again."


class FilesNotKept(CoopetirError):
    code = "import.files_not_kept"
    es = "No se pudo guardar lo enviado ({why}). No quedó nada a medias: libere espacio en disco y súbalo otra vez."
    en = "What was sent could not be kept ({why}). Nothing half-done is left: free disk space and upload it again."


class SameName(CoopetirError):
    code = "import.same_name"
    es = "Dos archivos se llaman igual ({names}): uno taparía al otro. Cambie un nombre y súbalos otra vez."
    en = "Two files have the same name ({names}): one would hide the other. Rename one and upload them again."


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it arrived: where it is now and what it was called."""

    path: Path
    name: str


def folder_of(batch: ImportBatch) -> Path:
    """Where the files of an upload live."""
    return Path(settings.MEDIA_ROOT) / batch.folder


def incoming_files(batch: ImportBatch) -> list[Path]:
    """The files as sent. :raises IncomingGone: when they were read or swept."""
    files = sorted((folder_of(batch) / "incoming").glob("*"))
    if not files:
        raise IncomingGone
    return files


@transaction.atomic
def start_import(
    *,
    entity: ManagingEntity,
    kind: str,
    files: Sequence[SentFile],
    year: int | None,
    actor: User,
    now: datetime,
) -> ImportBatch:
    """Take in files of one upload; nothing is read yet but their hashes."""
    require(actor, "dataset.import", entity)
    names = [Path(file.name).name for file in files]
    if len(set(names)) < len(names):
        raise SameName(names=sorted({name for name in names if names.count(name) > 1}))
    hashes = [sha256_of(file.path) for file in files]
    batch = ImportBatch.objects.create(
        entity=entity,
        kind=kind,
        file_name=", ".join(file.name for file in files)[:200],
        file_bytes=sum(file.path.stat().st_size for file in files),
        file_sha256=hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest(),
        year=year,
        folder="-",
        uploaded_by=actor,
        uploaded_at=now,
    )
    batch.folder = f"imports/{batch.pk}"
    batch.save(update_fields=["folder"])
    _take_in(files, folder_of(batch))
    record(
        "foundation.import.started",
        batch,
        actor=actor,
        now=now,
        after={"sha256": batch.file_sha256, "kind": kind},
    )
    return batch


def _take_in(files: Sequence[SentFile], folder: Path) -> None:
    """Copy what was sent, all of it or nothing.

    A folder that is there already belongs to an upload that was rolled back, whose number comes round again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    incoming = folder / "incoming"
    try:
        incoming.mkdir(parents=True)
        for file in files:
            shutil.copyfile(file.path, incoming / Path(file.name).name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise FilesNotKept(why=error.strerror or str(error)) from error


@transaction.atomic
def confirm_mapping(
    *, batch: ImportBatch, profile: Profile, header_hash: str, actor: User, now: datetime
) -> None:
    """Say how the columns are read; the event starts the reading, and the profile is remembered."""
    require(actor, "dataset.import", batch)
    if batch.state not in {State.UPLOADED, State.FAILED, State.WITH_ERRORS} and not is_abandoned(batch):
        raise ImportNotReady(name=batch.file_name, state=batch.get_state_display())
    incoming_files(batch)
    batch.profile_toml = profile_toml(profile)
    batch.state = State.CHECKING
    batch.save(update_fields=["profile_toml", "state"])
    MappingProfile.objects.update_or_create(
        entity=batch.entity,
        header_hash=header_hash,
        defaults={"name": profile.name or batch.file_name[:120], "toml": batch.profile_toml},
    )
    record(READ_EVENT, batch, actor=actor, now=now)


def is_abandoned(batch: ImportBatch) -> bool:
    """Whether the work that was reading an upload is over without an answer: cancelled, crashed, given up."""
    if batch.state != State.CHECKING:
        return False
    work = Job.objects.filter(kind=READ_EVENT, subject_id=batch.pk)
    return all(job.is_over for job in work)


@transaction.atomic
def store_reading(*, batch: ImportBatch, reading: ExtractReading, now: datetime) -> None:
    """Keep what the reading found and forget the file as sent. Called by the job, whose asker had permission."""
    batch.reading = reading.to_dict()
    batch.quality = batch.reading["quality"]
    dropped = reading.quality.rows_dropped - reading.quality.branches
    batch.state = State.WITH_ERRORS if dropped > 0 else State.READY
    batch.save(update_fields=["reading", "quality", "state"])
    record(
        "foundation.import.checked",
        batch,
        actor=None,
        now=now,
        after={"rows": reading.quality.rows_read, "firms": reading.quality.firms, "dropped": dropped},
    )
    # Only once the reading is stored: until then a worker that dies must find the file again.
    transaction.on_commit(lambda: shutil.rmtree(folder_of(batch) / "incoming", ignore_errors=True))


@transaction.atomic
def mark_failed(*, batch: ImportBatch, error: CoopetirError, now: datetime) -> None:
    """The file could not be read; it waits for another mapping."""
    batch.state = State.FAILED
    batch.reading = {"error": error.to_dict()}
    batch.save(update_fields=["state", "reading"])
    record("foundation.import.failed", batch, actor=None, now=now, after={"code": error.code})


@transaction.atomic
def apply_import(*, batch: ImportBatch, actor: User, now: datetime) -> Dataset:
    """Put a checked upload in use, in one transaction. Rows with errors stay out and stay in the report."""
    require(actor, "dataset.apply", batch)
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in {State.READY, State.WITH_ERRORS}:
        raise ImportNotReady(name=batch.file_name, state=locked.get_state_display())
    _refuse_overlap(locked)
    path = folder_of(locked) / "reading" / ("firms.parquet" if locked.kind == "registry" else "cells.parquet")
    years = sorted({int(year) for year in locked.quality.get("years", [])})
    try:
        dataset = Dataset.objects.create(
            entity=locked.entity,
            batch=locked,
            kind=locked.kind,
            label=locked.file_name,
            year=years[0] if len(years) == 1 else None,
            rows=locked.quality.get("firms", 0),
            path=str(path.relative_to(settings.MEDIA_ROOT)),
            sha256=sha256_of(path),
            invented=locked.entity.invented,
            applied_at=now,
        )
    except IntegrityError as error:
        raise ImportOverlaps(what=", ".join(map(str, years)), label=locked.file_name) from error
    locked.state = State.APPLIED
    locked.save(update_fields=["state"])
    record(
        "foundation.import.applied",
        locked,
        actor=actor,
        now=now,
        after={"rows": dataset.rows, "years": years},
    )
    return dataset


def _refuse_overlap(batch: ImportBatch) -> None:
    """The same chamber and year twice would count each firm twice."""
    found = overlapping(batch)
    if found is not None:
        raise ImportOverlaps(what=found.years, label=found.dataset.label)


@transaction.atomic
def revert_import(*, dataset: Dataset, actor: User, now: datetime, reason: str = "") -> None:
    """Take a table out of use while nothing depends on it; its files and its history stay."""
    require(actor, "dataset.revert", dataset)
    uses = _uses(dataset)
    if uses:
        raise ImportInUse(label=dataset.label, uses=uses)
    dataset.reverted_at = now
    dataset.save(update_fields=["reverted_at"])
    ImportBatch.objects.filter(pk=dataset.batch_id).update(state=State.REVERTED)
    record("foundation.import.reverted", dataset, actor=actor, now=now, reason=reason)


def _uses(dataset: Dataset) -> int:
    """Objects of any capability that point at this table; foundation need not know which."""
    accessors = [relation.get_accessor_name() for relation in Dataset._meta.related_objects]  # noqa: SLF001
    return sum(getattr(dataset, name).count() for name in accessors if name)


@transaction.atomic
def discard_import(*, batch: ImportBatch, actor: User, now: datetime) -> None:
    """Forget an upload that was never applied, with its files."""
    require(actor, "dataset.import", batch)
    if batch.state in {State.APPLIED, State.REVERTED, State.CHECKING} and not is_abandoned(batch):
        raise ImportNotReady(name=batch.file_name, state=batch.get_state_display())
    record("foundation.import.discarded", batch, actor=actor, now=now)
    folder = folder_of(batch)
    batch.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def sweep_incoming(*, now: datetime) -> int:
    """Delete files as sent that nobody read within a day, and half-written folders. Returns how many uploads."""
    swept = 0
    for batch in ImportBatch.objects.filter(uploaded_at__lt=now - KEEP_INCOMING):
        incoming = folder_of(batch) / "incoming"
        if incoming.exists():
            shutil.rmtree(incoming, ignore_errors=True)
            swept += 1
        for partial in folder_of(batch).glob(".partial-*"):
            shutil.rmtree(partial, ignore_errors=True)
    return swept
