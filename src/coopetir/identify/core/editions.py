"""Which part of a verdict may people outside the owning entity read?

The internal edition is the row of ``verdicts`` as computed. The public edition hides what a rival could use:
the largest firm's share always, and every measure built on jobs where the family's total is unsafe under the rules
of disclosure (``foundation.core.disclosure``). What it shows is coarse (three significant digits), and its
sentences and what-ifs are worked out from the shown values, so that moving a threshold reveals nothing more.
Verdict and grades stay: they are the Method's public answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coopetir.foundation.core.disclosure import three_digits
from coopetir.identify.core.explanation import explain
from coopetir.identify.core.method import Method
from coopetir.identify.core.whatif import WhatIf, judge_row

Row = dict[str, Any]

LARGEST_FIRM = ("top_firm", "top_firm_bound", "top_firm_weighted")
FROM_JOBS = ("lq", "jobs", "slope", "slope_se", "z", "regional_term", "entry_exit", "jobs_needed")
COARSE = (
    *FROM_JOBS,
    "lq_shrunk",
    "lq_shrunk_low",
    "lq_shrunk_high",
    "technology_percentile",
    "market_percentile",
)

PROTECTED = {
    "es": "Los valores de esta familia están protegidos: con ellos se podría calcular el dato de una empresa.",
    "en": "The values of this family are protected: with them the figure of one firm could be worked out.",
}


def public_row(row: Row, *, safe: bool) -> Row:
    """The row of ``verdicts`` as outsiders see it; hidden measures are None and ``protected`` is True."""
    shown = dict(row)
    for name in COARSE:
        shown[name] = three_digits(row.get(name))
    for name in LARGEST_FIRM if safe else (*LARGEST_FIRM, *FROM_JOBS):
        shown[name] = None
    shown["jobs_needed"] = None
    # Which condition failed, or would, says on which side of a threshold a hidden value lies.
    shown["hinges"] = [item for item in row["hinges"] if safe and not item.startswith("largest_firm")]
    shown["reasons"] = [
        item
        for item in row["reasons"]
        if ":unknown:" in item or (safe and not item.startswith("density:top"))
    ]
    shown["protected"] = True
    return shown


def public_sentences(row: Row, method: Method, *, safe: bool, language: str) -> tuple[str, str, str]:
    """The three sentences of the public edition."""
    shown = public_row(row, safe=safe)
    found = explain(shown, method, language=language, judged=_judged(row, safe=safe))
    if safe:
        return found.sentences()
    return found.meets, found.fails, PROTECTED[language]


def public_what_if(row: Row, method: Method, thresholds: Mapping[str, float], *, safe: bool) -> WhatIf | None:
    """The verdict under other thresholds, judged on the shown values; None where the values are protected."""
    if not safe:
        return None
    moves_largest = "density.top_firm_max" in thresholds
    return None if moves_largest else judge_row(_judged(row, safe=safe), method, thresholds)


def _judged(row: Row, *, safe: bool) -> Row:
    """The shown values, with the largest firm's share only inside, so that the verdict stays the same."""
    return public_row(row, safe=safe) | {"top_firm": row["top_firm"]} if safe else row
