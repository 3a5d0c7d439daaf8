"""Where does every family stand, specialised and growing, at a glance?

A static SVG: location quotient (logarithmic) across, growth beyond the nation's upwards. Filled = qualifies,
ring = candidate, faint dot = not yet or insufficient data. The Method's quotient is a dashed line.
"""

from __future__ import annotations

from html import escape
from math import expm1, log10
from typing import Any

import polars as pl

from coopetir.foundation.core.formats import number
from coopetir.identify.core.screening import ScreeningResult

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 16, 44
LOW, HIGH = 0.1, 16.0
SHOWN_NAMES = 12

TITLES = {
    "es": "Especialización y crecimiento de cada familia y región",
    "en": "Specialisation and growth of every family and region",
}
AXES = {
    "es": (
        "Especialización del empleo (LQ, escala logarítmica)",
        "Crecimiento sobre el de la economía (puntos por año)",
    ),
    "en": ("Employment specialisation (LQ, logarithmic scale)", "Growth above the economy's (points a year)"),
}


def quadrant(result: ScreeningResult, language: str) -> str:
    """The picture as an ``<svg>`` element, with a title for readers of screens; "" if nothing can be placed."""
    rows = result.verdicts.filter(
        pl.col("lq").is_not_null() & pl.col("slope").is_not_null() & (pl.col("lq") > 0)
    )
    if rows.is_empty():
        return ""
    points = [_point(row, result.national_slope) for row in rows.iter_rows(named=True)]
    reach = max(
        2.0,
        min(
            25.0,
            max(abs(point["up"]) for point in points if point["weight"] > 0)
            if any(point["weight"] > 0 for point in points)
            else 10.0,
        ),
    )
    parts = [_frame(reach, result.method.density.lq_meets, language)]
    parts.extend(_mark(point, reach) for point in sorted(points, key=lambda point: point["weight"]))
    parts.extend(_names(points, reach, single=rows["region"].n_unique() == 1))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="picture-title">'
        f'<title id="picture-title">{TITLES[language]}</title>{"".join(parts)}</svg>'
    )


def _point(row: dict[str, Any], national: float) -> dict[str, Any]:
    weight = {"qualifies": 2, "candidate": 1}.get(row["verdict"], 0)
    return {
        "lq": row["lq"],
        "up": 100.0 * (expm1(row["slope"]) - expm1(national)),
        "weight": weight,
        "region": row["region"],
        "family": row["family"],
        "stability": row["stability"] or 0.0,
    }


def _x(lq: float) -> float:
    share = (log10(min(max(lq, LOW), HIGH)) - log10(LOW)) / (log10(HIGH) - log10(LOW))
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(up: float, reach: float) -> float:
    share = (min(max(up, -reach), reach) + reach) / (2 * reach)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _frame(reach: float, limit: float, language: str) -> str:
    across, upwards = AXES[language]
    bottom, middle = HEIGHT - BOTTOM, _y(0, reach)
    parts = [
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>',
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
        f'<line class="limit" x1="{_x(limit):.1f}" x2="{_x(limit):.1f}" y1="{TOP}" y2="{bottom}"/>',
        f'<text class="soft" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{across}</text>',
        f'<text class="soft" x="{LEFT}" y="{TOP - 4}">{upwards}</text>',
    ]
    for tick in (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
        label = number(tick, None if tick >= 1 else 2 if tick == 0.25 else 1, language)
        parts.append(
            f'<text class="soft" x="{_x(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>'
        )
    parts.extend(
        f'<text class="soft" x="{LEFT - 8}" y="{_y(tick, reach) + 4:.1f}" text-anchor="end">{number(tick, 0, language)}</text>'
        for tick in (-reach, 0.0, reach)
    )
    return "".join(parts)


def _mark(point: dict[str, Any], reach: float) -> str:
    kind, radius = (("o", 2.5), ("c", 4.5), ("q", 5.0))[point["weight"]]
    return (
        f'<circle class="{kind}" cx="{_x(point["lq"]):.1f}" cy="{_y(point["up"], reach):.1f}" r="{radius}"/>'
    )


def _names(points: list[dict[str, Any]], reach: float, *, single: bool) -> list[str]:
    """Names beside the surest qualifying marks, where they do not cover one another."""
    taken: list[tuple[float, float]] = []
    parts = []
    best = sorted(
        (p for p in points if p["weight"] == 2), key=lambda p: (-p["stability"], p["region"], p["family"])
    )
    for point in best:
        x, y = _x(point["lq"]) + 8, _y(point["up"], reach) + 4
        if any(abs(x - a) < 72 and abs(y - b) < 13 for a, b in taken):
            continue
        taken.append((x, y))
        label = point["family"] if single else f"{point['region']} {point['family']}"
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(label[:24])}</text>')
        if len(taken) == SHOWN_NAMES:
            break
    return parts
