"""What does an invented economy look like, in which we know where the clusters are?

A plan fixes, for every department and CIIU class, how many firms are expected each year and how they grow, after
the figures of ``parametros_tejido_empresarial.csv``. Some (department, family) pairs are planted on purpose:
clusters (dense and growing), decoys (one big plant that looks like density) and faded ones (dense, shrinking).
:mod:`.synthetic_firms` draws the firms. Everything here is invented; only codes, populations and overall shares
are real. Families are CIIU divisions, never the nine real clusters: an invented firm must not bear on their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from coopetir.foundation.core import catalogues, industries
from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.fabric import UNCLASSIFIED
from coopetir.identify.core.tradability import local_industry

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SECTION_SHARES = {
    "C": 0.104,
    "F": 0.047,
    "I": 0.119,
    "M": 0.060,
    "A": 0.012,
    "B": 0.005,
    "D": 0.003,
    "E": 0.010,
}
"""Shares of active firms by section beside commerce; what is left is spread over the other services."""

COMMERCE_SHARE = 0.402
VALLE_SECTIONS = {"C": 0.11, "G": 0.36}
NATURAL_BY_SECTION = {"G": 0.80, "I": 0.86, "C": 0.58, "F": 0.40, "S": 0.80}
NATURAL_ELSEWHERE = 0.55
SKIPPED_DIVISIONS = ("84", "97", "98", "99")
NATIONAL_GROWTH = 0.02
EXIT_RATE = 0.09
MOST_FIRMS = 9_000_000


class RecipeImpossible(CoopetirError):
    code = "synthetic.recipe_impossible"
    es = "Con esos datos no se puede generar un registro: {why}."
    en = "A registry cannot be generated from that: {why}."


@dataclass(frozen=True)
class Recipe:
    """What to invent. Firms are those active in the last year.

    :param region: DIVIPOLA department (2 digits) to generate in full.
    :param firms: active firms of that department.
    :param country_firms: active firms of the 32 other departments together; None = in proportion to the real
        shares. A smaller number is faster, but every quotient of the region then moves towards 1.
    :param years: first and last snapshot.
    :param planted: whether to plant clusters, decoys and faded clusters.
    """

    region: str = "76"
    firms: int = 2_000
    country_firms: int | None = None
    first_year: int = 2014
    last_year: int = 2023
    planted: bool = True

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))


@dataclass(frozen=True)
class Plan:
    """The latent economy. Axes: d = department, k = class, f = family.

    ``firms[d, k]`` expected active firms in the last year; ``growth[d, f]`` a year (logarithmic);
    ``plants`` = big plants (department, class, jobs in the last year); ``kind[d, f]``.
    """

    recipe: Recipe
    departments: list[str]
    classes: list[str]
    sections: list[str]
    families: list[str]
    family_of: Ints
    local: npt.NDArray[np.bool_]
    firms: Floats
    growth: Floats
    kind: npt.NDArray[np.object_]
    technology: Floats
    demand: Floats
    imports: Floats
    plants: list[tuple[int, int, int]] = field(default_factory=list)

    def natural_share(self) -> Floats:
        """The share of natural persons among the firms of each class."""
        return np.array([NATURAL_BY_SECTION.get(section, NATURAL_ELSEWHERE) for section in self.sections])

    def mean_jobs(self) -> Floats:
        """Expected jobs of a firm of each class (from the size distribution of :mod:`.synthetic_firms`)."""
        natural = self.natural_share()
        return natural * MEAN_JOBS_NATURAL + (1 - natural) * MEAN_JOBS_COMPANY

    def traded(self) -> npt.NDArray[np.bool_]:
        """Which families have a traded class (here a family is wholly traded or wholly local)."""
        return np.array([not name.startswith("local") for name in self.families])

    def rank(self, values: Floats) -> Floats:
        """Percentile of each family among the traded ones, 0 to 1; NaN for local ones."""
        ranks = np.full(len(values), np.nan)
        mine = self.traded()
        ranks[mine] = np.argsort(np.argsort(values[mine])) / max(1, mine.sum() - 1)
        return ranks


MEAN_JOBS_NATURAL = 2.1
MEAN_JOBS_COMPANY = 13.5


def plan(rng: np.random.Generator, recipe: Recipe) -> Plan:
    """Draw the latent economy of a recipe.

    :raises RecipeImpossible: unknown department, too few firms or years, more firms than invented numbers.
    """
    departments = catalogues.departments().sort("department")
    _check(recipe, departments["department"].to_list())
    classes = _classes()
    families = sorted(set(classes["family"]))
    family_of = np.array([families.index(name) for name in classes["family"]])
    totals = _department_firms(recipe, departments)
    firms = totals[:, None] * _class_shares(rng, departments["department"].to_list(), classes, family_of)
    traded = ~classes["local"].to_numpy()
    evidence = rng.random((3, len(families)))
    drawn = Plan(
        recipe=recipe,
        departments=departments["department"].to_list(),
        classes=classes["code"].to_list(),
        sections=classes["section"].to_list(),
        families=families,
        family_of=family_of,
        local=~traded,
        firms=firms,
        growth=NATIONAL_GROWTH
        + rng.normal(0, 0.012, (1, len(families)))
        + rng.normal(0, 0.015, (len(departments), len(families))),
        kind=np.full((len(departments), len(families)), "background", dtype=object),
        technology=0.02 + 0.5 * evidence[0] ** 2,
        demand=-0.02 + 0.12 * evidence[1],
        imports=np.exp(np.log(5e8) + 2 * evidence[2]),
    )
    if recipe.planted:
        _plant(rng, drawn)
    return drawn


def _check(recipe: Recipe, departments: list[str]) -> None:
    units = catalogues.tax_units()["year"]
    first, last = int(units.to_list()[0]), int(units.to_list()[-1])
    reasons = {
        f"no existe el departamento {recipe.region} / no such department": recipe.region not in departments,
        "firms < 100": recipe.firms < 100,
        "country_firms < 100": recipe.country_firms is not None and recipe.country_firms < 100,
        f"years: {first} <= first < last <= {last}": not first
        <= recipe.first_year
        < recipe.last_year
        <= last,
    }
    for why, wrong in reasons.items():
        if wrong:
            raise RecipeImpossible(why=why)


def _classes() -> pl.DataFrame:
    """Current classes with code, section, local, family: the division, or one family for all local classes."""
    frame = catalogues.industries().filter(pl.col("level") == "class", pl.col("in_current"))
    division = pl.col("code").str.slice(0, 2)
    frame = frame.filter(~division.is_in(SKIPPED_DIVISIONS)).with_columns(local_industry("code"))
    family = pl.format("{}_{}", pl.when("local").then(pl.lit("local")).otherwise(pl.lit("div")), division)
    return frame.select("code", "section", "local", family.alias("family")).sort("code")


def _department_firms(recipe: Recipe, departments: pl.DataFrame) -> Floats:
    """Expected active firms per department: the four published shares, the rest by population."""
    parameters = catalogues.fabric_parameters()
    prefix = "cuota_dpto_"
    published = parameters.filter(pl.col("parameter").str.starts_with(prefix))
    known = {
        str(name)[len(prefix) :]: float(value)
        for name, value in published.select("parameter", "value").rows()
    }
    codes = departments["department"].to_list()
    people = departments["population_2024"].to_numpy().astype(float)
    rest = np.array([code not in known for code in codes])
    share = np.where(rest, people / people[rest].sum() * (1 - sum(known.values())), 0.0)
    share = np.array([known.get(code, share[at]) for at, code in enumerate(codes)])
    here = codes.index(recipe.region)
    country = recipe.country_firms or recipe.firms * (1 - share[here]) / share[here]
    if recipe.firms + country > MOST_FIRMS / 3:
        raise RecipeImpossible(why=f"firms + country_firms > {MOST_FIRMS // 3:,}")
    firms = share / (share.sum() - share[here]) * country
    firms[here] = recipe.firms
    return np.asarray(firms, dtype=np.float64)


def _class_shares(
    rng: np.random.Generator, departments: list[str], classes: pl.DataFrame, family_of: Ints
) -> Floats:
    """Shares of each class in each department (rows sum to 1)."""
    sections = classes["section"].to_list()
    inside = rng.lognormal(0, 1.0, len(sections))
    weights = np.empty((len(departments), len(sections)))
    for at, department in enumerate(departments):
        target = SECTION_SHARES | {"G": COMMERCE_SHARE} | (VALLE_SECTIONS if department == "76" else {})
        others = sorted(set(sections) - set(target))
        target = target | dict.fromkeys(others, (1 - sum(target.values())) / len(others))
        for section, share in target.items():
            mine = np.array([name == section for name in sections])
            weights[at, mine] = share * inside[mine] / inside[mine].sum()
    spread = np.where(classes["local"].to_numpy(), 0.05, 0.35)
    by_family = rng.normal(0, 1, (len(departments), family_of.max() + 1))[:, family_of]
    by_class = rng.normal(0, 1, weights.shape)
    weights = weights * np.exp(spread * by_family + 0.6 * spread * by_class)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


CLUSTERS_HERE, CLUSTERS_ELSEWHERE = 3, 9
DECOYS_HERE, DECOYS_ELSEWHERE = 2, 3
FADED_HERE, FADED_ELSEWHERE = 1, 3
CLUSTER_LQ = (3.0, 5.0)
FAMILY_SHARE = (0.0015, 0.02)
LARGE_DEPARTMENTS = 8
CLUSTER_FIRMS, CLUSTER_SHARE = 60.0, 0.06
CLUSTER_GROWTH = 0.06


def _plant(rng: np.random.Generator, plan: Plan) -> None:
    """Plant clusters, decoys and faded clusters, in families of ordinary size with good technology and market."""
    kinds = {
        "cluster": (CLUSTERS_HERE, CLUSTERS_ELSEWHERE),
        "decoy": (DECOYS_HERE, DECOYS_ELSEWHERE),
        "faded": (FADED_HERE, FADED_ELSEWHERE),
    }
    wanted = sum(inside + outside for inside, outside in kinds.values())
    totals = plan.firms.sum(axis=1)
    families = _favoured(rng, plan)
    turns = np.concatenate([rng.permutation(families) for _ in range(2 + wanted // len(families))])
    here = plan.departments.index(plan.recipe.region)
    largest = [int(at) for at in np.argsort(-totals)[:LARGE_DEPARTMENTS] if at != here]
    elsewhere = rng.permutation(np.repeat(largest, 3))
    seats = [here] * sum(inside for inside, _ in kinds.values()) + elsewhere.tolist()
    order = [kind for kind, (inside, _) in kinds.items() for _ in range(inside)]
    order += [kind for kind, (_, outside) in kinds.items() for _ in range(outside)]
    waiting = turns.tolist()
    for kind, department in zip(order, seats, strict=False):
        family = next(one for one in waiting if plan.kind[department, one] == "background")
        waiting.remove(family)
        plan.kind[department, family] = kind
        _PLANTERS[kind](rng, plan, department, family)
    _keep_totals(plan, totals)


def _keep_totals(plan: Plan, totals: Floats) -> None:
    """Shrink what was not planted, commerce apart, so that each department has the firms it was asked to have."""
    fixed = (plan.kind != "background")[:, plan.family_of] | (np.array(plan.sections) == "G")
    firms = np.where(fixed, plan.firms, 0).sum(axis=1)
    others = plan.firms.sum(axis=1) - firms
    plan.firms[:] = np.where(fixed, plan.firms, plan.firms * ((totals - firms) / others)[:, None])


def _favoured(rng: np.random.Generator, plan: Plan) -> Ints:
    """Families to plant in; they are dealt technology and demand from the upper part of the ranking."""
    share = np.bincount(plan.family_of, plan.firms.sum(axis=0)) / plan.firms.sum()
    ordinary = np.flatnonzero(plan.traded() & (share > FAMILY_SHARE[0]) & (share < FAMILY_SHARE[1]))
    places = int(0.4 * plan.traded().sum())
    families = rng.permutation(ordinary)[:places]
    others = np.setdiff1d(np.flatnonzero(plan.traded()), families)
    for values in (plan.technology, plan.demand):
        ranked = np.sort(values[plan.traded()])[::-1]
        best = rng.permutation(ranked[:places])
        values[families] = best[: len(families)]
        values[others] = rng.permutation(np.concatenate([best[len(families) :], ranked[places:]]))
    return np.asarray(families)


def _concentrate(rng: np.random.Generator, plan: Plan, department: int, family: int) -> None:
    """Set the family's quotient (firms) in the department, with enough firms to be one."""
    mine = plan.family_of == family
    total = plan.firms.sum()
    national = plan.firms[:, mine].sum() / total
    wanted = rng.uniform(*CLUSTER_LQ) * national * plan.firms[department].sum()
    now = plan.firms[department, mine]
    least = min(CLUSTER_FIRMS, CLUSTER_SHARE * plan.firms[department].sum())
    plan.firms[department, mine] = now / now.sum() * max(wanted, least)


