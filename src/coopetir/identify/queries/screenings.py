"""Screenings and verdicts, in the edition that is the reader's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coopetir.foundation.models import Role
from coopetir.foundation.permissions import can, holds, live_roles
from coopetir.identify.core.editions import public_row, public_sentences, public_what_if
from coopetir.identify.core.explanation import explain
from coopetir.identify.core.family_sets import label_for
from coopetir.identify.core.method import Method, parse_method
from coopetir.identify.core.whatif import WhatIf, judge_row
from coopetir.identify.models import Screening, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coopetir.foundation.permissions import Actor

CRITERIA = ("density", "growth", "technology", "market")
ORDER = ("qualifies", "candidate", "insufficient_data", "not_now")


def screenings_visible_to(user: Actor) -> QuerySet[Screening]:
    """Published screenings for everybody; all of one's entities' for those who work there."""
    rows = Screening.objects.select_related("entity", "previous").order_by("-created_at")
    if holds(user, Role.NETWORK_ADMIN):
        return rows
    mine = [row.entity_id for row in live_roles(user) if row.entity_id is not None]
    return rows.filter(Q(published_at__isnull=False) | Q(entity_id__in=mine))


def verdicts_visible_to(user: Actor) -> QuerySet[Verdict]:
    """Verdicts of the screenings one may see."""
    return Verdict.objects.filter(screening__in=screenings_visible_to(user)).select_related(
        "screening__entity", "decision"
    )


@dataclass(frozen=True)
class Shown:
    """One verdict in the reader's edition. ``row``: measures (None = unknown or protected)."""

    verdict: Verdict
    row: dict[str, Any]
    sentences: tuple[str, str, str]
    internal: bool
    safe: bool

    @property
    def grades(self) -> list[int | None]:
        return [getattr(self.verdict, name) for name in CRITERIA]

    @property
    def edition(self) -> str:
        return "internal" if self.internal else "public"


def may_see_firms(user: Actor, screening: Screening) -> bool:
    """Whether the reader sees values of single firms of this screening's entity."""
    return can(user, "firm.view", screening)


def shown(user: Actor, verdict: Verdict, language: str) -> Shown:
    """A verdict in the edition of this reader."""
    internal = may_see_firms(user, verdict.screening)
    safe, row, method = shows_values(verdict), verdict.detail["row"], method_of(verdict.screening)
    language = "en" if language.startswith("en") else "es"
    verdict.label = label_for(verdict.family, verdict.label, language)
    if internal:
        return Shown(verdict, row, explain(row, method, language=language).sentences(), internal, safe)
    sentences = public_sentences(row, method, safe=safe, language=language)
    return Shown(verdict, public_row(row, safe=safe), sentences, internal, safe)


def shows_values(verdict: Verdict) -> bool:
    """Whether people outside the owning entity's analysis may see measures built on a family's jobs.

    The family must be safe in itself and its screening published: a publication is checked against all earlier ones,
    so that subtracting one from another gives nobody's figures; a draft or a link has had no such check.
    """
    return bool(verdict.detail["safe"]) and verdict.screening.published_at is not None


def method_of(screening: Screening) -> Method:
    """The Method a screening is judged by."""
    return parse_method(screening.method_toml, source="method.toml")


def verdict_for(user: Actor, screening_id: int, family: str) -> Verdict:
    """One family's verdict in a screening one may see; 404 for anything else."""
    found = get_object_or_404(verdicts_visible_to(user), screening_id=screening_id, family=family)
    found.label = label_for(found.family, found.label, get_language() or "es")
    return found


def board(user: Actor, screening: Screening, language: str) -> list[Shown]:
    """All verdicts of a screening, the best first, in the reader's edition."""
    rows = [
        shown(user, verdict, language) for verdict in verdicts_visible_to(user).filter(screening=screening)
    ]
    return sorted(rows, key=lambda item: (ORDER.index(item.verdict.outcome), -(item.verdict.stability or 0)))


def what_if(user: Actor, verdict: Verdict, thresholds: Mapping[str, float]) -> WhatIf | None:
    """The verdict under other thresholds; None where the reader may not ask."""
    method, row = method_of(verdict.screening), verdict.detail["row"]
    if may_see_firms(user, verdict.screening):
        return judge_row(row, method, thresholds)
    return public_what_if(row, method, thresholds, safe=shows_values(verdict))


@dataclass(frozen=True)
class Change:
    """What changed for one family between two screenings, and why."""

    family: str
    label: str
    before: str | None
    after: str | None
    why: str


def changes(user: Actor, screening: Screening, language: str) -> list[Change]:
    """Differences with the earlier screening: families in and out, verdicts that moved, criteria that moved them."""
    previous = screening.previous
    if previous is None or not can(user, "screening.view", previous):
        return []
    old = {row.family: row for row in verdicts_visible_to(user).filter(screening=previous)}
    new = {row.family: row for row in verdicts_visible_to(user).filter(screening=screening)}
    same_method = method_of(previous).digest == method_of(screening).digest
    found = []
    for family in sorted({*old, *new}):
        before, after = old.get(family), new.get(family)
        if before and after and before.outcome == after.outcome and before.grades == after.grades:
            continue
        label = label_for(family, (after or before).label, language)  # type: ignore[union-attr]
        why = _why(before, after, same_method=same_method)
        found.append(
            Change(family, label, before.outcome if before else None, after.outcome if after else None, why)
        )
    return found


def _why(before: Verdict | None, after: Verdict | None, *, same_method: bool) -> str:
    if before is None:
        return _("familia nueva")
    if after is None:
        return _("familia que ya no está")
    moved = [
        f"{names()[name]}: {grade_word(before.grades[name])} → {grade_word(after.grades[name])}"
        for name in CRITERIA
        if before.grades[name] != after.grades[name]
    ]
    parts = moved or [_("mismas luces")]
    return "; ".join(parts if same_method else [_("cambió el Método"), *parts])


def names() -> dict[str, str]:
    """The four criteria in the reader's language."""
    return {
        "density": _("densidad"),
        "growth": _("crecimiento"),
        "technology": _("tecnología"),
        "market": _("mercado"),
    }


def grade_word(grade: int | None) -> str:
    """A grade in one word."""
    return {2: _("cumple"), 1: _("en el límite"), 0: _("no cumple"), None: _("sin dato")}[grade]
