"""Footprints of member lists, in the edition that is the reader's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from coopetir.foundation.models import Role
from coopetir.foundation.permissions import can
from coopetir.foundation.queries import datasets_visible_to, entity_ids
from coopetir.identify.core.footprint_picture import WIDE, panel_picture
from coopetir.identify.core.footprint_words import Line, panel_lines, panel_sentence
from coopetir.identify.models import Footprint
from coopetir.identify.queries.leave_with import department_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from coopetir.foundation.core.palette import Variant
    from coopetir.foundation.models import Dataset
    from coopetir.foundation.permissions import Actor


def footprints_visible_to(user: Actor) -> QuerySet[Footprint]:
    """Footprints of the entities one works for, newest first."""
    ids = entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST, Role.CLUSTER_MANAGER)
    rows = Footprint.objects.filter(entity_id__in=ids).select_related("entity", "dataset", "created_by")
    return rows.order_by("-created_at", "-pk")


def registries_of(user: Actor) -> QuerySet[Dataset]:
    """Registry extracts in use whose firms the user may weigh."""
    ids = entity_ids(user, Role.ENTITY_DIRECTOR, Role.ANALYST)
    return datasets_visible_to(user).filter(kind="registry", entity_id__in=ids).order_by("-applied_at")


@dataclass(frozen=True)
class FootprintShown:
    """One footprint for one reader."""

    footprint: Footprint
    internal: bool
    lines: list[Line]
    sentence: str
    places: tuple[str, str]

    @property
    def match_rate(self) -> float:
        return self.footprint.result["matched"] / max(1, self.footprint.result["listed"])


def shown_footprint(user: Actor, found: Footprint, language: str) -> FootprintShown:
    """The panel in the reader's edition: only owners of the firms see unsafe figures and decimals."""
    internal = can(user, "firm.view", found)
    lines = panel_lines(found.result, internal=internal, language=language)
    places = (department_name(found.department), department_name(found.contrast))
    sentence = panel_sentence(found.result, lines, place=places[0], language=language)
    return FootprintShown(found, internal, lines, sentence, places)


def picture_of(
    shown: FootprintShown,
    language: str,
    *,
    footnote: str = "",
    variant: Variant = "page",
    width: int = WIDE,
) -> str:
    """The panel as SVG; with a ``footnote`` for downloads."""
    parts = [f"{line.label}: {', '.join(line.texts)}" for line in shown.lines]
    return panel_picture(
        shown.lines,
        places=shown.places,
        title=shown.footprint.name,
        description=f"{shown.sentence} {'; '.join(parts)}.",
        footnote=footnote,
        variant=variant,
        width=width,
        language=language,
    )


def table_of(shown: FootprintShown) -> pl.DataFrame:
    """The panel as a table for files: empty where unknown or protected, with its status."""
    statuses = {"known": "ok", "unknown": "na", "protected": "c"}
    rows = [
        {
            "measure": line.measure,
            "name": line.name,
            "members": line.members,
            "contrast": line.contrast,
            "territory": line.territory,
            "status": statuses[line.state],
            "note": line.note or None,
        }
        for line in shown.lines
    ]
    kinds = {"members": pl.Float64, "contrast": pl.Float64, "territory": pl.Float64, "note": pl.String}
    return pl.DataFrame(rows, schema_overrides=kinds)
