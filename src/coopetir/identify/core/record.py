"""What must be kept so that anyone can trace a verdict, and work it out again?

The evidence document: the complete Method with its hash, the hashes of the input files, the seed, and per row
and criterion every measure with its value, threshold and imputed share. Plain data, ready for JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

from coopetir import __version__
from coopetir.identify.core.method import CRITERIA
from coopetir.identify.core.screening import ScreeningResult

SCHEMA = "coopetir.screening/1"


def evidence_document(
    result: ScreeningResult, *, inputs: Mapping[str, Mapping[str, str]], seed: int | None
) -> dict[str, Any]:
    """The evidence of a screening. ``inputs``: role -> ``{"name", "sha256"}`` (see :func:`fingerprint`)."""
    return {
        "schema": SCHEMA,
        "coopetir": __version__,
        "method": {"digest_sha256": result.method.digest, **result.method.to_dict()},
        "inputs": {role: dict(about) for role, about in inputs.items()},
        "seed": seed,
        "resamples": result.resamples,
        "runs": result.runs,
        "years": list(result.years),
        "survey": result.survey,
        "national_slope": plain(result.national_slope),
        "notes": [dict(note) for note in result.notes],
        "names": result.names,
        "rows": _rows(result),
    }


def fingerprint(path: Path) -> dict[str, str]:
    """Name and SHA-256 of a file, without its folder."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return {"name": path.name, "sha256": digest.hexdigest()}


def _rows(result: ScreeningResult) -> list[dict[str, Any]]:
    found = {}
    for row in result.verdicts.iter_rows(named=True):
        found[row["region"], row["family"]] = {
            "region": row["region"],
            "family": row["family"],
            "verdict": row["verdict"],
            "stability": row["stability"],
            "label": row["label"],
            "reasons": row["reasons"],
            "hinges": row["hinges"],
            "imputed_share": row["imputed_share"],
            "criteria": {name: {"grade": row[name], "measures": []} for name in CRITERIA},
        }
    for item in result.criteria.iter_rows(named=True):
        measured = {
            "measure": item["measure"],
            "value": plain(item["value"]),
            "imputed_share": item["imputed_share"],
        }
        if item["decides"]:
            measured |= {
                name: plain(item[name]) for name in ("comparison", "threshold", "borderline", "meets")
            }
        found[item["region"], item["family"]]["criteria"][item["criterion"]]["measures"].append(measured)
    return list(found.values())


def plain(value: Any) -> Any:
    """Unknown is null in JSON, which has no NaN."""
    return None if isinstance(value, float) and isnan(value) else value
