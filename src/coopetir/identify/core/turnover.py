"""Which firms came, left, stayed or moved between one year and the next, and how many jobs went with them?

Yearly extracts of the same firms, joined by (chamber, registration). Per region, industry and year (compared with
the year before that the registry holds): what an end-point comparison hides and a shift-share with entry needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coopetir.foundation.core import engines
from coopetir.identify.core.fabric import Activity, Level, counted, industry_of, located, region_of, schema_of

if TYPE_CHECKING:
    from coopetir.foundation.core.engines import Table

_FLOWS = ("firms", "both_known", "jobs_before", "jobs_after", "jobs_lost", "jobs_new")


def turnover(
    engine: engines.Engine,
    registry: engines.Source,
    *,
    region: Level | pl.DataFrame = "department",
    industry: pl.DataFrame | None = None,
    activity: Activity = "activity_1",
    same_vintage: bool = True,
) -> pl.DataFrame:
    """Firms and jobs that entered, left, stayed and moved, per region × industry × year.

    Parameters as in :func:`.fabric.panel`. Columns: year, previous_year, region, industry;

    - firms: ``entered``, ``left``, ``stayed``, ``moved_in``, ``moved_out`` (another region or industry), with
      stayed + entered + moved_in = firms of the year and stayed + left + moved_out = firms of the year before;
    - known jobs: ``jobs_entered``, ``jobs_left``, ``jobs_moved_in``, ``jobs_moved_out``; and for those who stayed,
      ``jobs_stayed_before``, ``jobs_stayed_after`` over the ``stayed_known`` firms known in both years.

    Jobs are sums of what is known (0 = none known): nothing is imputed here. A firm that skips a year is an exit
    and later an entry. The first year has no row.
    """
    place: Level = region if isinstance(region, str) else "municipality"
    years = engine.run(_years(schema_of(registry)), {"registry": registry})["year"].sort().to_list()
    pairs = pl.DataFrame({"year": years[1:], "previous_year": years[:-1]}, schema_overrides=_YEARS)
    expression = flows_expression(schema_of(registry), place, activity)
    flows = engine.run(expression, {"registry": registry, "pairs": pairs})
    flows = flows.with_columns(pl.col("year", "previous_year", *_FLOWS).cast(pl.Int64))
    for side in ("before", "after"):
        place_known = pl.col(f"place_{side}").is_not_null()
        found = industry_of(f"code_{side}", industry, same_vintage=same_vintage)
        flows = flows.with_columns(
            region_of(f"place_{side}", region).alias(f"region_{side}"),
            pl.when(place_known).then(found).alias(f"industry_{side}"),
        )
    return _by_cell(flows)


_YEARS = {"year": pl.Int32, "previous_year": pl.Int32}


def _years(schema: dict[str, str]) -> Table:
    return engines.table("registry", schema).select("year").distinct()


def flows_expression(schema: dict[str, str], place: Level, activity: Activity) -> Table:
    """Firms by where they were and where they are, over the unbound tables ``registry`` and ``pairs``.

    Columns: year, previous_year, place_before, code_before, place_after, code_after (null place = was not there),
    firms, both_known, jobs_before and jobs_after (of firms known in both years), jobs_lost, jobs_new (known jobs of
    each side, whoever holds them).
    """
    registry = engines.table("registry", schema)
    pairs = engines.table("pairs", {"year": "int32", "previous_year": "int32"})
    firms = located(registry.filter(counted(registry)), place)
    # An unknown activity is a place of its own, or the firm would look absent after the outer join.
    firms = firms.select(
        "year",
        "chamber",
        "registration",
        "place",
        code=firms[activity].fill_null(""),
        jobs=firms.jobs.cast("int64"),
    )
    now = firms.join(pairs, "year")
    following = pairs.select(next_year=pairs.year, was_year=pairs.previous_year)
    before = firms.join(following, firms.year == following.was_year).select(
        "next_year", "chamber", "registration", place_before="place", code_before="code", was="jobs"
    )
    now = now.select("year", "chamber", "registration", place_after="place", code_after="code", jobs="jobs")
    joined = now.join(
        before,
        [
            now.year == before.next_year,
            now.chamber == before.chamber,
            now.registration == before.registration,
        ],
        how="outer",
    )
    joined = joined.mutate(at=joined.year.fill_null(joined.next_year))
    known = joined.jobs.notnull() & joined.was.notnull()
    flows = joined.group_by("at", "place_before", "code_before", "place_after", "code_after").agg(
        firms=joined.count(),
        both_known=known.cast("int64").sum(),
        jobs_before=joined.was.sum(where=known).fill_null(0),
        jobs_after=joined.jobs.sum(where=known).fill_null(0),
        jobs_lost=joined.was.sum().fill_null(0),
        jobs_new=joined.jobs.sum().fill_null(0),
    )
    return flows.join(pairs, flows["at"] == pairs.year).drop("at")


def _by_cell(flows: pl.DataFrame) -> pl.DataFrame:
    was, now = pl.col("region_before").is_not_null(), pl.col("region_after").is_not_null()
    same = (pl.col("region_before") == pl.col("region_after")) & (
        pl.col("industry_before") == pl.col("industry_after")
    )
    parts = [
        _part(flows.filter(~was & now), "after", {"entered": "firms", "jobs_entered": "jobs_new"}),
        _part(flows.filter(was & ~now), "before", {"left": "firms", "jobs_left": "jobs_lost"}),
        _part(flows.filter(was & now & ~same), "after", {"moved_in": "firms", "jobs_moved_in": "jobs_new"}),
        _part(
            flows.filter(was & now & ~same), "before", {"moved_out": "firms", "jobs_moved_out": "jobs_lost"}
        ),
        _part(
            flows.filter(was & now & same),
            "after",
            {
                "stayed": "firms",
                "stayed_known": "both_known",
                "jobs_stayed_before": "jobs_before",
                "jobs_stayed_after": "jobs_after",
            },
        ),
    ]
    table = pl.concat(parts, how="diagonal")
    keys = ["year", "previous_year", "region", "industry"]
    return table.group_by(keys).agg(pl.col(COLUMNS).sum()).sort(keys)


COLUMNS = (
    "entered",
    "left",
    "stayed",
    "moved_in",
    "moved_out",
    "jobs_entered",
    "jobs_left",
    "jobs_moved_in",
    "jobs_moved_out",
    "stayed_known",
    "jobs_stayed_before",
    "jobs_stayed_after",
)


def _part(flows: pl.DataFrame, side: str, measures: dict[str, str]) -> pl.DataFrame:
    return flows.select(
        "year",
        "previous_year",
        pl.col(f"region_{side}").alias("region"),
        pl.col(f"industry_{side}").alias("industry"),
        *(pl.col(old).alias(new) for new, old in measures.items()),
    )
