"""A screening from first draft to decided: families, Method, computation, publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db import transaction

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import Dataset, Job, ManagingEntity, User
from coopetir.foundation.permissions import require
from coopetir.identify.core.method import parse_method
from coopetir.identify.models import FamilyEdit, Screening, Verdict
from coopetir.identify.queries.release import revealing_with_earlier

Family = dict[str, Any]
MAX_FAMILIES = 200
REQUESTED = "identify.screening.requested"
"""The event that starts the computation."""


class ScreeningClosed(CoopetirError):
    code = "screening.closed"
    es = "«{name}» ya está {state}: sus familias y su Método no cambian. Duplíquela para probar otra cosa."
    en = "“{name}” is already {state}: its families and Method no longer change. Duplicate it to try something else."


class NothingToScreen(CoopetirError):
    code = "screening.nothing_to_screen"
    es = "Falta {what} para calcular. Agréguelo en el paso anterior."
    en = "{what} is missing to compute. Add it in the previous step."


class FamilyInvalid(CoopetirError):
    code = "screening.family_invalid"
    es = "La familia «{family}» no sirve: {why_es}."
    en = "Family “{family}” will not do: {why_en}."


class PublicationReveals(CoopetirError):
    code = "screening.publication_reveals"
    es = "No se puede publicar: restando lo ya publicado se obtendrían los datos de una empresa ({pairs}). Iguale esas familias con las publicadas o no publique este tamizaje."
    en = "It cannot be published: subtracting what is public would give one firm's figures ({pairs}). Make those families equal to the published ones, or do not publish this screening."


class Computing(CoopetirError):
    code = "screening.computing"
    es = "«{name}» se está calculando. Espere a que termine o cancele el trabajo."
    en = "“{name}” is being computed. Wait until it ends, or cancel the work."


class ResultOutdated(CoopetirError):
    code = "screening.result_outdated"
    es = "«{name}» cambió mientras se calculaba; el resultado se descartó. Calcule de nuevo."
    en = "“{name}” changed while it was computed; the result was discarded. Compute it again."


class NothingToUndo(CoopetirError):
    code = "screening.nothing_to_undo"
    es = "No hay cambios de familias por deshacer."
    en = "There are no family changes to undo."


@transaction.atomic
def create_screening(
    *,
    entity: ManagingEntity,
    name: str,
    department: str,
    datasets: Sequence[Dataset],
    families: Sequence[Family],
    method_toml: str,
    actor: User,
    now: datetime,
    previous: Screening | None = None,
    until_year: int | None = None,
) -> Screening:
    """A draft over tables in use of one entity. Nothing is computed yet."""
    require(actor, "screening.create", entity)
    _check_families(families)
    parse_method(method_toml, source="method.toml")
    screening = Screening(
        entity=entity,
        name=name.strip(),
        department=department,
        families=list(families),
        method_toml=method_toml,
        previous=previous,
        until_year=until_year,
        created_by=actor,
        created_at=now,
    )
    screening.full_clean()
    screening.save()
    screening.datasets.set(_own(datasets, entity))
    record("identify.screening.created", screening, actor=actor, now=now, after={"families": len(families)})
    return screening


def _own(datasets: Sequence[Dataset], entity: ManagingEntity) -> list[Dataset]:
    """Only the entity's own live tables: another entity's firms never enter a screening."""
    return [row for row in datasets if row.entity_id == entity.pk and row.reverted_at is None]


@transaction.atomic
def edit_families(
    *, screening: Screening, families: Sequence[Family], what: str, actor: User, now: datetime
) -> None:
    """Replace the families; the earlier ones can be brought back with :func:`undo_families`."""
    require(actor, "screening.edit", screening)
    _require_open(screening)
    _check_families(families)
    FamilyEdit.objects.create(screening=screening, before=screening.families, what=what, actor=actor, at=now)
    _put_families(screening, list(families))
    record("identify.screening.families_edited", screening, actor=actor, now=now, after={"what": what})


@transaction.atomic
def undo_families(*, screening: Screening, actor: User, now: datetime) -> FamilyEdit:
    """Bring back the families before the last edit. :raises NothingToUndo:"""
    require(actor, "screening.edit", screening)
    _require_open(screening)
    last = screening.edits.order_by("-pk").first()
    if last is None:
        raise NothingToUndo
    _put_families(screening, last.before)
    FamilyEdit.objects.filter(pk=last.pk).delete()
    record("identify.screening.families_restored", screening, actor=actor, now=now, after={"what": last.what})
    return last


def _put_families(screening: Screening, families: list[Family]) -> None:
    """A result computed with other families is no longer this screening's result."""
    screening.families = families
    screening.state = Screening.State.DRAFT
    screening.save(update_fields=["families", "state"])


@transaction.atomic
def change_method(*, screening: Screening, method_toml: str, actor: User, now: datetime) -> None:
    """Use another Method; the screening must be computed again. :raises CoopetirError: the text is refused."""
    require(actor, "screening.edit", screening)
    _require_open(screening)
    before, after = (
        parse_method(text, source="method.toml") for text in (screening.method_toml, method_toml)
    )
    screening.method_toml = method_toml
    screening.state = Screening.State.DRAFT
    screening.save(update_fields=["method_toml", "state"])
    record(
        "identify.screening.method_changed",
        screening,
        actor=actor,
        now=now,
        before={"digest": before.digest},
        after={"digest": after.digest},
    )


