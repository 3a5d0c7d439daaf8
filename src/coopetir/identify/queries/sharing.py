"""Links of a verdict that its owners gave out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from coopetir.foundation.models import Role
from coopetir.foundation.queries import entity_ids
from coopetir.identify.models import ShareLink, Verdict

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from coopetir.foundation.permissions import Actor


@dataclass(frozen=True)
class LinkShown:
    """A link and whether it still opens: ``live``, ``expired`` or ``revoked``."""

    link: ShareLink
    state: str


def links_visible_to(user: Actor) -> QuerySet[ShareLink]:
    """Links of the entities whose director or analyst one is."""
    ids = entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST)
    return ShareLink.objects.filter(verdict__screening__entity_id__in=ids).select_related(
        "created_by", "verdict__screening__entity"
    )


def links_of(user: Actor, verdict: Verdict, *, now: datetime) -> list[LinkShown]:
    """The links of one verdict, newest first."""
    rows = links_visible_to(user).filter(verdict=verdict).order_by("-created_at", "-pk")
    return [LinkShown(row, _state(row, now)) for row in rows]


def _state(link: ShareLink, now: datetime) -> str:
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at <= now else "live"
