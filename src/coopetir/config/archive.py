"""Backup and restore: one archive holds the database, the files and the key, each with its hash."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from coopetir import __version__
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import replacing

MANIFEST = "manifest.json"
SQLITE = "coopetir.sqlite3"
POSTGRES = "coopetir.pgdump"


class ArchiveDamaged(CoopetirError):
    code = "backup.damaged"
    es = "«{archive}» no es una copia completa ({why}). No se tocó nada; use otra copia."
    en = "“{archive}” is not a complete backup ({why}). Nothing was touched; use another one."


class InstallationNotEmpty(CoopetirError):
    code = "backup.not_empty"
    es = "Esta instalación ya tiene datos en {home}. Detenga el servidor y repita con --replace; lo actual se guarda aparte."
    en = "This installation already holds data in {home}. Stop the server and repeat with --replace; the present data are put aside."


class OtherEngine(CoopetirError):
    code = "backup.other_engine"
    es = "La copia es de {theirs} y esta instalación usa {ours}. Configure la misma base de datos."
    en = "The backup is of {theirs} and this installation uses {ours}. Configure the same database."


def write_backup(archive: Path) -> dict[str, Any]:
    """Write the archive; it appears whole or not at all. Returns its manifest."""
    with tempfile.TemporaryDirectory() as folder, replacing(archive) as partial:
        work = Path(folder)
        members = [_dump_database(work)]
        key = settings.HOME / "secret_key"
        sources = [(members[0], members[0].name), *([(key, "secret_key")] if key.exists() else [])]
        sources += [(path, f"files/{path.relative_to(settings.MEDIA_ROOT)}") for path in _files()]
        manifest = {
            "version": __version__,
            "engine": connection.vendor,
            "written_at": datetime.now(UTC).isoformat(),
            "files": {name: _sha256(path) for path, name in sources},
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        with tarfile.open(partial, "w:gz", compresslevel=3) as tar:
            tar.add(work / MANIFEST, MANIFEST)
            for path, name in sources:
                tar.add(path, name)
    return manifest


def _files() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(
        path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".partial-")
    )


def _dump_database(work: Path) -> Path:
    if connection.vendor == "sqlite":
        target = work / SQLITE
        path = str(settings.DATABASES["default"]["NAME"])
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return target
    target = work / POSTGRES
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
    return target


def _postgres(program: str, *options: str) -> None:
    database = {key: str(value) for key, value in settings.DATABASES["default"].items()}
    where = [
        "-h",
        database["HOST"],
        "-p",
        database["PORT"],
        "-U",
        database["USER"],
        "-d",
        database["NAME"],
    ]
    environment = {"PGPASSWORD": database["PASSWORD"], "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run([program, *where, *options], check=True, env=environment)  # noqa: S603


def restore_backup(archive: Path, *, replace: bool) -> Path | None:
    """Check every hash first, then swap the whole installation in. Returns where earlier data were put aside."""
    home = Path(settings.HOME)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        work = Path(folder)
        manifest = _unpack(archive, work)
        if manifest["engine"] != connection.vendor:
            raise OtherEngine(theirs=manifest["engine"], ours=connection.vendor)
        aside = _put_aside(home, replace=replace)
        connections.close_all()
        home.mkdir(exist_ok=True)
        for name in ("secret_key", SQLITE, "files"):
            if (work / name).exists():
                shutil.move(work / name, home / name)
        (home / "files").mkdir(exist_ok=True)
        if connection.vendor == "postgresql":
            _postgres(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--single-transaction",
                str(work / POSTGRES),
            )
    return aside


def _unpack(archive: Path, work: Path) -> dict[str, Any]:
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
        for name, expected in manifest["files"].items():
            if _sha256(work / name) != expected:
                raise ArchiveDamaged(archive=archive.name, why=f"{name}: sha256")
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise ArchiveDamaged(archive=archive.name, why=str(error)[:120]) from error
    return manifest


def _put_aside(home: Path, *, replace: bool) -> Path | None:
    kept = [home / name for name in (SQLITE, "files") if (home / name).exists()]
    if connection.vendor == "postgresql":
        kept += [home] if connection.introspection.table_names() else []
    if not kept:
        return None
    if not replace:
        raise InstallationNotEmpty(home=str(home))
    aside = home.with_name(f"{home.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    home.rename(aside)
    return aside


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
