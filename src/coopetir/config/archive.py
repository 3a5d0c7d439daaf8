"""Backup and restore: one archive holds the database, the files and the key, each with its hash."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, connections

from coopetir import __version__
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import replacing

MANIFEST = "manifest.json"
SQLITE = "coopetir.sqlite3"
POSTGRES = "coopetir.pgdump"
NAMING = (("foundation.Dataset", "path"), ("identify.Screening", "folder"))
"""Where the database names files."""
ATTEMPTS = 3
RETRY_SECONDS = 1.0


class ArchiveDamaged(CoopetirError):
    code = "backup.damaged"
    es = "«{archive}» no es una copia completa ({why}). No se tocó nada; use otra copia."
    en = "“{archive}” is not a complete backup ({why}). Nothing was touched; use another one."


class FilesMoving(CoopetirError):
    code = "backup.files_moving"
    es = "Los archivos de {home} cambiaron durante los {times} intentos de copia ({why}). Repita cuando no haya cálculos en curso."
    en = "The files of {home} changed during all {times} attempts at a backup ({why}). Repeat while nothing is being computed."


class InstallationNotEmpty(CoopetirError):
    code = "backup.not_empty"
    es = "Esta instalación ya tiene datos en {home}. Detenga el servidor y repita con --replace; lo actual se guarda aparte."
    en = "This installation already holds data in {home}. Stop the server and repeat with --replace; the present data are put aside."


class OtherEngine(CoopetirError):
    code = "backup.other_engine"
    es = "La copia es de {theirs} y esta instalación usa {ours}. Configure la misma base de datos."
    en = "The backup is of {theirs} and this installation uses {ours}. Configure the same database."


def write_backup(archive: Path) -> dict[str, Any]:
    """Write the archive; it appears whole or not at all. Returns its manifest.

    The server may be running: files that come and go meanwhile make it start over. ``missing`` in the manifest are
    files the database names and that were gone from the disk before: they are in no backup, and this one says so.

    :raises FilesMoving: every attempt met files that changed
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _write_once(archive)
        except FilesMoving:
            time.sleep(RETRY_SECONDS)
    return _write_once(archive)


def _write_once(archive: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, replacing(archive) as partial:
        work = Path(folder)
        dump = _dump_database(work)
        # Asked right after the dump and before the files are listed: what is named by then is on disk by then.
        named = _named_files(dump)
        key = settings.HOME / "secret_key"
        sources = [(dump, dump.name), *([(key, "secret_key")] if key.exists() else [])]
        sources += [(path, f"files/{path.relative_to(settings.MEDIA_ROOT)}") for path in _files()]
        missing = _missing(named, {name for _, name in sources})
        try:
            return _pack(partial, work, sources, missing)
        except FileNotFoundError as error:
            raise _moving(str(error.filename)) from error


def _pack(partial: Path, work: Path, sources: list[tuple[Path, str]], missing: list[str]) -> dict[str, Any]:
    """Hash and pack, and look again afterwards: no file may have changed between the two."""
    seen = {path: _stamp(path) for path, _ in sources}
    manifest = {
        "version": __version__,
        "engine": connection.vendor,
        "written_at": datetime.now(UTC).isoformat(),
        "files": {name: _sha256(path) for path, name in sources},
        "missing": missing,
    }
    (work / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    with tarfile.open(partial, "w:gz", compresslevel=3) as tar:
        tar.add(work / MANIFEST, MANIFEST)
        for path, name in sources:
            tar.add(path, name)
    for path, stamp in seen.items():
        if _stamp(path) != stamp:
            raise _moving(path.name)
    return manifest


def _moving(why: str) -> FilesMoving:
    return FilesMoving(home=str(settings.HOME), times=ATTEMPTS, why=why)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _files() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(path for path in root.rglob("*") if path.is_file() and not _half_written(path, root))


def _half_written(path: Path, root: Path) -> bool:
    """Files and folders carry this name until they are whole."""
    return any(part.startswith(".partial-") for part in path.relative_to(root).parts)


def _named_files(dump: Path) -> list[str]:
    """Files and folders of files the dumped database names, under ``MEDIA_ROOT``.

    Of PostgreSQL the live database is asked instead: a dump of it cannot be read without a server to load it.
    """
    if dump.name != SQLITE:
        return sorted(
            value
            for label, column in NAMING
            for value in apps.get_model(label).objects.exclude(**{column: ""}).values_list(column, flat=True)
        )
    with closing(sqlite3.connect(f"file:{dump}?mode=ro", uri=True)) as database:
        there = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return sorted(
            row[0]
            for label, column in NAMING
            if (table := apps.get_model(label)._meta.db_table) in there  # noqa: SLF001
            for row in database.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")  # noqa: S608
        )


def _missing(named: list[str], packed: set[str]) -> list[str]:
    """What is named and not packed. :raises FilesMoving: it is on disk now, so it came or moved meanwhile."""
    missing = [name for name in named if not _is_packed(name, packed)]
    for name in missing:
        path = Path(settings.MEDIA_ROOT) / name
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            raise _moving(name)
    if missing and (gone := set(missing) - set(_named_now())):
        raise _moving(min(gone))
    return missing


def _is_packed(name: str, packed: set[str]) -> bool:
    inside = f"files/{name}"
    return inside in packed or any(path.startswith(f"{inside}/") for path in packed)


def _named_now() -> list[str]:
    return [
        value
        for label, column in NAMING
        for value in apps.get_model(label).objects.values_list(column, flat=True)
    ]


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
