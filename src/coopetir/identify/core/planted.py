"""What would an economy look like as cells, if we knew where its clusters are?

An invented world fixes the latent size, growth, firm size and evidence of every region and industry, plants
clusters and decoys in it, and knows the true grade of every region x family. Any number of tables can then be
drawn from the same truth, each with its own luck: that is how a Method is tested and its stability calibrated.
Everything here is invented. (For a registry of invented firms see ``synthetic.py``.)

The layout of the tables is that of ``coopetir screen``. Decoys look like clusters in all but one thing:
``single_plant`` (one firm holds most jobs,
every second one amid a crowd of small firms), ``tiny`` (hardly a firm), ``shrinking``, ``lowtech``, ``nodemand``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from coopetir.identify.core.cells import Bools, Floats, Ints

DECOYS = ("single_plant", "tiny", "shrinking", "lowtech", "nodemand")
FIRM_SPREAD = 1.0  # sd of ln(jobs) among firms of an industry
SMALL_LUCK = 0.07  # variance of ln(jobs) in a year that few firms add, over the number of firms


@dataclass(frozen=True)
class Recipe:
    """What to plant and how badly to see it.

    ``noise``: sd of the yearly log deviation of a cell's jobs (cells of n firms add 0.07 / n to the variance);
    ``firm_noise``: the same of its expected firms, which then are Poisson. ``suppressed``: share of cells of at
    most three firms whose jobs are withheld (in a year). ``evidence_noise``: sd added to technology and (a tenth
    of it) to demand before anyone sees them. ``missing``: share of industries without them.
    """

    regions: int = 33
    industries: int = 300
    families: int = 40
    first_year: int = 2014
    years: int = 10
    local_share: float = 0.3
    clusters: int = 14
    decoys: int = 2
    national_growth: float = 0.024
    noise: float = 0.06
    firm_noise: float = 0.2
    suppressed: float = 0.0
    evidence_noise: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True)
class World:
    """The truth. ``jobs`` (R x I): expected jobs in the middle year; ``growth`` (R x I) a year, in logs;
    ``size`` (I): jobs per firm; ``top`` (R x I): share of a planted single firm, 0 where there is none;
    ``satellites`` (R x I): expected small firms around it; ``family`` (I), ``local`` (I); ``technology, demand, imports`` (I); ``kind`` (R x F): what was planted.
    """

    recipe: Recipe
    jobs: Floats
    growth: Floats
    size: Floats
    top: Floats
    satellites: Floats
    family: Ints
    local: Bools
    technology: Floats
    demand: Floats
    imports: Floats
    kind: dict[tuple[int, int], str]


@dataclass(frozen=True)
class Planted:
    """The tables one sees of a world: ``cells, industries, regions`` as for a screening, and the ``truth``."""

    cells: pl.DataFrame
    industries: pl.DataFrame
    regions: pl.DataFrame
    truth: pl.DataFrame


def plant(recipe: Recipe, rng: np.random.Generator) -> World:
    """Invent a world: sizes and quotients are lognormal, growth normal; then clusters and decoys are set in."""
    r, i, f = recipe.regions, recipe.industries, recipe.families
    family = np.sort(np.concatenate([np.arange(f), rng.integers(0, f, i - f)])).astype(np.int64)
    local = rng.random(i) < recipe.local_share
    weight = rng.lognormal(0.0, 1.1, r)[:, None] * rng.lognormal(0.0, 1.0, i)
    lean = np.where(local, 0.15, 0.9)
    special = np.exp(lean * rng.normal(size=(r, f))[:, family] + 0.6 * lean * rng.normal(size=(r, i)))
    jobs = weight * special
    pace = recipe.national_growth + rng.normal(0.0, 0.02, (r, f))[:, family] + rng.normal(0.0, 0.015, i)
    level_t, level_d = rng.beta(1.5, 3.0, f), rng.normal(0.03, 0.025, f)
    world = World(
        recipe=recipe,
        jobs=jobs * 8e6 / jobs.sum(),
        growth=pace + rng.normal(0.0, 0.01, (r, i)),
        size=rng.lognormal(2.5, 0.6, i),
        top=np.zeros((r, i)),
        satellites=np.zeros((r, i)),
        family=family,
        local=local,
        technology=np.clip(level_t[family] + rng.normal(0, 0.04, i), 0.005, 1.0),
        demand=level_d[family] + rng.normal(0, 0.006, i),
        imports=rng.lognormal(20.9, 1.2, i),
        kind={},
    )
    _plant_rows(world, rng)
    return world


def _plant_rows(world: World, rng: np.random.Generator) -> None:
    technology, demand = ranks(world, world.technology), ranks(world, world.demand)
    good = np.flatnonzero((technology >= 0.55) & (demand >= 0.5))
    low = np.flatnonzero((technology < 0.4) & (demand >= 0.5))
    idle = np.flatnonzero((demand < 0.4) & (technology >= 0.5))
    pools = {
        "cluster": good,
        "single_plant": good,
        "tiny": good,
        "shrinking": good,
        "lowtech": low,
        "nodemand": idle,
    }
    for kind, families in pools.items():
        count = world.recipe.clusters if kind == "cluster" else world.recipe.decoys
        for _ in range(count if families.size else 0):
            row = int(rng.integers(world.recipe.regions)), int(rng.choice(families))
            if row not in world.kind:
                world.kind[row] = kind if kind == "cluster" else f"decoy_{kind}"
                _set_row(world, row, kind, rng)


def _set_row(world: World, row: tuple[int, int], kind: str, rng: np.random.Generator) -> None:
    """Make one region x family what ``kind`` says, in place: the arrays are this module's own."""
    r, f = row
    inside = np.flatnonzero((world.family == f) & ~world.local)
    if inside.size == 0:
        del world.kind[row]
        return
    share = world.jobs[:, inside].sum() / world.jobs.sum()
    target = rng.uniform(2.2, 6.0) * share * world.jobs[r].sum()
    if kind == "tiny":
        world.jobs[r, inside] = rng.uniform(0.1, 0.4, inside.size) * world.size[inside] / inside.size
    else:
        world.jobs[r, inside] *= target / world.jobs[r, inside].sum()
    pace = -0.05 if kind == "shrinking" else world.recipe.national_growth + rng.uniform(0.025, 0.06)
    world.growth[r, inside] = pace + rng.normal(0.0, 0.005, inside.size)
    if kind == "single_plant":
        largest = inside[np.argmax(world.jobs[r, inside])]
        world.jobs[r, inside] *= 0.12
        world.jobs[r, largest] = 0.9 * target
        world.top[r, largest] = 0.95
        if rng.random() < 0.5:
            world.satellites[r, largest] = rng.uniform(0.7, 1.0) * target / world.size[largest]


