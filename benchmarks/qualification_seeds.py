"""How good is a Method over many invented worlds, and do its stable verdicts hold?

    python benchmarks/qualification_seeds.py [--seeds 24] [--resamples 100] [--draws 20] [--method FILE.toml]

Each seed plants a world with its own noise, suppression, noisy and missing evidence, and prints precision,
recall, F1, decoys let through, and calibration: of the verdicts called at least 90 % stable, the share that
holds in fresh draws of the same truth. Prints a Markdown table, for ``docs/explanation/methods``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import polars as pl

from coopetir.identify.core.method import read_method, shipped_method
from coopetir.identify.core.planted import Recipe, observe, plant, score
from coopetir.identify.core.qualification import VERDICTS
from coopetir.identify.core.screening import prepare, screen

NOISE = (0.04, 0.06, 0.08, 0.11, 0.15)
SUPPRESSED = (0.0, 0.25, 0.5, 0.75)
EVIDENCE = (0.0, 0.02, 0.05)
MISSING = (0.0, 0.1, 0.2)


def recipe_of(seed: int) -> Recipe:
    """Every seed another mixture: the lists have lengths without a common factor but for the last two."""
    return Recipe(
        noise=NOISE[seed % 5],
        suppressed=SUPPRESSED[seed % 4],
        evidence_noise=EVIDENCE[seed % 3],
        missing=MISSING[(seed // 3) % 3],
    )


def trial(seed: int, method, resamples: int, draws: int) -> dict:
    rng = np.random.default_rng(seed)
    recipe = recipe_of(seed)
    world = plant(recipe, rng)
    seen = observe(world, rng)
    started = time.process_time()
    result = screen(seen.cells, seen.industries, seen.regions, method=method, resamples=resamples, rng=rng)
    seconds = time.process_time() - started
    found = score(result.verdicts, seen.truth)
    verdicts, stability = (
        result.base.verdicts,
        result.verdicts["stability"].to_numpy().reshape(result.base.verdicts.shape),
    )
    held = np.zeros(verdicts.shape)
    for _ in range(draws):
        fresh = observe(world, rng)
        again = prepare(fresh.cells, seen.industries, seen.regions, method=method)
        held += again.verdicts == verdicts
    held /= max(draws, 1)
    sure, known = stability >= method.stability.firm, verdicts != 0
    yes = verdicts == 3
    return {
        "seed": seed,
        "recipe": recipe,
        "positives": found.hits + found.missed,
        "score": found,
        "sure": held[sure & known],
        "sure_yes": held[sure & yes],
        "middle_yes": held[yes & ~sure & (stability >= method.stability.fragile)],
        "fragile_yes": held[yes & (stability < method.stability.fragile)],
        "seconds": seconds,
    }


VARIANTS: dict[str, dict] = {
    "coop-1": {},
    "LQ >= 1.25": {"density.lq_meets": 1.25},
    "LQ >= 2": {"density.lq_meets": 2.0},
    "no interval": {"density.lower_bound": 0.0},
    "any firms, any largest firm": {"density.firms_meets": 3.0, "density.top_firm_max": 1.0},
    "largest firm by its bound": {"density.top_firm_measure": "bound"},
    "z >= 0.5": {"growth.z_meets": 0.5},
    "z >= 1.5": {"growth.z_meets": 1.5},
    "market: growth and size of demand": {"market.measures": ["world_demand_growth", "world_imports_usd"]},
    "percentiles >= 45": {"technology.percentile_meets": 45.0, "market.percentile_meets": 45.0},
}


def variants(seeds: int, method) -> None:
    """Other rules on the same worlds."""
    print("| rule | mean P | mean R | mean F1 | lowest F1 | decoys |")
    print("|---|--:|--:|--:|--:|--:|")
    found: dict[str, list] = {name: [] for name in VARIANTS}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        seen = observe(plant(recipe_of(seed), rng), rng)
        for name, changes in VARIANTS.items():
            base = prepare(seen.cells, seen.industries, seen.regions, method=method.changed(changes))
            found[name].append(score(verdict_frame(base), seen.truth))
    for name, scores in found.items():
        p, r, f = (np.array([getattr(s, key) for s in scores]) for key in ("precision", "recall", "f1"))
        decoys = sum(len(s.decoys) for s in scores)
        print(f"| {name} | {p.mean():.3f} | {r.mean():.3f} | {f.mean():.3f} | {f.min():.3f} | {decoys} |")


def verdict_frame(base) -> pl.DataFrame:
    regions, families = base.verdicts.shape
    return pl.DataFrame(
        {
            "region": np.repeat(base.cells.regions, families).tolist(),
            "family": base.cells.families * regions,
            "verdict": [VERDICTS[int(v)] for v in base.verdicts.ravel()],
        }
    )


def show(trials: list[dict]) -> None:
    print(
        "| seed | noise | suppressed | evidence noise | missing | positives | P | R | F1 | decoys | firm verdicts hold | firm «qualifies» hold |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for t in trials:
        r, s = t["recipe"], t["score"]
        print(
            f"| {t['seed']} | {r.noise:.2f} | {r.suppressed:.2f} | {r.evidence_noise:.2f} | {r.missing:.1f} | {t['positives']} "
            f"| {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | {len(s.decoys)} | {mean(t['sure'])} | {mean(t['sure_yes'])} |"
        )
    print()
    print("| over the seeds | mean | median | lowest | highest |")
    print("|---|--:|--:|--:|--:|")
    for name in ("precision", "recall", "f1"):
        values = np.array([getattr(t["score"], name) for t in trials])
        print(
            f"| {name} | {values.mean():.3f} | {np.median(values):.3f} | {values.min():.3f} | {values.max():.3f} |"
        )
    decoys = [len(t["score"].decoys) for t in trials]
    print(f"\nDecoys let through: {sum(decoys)} in {len(trials)} seeds.")
    for name, words in (
        ("sure", "verdicts called firm (>= 90 % stable)"),
        ("sure_yes", "«qualifies» called firm"),
        ("middle_yes", "«qualifies» between"),
        ("fragile_yes", "«qualifies» called fragile (< 70 %)"),
    ):
        values = np.concatenate([t[name] for t in trials])
        print(f"Of {values.size} {words}, {mean(values)} hold in fresh draws of the same truth.")
    print(f"CPU seconds of a screening: median {np.median([t['seconds'] for t in trials]):.1f}.")


def mean(values: np.ndarray) -> str:
    return f"{values.mean():.3f}" if values.size else "–"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--resamples", type=int, default=100)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--method")
    parser.add_argument("--variants", action="store_true", help="compare other rules instead")
    given = parser.parse_args()
    rule = read_method(given.method) if given.method else shipped_method()
    if given.variants:
        variants(given.seeds, rule)
    else:
        show([trial(seed, rule, given.resamples, given.draws) for seed in range(given.seeds)])