def _plant_cluster(rng: np.random.Generator, plan: Plan, department: int, family: int) -> None:
    _concentrate(rng, plan, department, family)
    plan.growth[department, family] = NATIONAL_GROWTH + CLUSTER_GROWTH + rng.uniform(0, 0.02)


def _plant_faded(rng: np.random.Generator, plan: Plan, department: int, family: int) -> None:
    _concentrate(rng, plan, department, family)
    plan.growth[department, family] = NATIONAL_GROWTH - CLUSTER_GROWTH


def _plant_decoy(rng: np.random.Generator, plan: Plan, department: int, family: int) -> None:
    """One plant carries the jobs; a handful of small firms stand around it. It grows like a cluster."""
    mine = np.flatnonzero(plan.family_of == family)
    jobs = plan.firms * plan.mean_jobs()
    wanted = rng.uniform(*CLUSTER_LQ) * jobs[:, mine].sum() / jobs.sum() * jobs[department].sum()
    few = rng.uniform(2, 4)
    plan.firms[department, mine] *= min(1.0, few / plan.firms[department, mine].sum())
    plan.growth[department, family] = NATIONAL_GROWTH + CLUSTER_GROWTH
    seat = int(mine[np.argmax(plan.firms[department, mine])])
    plan.plants.append((department, seat, int(max(250, wanted))))


_PLANTERS = {"cluster": _plant_cluster, "decoy": _plant_decoy, "faded": _plant_faded}


def industry_table(plan: Plan) -> pl.DataFrame:
    """The industries table of the invented economy, as ``coopetir screen`` takes it (all evidence invented).

    Beside the classes it holds the groups that stand for classes of mixed vintages, and the unclassified.
    """
    at = plan.family_of
    table = pl.DataFrame(
        {
            "industry": plan.classes,
            "family": [plan.families[family] for family in at],
            "local": plan.local,
            "tech_intensity": plan.technology[at],
            "world_demand_growth": plan.demand[at],
            "world_imports_usd": plan.imports[at],
        }
    )
    merged = table.with_columns(industries.comparable_vintages(pl.col("industry")))
    unclassified = pl.DataFrame({"industry": [UNCLASSIFIED], "family": [""], "local": [False]})
    tables = [table, merged, unclassified]
    return pl.concat(tables, how="diagonal").unique("industry", keep="first").sort("industry")
