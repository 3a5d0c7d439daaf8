"""The one append-only record of changes, written by operations in their own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coopetir.foundation.models import Event

if TYPE_CHECKING:
    from django.db.models import Model

    from coopetir.foundation.models import User


LISTENERS: list[Callable[[Event], None]] = []
"""Called inside the transaction of the event; ``foundation.jobs`` listens here to create job rows."""


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
