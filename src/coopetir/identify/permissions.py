"""Who may screen, propose, decide, publish and see firms.

Nobody approves their own: an analyst (or a director) proposes a decision, a director who did not propose it
decides. A director alone in an entity may compute and propose, and needs a second person to decide.
"""

from typing import Any

import rules

from coopetir.foundation.permissions import (
    declare,
    director,
    network_admin,
    owners_of_firms,
    signed_in,
    staff,
)


@rules.predicate
def published(user: Any, screening: Any = None) -> bool:
    return screening is not None and screening.published_at is not None


@rules.predicate
def did_not_propose(user: Any, decision: Any = None) -> bool:
    return decision is None or decision.proposed_by_id != user.pk


@rules.predicate
def owns_view(user: Any, view: Any = None) -> bool:
    return view is None or view.owner_id == user.pk


declare(
    {
        "screening.view": published | staff | network_admin,
        "screening.create": owners_of_firms,
        "screening.edit": owners_of_firms,
        "screening.compute": owners_of_firms,
        "screening.archive": director,
        "screening.publish": director,
        "decision.propose": owners_of_firms,
        "decision.decide": director & did_not_propose,
        "evidence.internal": owners_of_firms,
        "evidence.public": published | owners_of_firms,
        "footprint.create": owners_of_firms,
        "footprint.view": staff,
        "share.create": owners_of_firms,
        "share.revoke": owners_of_firms,
        "view.save": signed_in,
        "view.delete": signed_in & owns_view,
    }
)
