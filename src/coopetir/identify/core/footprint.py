"""What does a list of members weigh in its territory: of its firms, sales, jobs, and how do their exports compare?

The panel of the case of Cali (2019): 5 % of the firms, 54 % of the sales, 59 % of their jobs formal, 16 % of their
exports of high value against 13 % in Bogotá and 12 % of all firms of the department. Firms are registrations counted
in a year (``fabric.counted``), members those whose NIT is in the list.

- share of firms: members / all firms of the territory;
- share of sales and of jobs: sum of members / sum of all, over firms that state them (coverage beside);
- sales per job: sum of sales / sum of jobs, over firms that state both, of members, territory and contrast;
- formal jobs: unknown, a registry says nothing of formality (PILA would);
- high-value exports: FOB of :data:`HIGH_VALUE` products / FOB of products with a class, of each group's exporters.

Deviation: "high value" is not defined in the case; here Lall's medium- and high-technology manufactures. A sum is
safe for people other than the owners if the members' part **and** the rest of the territory are (``disclosure``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

import polars as pl

from coopetir.foundation.core import catalogues, engines
from coopetir.foundation.core.disclosure import Profile, judge_cells
from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.fabric import counted, schema_of
from coopetir.identify.core.member_list import Members

HIGH_VALUE = ("MT1", "MT2", "MT3", "HT1", "HT2")


class NoMemberFound(CoopetirError):
    code = "footprint.none_found"
    es = "Ninguno de los {rows} NIT de la lista está entre las empresas activas de {place} en {year}. Revise que la lista y el registro sean de la misma región."
    en = "None of the {rows} NITs of the list is among the active firms of {place} in {year}. Check that list and registry are of the same region."


@dataclass(frozen=True)
class Share:
    """One figure of the panel. ``value`` 0–1 (sales per job: million COP); None = unknown, ``why`` says it.

    ``known``: share of members with the figure. ``safe``: may be shown to people other than the firms' owners.
    """

    measure: str
    members: float | None
    territory: float | None
    contrast: float | None
    known: float | None
    safe: bool
    why: str = ""


@dataclass(frozen=True)
class Footprint:
    """``listed`` rows with a readable NIT, once each; ``matched`` of them in the territory; ``elsewhere`` in others."""

    year: int
    listed: int
    unreadable: int
    repeated: int
    matched: int
    elsewhere: int
    firms: int
    territory_firms: int
    shares: tuple[Share, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def latest_year(engine: engines.Engine, registry: engines.Source) -> int:
    """The last cut year of a registry."""
    table = engines.table("registry", schema_of(registry))
    return int(engine.run(table.aggregate(year=table.year.max()), {"registry": registry})["year"].item())


def footprint(
    engine: engines.Engine,
    registry: engines.Source,
    members: Members,
    *,
    department: str,
    contrast: str,
    year: int,
    profile: Profile,
    exports: pl.DataFrame | None = None,
) -> tuple[Footprint, pl.DataFrame]:
    """The panel, and the members not found in the territory (row, nit, note, elsewhere): **reserved**, not to keep.

    ``exports``: nit, product (HS, 6 digits or more), fob_usd. :raises NoMemberFound:
    """
    firms = _firms(engine, registry, year)
    listed = members.distinct
    firms = firms.with_columns(
        member=pl.col("nit").is_in(listed).fill_null(value=False),
        group=pl.when(pl.col("department") == department)
        .then(pl.lit("territory"))
        .when(pl.col("department") == contrast)
        .then(pl.lit("contrast")),
    )
    ours = firms.filter((pl.col("group") == "territory") & pl.col("member"))
    if ours.is_empty():
        raise NoMemberFound(rows=members.rows, place=department, year=year)
    found, anywhere = set(ours["nit"]), set(firms.filter(pl.col("member"))["nit"])
    result = Footprint(
        year=year,
        listed=len(listed),
        unreadable=members.unreadable,
        repeated=members.repeated,
        matched=len(found),
        elsewhere=len(anywhere - found),
        firms=ours.height,
        territory_firms=firms.filter(pl.col("group") == "territory").height,
        shares=(*_shares(firms, profile), _formal(), _high_value(firms, exports, profile)),
    )
    missing = members.nits.filter(~pl.col("nit").is_in(list(found)).fill_null(value=False))
    return result, missing.with_columns(elsewhere=pl.col("nit").is_in(list(anywhere)).fill_null(value=False))


def _firms(engine: engines.Engine, registry: engines.Source, year: int) -> pl.DataFrame:
    table = engines.table("registry", schema_of(registry) | {"nit": "string"})
    place = cast("engines.StringColumn", table.municipality)
    rows = table.filter(counted(table) & (table.year == year))
    shown = rows.select(
        rows.nit, rows.chamber, rows.registration, rows.jobs, rows.income_cop, department=place.substr(0, 2)
    )
    return engine.run(shown, {"registry": registry}).with_columns(
        firm=pl.concat_str("chamber", pl.lit("-"), "registration", ignore_nulls=True),
        jobs=pl.col("jobs").cast(pl.Float64),
        income_cop=pl.col("income_cop").cast(pl.Float64),
    )


def _shares(firms: pl.DataFrame, profile: Profile) -> list[Share]:
    territory = firms.filter(pl.col("group") == "territory")
    members = territory.filter(pl.col("member"))
    count = Share("firms", members.height / territory.height, 1.0, None, 1.0, safe=True)
    return [
        count,
        _sum_share("sales", "income_cop", territory, members, profile),
        _sum_share("jobs", "jobs", territory, members, profile),
        _per_job(firms, profile),
    ]


def _sum_share(
    measure: str, column: str, territory: pl.DataFrame, members: pl.DataFrame, profile: Profile
) -> Share:
    known = members[column].count() / members.height
    total = float(territory[column].sum())
    if not known or not total:
        return Share(measure, None, None, None, known, safe=True, why=f"no_{measure}")
    share = float(members[column].sum()) / total
    return Share(measure, share, 1.0, None, known, safe=_is_safe(territory, column, profile))


def _per_job(firms: pl.DataFrame, profile: Profile) -> Share:
    """Sales per job in million COP, over firms that state both."""
    both = firms.filter(
        pl.col("jobs").is_not_null() & pl.col("income_cop").is_not_null() & (pl.col("jobs") > 0)
    )
    territory = both.filter(pl.col("group") == "territory")
    members = territory.filter(pl.col("member"))
    of_members = firms.filter((pl.col("group") == "territory") & pl.col("member")).height
    ratio, beside = _ratio(members), _ratio(both.filter(pl.col("group") == "contrast"))
    if ratio is None:
        return Share("sales_per_job", None, None, None, 0.0, safe=True, why="no_sales_and_jobs")
    safe = _is_safe(territory, "income_cop", profile) and _is_safe(territory, "jobs", profile)
    known = members.height / of_members
    return Share("sales_per_job", ratio, _ratio(territory), beside, known, safe=safe)


def _ratio(rows: pl.DataFrame) -> float | None:
    jobs = rows["jobs"].sum()
    return None if not jobs else float(rows["income_cop"].sum()) / float(jobs) / 1e6


def _formal() -> Share:
    return Share("formal_jobs", None, None, None, None, safe=True, why="registry_has_no_formality")


def _high_value(firms: pl.DataFrame, exports: pl.DataFrame | None, profile: Profile) -> Share:
    if exports is None:
        return Share("high_value_exports", None, None, None, None, safe=True, why="no_exports")
    classes = catalogues.product_technology().select("product", "lall")
    sold = exports.with_columns(pl.col("product").str.slice(0, 6)).join(classes, on="product", how="left")
    sold = sold.filter(pl.col("lall").is_not_null() & (pl.col("lall") != "OTRO"))
    placed = firms.filter(pl.col("nit").is_not_null() & pl.col("group").is_not_null())
    sold = sold.join(placed.select("nit", "group", "member").unique("nit"), on="nit", how="inner")
    territory = sold.filter(pl.col("group") == "territory")
    members = territory.filter(pl.col("member"))
    part, beside = _high(members), _high(sold.filter(pl.col("group") == "contrast"))
    if part is None:
        return Share("high_value_exports", None, None, None, 0.0, safe=True, why="no_member_exports")
    exporters = members["nit"].n_unique() / max(1, placed.filter(pl.col("member"))["nit"].n_unique())
    by_firm = territory.rename({"nit": "firm"})
    safe = _is_safe(by_firm, "fob_usd", profile)
    return Share("high_value_exports", part, _high(territory), beside, exporters, safe=safe)


def _high(rows: pl.DataFrame) -> float | None:
    total = rows["fob_usd"].sum()
    high = rows.filter(pl.col("lall").is_in(HIGH_VALUE))["fob_usd"].sum()
    return None if not total else float(high) / float(total)


def _is_safe(territory: pl.DataFrame, column: str, profile: Profile) -> bool:
    """Both the members' sum and the rest of the territory hide every single firm."""
    judged = judge_cells(territory, keys=["member"], value=column, firm="firm", profile=profile)
    return bool(judged["safe"].fill_null(value=True).all())
