"""Which firms, year by year, would a registry of the invented economy list?

Rows come in the canonical columns, in chunks, so that nine million rows need no more memory than one chunk.
Names are plainly invented ("EMPRESA DEMO 000123 SAS"; a natural person has no name: "PERSONA NATURAL DEMO
000123") and so are the numbers: NIT from 990000000 and personal numbers from 1900000000, ranges believed unused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from coopetir.foundation.core import catalogues
from coopetir.foundation.core.extracts.registry import CANONICAL
from coopetir.foundation.core.nit import check_digit_of
from coopetir.identify.core.synthetic import EXIT_RATE, Floats, Ints, Plan

CHUNK = 40_000
"""Firms drawn at a time. Part of the recipe: another size draws other firms from the same seed."""

FIRST_NIT, FIRST_PERSON, FIRST_ESTABLISHMENT = 990_000_000, 1_900_000_000, 50_000_000
ESTABLISHMENT_SHARE = 0.35
LISTED_AFTER_EXIT = 2
CANCELLED_SHARE = 0.6
MICRO, SMALL, MEDIUM, LARGE = range(4)
UNKNOWN_JOBS = {True: 0.12, False: 0.05}
UNKNOWN_INCOME = 0.08
JOBS_NOISE = 0.03

# Micro, small, medium, large. Together with 68 % natural persons: 94.2, 4.2, 1.0 and 0.36 % of firms.
SIZES_NATURAL = (0.990, 0.009, 0.001, 0.0)
SIZES_COMPANY = (0.845, 0.112, 0.031, 0.012)
LARGEST_SHARE = 0.005
"""No firm but a planted one has more than this share of the expected jobs of the department (at least 250)."""


@dataclass(frozen=True)
class Roster:
    """Every firm that ever lives: its cell, its first active year (index; 0 = there from the start) and its
    first year no longer active. ``plant`` = jobs of a planted big plant, else 0."""

    department: npt.NDArray[np.int16]
    industry: npt.NDArray[np.int16]
    start: npt.NDArray[np.int16]
    end: npt.NDArray[np.int16]
    plant: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start)


def roster(rng: np.random.Generator, plan: Plan) -> Roster:
    """Draw births and deaths: the expected number of active firms of each cell follows the plan's growth."""
    years = len(plan.recipe.years)
    growth = plan.growth[:, plan.family_of]
    back = np.arange(years)[::-1]
    expected = plan.firms[:, :, None] * np.exp(-growth[:, :, None] * back)
    leaving = np.maximum(EXIT_RATE, 1 - np.exp(growth))
    births = np.empty_like(expected)
    births[:, :, 0] = expected[:, :, 0]
    births[:, :, 1:] = np.maximum(0, expected[:, :, 1:] - (1 - leaving)[:, :, None] * expected[:, :, :-1])
    counts = rng.poisson(births).astype(np.int64)
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    cell = rng.permutation(cell)
    department, industry, start = np.unravel_index(cell, counts.shape)
    life = rng.geometric(leaving[department, industry])
    end = np.minimum(start + life, years)
    return _with_plants(plan, department, industry, start, end)


def roster_size(plan: Plan) -> int:
    """About how many firms :func:`roster` will draw (for progress)."""
    years = len(plan.recipe.years)
    return int(plan.firms.sum() * (1 + (years - 1) * (EXIT_RATE + 0.01)))


def _with_plants(plan: Plan, department: Ints, industry: Ints, start: Ints, end: Ints) -> Roster:
    plants = np.array(plan.plants, dtype=np.int64).reshape(-1, 3)
    none, years = np.zeros(len(plants), np.int64), len(plan.recipe.years)
    return Roster(
        department=np.concatenate([plants[:, 0], department]).astype(np.int16),
        industry=np.concatenate([plants[:, 1], industry]).astype(np.int16),
        start=np.concatenate([none, start]).astype(np.int16),
        end=np.concatenate([none + years, end]).astype(np.int16),
        plant=np.concatenate([plants[:, 2], np.zeros(len(start), np.int64)]).astype(np.int32),
    )


