"""What a publication would reveal together with those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
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
    """Combinations of this screening's shown families with those published before, that would reveal a firm.

    Only families whose values are shown count; each has a key of its own, whatever its name.
    """
    paths = registry_paths(screening)
    earlier = Screening.objects.filter(
        entity_id=screening.entity_id, department=screening.department, published_at__isnull=False
    ).exclude(pk=screening.pk)
    released = {key: codes for row in earlier for key, codes in _shown_families(row).items()}
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
    return revealing_differences(firms, _shown_families(screening), released, profile)


def _shown_families(screening: Screening) -> Mapping[str, list[str]]:
    """Families with shown values, as the result has them: a class that two families name belongs to one."""
    safe = {row.family for row in screening.verdicts.all() if row.detail["safe"]}
    table = result_table(screening, "industries").filter(pl.col("family").is_in(sorted(safe)))
    labels = {family["family"]: family["label"] for family in screening.families}
    grouped = table.filter(~pl.col("local")).group_by("family").agg("industry")
    return {f"{screening.pk} · {labels.get(key, key)} ({key})": codes for key, codes in grouped.iter_rows()}
