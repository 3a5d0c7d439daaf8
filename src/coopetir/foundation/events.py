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
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Write that ``actor`` did ``action`` ("capability.noun.happened") to ``subject``.

    ``before`` and ``after`` hold what changed, never a reserved value of a firm.
    """
    entity_id = (
        subject.pk if subject._meta.model_name == "managingentity" else getattr(subject, "entity_id", None)
    )  # noqa: SLF001
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
