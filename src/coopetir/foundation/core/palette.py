"""Which tones does a picture use, on a page, in a download and on paper?

A picture is drawn once in the light tones. On a page each tone becomes a CSS variable of ``theme.css`` with
the light tone as fallback, so that the same markup follows light, dark and print. A download has no style
sheet: there the tones are written out.
"""

from __future__ import annotations

import re
from typing import Literal

Variant = Literal["page", "light", "dark", "grey"]

LIGHT = {
    "paper": "#FCFBF8",
    "paper-2": "#F4F2EC",
    "ink": "#17252B",
    "muted": "#53636B",
    "rule": "#D9D6CE",
    "control": "#7E8A8E",
    "teal": "#0B5F63",
    "teal-2": "#2F8587",
    "teal-3": "#8FBDBB",
    "teal-4": "#D5E7E5",
    "on-teal": "#FFFFFF",
    "amber": "#A65408",
    "amber-2": "#C77F37",
    "amber-3": "#E0B583",
    "amber-4": "#F5E6D3",
    "red": "#A3262A",
    "hatch": "#B9B6AD",
}
DARK = {
    "paper": "#10191D",
    "paper-2": "#17232A",
    "ink": "#E8ECEA",
    "muted": "#9DB0B5",
    "rule": "#2A383E",
    "control": "#6F8389",
    "teal": "#5FB9B5",
    "teal-2": "#3F9693",
    "teal-3": "#2A6A6A",
    "teal-4": "#1B3E41",
    "on-teal": "#0B1A1C",
    "amber": "#E9A24A",
    "amber-2": "#B97B34",
    "amber-3": "#7E5526",
    "amber-4": "#3B2A17",
    "red": "#F08A86",
    "hatch": "#4A5A61",
}
# Teal and amber are equally dark in print; here they part, teal towards black and amber towards white.
GREY = {
    "paper": "#FFFFFF",
    "paper-2": "#F5F5F5",
    "ink": "#000000",
    "muted": "#444444",
    "rule": "#BBBBBB",
    "control": "#666666",
    "teal": "#2B2B2B",
    "teal-2": "#636363",
    "teal-3": "#A0A0A0",
    "teal-4": "#DCDCDC",
    "on-teal": "#FFFFFF",
    "amber": "#6E6E6E",
    "amber-2": "#9B9B9B",
    "amber-3": "#C6C6C6",
    "amber-4": "#EFEFEF",
    "red": "#3A3A3A",
    "hatch": "#8C8C8C",
}

SEQUENCE = ("teal-4", "teal-3", "teal-2", "teal")
"""Low to high, for classes of sequential data."""

DIVERGING = ("amber", "amber-3", "paper-2", "teal-3", "teal")
"""Below, near and above a middle."""

_NAMES = {tone.upper(): name for name, tone in LIGHT.items()}
_TONE = re.compile("|".join(LIGHT.values()), re.IGNORECASE)


def tone(name: str) -> str:
    """The light tone of a token, as drawing code uses it."""
    return LIGHT[name]


def repaint(svg: str, variant: Variant) -> str:
    """The same drawing in the tones of ``variant``; tones outside the palette stay."""
    if variant == "light":
        return svg
    written = {"dark": DARK, "grey": GREY}.get(variant)

    def one(match: re.Match[str]) -> str:
        name = _NAMES[match.group(0).upper()]
        return written[name] if written else f"var(--{name}, {match.group(0)})"

    return _TONE.sub(one, svg)
