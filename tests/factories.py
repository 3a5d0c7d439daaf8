"""Plain functions that make what a test needs, through the same operations the product uses."""

from datetime import UTC, datetime
from itertools import count

from coopetir.foundation.models import ManagingEntity, Role, RoleAssignment, User

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
_numbers = count(1)


def an_entity(**changes):
    number = next(_numbers)
    values = {"name": f"Cámara Demo {number}", "department": "76", "chamber": "08"} | changes
    return ManagingEntity.objects.create(**values)


def a_user(*roles, entity=None, **changes):
    """A user holding ``roles`` in ``entity`` (a new one unless given; the network role has none)."""
    number = next(_numbers)
    user = User(email=changes.pop("email", f"persona{number}@demo.test"), name=f"Persona {number}", **changes)
    user.set_password("una-clave-larga-1")
    user.save()
    for role in roles:
        scope = None if role == Role.NETWORK_ADMIN else (entity or an_entity())
        RoleAssignment.objects.create(user=user, role=role, entity=scope, valid_from=NOW)
    return user


def a_director(entity=None):
    return a_user(Role.ENTITY_DIRECTOR, entity=entity)


def an_analyst(entity=None):
    return a_user(Role.ANALYST, entity=entity)


def a_manager(entity=None):
    return a_user(Role.CLUSTER_MANAGER, entity=entity)


def an_admin():
    return a_user(Role.NETWORK_ADMIN)