@transaction.atomic
def request_computation(*, screening: Screening, actor: User, now: datetime) -> None:
    """Ask for the result; the event starts the job. :raises Computing: one is on its way already."""
    require(actor, "screening.compute", screening)
    screening = Screening.objects.select_for_update().get(pk=screening.pk)
    _require_open(screening)
    refuse_while_computing(screening)
    if not screening.datasets.filter(reverted_at__isnull=True).exists():
        raise NothingToScreen(what="una tabla de datos / a data table")
    if not screening.families:
        raise NothingToScreen(what="al menos una familia / at least one family")
    record(REQUESTED, screening, actor=actor, now=now)


def refuse_while_computing(screening: Screening) -> None:
    """:raises Computing: a result is being worked out; what is decided now could belong to another one."""
    going_on = Job.objects.filter(
        kind=REQUESTED, subject_id=screening.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    if going_on.exists():
        raise Computing(name=screening.name)


@transaction.atomic
def store_result(
    *,
    screening: Screening,
    asked: str,
    folder: str,
    summary: dict[str, Any],
    verdicts: Sequence[Verdict],
    now: datetime,
) -> None:
    """Make a computed result the screening's own, all at once; running it again replaces it.

    Called by the job that was asked for with permission, so it asks for none. ``asked``: the screening's fingerprint
    when the work began.

    :raises ScreeningClosed: it was reviewed, decided or archived meanwhile; its decisions stay as they are.
    :raises ResultOutdated: families, Method or data changed meanwhile.
    """
    locked = Screening.objects.select_for_update().get(pk=screening.pk)
    _require_open(locked)
    if locked.asked() != asked:
        raise ResultOutdated(name=locked.name)
    locked.verdicts.all().delete()
    Verdict.objects.bulk_create(verdicts)
    locked.folder, locked.summary = folder, {**summary, "asked": asked}
    locked.state, locked.computed_at = Screening.State.COMPUTED, now
    locked.save(update_fields=["folder", "summary", "state", "computed_at"])
    record("identify.screening.computed", locked, actor=None, now=now, after={"verdicts": len(verdicts)})


@transaction.atomic
def publish_screening(*, screening: Screening, actor: User, now: datetime) -> None:
    """Let everybody read the protected edition of a decided screening."""
    require(actor, "screening.publish", screening)
    if screening.state != Screening.State.DECIDED:
        raise NothingToScreen(what="la decisión de la dirección / the director's decision")
    refuse_while_computing(screening)
    revealing = revealing_with_earlier(screening)
    if revealing:
        pairs = [f"{pair.family} ≠ {pair.other} ({', '.join(pair.industries)})" for pair in revealing]
        raise PublicationReveals(pairs=pairs)
    screening.published_at = now
    screening.save(update_fields=["published_at"])
    record("identify.screening.published", screening, actor=actor, now=now)


@transaction.atomic
def archive_screening(*, screening: Screening, actor: User, now: datetime) -> None:
    """Put a screening aside: readable, no longer listed first, never computed again."""
    require(actor, "screening.archive", screening)
    before = screening.state
    screening.state = Screening.State.ARCHIVED
    screening.save(update_fields=["state"])
    record("identify.screening.archived", screening, actor=actor, now=now, before={"state": before})


def _require_open(screening: Screening) -> None:
    if not screening.is_open:
        raise ScreeningClosed(name=screening.name, state=screening.get_state_display())


def _check_families(families: Sequence[Family]) -> None:
    """Every family has a name of its own and known CIIU Rev. 4 classes."""
    if len(families) > MAX_FAMILIES:
        raise FamilyInvalid(
            family="…", why_es=f"son más de {MAX_FAMILIES}", why_en=f"more than {MAX_FAMILIES}"
        )
    classes = set(catalogues.industries("4").filter(pl.col("level") == "class")["code"])
    seen: set[str] = set()
    labels: set[str] = set()
    for family in families:
        name = str(family.get("family", "")).strip()
        unknown = [code for code in family.get("industries", []) if code not in classes]
        label = str(family.get("label", "")).strip().lower()
        if label in labels:
            raise FamilyInvalid(
                family=name,
                why_es="otra familia tiene el mismo nombre",
                why_en="another family has the same name",
            )
        labels.add(label)
        if not name or name in seen:
            raise FamilyInvalid(
                family=name or "?",
                why_es="su clave falta o se repite",
                why_en="its key is missing or repeats",
            )
        if not family.get("industries"):
            raise FamilyInvalid(family=name, why_es="no tiene clases CIIU", why_en="it has no CIIU classes")
        if unknown:
            codes = ", ".join(unknown[:20])
            raise FamilyInvalid(
                family=name,
                why_es=f"estas clases no existen en la CIIU Rev. 4 A.C.: {codes}",
                why_en=f"these classes are not in CIIU Rev. 4 A.C.: {codes}",
            )
        seen.add(name)
