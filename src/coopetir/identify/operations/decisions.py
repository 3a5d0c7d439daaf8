"""What people decide on a verdict: an analyst proposes, a director who did not propose decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import User
from coopetir.foundation.permissions import NotAllowed, require
from coopetir.identify.models import Decision, Screening, Verdict
from coopetir.identify.operations.screenings import refuse_while_computing


class ReasonMissing(CoopetirError):
    code = "decision.reason_missing"
    es = "Escriba el motivo: sin él nadie podrá entender esta decisión dentro de dos años."
    en = "Write the reason: without it nobody will understand this decision two years from now."


class OwnProposal(CoopetirError):
    code = "decision.own_proposal"
    es = "Usted propuso esta decisión; debe tomarla otra persona con rol de dirección."
    en = "You proposed this decision; another person with the director's role must take it."


class NotProposed(CoopetirError):
    code = "decision.not_proposed"
    es = "«{family}» no tiene propuesta. Primero alguien la propone con su motivo; después otra persona decide."
    en = "“{family}” has no proposal. First somebody proposes with a reason; then another person decides."


class NotComputed(CoopetirError):
    code = "decision.not_computed"
    es = "«{name}» cambió después de calcularse. Calcule de nuevo antes de proponer o decidir."
    en = "“{name}” changed after it was computed. Compute it again before proposing or deciding."


class AlreadyDecided(CoopetirError):
    code = "decision.already_decided"
    es = "«{family}» ya tiene decisión. Para cambiarla haga un tamizaje nuevo; la anterior queda como historia."
    en = "“{family}” is decided already. To change it make a new screening; the earlier one stays as history."


@transaction.atomic
def propose_decision(*, verdict: Verdict, choice: str, reason: str, actor: User, now: datetime) -> Decision:
    """Propose what to do with a family, with a reason; proposing again replaces an undecided proposal."""
    require(actor, "decision.propose", verdict.screening)
    screening = Screening.objects.select_for_update().get(pk=verdict.screening_id)
    refuse_while_computing(screening)
    if not screening.is_current:
        raise NotComputed(name=screening.name)
    if screening.state not in {Screening.State.COMPUTED, Screening.State.REVIEWED}:
        raise NotComputed(name=screening.name)
    _require_reason(reason)
    existing = Decision.objects.filter(verdict=verdict).first()
    if existing is not None and existing.decided:
        raise AlreadyDecided(family=verdict.label)
    values = {
        "proposed": choice,
        "proposed_reason": reason.strip(),
        "proposed_by": actor,
        "proposed_at": now,
    }
    decision, _ = Decision.objects.update_or_create(verdict=verdict, defaults=values)
    decision.full_clean()
    Screening.objects.filter(pk=screening.pk).update(state=Screening.State.REVIEWED, proposed_by=actor)
    record(
        "identify.decision.proposed", decision, actor=actor, now=now, after={"choice": choice}, reason=reason
    )
    return decision


def proposal_of(verdict: Verdict) -> Decision:
    """The proposal that waits on a verdict. :raises NotProposed:"""
    found = Decision.objects.filter(verdict=verdict).select_related("verdict__screening").first()
    if found is None:
        raise NotProposed(family=verdict.label)
    return found


@transaction.atomic
def decide(*, decision: Decision, choice: str, reason: str, actor: User, now: datetime) -> Decision:
    """Take the decision. :raises OwnProposal: nobody approves their own."""
    screening = Screening.objects.select_for_update().get(pk=decision.verdict.screening_id)
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    try:
        require(actor, "decision.decide", decision)
    except NotAllowed:
        if decision.proposed_by_id == actor.pk:
            raise OwnProposal from None
        raise
    if decision.decided:
        raise AlreadyDecided(family=decision.verdict.label)
    if screening.state != Screening.State.REVIEWED:
        raise NotComputed(name=screening.name)
    refuse_while_computing(screening)
    _require_reason(reason)
    decision.decided, decision.decided_reason = choice, reason.strip()
    decision.decided_by, decision.decided_at = actor, now
    decision.full_clean()
    decision.save()
    record(
        "identify.decision.decided", decision, actor=actor, now=now, after={"choice": choice}, reason=reason
    )
    if not screening.verdicts.exclude(decision__decided__gt="").exists():
        Screening.objects.filter(pk=screening.pk).update(state=Screening.State.DECIDED)
        record("identify.screening.decided", screening, actor=actor, now=now)
    return decision


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
