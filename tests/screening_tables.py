"""Small tables for tests of screenings: eight regions, three families, six years, all known."""

from __future__ import annotations

import polars as pl

YEARS = range(2018, 2024)
REGIONS = [f"R{place}" for place in range(8)]
INDUSTRIES = {"A1": "A", "A2": "A", "B1": "B", "B2": "B", "C1": "C", "C2": "C", "Z1": "A"}
LOCAL = {"Z1"}


def cells(**changes: object) -> pl.DataFrame:
    """Jobs grow 2 % a year everywhere; R0 holds three times its share of A, and A grows 6 % a year there."""
    rows = []
    for year in YEARS:
        for at, region in enumerate(REGIONS):
            for industry, family in INDUSTRIES.items():
                strong = region == "R0" and family == "A" and industry not in LOCAL
                jobs = (
                    (300 + 20 * at) * (4.0 if strong else 1.0) * (1.06 if strong else 1.02) ** (year - 2018)
                )
                rows.append(
                    {
                        "year": year,
                        "region": region,
                        "industry": industry,
                        "firms": round(jobs / 10),
                        "employees": round(jobs * (1 + 0.01 * ((year * 7 + at) % 3))),
                        "top1_emp_share": 0.1,
                        "suppressed": False,
                    }
                )
    return pl.DataFrame(rows).with_columns(**{name: pl.lit(value) for name, value in changes.items()})


def industries() -> pl.DataFrame:
    """A is the most technological and the most demanded family, then B, then C."""
    score = {"A": 0.9, "B": 0.5, "C": 0.1}
    return pl.DataFrame(
        {
            "industry": list(INDUSTRIES),
            "family": list(INDUSTRIES.values()),
            "local": [name in LOCAL for name in INDUSTRIES],
            "tech_intensity": [score[family] for family in INDUSTRIES.values()],
            "world_demand_growth": [score[family] / 10 for family in INDUSTRIES.values()],
        }
    )
