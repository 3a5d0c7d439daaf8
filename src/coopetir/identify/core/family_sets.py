"""With which families may a screening begin?"""

from __future__ import annotations

from typing import Any

import polars as pl

from coopetir.foundation.core import catalogues, industries
from coopetir.identify.core.tradability import local_industry

Family = dict[str, Any]


def nine_families() -> list[Family]:
    """The nine clusters of Plataforma Clúster as this project assigned CIIU classes to them."""
    table = catalogues.families()
    grouped = table.group_by("family", "cluster", "start_year", maintain_order=True).agg(pl.col("industry"))
    return [
        {"family": family, "label": cluster, "industries": codes, "local": False, "since": year}
        for family, cluster, year, codes in grouped.iter_rows()
    ]


def label_for(family: str, label: str, language: str) -> str:
    """A family's name in the reader's language: divisions (``div_10``) by their title, others by their label.

    A label that somebody changed is that person's and stays.
    """
    division = family.removeprefix("div_")
    shipped = {industries.titles("4", known).get(division) for known in ("es", "en")}
    if division == family or label not in shipped:
        return label
    return industries.titles("4", "en" if language.startswith("en") else "es")[division]


def division_families() -> list[Family]:
    """Every CIIU division with a traded class, as a family of its traded classes."""
    classes = catalogues.industries("4").filter(pl.col("level") == "class")
    table = classes.select(pl.col("code"), local_industry("code")).filter(~pl.col("local"))
    titles = industries.titles("4")
    grouped = table.group_by(pl.col("code").str.slice(0, 2).alias("division"), maintain_order=True).agg(
        "code"
    )
    return [
        {
            "family": f"div_{division}",
            "label": titles.get(division, division),
            "industries": codes,
            "local": False,
        }
        for division, codes in grouped.sort("division").iter_rows()
    ]
