"""What is wrong with this installation, and how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: well or not, grave or only worth knowing, and what to do."""

    name: str
    well: bool
    grave: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine() -> list[Finding]:
    """Look at everything; one check that breaks does not hide the others."""
    findings = []
    for check in CHECKS:
        try:
            findings += list(check())
        except Exception as error:  # noqa: BLE001  (a doctor reports, it does not faint)
            findings.append(
                Finding(check.__name__, well=False, grave=True, text=f"{check.__name__}: {error}")
            )
    return findings


def _python() -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    well = sys.version_info >= (3, 11)
    yield Finding(
        "python", well, grave=True, text=f"Python {found}" + ("" if well else ": instale 3.11 o posterior")
    )


def _home() -> Iterator[Finding]:
    home = Path(settings.HOME)
    well = home.is_dir() and os.access(home, os.W_OK)
    remedy = "" if well else ": cree la carpeta y dele permiso de escritura al usuario del servidor"
    yield Finding("home", well, grave=True, text=f"Carpeta de datos {home}{remedy}")
    if well:
        free = shutil.disk_usage(home).free
        enough = free > LOW_DISK_BYTES
        remedy = "" if enough else ": libere espacio antes de importar; un disco lleno detiene los trabajos"
        yield Finding("disk", enough, grave=False, text=f"Disco libre {free / 1024**3:.1f} GiB{remedy}")


def _key() -> Iterator[Finding]:
    path = Path(settings.HOME) / "secret_key"
    if path.exists():
        private = path.stat().st_mode & 0o077 == 0
        remedy = "" if private else f": otros usuarios pueden leerla; ejecute chmod 600 {path}"
        yield Finding("secret_key", private, grave=True, text=f"Llave secreta{remedy}")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check")
            answer = cursor.fetchone()[0]
            remedy = (
                ""
                if answer == "ok"
                else f": dañada ({answer}); restaure la última copia con coopetir-server restore"
            )
            yield Finding("database", answer == "ok", grave=True, text=f"Base de datos SQLite{remedy}")
        else:
            yield Finding("database", well=True, grave=True, text="Base de datos PostgreSQL responde")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    remedy = (
        f": faltan {len(pending)}; ejecute coopetir-server serve (las aplica) o restaure una copia"
        if pending
        else ""
    )
    yield Finding("migrations", not pending, grave=True, text=f"Estructura de la base al día{remedy}")


def _owner() -> Iterator[Finding]:
    from coopetir.foundation.models import User

    owned = User.objects.exists()
    remedy = "" if owned else ": abra la página de primeros pasos o ejecute coopetir-server create-owner"
    yield Finding("owner", owned, grave=False, text=f"Hay una cuenta dueña{remedy}")


def _jobs() -> Iterator[Finding]:
    from coopetir.foundation.jobs import STALE
    from coopetir.foundation.models import Job

    now = timezone.now()
    dead = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - STALE).count()
    late = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=now - 5 * STALE).count()
    remedy = (
        f": {dead} interrumpidos y {late} en espera; ejecute coopetir-server worker" if dead or late else ""
    )
    yield Finding("jobs", not (dead or late), grave=False, text=f"Trabajos en segundo plano{remedy}")


def _files() -> Iterator[Finding]:
    from coopetir.foundation.models import Dataset

    root = Path(settings.MEDIA_ROOT)
    lost = [
        row.label
        for row in Dataset.objects.filter(reverted_at__isnull=True)
        if not (root / row.path).is_file()
    ]
    remedy = f": faltan los archivos de {', '.join(lost[:5])}; restaure la última copia" if lost else ""
    yield Finding("files", not lost, grave=True, text=f"Archivos de los datos en uso{remedy}")


def _exposure() -> Iterator[Finding]:
    if settings.DEMO:
        return
    default = not (os.environ.get("COOPETIR_SDC_P") and os.environ.get("COOPETIR_SDC_K"))
    remedy = ": use los suyos (COOPETIR_SDC_P y COOPETIR_SDC_K) y manténgalos en secreto" if default else ""
    yield Finding("disclosure", not default, grave=False, text=f"Parámetros de protección propios{remedy}")
    remedy = "" if settings.HTTPS else ": para publicar en internet ponga HTTPS delante y COOPETIR_HTTPS=1"
    yield Finding("https", settings.HTTPS, grave=False, text=f"Conexión cifrada{remedy}")
    smtp = "smtp" in settings.EMAIL_BACKEND
    remedy = "" if smtp else ": las invitaciones salen por la consola; configure COOPETIR_SMTP_HOST"
    yield Finding("mail", smtp, grave=False, text=f"Correo saliente{remedy}")


CHECKS: list[Callable[[], Iterator[Finding]]] = [
    _python,
    _home,
    _key,
    _database,
    _owner,
    _jobs,
    _files,
    _exposure,
]
