"""May this person do this to that? One question, asked by pages, exports, API and commands alike.

Each capability's ``permissions`` module calls :func:`declare` with its rules, ``{"noun.verb": predicate}``.
A permission nobody declared is refused: closed unless marked public (:data:`everyone`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import rules
from django.utils import timezone

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.models import Role, RoleAssignment

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from coopetir.foundation.models import User

    Actor = User | AnonymousUser

RULES = rules.RuleSet()


class NotAllowed(CoopetirError):
    code = "permission.refused"
    es = "Su cuenta no tiene permiso para hacer esto aquí. Pida el rol a la dirección de su entidad."
    en = "Your account is not allowed to do this here. Ask your entity's director for the role."


class PermissionUnknown(CoopetirError):
    code = "permission.unknown"
    es = "El permiso «{permission}» no está declarado."
    en = "The permission “{permission}” is not declared."


def declare(permissions: Mapping[str, rules.Predicate]) -> None:
    """Add a capability's rules; declaring one twice is a programming error."""
    for name, predicate in permissions.items():
        RULES.add_rule(name, predicate)


def can(user: Actor, permission: str, subject: Any = None) -> bool:
    """Whether ``user`` may do ``permission`` ("noun.verb") to ``subject``. Never raises for a stranger."""
    if not RULES.rule_exists(permission):
        raise PermissionUnknown(permission=permission)
    return bool(RULES.test_rule(permission, user, subject))


def require(user: Actor, permission: str, subject: Any = None) -> None:
    """:raises NotAllowed: when :func:`can` says no."""
    if not can(user, permission, subject):
        raise NotAllowed(permission=permission)


def live_roles(user: Actor) -> list[RoleAssignment]:
    """The user's role assignments in force now, read once per request object."""
    if not user.is_authenticated or not user.is_active:
        return []
    cached: list[RoleAssignment] | None = getattr(user, "_live_roles", None)
    if cached is None:
        now = timezone.now()
        rows = RoleAssignment.objects.filter(user_id=user.pk, valid_from__lte=now).select_related("entity")
        cached = [row for row in rows if row.valid_to is None or row.valid_to > now]
        user._live_roles = cached  # type: ignore[attr-defined]  # noqa: SLF001
    return cached


def holds(user: Actor, *roles: str, entity_id: int | None = None) -> bool:
    """Whether one of ``roles`` is held now, anywhere or in the entity given."""
    return any(
        row.role in roles and (entity_id is None or row.entity_id == entity_id) for row in live_roles(user)
    )


def entity_of(subject: Any) -> int | None:
    """The id of the entity a subject belongs to; an entity belongs to itself."""
    if subject is None:
        return None
    return subject.pk if subject._meta.model_name == "managingentity" else subject.entity_id  # noqa: SLF001


everyone = rules.always_allow


@rules.predicate
def signed_in(user: Actor) -> bool:
    return bool(user.is_authenticated and user.is_active)


@rules.predicate
def network_admin(user: Actor) -> bool:
    return holds(user, Role.NETWORK_ADMIN)


def in_entity(*roles: str) -> rules.Predicate:
    """Holds one of ``roles`` in the subject's entity (in any entity when there is no subject yet)."""

    @rules.predicate(name=f"in_entity:{','.join(roles)}")
    def predicate(user: Actor, subject: Any = None) -> bool:
        return holds(user, *roles, entity_id=entity_of(subject))

    return predicate


director = in_entity(Role.ENTITY_DIRECTOR)
analyst = in_entity(Role.ANALYST)
manager = in_entity(Role.CLUSTER_MANAGER)
staff = in_entity(Role.ENTITY_DIRECTOR, Role.ANALYST, Role.CLUSTER_MANAGER)
owners_of_firms = in_entity(Role.ENTITY_DIRECTOR, Role.ANALYST)
"""Those who may see values of single firms: the owning entity's director and analyst, nobody else."""


@rules.predicate
def owns_job(user: Actor, job: Any) -> bool:
    return job is not None and job.owner_id is not None and job.owner_id == user.pk


declare(
    {
        "entity.create": network_admin,
        "entity.view": signed_in,
        "account.list": network_admin | director,
        "account.invite": network_admin | director,
        "account.deactivate": network_admin | director,
        "role.grant": network_admin | director,
        "role.end": network_admin | director,
        "event.list": network_admin | director,
        "dataset.view": staff,
        "dataset.import": owners_of_firms,
        "dataset.apply": owners_of_firms,
        "dataset.revert": owners_of_firms,
        "firm.view": owners_of_firms,
        "job.view": owns_job | staff,
        "job.cancel": owns_job | director,
    }
)
