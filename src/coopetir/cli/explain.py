"""``coopetir explain``: why a screening gave one verdict, and what would change it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import polars as pl

from coopetir.cli.main import finish, language
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.formats import percent
from coopetir.foundation.core.tables import read_table
from coopetir.identify.core.explanation import Explanation, explain, hinge_words
from coopetir.identify.core.method import Method, method_from_dict
from coopetir.identify.core.whatif import find_row, judge_row
from coopetir.identify.core.wording import LABEL_WORDS, VERDICT_WORDS


class NotAScreening(CoopetirError):
    code = "explain.not_a_screening"
    es = "«{folder}» no es la carpeta de un análisis ({why}). Indique la carpeta que escribió «coopetir screen»."
    en = "“{folder}” is not the folder of a screening ({why}). Name the folder that “coopetir screen” wrote."


class ThresholdUnreadable(CoopetirError):
    code = "explain.threshold_unreadable"
    es = "«{given}» no es un umbral. Escriba nombre=valor, por ejemplo density.lq_meets=1.3."
    en = "“{given}” is not a threshold. Write name=value, for example density.lq_meets=1.3."


@click.command(name="explain")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--region", required=True, help="Code of the region.")
@click.option("--family", required=True, help="Code of the family.")
@click.option("--what-if", "what_if", multiple=True, help="A threshold to move, e.g. density.lq_meets=1.3.")
@click.option("--language", "chosen", type=click.Choice(["es", "en"]), help="Default: that of the terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def command(
    folder: Path, region: str, family: str, what_if: tuple[str, ...], chosen: str | None, as_json: bool
) -> None:
    """Say in three sentences why FOLDER gives its verdict, on what it hangs, and what would change it."""
    lang = chosen or language()
    verdicts, method = _read(folder)
    row = find_row(verdicts, region, family)
    told = explain(row, method, language=lang)
    summary: dict[str, Any] = asdict(told) | {"label": row["label"], "reasons": row["reasons"]}
    summary["method"] = {"name": method.name, "version": method.version, "digest_sha256": method.digest}
    lines = _lines(told, row["label"], lang)
    if what_if:
        changed = judge_row(row, method, dict(_threshold(item) for item in what_if))
        summary["what_if"] = {
            "thresholds": dict(_threshold(item) for item in what_if),
            "verdict": changed.after,
            "grades": changed.grades_after,
        }
        lines.append(f"→ {', '.join(what_if)}: {VERDICT_WORDS[lang][changed.after]}")
    finish(summary, as_json=as_json, text="\n".join(lines))


def _lines(told: Explanation, label: str | None, lang: str) -> list[str]:
    sure = f" · {percent(told.stability, 0, lang)} ({LABEL_WORDS[lang][label]})" if label else ""
    head = f"{told.region} · {told.family}: {VERDICT_WORDS[lang][told.verdict]}{sure}"
    return [head, *told.sentences(), *(f"– {hinge_words(item, lang)}" for item in told.hinges)]


def _read(folder: Path) -> tuple[pl.DataFrame, Method]:
    try:
        document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        stated = {key: value for key, value in document["method"].items() if key != "digest_sha256"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAScreening(folder=str(folder), why=f"evidence.json: {type(error).__name__}") from error
    return read_table(folder / "verdicts.parquet"), method_from_dict(stated, source="evidence.json")


def _threshold(given: str) -> tuple[str, float]:
    name, _, value = given.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise ThresholdUnreadable(given=given) from error