def ranks(world: World, values: Floats) -> Floats:
    """Rank 0-1 of each family by the mean of its traded industries; nan for a family without any."""
    from scipy.stats import rankdata  # takes a second to import

    traded = ~world.local
    count = np.bincount(world.family[traded], minlength=world.recipe.families)
    total = np.bincount(world.family[traded], values[traded], minlength=world.recipe.families)
    found = np.full(world.recipe.families, np.nan)
    some = count > 0
    found[some] = (rankdata(total[some] / count[some]) - 1.0) / some.sum()
    return found


def observe(world: World, rng: np.random.Generator) -> Planted:
    """Draw one set of tables from the truth."""
    recipe = world.recipe
    years = np.arange(recipe.years) - (recipe.years - 1) / 2
    latent = world.jobs[None] * np.exp(world.growth[None] * years[:, None, None])
    alone = world.top[None] > 0
    # a planted single firm is one firm beside the others; its jobs do not make firms
    crowd = np.where(alone, latent * (1 - world.top[None]), latent) / world.size
    crowd = crowd + world.satellites
    firms = rng.poisson(crowd * np.exp(_luck(rng, recipe.firm_noise, latent.shape))) + alone
    spread = np.sqrt(recipe.noise**2 + SMALL_LUCK / np.maximum(firms, 1))
    jobs = latent * np.exp(rng.normal(size=latent.shape) * spread - spread**2 / 2)
    jobs = np.maximum(np.rint(jobs), firms)
    top = np.where(alone, world.top[None], _largest_share(firms, rng))
    hidden = (firms <= 3) & (rng.random(firms.shape) < recipe.suppressed)
    t, r, i = np.nonzero(firms > 0)
    seen = ~hidden[t, r, i]
    cells = pl.DataFrame(
        {
            "year": recipe.first_year + t,
            "region": [f"R{place:02d}" for place in r],
            "industry": [f"I{place:03d}" for place in i],
            "firms": firms[t, r, i].astype(np.int64),
            "employees": np.where(seen, jobs[t, r, i], np.nan),
            "top1_emp_share": np.where(seen, top[t, r, i], np.nan),
            "suppressed": ~seen,
        }
    ).with_columns(pl.col("employees", "top1_emp_share").fill_nan(None))
    return Planted(cells, _industries(world, rng), _regions(world), truth(world))


def _luck(rng: np.random.Generator, sd: float, shape: tuple[int, ...]) -> Floats:
    return rng.normal(size=shape) * sd - sd * sd / 2.0


def _largest_share(firms: Ints, rng: np.random.Generator) -> Floats:
    """Largest of n lognormal firms over their sum, to first order, with luck; exactly 1 for one firm."""
    n = np.maximum(firms, 1).astype(np.float64)
    spread = FIRM_SPREAD * np.sqrt(2.0 * np.log(n))
    share = np.exp(spread + 0.25 * rng.normal(size=n.shape)) / (n * np.exp(FIRM_SPREAD**2 / 2))
    return np.where(n == 1, 1.0, np.clip(share, 1.0 / n, 0.95))