def registry(rng: np.random.Generator, plan: Plan) -> Iterator[pl.DataFrame]:
    """The registry's rows in the columns of ``extracts.registry.CANONICAL``, chunk by chunk (a chunk holds all its years).

    Per year: active firms, their establishments (category 02), and for two years firms that left, either
    cancelled or still "active" but no longer renewed.
    """
    everyone = roster(rng, plan)
    places = _Places(plan)
    chunks = range(0, len(everyone), CHUNK)
    for first, child in zip(chunks, rng.spawn(len(chunks)), strict=True):
        yield _chunk(child, plan, everyone, slice(first, min(first + CHUNK, len(everyone))), places)


class _Places:
    """Draws municipalities by population; knows their (approximate) chamber."""

    def __init__(self, plan: Plan) -> None:
        frame = catalogues.municipalities().join(catalogues.municipality_chambers(), on="municipality")
        frame = frame.filter(pl.col("department").is_in(plan.departments)).sort("department", "municipality")
        weight = frame["population_2024"].cast(pl.Float64).to_numpy() ** 1.15
        index = {code: at for at, code in enumerate(plan.departments)}
        at = np.array([index[code] for code in frame["department"]])
        total = np.bincount(at, weight)
        upto = np.concatenate([[0.0], np.cumsum(total)])[at]
        # Municipalities of department d end at d + their cumulated share of it, so one search draws them all.
        self._edges = at + np.minimum((np.cumsum(weight) - upto) / total[at], 1.0)
        self._last = np.searchsorted(at, np.arange(len(plan.departments)), side="right") - 1
        self.municipality = frame["municipality"]
        self.chamber = frame["chamber"]

    def draw(self, rng: np.random.Generator, department: npt.NDArray[np.int16]) -> Ints:
        found = np.searchsorted(self._edges, department + rng.random(len(department)), side="right")
        return np.minimum(found, self._last[department])


def _chunk(
    rng: np.random.Generator, plan: Plan, everyone: Roster, part: slice, places: _Places
) -> pl.DataFrame:
    number = np.arange(part.start, part.stop)
    department, industry = everyone.department[part], everyone.industry[part]
    start, end, plant = everyone.start[part], everyone.end[part], everyone.plant[part]
    natural = (rng.random(len(number)) < plan.natural_share()[industry]) & (plant == 0)
    place = places.draw(rng, department)
    size = _sizes(rng, natural, plant)
    # Medium and large firms do not come and go: they are there all years and follow their family's growth.
    # Otherwise one plant's birth or death, not the cluster, would make the trend of a family.
    staying = end == len(plan.recipe.years)
    clustered = (plan.kind == "cluster")[department, plan.family_of[industry]] & (plant == 0)
    size = np.minimum(size, np.where(staying, np.where(clustered, MEDIUM, LARGE), SMALL))
    start = np.where(size >= MEDIUM, 0, start).astype(np.int16)
    firms = _identity(rng, number, natural)
    firms = firms.with_columns(
        chamber=places.chamber[place],
        municipality=places.municipality[place],
        activity_1=pl.Series(plan.classes)[industry],
        activity_2=_second_activity(rng, plan, industry),
        _registered=_registered(rng, plan, start),
    )
    jobs = _jobs(rng, plan, size, natural, department, industry, plant)
    income = _income(rng, plan, size, natural, industry)
    return _rows(rng, plan, firms, start, end, natural, size, jobs, income)


def _sizes(rng: np.random.Generator, natural: npt.NDArray[np.bool_], plant: npt.NDArray[np.int32]) -> Ints:
    """MICRO, SMALL, MEDIUM or LARGE."""
    draw = rng.random(len(natural))
    size = np.where(
        natural,
        np.searchsorted(np.cumsum(SIZES_NATURAL)[:3], draw, side="right"),
        np.searchsorted(np.cumsum(SIZES_COMPANY)[:3], draw, side="right"),
    )
    return np.where(plant > 0, LARGE, size)


