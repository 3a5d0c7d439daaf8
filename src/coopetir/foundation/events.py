"""The one append-only record of changes, written by operations in their own transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from coopetir.foundation.models import Event

if TYPE_CHECKING:
    from django.db.models import Model

    from coopetir.foundation.models import User


LISTENERS: list[Callable[[Event], None]] = []
"""Called inside the transaction of the event; ``foundation.jobs`` listens here to create job rows."""


Words = Any
"""A sentence translated when it is shown (``gettext_lazy``)."""

WORDS: dict[str, Words] = {
    "foundation.owner.created": _("creó la primera cuenta"),
    "foundation.entity.created": _("creó la entidad"),
    "foundation.account.invited": _("invitó a una persona"),
    "foundation.account.invitation_withdrawn": _("retiró una invitación"),
    "foundation.account.joined": _("aceptó la invitación"),
    "foundation.account.deactivated": _("desactivó una cuenta"),
    "foundation.role.granted": _("dio un rol"),
    "foundation.role.ended": _("terminó un rol"),
    "foundation.job.cancel_asked": _("pidió cancelar un trabajo"),
    "foundation.import.started": _("subió un archivo"),
    "foundation.import.mapped": _("confirmó las columnas"),
    "foundation.import.checked": _("se revisó el archivo"),
    "foundation.import.failed": _("no se pudo leer el archivo"),
    "foundation.import.applied": _("puso los datos en uso"),
    "foundation.import.reverted": _("sacó los datos de uso"),
    "foundation.import.discarded": _("descartó la carga"),
}
"""What each action was, for people; capabilities add theirs with :func:`declare_words`."""


def declare_words(words: Mapping[str, Words]) -> None:
    """Say in (lazily translated) words what a capability's actions are."""
    WORDS.update(words)


def words_of(action: str) -> str:
    """What happened, in the reader's language; the action's code where nobody gave it words."""
    return str(WORDS.get(action, action))


def record(
    action: str,
    subject: Model,
    *,
    actor: User | None,
    now: datetime,
    entity_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Write that ``actor`` did ``action`` ("capability.noun.happened") to ``subject``.

    The event belongs to the subject's entity; ``entity_id`` says which for subjects that have none (people).
    ``before`` and ``after`` hold what changed, never a reserved value of a firm.
    """
    if entity_id is None:
        entity_id = _entity_of(subject)
    event = Event.objects.create(
        at=now,
        actor=actor,
        action=action,
        subject_type=subject._meta.label_lower,  # noqa: SLF001
        subject_id=str(subject.pk),
        subject_label=str(subject)[:200],
        entity_id=entity_id,
        before=before or {},
        after=after or {},
        reason=reason,
    )
    for listener in LISTENERS:
        listener(event)
    return event


def _entity_of(subject: Model) -> int | None:
    if subject._meta.model_name == "managingentity":  # noqa: SLF001
        return subject.pk
    return getattr(subject, "entity_id", None)
