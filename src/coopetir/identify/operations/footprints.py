"""Weighing a list of members: the list is read, matched and forgotten; its hash and the panel stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from coopetir.foundation.core import engines
from coopetir.foundation.core.disclosure import profiles
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import Dataset, ImportBatch, ManagingEntity, User
from coopetir.foundation.permissions import require
from coopetir.identify.core.footprint import footprint, latest_year
from coopetir.identify.core.member_exports import read_exports
from coopetir.identify.core.member_list import read_members
from coopetir.identify.models import Footprint


class RegistryNeeded(CoopetirError):
    code = "footprint.registry_needed"
    es = "«{table}» no es un extracto del registro en uso de {entity}. Elija uno de los suyos."
    en = "“{table}” is not a registry extract in use of {entity}. Choose one of yours."


class SameTerritory(CoopetirError):
    code = "footprint.same_territory"
    es = "El territorio y el contraste son el mismo departamento. Elija otro para comparar."
    en = "Territory and contrast are the same department. Choose another one to compare."


@dataclass(frozen=True)
class SentList:
    """A file as it arrived: where it is for now and what it was called."""

    path: Path
    name: str


def create_footprint(
    *,
    entity: ManagingEntity,
    name: str,
    dataset: Dataset,
    department: str,
    contrast: str,
    members: SentList,
    exports: SentList | None,
    actor: User,
    now: datetime,
) -> tuple[Footprint, pl.DataFrame]:
    """The stored footprint, and the members not found: for the sender's eyes now, kept nowhere.

    :raises CoopetirError: a list is refused, by row and remedy.
    """
    require(actor, "footprint.create", entity)
    _require_registry(dataset, entity)
    if department == contrast:
        raise SameTerritory
    listed = read_members(members.path, name=members.name)
    sold, left_out = read_exports(exports.path, name=exports.name) if exports else (None, 0)
    with engines.connect() as engine:
        registry = [Path(settings.MEDIA_ROOT) / dataset.path]
        result, missing = footprint(
            engine,
            registry,
            listed,
            department=department,
            contrast=contrast,
            year=latest_year(engine, registry),
            profile=profiles(settings.SDC_P, settings.SDC_K)["manager"],
            exports=sold,
        )
    found = Footprint(
        entity=entity,
        name=name.strip(),
        dataset=dataset,
        department=department,
        contrast=contrast,
        members_sha256=listed.sha256,
        result=result.to_dict() | {"exports_left_out": left_out},
        created_by=actor,
        created_at=now,
    )
    _store(found, actor, now)
    return found, missing


@transaction.atomic
def _store(found: Footprint, actor: User, now: datetime) -> None:
    found.full_clean()
    found.save()
    counts = {name: found.result[name] for name in ("listed", "matched")}
    record("identify.footprint.created", found, actor=actor, now=now, after=counts)


def _require_registry(dataset: Dataset, entity: ManagingEntity) -> None:
    registry = dataset.kind == ImportBatch.Kind.REGISTRY
    if dataset.entity_id != entity.pk or not registry or dataset.reverted_at is not None:
        raise RegistryNeeded(table=dataset.label, entity=entity.name)
