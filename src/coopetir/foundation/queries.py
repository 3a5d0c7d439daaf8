"""What may be read, starting from who reads."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.quality import Quality, answers
from coopetir.foundation.core.extracts.registry import LABELS
from coopetir.foundation.models import (
    AccountInvitation,
    Dataset,
    Event,
    ImportBatch,
    Job,
    ManagingEntity,
    Role,
    RoleAssignment,
    User,
)
from coopetir.foundation.permissions import can, holds, live_roles

if TYPE_CHECKING:
    from coopetir.foundation.permissions import Actor


SAMPLES = {"plantilla": "plantilla-registro.xlsx", "muestra": "muestra-sucia-2023.txt"}


class SampleUnknown(CoopetirError):
    code = "sample.unknown"
    es = "No hay archivo de ejemplo «{name}». Hay: {known}."
    en = "There is no sample file “{name}”. There are: {known}."


def entity_ids(user: Actor, *roles: str) -> list[int]:
    """Entities where the user holds one of ``roles`` now."""
    return [row.entity_id for row in live_roles(user) if row.role in roles and row.entity_id is not None]


def entities_visible_to(user: Actor) -> QuerySet[ManagingEntity]:
    """Every entity for the network's administrator, else those the user works for."""
    if holds(user, Role.NETWORK_ADMIN):
        return ManagingEntity.objects.all()
    return ManagingEntity.objects.filter(pk__in=[row.entity_id for row in live_roles(user)])


@dataclass(frozen=True, slots=True)
class Grantable:
    """What one may give to others: roles, the entities they hold in, and whether the whole network is one scope."""

    roles: list[Role]
    entities: QuerySet[ManagingEntity]
    whole_network: bool


def grantable_by(user: Actor) -> Grantable:
    """The network's administrator gives every role anywhere; a director gives all but that one where they direct."""
    if holds(user, Role.NETWORK_ADMIN):
        return Grantable(list(Role), ManagingEntity.objects.order_by("name"), whole_network=True)
    directed = ManagingEntity.objects.filter(pk__in=entity_ids(user, Role.ENTITY_DIRECTOR)).order_by("name")
    return Grantable([role for role in Role if role != Role.NETWORK_ADMIN], directed, whole_network=False)


def people_visible_to(user: Actor) -> QuerySet[User]:
    """People of the entities the user directs; everyone for the network's administrator."""
    people = User.objects.prefetch_related("roles__entity").order_by("name", "email")
    if holds(user, Role.NETWORK_ADMIN):
        return people
    return people.filter(roles__entity_id__in=entity_ids(user, Role.ENTITY_DIRECTOR)).distinct()


def assignments_visible_to(user: Actor) -> QuerySet[RoleAssignment]:
    """Role assignments of the people one may see, in the scopes one may change."""
    rows = RoleAssignment.objects.select_related("user", "entity")
    if holds(user, Role.NETWORK_ADMIN):
        return rows
    return rows.filter(entity_id__in=entity_ids(user, Role.ENTITY_DIRECTOR))


def invitations_visible_to(user: Actor) -> QuerySet[AccountInvitation]:
    """Invitations still open in the scopes one may invite to."""
    rows = AccountInvitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)
    if holds(user, Role.NETWORK_ADMIN):
        return rows.select_related("entity")
    return rows.filter(entity_id__in=entity_ids(user, Role.ENTITY_DIRECTOR)).select_related("entity")


def events_visible_to(user: Actor) -> QuerySet[Event]:
    """The trail: all of it for the network's administrator, a director's own entity otherwise."""
    rows = Event.objects.select_related("actor").order_by("-at", "-pk")
    if holds(user, Role.NETWORK_ADMIN):
        return rows
    return rows.filter(entity_id__in=entity_ids(user, Role.ENTITY_DIRECTOR))


def jobs_visible_to(user: Actor) -> QuerySet[Job]:
    """One's own jobs and those of the entities one works for."""
    if not user.is_authenticated:
        return Job.objects.none()
    mine = Q(owner_id=user.pk) | Q(entity_id__in=[row.entity_id for row in live_roles(user)])
    return Job.objects.filter(mine).order_by("-created_at")


