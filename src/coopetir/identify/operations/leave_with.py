"""Taking reserved data along is remembered: who, what, when."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coopetir.foundation.events import record
from coopetir.foundation.models import User
from coopetir.foundation.permissions import require
from coopetir.identify.models import Screening, Verdict


@transaction.atomic
def take_firms(*, verdict: Verdict, actor: User, now: datetime) -> None:
    """Somebody downloads the firms to call. :raises NotAllowed: only owners of the firms may."""
    require(actor, "firm.view", verdict)
    record("identify.firms.exported", verdict, actor=actor, now=now)


@transaction.atomic
def take_internal_evidence(*, screening: Screening, actor: User, now: datetime) -> None:
    """Somebody downloads the internal evidence. :raises NotAllowed: only owners of the firms may."""
    require(actor, "evidence.internal", screening)
    record("identify.evidence.exported", screening, actor=actor, now=now)
