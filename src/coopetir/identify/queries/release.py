"""What a publication would reveal together with those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from coopetir.foundation.core import engines
from coopetir.foundation.core.disclosure import profiles
from coopetir.identify.core.firms import firms_of
from coopetir.identify.core.release_audit import Difference, revealing_differences
from coopetir.identify.models import Screening
from coopetir.identify.queries.results import registry_paths, result_table

if TYPE_CHECKING:
    from collections.abc import Mapping


def revealing_with_earlier(screening: Screening) -> list[Difference]:
    """Families of this screening that, subtracted from a published one of the same territory, reveal a firm."""
    paths = registry_paths(screening)
    earlier = Screening.objects.filter(
        entity_id=screening.entity_id, department=screening.department, published_at__isnull=False
    ).exclude(pk=screening.pk)
    released = {f"{row.name}: {family}": codes for row in earlier for family, codes in _families(row).items()}
    if not paths or not released:
        return []
    with engines.connect() as engine:
        firms = firms_of(
            engine,
            paths,
            result_table(screening, "industries"),
            department=screening.department,
            year=screening.summary["years"][-1],
            every_industry=True,
        )
    profile = profiles(settings.SDC_P, settings.SDC_K)["public"]
    return revealing_differences(firms, _families(screening), released, profile)


def _families(screening: Screening) -> Mapping[str, list[str]]:
    return {family["label"]: family["industries"] for family in screening.families}
