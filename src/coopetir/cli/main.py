"""``coopetir``: files in, files out, for analysts. One module of this package per verb.

Exit codes: 0 done · 2 the command was called wrongly · 3 the input was refused (the message names row,
field and remedy) · 4 the output could not be written · 130 interrupted, nothing half-written.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import click

from coopetir import __version__
from coopetir.foundation.core.errors import CoopetirError

VERBS = {
    "complexity": "ECI, PCI, fitness, proximity, density, outlook and gain of a table",
    "specialize": "location quotients with intervals and shrinkage",
    "screen": "which industries of a region qualify as clusters, how sure that is, and why",
    "explain": "why a screening gave one verdict",
    "synthesize": "an invented registry with planted clusters and realistic dirt",
}


class Verbs(click.Group):
    """Loads a verb's module only when it is called, so that ``--help`` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"coopetir.cli.{cmd_name}")
        command: click.Command = module.command
        command.short_help = VERBS[cmd_name]
        return command


def language() -> str:
    """The language of messages: ``COOPETIR_LANGUAGE``, else the locale, else Spanish."""
    chosen = os.environ.get("COOPETIR_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "es"
    return "en" if chosen.startswith("en") else "es"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="coopetir")
def coopetir() -> None:
    """Find, measure and explain business clusters, on files alone."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with one of the documented exit codes."""
    given = sys.argv[1:] if arguments is None else arguments
    with suppress(ValueError):  # only the main thread may ask for signals
        # a polite kill ends like Ctrl-C, so that what is half-written goes away
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        coopetir.main(args=given, prog_name="coopetir", standalone_mode=False)
    except CoopetirError as error:
        _refuse(error, as_json="--json" in given)
        sys.exit(4 if error.code.startswith("output.") else 3)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "Interrumpido; no se escribió nada a medias. / Interrupted; nothing half-written.", err=True
        )
        sys.exit(130)


def _refuse(error: CoopetirError, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": error.to_dict()}, ensure_ascii=False, default=str))
    click.echo(f"{error.code}: {error.sentence(language())}", err=True)


def finish(summary: dict[str, Any], *, as_json: bool, text: str) -> None:
    """End a verb: the summary as JSON on standard output, or the sentence for a person."""
    click.echo(json.dumps(summary, ensure_ascii=False, default=str) if as_json else text)


class Bar:
    """A progress callback drawn on standard error, quiet when nobody looks (not a terminal)."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet or not sys.stderr.isatty()

    def __call__(self, done: int, total: int, stage: str) -> None:
        if not self.quiet:
            share = 0 if total <= 0 else round(100 * done / total)
            end = "\n" if done >= total else ""
            click.echo(f"\r{stage:<12} {share:3d} %  {'█' * (share // 4):<25}", nl=False, err=True)
            click.echo(end, nl=False, err=True)