def job_error(user: Actor, job: Job | None, language: str) -> str:
    """Why work ended badly, in the reader's language; a refusal may quote rows of firms, so not for everybody."""
    if job is None or not job.error:
        return ""
    if job.owner_id != user.pk and not can(user, "firm.view", job):
        return _("No terminó. El motivo lo leen la dirección y el análisis de la entidad.")
    return str(job.error["en" if language.startswith("en") else "es"])


def importable_entities(user: Actor) -> QuerySet[ManagingEntity]:
    """Entities whose data the user may upload."""
    return ManagingEntity.objects.filter(pk__in=entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST))


def imports_visible_to(user: Actor) -> QuerySet[ImportBatch]:
    """Uploads of the entities whose data one may import."""
    ids = entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST)
    return (
        ImportBatch.objects.filter(entity_id__in=ids).select_related("entity", "job").order_by("-uploaded_at")
    )


def datasets_visible_to(user: Actor) -> QuerySet[Dataset]:
    """Tables in use in the entities one works for (their firms are another question: ``firm.view``)."""
    ids = entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST, Role.CLUSTER_MANAGER)
    return Dataset.objects.filter(entity_id__in=ids, reverted_at__isnull=True).select_related("entity")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Data in use that would count the same firms again, and the years in common, as people write them."""

    dataset: Dataset
    years: str


def overlapping(batch: ImportBatch) -> Overlap | None:
    """Data in use of the same entity, kind, years and chambers as a checked upload, if there are any."""
    years, chambers = set(batch.quality.get("years", [])), set(batch.quality.get("chambers", []))
    live = Dataset.objects.filter(entity_id=batch.entity_id, kind=batch.kind, reverted_at__isnull=True)
    for dataset in live.select_related("batch"):
        quality = dataset.batch.quality
        same_years = years & set(quality.get("years", []))
        same_chambers = chambers & set(quality.get("chambers", []))
        if same_years and (same_chambers or not chambers):
            return Overlap(dataset, ", ".join(map(str, sorted(same_years))))
    return None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a reading found, in the reader's language."""

    rows_read: int
    firms: int
    findings: list[dict[str, Any]]
    answers: list[dict[str, str]]
    missing: list[tuple[str, float]]


def import_report(batch: ImportBatch, *, english: bool) -> ImportReport | None:
    """The report of a checked upload; None before it was read."""
    if not batch.quality or batch.kind != ImportBatch.Kind.REGISTRY:
        return None
    # JSON turned the years into text keys.
    years = {
        name: {int(k): v for k, v in batch.quality[name].items()}
        for name in ("firms_by_year", "active_by_year")
    }
    quality = Quality(**{**batch.quality, **years})
    language = "en" if english else "es"
    order = {"dropped": 0, "unknown": 1, "warning": 2, "repaired": 3}
    findings = sorted(quality.issues, key=lambda issue: (order[str(issue["severity"])], -int(issue["count"])))
    return ImportReport(
        rows_read=quality.rows_read,
        firms=quality.firms,
        findings=[
            {**issue, "sentence": issue[language], "column": _label(str(issue["column"]), english)}
            for issue in findings
        ],
        answers=[
            {
                "criterion": answer.criterion,
                "grade": answer.grade,
                "why": getattr(answer, language),
                "get": getattr(answer, f"get_{language}"),
            }
            for answer in answers(quality)
        ],
        missing=[
            (LABELS[name][1 if english else 0], share) for name, share in quality.missing.items() if share > 0
        ],
    )


def table_notes(batch: ImportBatch, *, english: bool) -> list[dict[str, Any]]:
    """What was repaired or noticed in a small table put in use: sentence, column and how many times."""
    if batch.kind == ImportBatch.Kind.REGISTRY:
        return []
    issues = batch.quality.get("issues", [])
    return [{**issue, "sentence": issue["en" if english else "es"]} for issue in issues]


def _label(column: str, english: bool) -> str:
    """A canonical column in the reader's words; other columns as the file names them."""
    return LABELS[column][1 if english else 0] if column in LABELS else column


def sample_file(name: str) -> Path:
    """A file to try with. :raises SampleUnknown:"""
    if name not in SAMPLES:
        raise SampleUnknown(name=name, known=list(SAMPLES))
    return Path(str(files("coopetir.foundation") / "samples" / SAMPLES[name]))
