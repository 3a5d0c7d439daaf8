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


def a_dataset(entity, user, **changes):
    """An applied registry extract (the row; tests that read firms write the file themselves)."""
    from coopetir.foundation.models import Dataset, ImportBatch

    number = next(_numbers)
    batch = ImportBatch.objects.create(
        entity=entity,
        state=ImportBatch.State.APPLIED,
        file_name=f"extracto-{number}.txt",
        file_bytes=10,
        file_sha256=f"{number:064d}",
        folder=f"imports/{number}",
        uploaded_by=user,
        uploaded_at=NOW,
    )
    values = {
        "year": 2023,
        "rows": 10,
        "path": f"datasets/{number}.parquet",
        "sha256": f"{number:064d}",
    } | changes
    return Dataset.objects.create(
        entity=entity, batch=batch, kind="registry", label=f"Registro {number}", applied_at=NOW, **values
    )


FAMILIES = [
    {"family": "azucar", "label": "Azúcar", "industries": ["1071", "1072"], "local": False},
    {"family": "hoteles", "label": "Hoteles", "industries": ["5511"], "local": False},
]


def a_screening(entity=None, actor=None, **changes):
    """A draft screening with one table and two families, made by the operation."""
    from coopetir.identify.core.method import shipped_text
    from coopetir.identify.operations.screenings import create_screening

    entity = entity or an_entity()
    actor = actor or an_analyst(entity)
    values = {"families": FAMILIES, "method_toml": shipped_text()} | changes
    if "datasets" not in values:
        values["datasets"] = [a_dataset(entity, actor)]
    return create_screening(
        entity=entity, name="Tamizaje", department=entity.department, actor=actor, now=NOW, **values
    )


def a_verdict(screening, family="azucar", **changes):
    """A computed verdict of a screening, whose state becomes computed."""
    from coopetir.identify.models import Verdict
    from coopetir.identify.operations.screenings import store_result

    values = {
        "outcome": "candidate",
        "stability": 0.8,
        "density": 2,
        "growth": 1,
        "technology": 2,
        "market": 1,
    }
    verdict = Verdict(screening=screening, region="76", family=family, label=family, **(values | changes))
    others = list(screening.verdicts.exclude(family=family))
    store_result(
        screening=screening,
        asked=screening.asked(),
        folder="screenings/1",
        summary={},
        verdicts=[*others, verdict],
        now=NOW,
    )
    return screening.verdicts.get(family=family)
