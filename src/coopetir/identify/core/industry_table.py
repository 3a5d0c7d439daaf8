"""Which family does each CIIU class belong to, and what is known of its technology, before a screening?

Families: the nine of Plataforma Clúster as shipped, or one's own; every traded class that is in none belongs to
the family of its division. A screening adds a class to one family only, so that no job counts twice; a class that
several families name goes to the one where its role is strongest (nucleo, proveedor, comercio, apoyo), then to the
oldest family, then to the one with fewer classes. ``also_in`` names the others and ``prefer`` gives a family all
its classes, to screen it whole.
"""

from __future__ import annotations

import polars as pl

from coopetir.foundation.core import catalogues, industries
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import as_codes, require_columns
from coopetir.identify.core.fabric import UNCLASSIFIED
from coopetir.identify.core.tradability import local_industry

ROLES = ("nucleo", "proveedor", "comercio", "apoyo")
EUROSTAT = {"low": 1.0, "medium_low": 2.0, "medium_high": 3.0, "high": 4.0}
"""Eurostat's four levels of manufacturing as an order. Services are null: their list is not verified."""


class FamilyUnknown(CoopetirError):
    code = "families.unknown"
    es = "No existe la familia «{family}». Hay: {families}."
    en = "There is no family “{family}”. There are: {families}."


def industry_table(families: pl.DataFrame | None = None, *, prefer: str | None = None) -> pl.DataFrame:
    """One row per CIIU Rev. 4 A.C. class (both vintages), per group that stands for mixed vintages, and the
    unclassified.

    :param families: ``family, industry[, role, start_year, cluster]``, pairs that may repeat an industry; None =
        the nine shipped families.
    :param prefer: the family that gets every class it names.

    Columns: industry, family ("" = none), family_name, name, local, tech_intensity (1–4, Eurostat manufacturing;
    null for the rest), world_demand_growth and world_imports_usd (null: the registry has no source for them),
    also_in (other families that name it, comma-separated).

    A class that a family names is judged as traded even where :mod:`.tradability` calls it local.

    :raises FamilyUnknown: ``prefer`` is not a family.
    """
    pairs = _pairs(catalogues.families() if families is None else families, prefer)
    titles, named = industries.titles("4"), _chosen(pairs)
    table = _classes().join(named, on="industry", how="left")
    division = pl.col("industry").str.slice(0, 2)
    local = pl.col("local") & pl.col("family").is_null()
    taken = named["family"].unique().to_list()
    own = _leftover(division, taken)
    text = pl.format("División {} · {}", division, division.replace_strict(titles, default=""))
    table = table.with_columns(
        local=local,
        family=pl.when(local).then(pl.lit("")).otherwise(pl.coalesce("family", own)),
        family_name=pl.when(local).then(pl.lit("")).otherwise(pl.coalesce("family_name", text)),
        name=pl.col("industry").replace_strict(titles, default=None),
        tech_intensity=industries.technology_column(
            pl.col("industry"), "eurostat_manufacturing"
        ).replace_strict(EUROSTAT, default=None, return_dtype=pl.Float64),
        world_demand_growth=pl.lit(None, pl.Float64),
        world_imports_usd=pl.lit(None, pl.Float64),
    )
    return _with_groups(table, taken)


def _leftover(division: pl.Expr, taken: list[str]) -> pl.Expr:
    """The family of classes that no family names. A family of one's own may be called like a division; what it
    leaves out must not fall back into it."""
    own = pl.format("div_{}", division)
    return pl.when(own.is_in(taken)).then(pl.format("resto_{}", division)).otherwise(own)


def _pairs(families: pl.DataFrame, prefer: str | None) -> pl.DataFrame:
    require_columns(families, ["family", "industry"], source="families")
    for column in ("family", "industry"):
        families = as_codes(families, column, source="families")
    if prefer is not None and prefer not in families["family"]:
        raise FamilyUnknown(family=prefer, families=families["family"].unique(maintain_order=True).to_list())
    role = pl.col("role") if "role" in families.columns else pl.lit(None, pl.String)
    year = pl.col("start_year") if "start_year" in families.columns else pl.lit(0)
    name = pl.col("cluster") if "cluster" in families.columns else pl.col("family")
    return families.select(
        "family",
        "industry",
        family_name=name,
        preferred=pl.col("family") == pl.lit(prefer or ""),
        strength=role.replace_strict(
            list(ROLES), range(len(ROLES)), default=len(ROLES), return_dtype=pl.Int64
        ),
        year=year,
        size=pl.len().over("family"),
    )


def _chosen(pairs: pl.DataFrame) -> pl.DataFrame:
    order = ["industry", "preferred", "strength", "year", "size", "family"]
    ranked = pairs.sort(order, descending=[False, True, False, False, False, False])
    return ranked.group_by("industry", maintain_order=True).agg(
        pl.col("family", "family_name").first(),
        also_in=pl.col("family").slice(1).unique(maintain_order=True).str.join(","),
    )


def _classes() -> pl.DataFrame:
    frame = catalogues.industries("4").filter(pl.col("level") == "class")
    return frame.select(pl.col("code").alias("industry"), local_industry("code"))


def _with_groups(table: pl.DataFrame, taken: list[str]) -> pl.DataFrame:
    """Add the groups for mixed vintages: in a family if all their classes are, else in that of their division."""
    merged = table.with_columns(group=industries.comparable_vintages(pl.col("industry")))
    merged = merged.filter(pl.col("group") != pl.col("industry"), pl.col("group").str.len_chars() == 3)
    alike = pl.col("family").n_unique() == 1
    division = pl.col("group").str.slice(0, 2)
    groups = merged.group_by("group").agg(
        pl.when(alike)
        .then(pl.col("family").first())
        .otherwise(_leftover(division.first(), taken))
        .alias("family"),
        pl.when(alike).then(pl.col("family_name").first()).otherwise(division.first()).alias("family_name"),
        pl.col("local").all(),
        pl.when(pl.col("tech_intensity").n_unique() == 1)
        .then(pl.col("tech_intensity").first())
        .alias("tech_intensity"),
    )
    titles = industries.titles("4")
    groups = groups.rename({"group": "industry"}).with_columns(
        name=pl.col("industry").replace_strict(titles, default=None)
    )
    unclassified = pl.DataFrame(
        {
            "industry": [UNCLASSIFIED],
            "family": [""],
            "family_name": [""],
            "name": ["Sin clasificar"],
            "local": [False],
        }
    )
    return pl.concat([table, groups, unclassified], how="diagonal").sort("industry")
