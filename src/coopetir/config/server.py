"""``coopetir-server``: run, look after and rescue an installation.

Exit codes: 0 done · 1 something to mend (``doctor``; a backup of an installation that lacks files) · 2 called wrongly · 3 refused (the message says why).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import FrameType

import click

from coopetir import __version__
from coopetir.config import supervision
from coopetir.config.serving import nobody_serving, serving
from coopetir.foundation.core.errors import CoopetirError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopetir.config.settings")


def _django() -> None:
    import django

    django.setup()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coopetir-server")
def server() -> None:
    """Run and look after a Coopetir installation. Its data live in COOPETIR_HOME (default: ./var)."""


@server.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--demo/--no-demo", default=False, help="Load the demo region and print its sign-ins.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Also run the background worker.")
def serve(host: str, port: int, workers: int, *, demo: bool, worker: bool) -> None:
    """Bring the database up to date and serve the product."""
    if demo:
        os.environ["COOPETIR_DEMO"] = "1"
    _django()
    with serving(_home()):
        _migrate()
        if demo:
            from django.core.management import call_command

            call_command("load_demo")
        commands = [_granian(host, port, workers)]
        if worker:
            commands.append([sys.executable, "-m", "coopetir.config.server", "worker"])
        _supervise(commands, address=f"http://{host}:{port}/", demo=demo)


def _home() -> Path:
    from django.conf import settings

    return Path(settings.HOME)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _granian(host: str, port: int, workers: int) -> list[str]:
    options = ["--interface", "wsgi", "--workers", str(workers), "--blocking-threads", "2", "--no-ws"]
    where = ["--host", host, "--port", str(port), "--log-level", "warning"]
    return [sys.executable, "-m", "granian", *options, *where, "coopetir.config.wsgi:application"]


def _supervise(commands: list[list[str]], *, address: str, demo: bool) -> None:
    """Keep the processes running until we are told to stop or one of them dies again and again; then stop all."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    kept = supervision.start_all(commands)
    try:
        _announce(address, kept, demo=demo)
        supervision.keep_running(kept)
        click.echo(
            "Un proceso termina una y otra vez; se detienen todos. Revise los mensajes de arriba y «coopetir-server "
            "doctor». / A process keeps ending; stopping all. See the messages above and “coopetir-server doctor”.",
            err=True,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        pass
    finally:
        supervision.stop_all(kept)


def _announce(address: str, kept: list[supervision.Kept], *, demo: bool) -> None:
    for _ in range(100):
        if any(one.process.poll() is not None for one in kept):
            return
        try:
            with urllib.request.urlopen(f"{address}salud/", timeout=2):  # noqa: S310  (our own address)
                break
        except OSError:
            time.sleep(0.1)
    click.echo(f"\nCoopetir {__version__} · {address}")
    if demo:
        from coopetir.website.demo import sign_ins

        click.echo("Cuentas de demostración (datos inventados) / demo sign-ins (invented data):")
        for account in sign_ins():
            click.echo(f"  {account['email']:<28} {account['password']:<16} {account['role']}")
    click.echo("Ctrl+C para detener / to stop.\n")


@server.command()
@click.option("--once", is_flag=True, help="Run what waits, then leave.")
def worker(*, once: bool) -> None:
    """Run background work; jobs whose worker died are taken up again."""
    _django()
    from django.core.management import call_command

    if not once:
        threading.Thread(target=_look_after, daemon=True).start()
    with serving(_home(), main=False):
        _look_after_once()
        call_command("db_worker", interval=0.5, batch=once, verbosity=0, startup_delay=False)


def _look_after() -> None:
    """Every half minute, while the worker lives: take up what a dead worker left, sweep what nobody read."""
    from django.db import close_old_connections

    while True:
        time.sleep(30)
        _look_after_once()
        close_old_connections()


def _look_after_once() -> None:
    from django.utils import timezone

    from coopetir.foundation.jobs import recover_interrupted
    from coopetir.foundation.operations.imports import sweep_incoming

    recover_interrupted(now=timezone.now())
    sweep_incoming(now=timezone.now())


@server.command("create-owner")
@click.option("--email", prompt="Correo / e-mail")
@click.option("--name", prompt="Nombre / name")
@click.option("--entity", prompt="Entidad gestora / managing entity")
@click.option("--department", prompt="Departamento (DIVIPOLA, 76 = Valle)")
@click.option("--password", prompt="Contraseña / password", hide_input=True, confirmation_prompt=True)
def create_owner(email: str, name: str, entity: str, department: str, password: str) -> None:
    """Create the first account from the terminal instead of the first-run page."""
    _django()
    _migrate()
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from coopetir.foundation.operations import accounts

    try:
        accounts.create_owner(
            email=email,
            name=name,
            password=password,
            entity_name=entity,
            department=department,
            now=timezone.now(),
        )
    except ValidationError as error:
        raise click.UsageError("; ".join(error.messages)) from error
    click.echo(f"Cuenta creada / account created: {email}")


@server.command()
@click.argument("archive", type=click.Path(path_type=Path))
def backup(archive: Path) -> None:
    """Write database, files and key to one ARCHIVE (.tar.gz). Safe while the server runs."""
    _django()
    from coopetir.config.archive import write_backup

    manifest = write_backup(archive)
    click.echo(f"{archive} · {len(manifest['files'])} archivos / files")
    if manifest["missing"]:
        click.echo(
            "La copia está hecha, pero la base de datos nombra archivos que ya no están en el disco / the backup is "
            f"made, but the database names files that are not on disk: {', '.join(manifest['missing'])}",
            err=True,
        )
        sys.exit(1)


@server.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put aside what this installation holds now.")
def restore(archive: Path, *, replace: bool) -> None:
    """Bring back exactly what a backup holds; the server must be stopped."""
    _django()
    from coopetir.config.archive import restore_backup

    with nobody_serving(_home()):
        aside = restore_backup(archive, replace=replace)
    click.echo(
        "Restaurado / restored." + (f" Lo anterior quedó en / earlier data are in {aside}" if aside else "")
    )


@server.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(*, as_json: bool) -> None:
    """Say what is wrong with this installation and how to mend it."""
    _django()
    from coopetir.config.doctor import examine

    findings = examine()
    if as_json:
        click.echo(json.dumps([finding.to_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{'✓' if finding.well else '✗' if finding.grave else '!'} {finding.text}")
    sys.exit(1 if any(finding.grave and not finding.well for finding in findings) else 0)


def main() -> None:
    """Run the command, turning refusals into one sentence and exit code 3."""
    try:
        server(standalone_mode=False)
    except CoopetirError as error:
        click.echo(f"{error.code}: {error.sentence('es')} / {error.sentence('en')}", err=True)
        sys.exit(3)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)


if __name__ == "__main__":
    main()
