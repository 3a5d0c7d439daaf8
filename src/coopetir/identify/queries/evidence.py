"""The tables of an evidence pack, in the edition asked for."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from coopetir.foundation.core.disclosure import CONFIDENTIAL, MISSING, OK
from coopetir.foundation.core.extracts.issues import escape_formulas
from coopetir.foundation.models import ImportBatch
from coopetir.identify.core.family_years import protected_totals
from coopetir.identify.core.method import CRITERIA, parse_method
from coopetir.identify.core.threshold_marks import SIGNS, marks
from coopetir.identify.documents.evidence_pack import PackFacts, pack, readme
from coopetir.identify.models import Decision
from coopetir.identify.queries.leave_with import (
    department_name,
    edition_of,
    evidence_json,
    firm_years,
    public_profile,
)
from coopetir.identify.queries.results import result_file, result_table

if TYPE_CHECKING:
    from coopetir.identify.models import Screening

PLAIN = ("region", "family", "verdict", "stability", "label", *CRITERIA)
SHOWN = (
    "lq",
    "lq_shrunk_low",
    "lq_shrunk",
    "lq_shrunk_high",
    "firms",
    "jobs",
    "slope",
    "slope_se",
    "z",
    "national_slope",
    "technology_percentile",
    "market_percentile",
)
"""Measures of the public edition: a list of what is shown, so that a new measure stays inside until it is added."""


def evidence_pack(screening: Screening, *, internal: bool, now: datetime) -> bytes:
    """The zip of one edition. The caller has asked for the permission."""
    files = _internal(screening) if internal else _public(screening)
    files["README.md"] = readme(_facts(screening), internal=internal)
    files["method.toml"] = screening.method_toml.encode()
    files["decisions.csv"] = _csv(_decisions(screening, internal=internal))
    return pack(files, now=now)


def _facts(screening: Screening) -> PackFacts:
    method = parse_method(screening.method_toml, source="method.toml")
    return PackFacts(
        name=screening.name,
        entity=screening.entity.name,
        place=department_name(screening.department),
        region=screening.department,
        method=f"{method.name} {method.version}",
        digest=method.digest,
        resamples=screening.resamples,
        seed=screening.seed,
        invented=screening.entity.invented,
        registry=screening.datasets.filter(kind=ImportBatch.Kind.REGISTRY).exists(),
    )


def _internal(screening: Screening) -> dict[str, bytes]:
    asked = [family["family"] for family in screening.families]
    here = (pl.col("region") == screening.department) & pl.col("family").is_in(asked)
    files = {
        f"{name}.csv": _csv(_flat(result_table(screening, name).filter(here)))
        for name in ("verdicts", "criteria", "drivers")
    }
    files |= {
        f"{name}.parquet": result_file(screening, f"{name}.parquet").read_bytes()
        for name in ("cells", "industries", "regions")
    }
    files["evidence.json"] = result_file(screening, "evidence.json").read_bytes()
    files["inputs.csv"] = _csv(pl.DataFrame(screening.summary["inputs"]))
    return files


def _public(screening: Screening) -> dict[str, bytes]:
    document = evidence_json(screening)
    kept = ("schema", "coopetir", "method", "inputs", "seed", "resamples", "runs", "years", "national_slope")
    verdicts = list(screening.verdicts.select_related("screening").order_by("pk"))
    by_year = protected_totals(firm_years(screening), public_profile())
    asked = [verdict.family for verdict in verdicts]
    return {
        "verdicts.csv": _csv(pl.DataFrame([_public_verdict(verdict) for verdict in verdicts])),
        "measures.csv": _csv(pl.DataFrame([row for verdict in verdicts for row in _measures(verdict)])),
        "sentences.csv": _csv(pl.DataFrame([row for verdict in verdicts for row in _sentences(verdict)])),
        "families_by_year.csv": _csv(by_year.filter(pl.col("family").is_in(asked))),
        "evidence.json": json.dumps({name: document[name] for name in kept}, ensure_ascii=False).encode(),
    }


def _public_verdict(verdict: Any) -> dict[str, Any]:
    row = edition_of(verdict, internal=False, language="es").row
    measures: dict[str, Any] = {}
    for name in SHOWN:
        measures[name] = row[name]
        hidden = row[name] is None and verdict.detail["row"][name] is not None
        measures[f"{name}_status"] = CONFIDENTIAL if hidden else MISSING if row[name] is None else OK
    told = {name: row[name] for name in PLAIN} | {"family_name": verdict.label}
    return told | measures | {"reasons": "; ".join(row["reasons"]), "hinges": "; ".join(row["hinges"])}


def _measures(verdict: Any) -> list[dict[str, Any]]:
    row = edition_of(verdict, internal=False, language="es").row
    method = parse_method(verdict.screening.method_toml, source="method.toml")
    statuses = {"known": OK, "unknown": MISSING, "protected": CONFIDENTIAL}
    return [
        {
            "family": verdict.family,
            "criterion": mark.criterion,
            "measure": mark.measure,
            "value": mark.figure,
            "asked": f"{SIGNS.get(mark.measure, '≥')} {mark.threshold!r}",
            "meets": mark.meets,
            "status": statuses[mark.state],
        }
        for mark in marks(row, method, "es")
    ]


def _sentences(verdict: Any) -> list[dict[str, Any]]:
    return [
        {"family": verdict.family, "language": language, "sentence": at, "text": text}
        for language in ("es", "en")
        for at, text in enumerate(edition_of(verdict, internal=False, language=language).sentences, start=1)
    ]


def _decisions(screening: Screening, *, internal: bool) -> pl.DataFrame:
    """What was decided and why; inside also what was proposed. Nobody's name."""
    rows = []
    for found in Decision.objects.filter(verdict__screening=screening).select_related("verdict"):
        row = {"family": found.verdict.family, "decided": found.decided, "decided_at": _day(found.decided_at)}
        if internal:
            row |= {
                "decided_reason": found.decided_reason,
                "proposed": found.proposed,
                "proposed_reason": found.proposed_reason,
                "proposed_at": _day(found.proposed_at),
            }
        rows.append(row)
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema={"family": pl.String, "decided": pl.String})


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Lists as text: CSV has no lists."""
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    return table.with_columns(pl.col(name).list.join("; ") for name in lists)


def _csv(table: pl.DataFrame) -> bytes:
    """CSV in UTF-8; text that a spreadsheet would run is made harmless."""
    target = io.BytesIO()
    escape_formulas(table).write_csv(target)
    return target.getvalue()