def _industries(world: World, rng: np.random.Generator) -> pl.DataFrame:
    count, recipe = len(world.family), world.recipe
    technology = np.clip(world.technology + rng.normal(0, 1, count) * recipe.evidence_noise, 0.0, 1.0)
    # demand is on a scale about a tenth of that of technology
    demand = world.demand + rng.normal(0, 1, count) * recipe.evidence_noise / 10.0
    for values in (technology, demand):
        values[rng.random(count) < recipe.missing] = np.nan
    return pl.DataFrame(
        {
            "industry": [f"I{place:03d}" for place in range(count)],
            "family": [f"F{place:02d}" for place in world.family],
            "local": world.local,
            "tech_intensity": technology,
            "world_demand_growth": demand,
            "world_imports_usd": world.imports,
        }
    ).with_columns(pl.col("tech_intensity", "world_demand_growth").fill_nan(None))


def _regions(world: World) -> pl.DataFrame:
    size = world.jobs.sum(axis=1)
    return pl.DataFrame(
        {
            "region": [f"R{place:02d}" for place in range(len(size))],
            "population": np.rint(size * 5).astype(np.int64),
        }
    )


def truth(world: World) -> pl.DataFrame:
    """The grade of each criterion and the ``label`` of every region x family with a traded industry.

    Columns: ``region, family, kind, latent_lq, latent_growth, national_growth, latent_top1, latent_firms,
    tech_rank, demand_rank, density, growth, technology, market, label``. Positive = all four grades 2,
    negative = some grade 0, else ambiguous. Grade 2 asks for more than the rule does (LQ >= 1.8, growth a point
    above the nation's, rank >= 0.55), so that a positive is a cluster whatever threshold one favours.
    """
    recipe, traded = world.recipe, ~world.local
    member = np.zeros((len(world.family), recipe.families))
    member[np.flatnonzero(traded), world.family[traded]] = 1.0
    half = (recipe.years - 1) / 2
    last = world.jobs * np.exp(world.growth * (half - 1.0))
    first, end = world.jobs * np.exp(-world.growth * half), world.jobs * np.exp(world.growth * half)
    jobs = last @ member
    lq = jobs * last.sum() / (last.sum(axis=1)[:, None] * np.maximum(jobs.sum(axis=0), 1e-12))
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log((end @ member) / (first @ member)) / (recipe.years - 1)
        top = (last * np.where(world.top > 0, world.top, 0.0)) @ member / jobs
    beside = 1 + last * (1 - world.top) / world.size + world.satellites
    firms = np.where(world.top > 0, beside, last / world.size) @ member
    national = float(np.log(end.sum() / first.sum()) / (recipe.years - 1))
    technology, demand = ranks(world, world.technology), ranks(world, world.demand)
    grades = {
        "density": np.where(
            (lq >= 1.8) & (firms >= 5) & (top <= 0.55),
            2,
            np.where((lq < 1.25) | (firms < 3) | (top > 0.75), 0, 1),
        ),
        "growth": np.where(growth >= national + 0.01, 2, np.where(growth > national, 1, 0)),
        "technology": np.ones(lq.shape, dtype=np.int64) * _rank_grade(technology),
        "market": np.ones(lq.shape, dtype=np.int64) * _rank_grade(demand),
    }
    stacked = np.stack(list(grades.values()))
    label = np.where(
        stacked.min(axis=0) == 2, "positive", np.where(stacked.min(axis=0) == 0, "negative", "ambiguous")
    )
    r, f = np.nonzero(np.broadcast_to(~np.isnan(technology), lq.shape))
    return pl.DataFrame(
        {
            "region": [f"R{place:02d}" for place in r],
            "family": [f"F{place:02d}" for place in f],
            "kind": [world.kind.get((int(a), int(b)), "background") for a, b in zip(r, f, strict=True)],
            "latent_lq": lq[r, f],
            "latent_growth": growth[r, f],
            "national_growth": np.full(r.size, national),
            "latent_top1": top[r, f],
            "latent_firms": firms[r, f],
            "tech_rank": technology[f],
            "demand_rank": demand[f],
            **{name: values[r, f].astype(np.int64) for name, values in grades.items()},
            "label": label[r, f],
        }
    )


def _rank_grade(values: Floats) -> Ints:
    return np.where(values >= 0.55, 2, np.where(values >= 0.45, 1, 0)).astype(np.int64)


@dataclass(frozen=True)
class Score:
    """How a screening did against the truth; ambiguous rows do not count, a missing row does not qualify."""

    hits: int
    false: int
    missed: int
    decoys: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (2 * self.hits + self.false + self.missed) if self.hits else 0.0


def score(verdicts: pl.DataFrame, known: pl.DataFrame) -> Score:
    """Compare ``verdicts`` (``region, family, verdict``) with a ``truth`` table: positive = ``qualifies``."""
    joined = known.join(verdicts.select("region", "family", "verdict"), on=["region", "family"], how="left")
    says = (joined["verdict"] == "qualifies").fill_null(value=False)
    decoys = joined.filter(says & joined["kind"].str.starts_with("decoy"))
    return Score(
        hits=int((says & (joined["label"] == "positive")).sum()),
        false=int((says & (joined["label"] == "negative")).sum()),
        missed=int((~says & (joined["label"] == "positive")).sum()),
        decoys=tuple(f"{r} {f} {k}" for r, f, k in decoys.select("region", "family", "kind").iter_rows()),
    )
