"""What is true of the invented economy, so that a verdict can be marked right or wrong?

One row per department and traded family, with the latent figures behind the draw, the grade of each criterion
and a label. Columns as in the ``planted_dev`` truth: region, family, kind, latent_lq (jobs), latent_growth,
national_growth, latent_top1 (decoys only; else null), latent_firms, tech_rank, demand_rank, density, growth,
technology, market, label. Grades keep a margin from the Method's thresholds: what lies inside is ambiguous.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coopetir.identify.core.synthetic import Floats, Plan

TOP1_LOW, TOP1_HIGH = 0.5, 0.75
SMALL_CLUSTER = 25
"""Expected firms below which a handful of entries and exits drowns the latent growth: ambiguous."""


def truth(plan: Plan) -> pl.DataFrame:
    """The truth table of a plan; see the module for its columns."""
    jobs, firms, plants = _by_family(plan)
    lq = jobs / jobs.sum(axis=1, keepdims=True) / (jobs.sum(axis=0) / jobs.sum())
    top1 = np.where(plants > 0, plants / jobs, np.nan)
    national = national_growth(plan)
    regions, families = np.meshgrid(
        np.arange(len(plan.departments)), np.arange(len(plan.families)), indexing="ij"
    )
    frame = pl.DataFrame(
        {
            "region": [plan.departments[at] for at in regions.ravel()],
            "family": [plan.families[at] for at in families.ravel()],
            "kind": plan.kind.ravel().tolist(),
            "latent_lq": lq.ravel(),
            "latent_growth": plan.growth.ravel(),
            "national_growth": national,
            "latent_top1": top1.ravel(),
            "latent_firms": firms.ravel(),
            "tech_rank": plan.rank(plan.technology)[families.ravel()],
            "demand_rank": plan.rank(plan.demand)[families.ravel()],
        }
    ).with_columns(pl.col("latent_top1").fill_nan(None))
    frame = frame.filter(~pl.col("family").str.starts_with("local"))
    return _graded(frame)


def national_growth(plan: Plan) -> float:
    """Logarithmic growth a year of all expected jobs of the country."""
    years = len(plan.recipe.years) - 1
    jobs = plan.firms * plan.mean_jobs()
    before = (jobs * np.exp(-years * plan.growth[:, plan.family_of])).sum()
    after = jobs.sum()
    for department, at, size in plan.plants:
        before += size * np.exp(-years * plan.growth[department, plan.family_of[at]])
        after += size
    return float(np.log(after / before) / years)


def _by_family(plan: Plan) -> tuple[Floats, Floats, Floats]:
    """Expected jobs, firms and jobs of big plants, departments × families, in the last year."""
    member = (plan.family_of[:, None] == np.arange(len(plan.families))[None, :]).astype(float)
    plants = np.zeros((len(plan.departments), len(plan.families)))
    count = np.zeros_like(plants)
    for department, at, size in plan.plants:
        plants[department, plan.family_of[at]] += size
        count[department, plan.family_of[at]] += 1
    jobs = (plan.firms * plan.mean_jobs()) @ member + plants
    return jobs, plan.firms @ member + count, plants


def _graded(frame: pl.DataFrame) -> pl.DataFrame:
    top1 = pl.col("latent_top1").fill_null(0.0)
    lq, firms = pl.col("latent_lq"), pl.col("latent_firms")
    excess = pl.col("latent_growth") - pl.col("national_growth")
    grades = {
        "density": _grade(
            (lq >= 1.8) & (firms >= SMALL_CLUSTER) & (top1 <= TOP1_LOW),
            (lq < 1.2) | (firms < 3) | (top1 > TOP1_HIGH),
        ),
        "growth": _grade(excess >= 0.03, excess <= 0),
        "technology": _grade(pl.col("tech_rank") >= 0.55, pl.col("tech_rank") < 0.45),
        "market": _grade(pl.col("demand_rank") >= 0.55, pl.col("demand_rank") < 0.45),
    }
    frame = frame.with_columns(**grades)
    four = list(grades)
    label = (
        pl.when(pl.min_horizontal(four) == 2)
        .then(pl.lit("positive"))
        .when(pl.min_horizontal(four) == 0)
        .then(pl.lit("negative"))
        .otherwise(pl.lit("ambiguous"))
    )
    return frame.with_columns(label=label).sort("region", "family")


def _grade(meets: pl.Expr, fails: pl.Expr) -> pl.Expr:
    return pl.when(fails).then(0).when(meets).then(2).otherwise(1)