def _identity(rng: np.random.Generator, number: Ints, natural: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """registration, nit, nit_dv, name, legal_form, category; only companies carry a NIT of their own."""
    form = np.where(natural, 0, 1 + np.searchsorted((0.80, 0.92), rng.random(len(number)), side="right"))
    nit = pl.Series(np.where(natural, FIRST_PERSON, FIRST_NIT) + number).cast(pl.String)
    frame = pl.DataFrame({"number": number, "natural": natural, "form": form, "nit": nit})
    nit = pl.Series("nit", np.where(natural, FIRST_PERSON, FIRST_NIT) + number).cast(pl.String)
    shown = pl.col("number").cast(pl.String).str.zfill(6)
    suffix = pl.col("form").replace_strict([0, 1, 2, 3], ["", " SAS", " LTDA", " SA"])
    stem = pl.when("natural").then(pl.lit("PERSONA NATURAL DEMO ")).otherwise(pl.lit("EMPRESA DEMO "))
    return frame.select(
        (pl.col("number") + 1).cast(pl.String).str.zfill(10).alias("registration"),
        pl.col("nit"),
        pl.when(~pl.col("natural")).then(check_digit_of(pl.col("nit"))).alias("nit_dv"),
        pl.concat_str(stem, shown, suffix).alias("name"),
        pl.col("form").replace_strict([0, 1, 2, 3], ["01", "16", "03", "04"]).alias("legal_form"),
        pl.when("natural").then(pl.lit("00")).otherwise(pl.lit("01")).alias("category"),
    )


def _second_activity(rng: np.random.Generator, plan: Plan, industry: npt.NDArray[np.int16]) -> pl.Series:
    other = rng.integers(0, len(plan.classes), len(industry))
    listed = rng.random(len(industry)) < 0.3
    codes = pl.Series(plan.classes)[other]
    return pl.select(pl.when(pl.Series(listed)).then(codes)).to_series()


def _registered(rng: np.random.Generator, plan: Plan, start: npt.NDArray[np.int16]) -> pl.Series:
    """A date in the first active year; for firms there from the start, a year before it."""
    before = np.minimum(rng.geometric(0.12, len(start)), 44)
    year = plan.recipe.first_year + np.where(start > 0, start, -before)
    frame = pl.DataFrame({"year": year, "day": rng.integers(0, 365, len(start))})
    return frame.select(pl.date("year", 1, 1) + pl.duration(days="day")).to_series()


def _jobs(
    rng: np.random.Generator,
    plan: Plan,
    size: Ints,
    natural: npt.NDArray[np.bool_],
    department: npt.NDArray[np.int16],
    industry: npt.NDArray[np.int16],
    plant: npt.NDArray[np.int32],
) -> Floats:
    """Jobs, firms × years: a size drawn within its class, then a random walk; from medium on, the family's growth."""
    years = len(plan.recipe.years)
    count = len(size)
    most = np.maximum(250, LARGEST_SHARE * (plan.firms * plan.mean_jobs()).sum(axis=1))[department]
    micro = np.where(natural, rng.geometric(0.55, count), np.exp(rng.normal(1.05, 0.65, count)))
    low, high = np.array([1, 11, 51, 201])[size], np.array([10, 50, 200, 201])[size]
    inside = np.exp(rng.uniform(np.log(low), np.log(high)))
    large = np.minimum(201 * (1 + rng.pareto(1.6, count)), most)
    base = np.where(size == MICRO, np.clip(micro, 1, 10), np.where(size == LARGE, large, inside))
    walk = np.cumsum(rng.normal(0, JOBS_NOISE, (count, years)), axis=1)
    growth = np.where(size >= MEDIUM, plan.growth[department, plan.family_of[industry]], 0.0)
    path = np.exp(-growth[:, None] * np.arange(years)[::-1])
    return np.maximum(1, np.rint(np.where(plant > 0, plant, base * np.exp(walk).T).T * path))


def _income(
    rng: np.random.Generator,
    plan: Plan,
    size: Ints,
    natural: npt.NDArray[np.bool_],
    industry: npt.NDArray[np.int16],
) -> Floats:
    """Ordinary income in COP, firms × years: within the limits of the size class (Decreto 957), UVT of the year."""
    limits = catalogues.size_limits().select("micro_max", "small_max", "medium_max").to_numpy().astype(float)
    names = catalogues.size_limits()["macro_sector"].to_list()
    macro = [{"C": "manufactura", "G": "comercio"}.get(section, "servicios") for section in plan.sections]
    rows = limits[np.array([names.index(name) for name in macro])][industry]
    floor = np.where(natural, 150.0, 600.0)
    edges = np.column_stack([floor, rows, rows[:, 2] * 20])
    low = np.take_along_axis(edges, size[:, None], 1)[:, 0]
    high = np.take_along_axis(edges, size[:, None] + 1, 1)[:, 0]
    units = np.exp(rng.uniform(np.log(low * 1.001), np.log(high)))
    uvt = catalogues.tax_units().filter(pl.col("year").is_in(plan.recipe.years)).sort("year")["uvt_cop"]
    return np.floor(units[:, None] * uvt.to_numpy()[None, :].astype(float))


def _rows(
    rng: np.random.Generator,
    plan: Plan,
    firms: pl.DataFrame,
    start: npt.NDArray[np.int16],
    end: npt.NDArray[np.int16],
    natural: npt.NDArray[np.bool_],
    size: Ints,
    jobs: Floats,
    income: Floats,
) -> pl.DataFrame:
    """One row per firm and year listed, and one per establishment and year."""
    years = len(plan.recipe.years)
    when = np.arange(years)
    listed = (when >= start[:, None]) & (when < end[:, None] + LISTED_AFTER_EXIT)
    firm, year = np.nonzero(listed)
    gone = year >= end[firm]
    cancelled = gone & (rng.random(len(start)) < CANCELLED_SHARE)[firm]
    said = np.minimum(year, end[firm] - 1)
    # Who does not say its jobs never says them: a silence of one year would look like lost and found jobs.
    silent = rng.random(len(start)) < np.where(natural, UNKNOWN_JOBS[True], UNKNOWN_JOBS[False])
    hidden = (silent & (size < MEDIUM))[firm]
    secret = rng.random(len(firm)) < UNKNOWN_INCOME
    first = plan.recipe.first_year
    frame = firms[firm].with_columns(
        pl.Series("year", first + year).cast(pl.Int32),
        pl.Series("status", np.where(cancelled, "03", "01")),
        pl.Series("_renewed", first + said),
        pl.Series("_day", rng.integers(0, 90, len(firm))),
        pl.Series("_left", first + end[firm]),
        pl.Series("_cancelled", cancelled),
        pl.Series("jobs", jobs[firm, said]).set(pl.Series(hidden | cancelled), None),
        pl.Series("income_cop", income[firm, said]).set(pl.Series(secret | cancelled), None),
    )
    frame = _dated(frame)
    own = (rng.random(len(start)) < ESTABLISHMENT_SHARE)[firm] & ~gone
    return pl.concat([frame, _establishments(frame.filter(pl.Series(own)))])


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    renewal = pl.date(pl.col("_renewed"), 1, 1) + pl.duration(days=pl.col("_day"))
    registered = pl.col("_registered")
    new = registered.dt.year() == pl.col("_renewed")
    left = pl.date(pl.col("_left"), 1, 1) + pl.duration(days=pl.col("_day"))
    return frame.with_columns(
        registered_on=registered,
        renewed_on=pl.when(new).then(registered).otherwise(renewal),
        cancelled_on=pl.when("_cancelled").then(left),
        last_renewed_year=pl.col("_renewed").cast(pl.Int32),
        assets_cop=(pl.col("income_cop") * 0.6).floor(),
        activity_3=pl.lit(None, pl.String),
        activity_4=pl.lit(None, pl.String),
        top_income_activity=pl.col("activity_1"),
    ).select(list(CANONICAL))


def _establishments(owners: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("registration").cast(pl.Int64) + FIRST_ESTABLISHMENT
    return owners.with_columns(
        registration=number.cast(pl.String).str.zfill(10),
        name=pl.concat_str(pl.lit("ESTABLECIMIENTO DEMO "), pl.col("name").str.extract(r"(\d+)")),
        legal_form=pl.lit(None, pl.String),
        category=pl.lit("02"),
        assets_cop=pl.lit(None, pl.Float64),
        income_cop=pl.lit(None, pl.Float64),
        jobs=pl.lit(None, pl.Float64),
    )
