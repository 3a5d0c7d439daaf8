"""``coopetir synthesize``: an invented registry with planted clusters and realistic dirt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coopetir.cli.main import Bar, finish, language
from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry


class Years(click.ParamType[tuple[int, int]]):
    """A span such as 2014-2023."""

    name = "FIRST-LAST"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        first, mark, last = str(value).partition("-")
        if not (mark and first.isdecimal() and last.isdecimal()):
            self.fail(f"{value!r} is not a span of years such as 2014-2023", param, ctx)
        return int(first), int(last)


@click.command("synthesize")
@click.option("--region", default="76", show_default=True, help="DIVIPOLA department to invent in full.")
@click.option("--firms", type=int, required=True, help="Active firms of that department in the last year.")
@click.option("--country-firms", type=int, help="Active firms elsewhere; default: in real proportion.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same files.")
@click.option("--years", type=Years(), default="2014-2023", show_default=True, help="One file per year.")
@click.option(
    "--shape",
    type=click.Choice(["delivered", "open", "national", "canonical"]),
    default="delivered",
    show_default=True,
    help="Whose format the files imitate; canonical = clean Parquet.",
)
@click.option("--dirty/--clean", default=True, show_default=True, help="Spoil cells as real extracts are.")
@click.option("--planted/--unplanted", default=True, show_default=True, help="Plant clusters and decoys.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(out: Path, seed: int, *, as_json: bool, **options: Any) -> None:
    """Invent the business registry of a department and of the rest of the country, year by year.

    Writes registro_YEAR, truth.csv (which pairs of department and family are clusters), industries.csv and
    regions.csv (as coopetir screen takes them), dirt.csv and a README. Nothing in it is real.
    """
    first, last = options["years"]
    recipe = Recipe(
        region=options["region"],
        firms=options["firms"],
        country_firms=options["country_firms"],
        first_year=first,
        last_year=last,
        planted=options["planted"],
    )
    summary = write_registry(
        recipe, seed, out, shape=options["shape"], dirty=options["dirty"], progress=Bar(quiet=as_json)
    )
    finish(summary, as_json=as_json, text=_text(summary))


def _text(summary: dict[str, Any]) -> str:
    rows, files = sum(summary["rows"].values()), len(summary["files"])
    spoiled = sum(summary["spoiled"].values())
    if language() == "en":
        return (
            f"{rows:,} invented rows in {files} files, {spoiled:,} cells spoiled on purpose: {summary['out']}"
        )
    found = f"{rows:,} filas inventadas en {files} archivos; {spoiled:,} celdas dañadas a propósito: "
    return found.replace(",", ".") + summary["out"]
