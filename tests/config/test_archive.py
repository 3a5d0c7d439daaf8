"""A backup gives the same database and files back; a damaged one touches nothing."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

PASSWORD = "Una clave muy larga 7"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COOPETIR_")}
    environment |= {"COOPETIR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "coopetir.config.settings"}
    command = [sys.executable, "-m", "coopetir.config.server", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def contents(home: Path) -> dict[str, str]:
    """The database row by row and every file by its hash."""
    import sqlite3

    with sqlite3.connect(home / "coopetir.sqlite3") as database:
        rows = "\n".join(database.iterdump())
    files = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((home / "files").rglob("*"))
        if path.is_file()
    }
    return files | {"database": hashlib.sha256(rows.encode()).hexdigest()}


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """One real installation with an owner and a file, and its backup."""
    home = tmp_path_factory.mktemp("install") / "home"
    made = run(
        home,
        "create-owner",
        "--email=a@demo.test",
        "--name=A",
        "--entity=C",
        "--department=76",
        f"--password={PASSWORD}",
    )
    assert made.returncode == 0, made.stderr
    (home / "files" / "datasets").mkdir(parents=True)
    (home / "files" / "datasets" / "firms.parquet").write_bytes(b"PAR1 some bytes")
    archive = home.parent / "copy.tar.gz"
    done = run(home, "backup", str(archive))
    assert done.returncode == 0, done.stderr
    return home, archive


def test_restore_gives_the_same_back(installation, tmp_path):
    home, archive = installation
    other = tmp_path / "other"
    done = run(other, "restore", str(archive))
    assert done.returncode == 0, done.stderr
    assert contents(other) == contents(home)
    assert (other / "secret_key").read_bytes() == (home / "secret_key").read_bytes()


def test_restore_over_data_asks_first_and_puts_them_aside(installation, tmp_path):
    _, archive = installation
    other = tmp_path / "other"
    run(other, "restore", str(archive))
    (other / "files" / "new.txt").write_text("later work")
    refused = run(other, "restore", str(archive))
    assert refused.returncode == 3
    assert "backup.not_empty" in refused.stderr
    assert (other / "files" / "new.txt").exists()
    done = run(other, "restore", str(archive), "--replace")
    assert done.returncode == 0, done.stderr
    aside = next(tmp_path.glob("other-*"))
    assert (aside / "files" / "new.txt").read_text() == "later work"


@pytest.mark.parametrize("damage", ["cut", "altered", "not_an_archive"])
def test_a_damaged_backup_touches_nothing(installation, tmp_path, damage):
    home, archive = installation
    broken = tmp_path / "broken.tar.gz"
    if damage == "cut":
        broken.write_bytes(archive.read_bytes()[:-2000])
    elif damage == "altered":
        with tarfile.open(archive) as tar:
            tar.extractall(tmp_path / "x", filter="data")
        (tmp_path / "x" / "files" / "datasets" / "firms.parquet").write_bytes(b"other")
        with tarfile.open(broken, "w:gz") as tar:
            for path in (tmp_path / "x").iterdir():
                tar.add(path, path.name)
    else:
        broken.write_text("hello")
    before = contents(home)
    refused = run(home, "restore", str(broken), "--replace")
    assert refused.returncode == 3
    assert "backup.damaged" in refused.stderr
    assert contents(home) == before


def test_doctor_says_what_is_wrong_and_how_to_mend_it(installation, tmp_path):
    home, archive = installation
    other = tmp_path / "sick"
    run(other, "restore", str(archive))
    (other / "secret_key").chmod(0o644)
    sick = run(other, "doctor", "--json")
    assert sick.returncode == 1
    findings = {finding["name"]: finding for finding in json.loads(sick.stdout)}
    assert not findings["secret_key"]["well"]
    assert "chmod 600" in findings["secret_key"]["text"]
    assert findings["database"]["well"]
    assert findings["migrations"]["well"]
    assert run(home, "doctor").returncode == 0


def test_doctor_on_an_empty_folder_names_the_missing_structure(tmp_path):
    findings = {f["name"]: f for f in json.loads(run(tmp_path / "empty", "doctor", "--json").stdout)}
    assert not findings["migrations"]["well"]


def test_nothing_is_restored_under_a_running_server(installation, tmp_path):
    from coopetir.config.serving import LOCK, serving

    _, archive = installation
    other = tmp_path / "other"
    run(other, "restore", str(archive))
    before = contents(other)
    with serving(other):
        refused = run(other, "restore", str(archive), "--replace")
    assert refused.returncode == 3
    assert "backup.server_running" in refused.stderr
    assert str(os.getpid()) in refused.stderr
    assert contents(other) == before
    assert (other / LOCK).exists()
    assert run(other, "restore", str(archive), "--replace").returncode == 0


def dataset_row(home, path):
    """Write a table in use into an installation's database, as a running server would."""
    import sqlite3

    with sqlite3.connect(home / "coopetir.sqlite3") as database:
        user = database.execute("SELECT id FROM foundation_user").fetchone()[0]
        entity = database.execute("SELECT id FROM foundation_managingentity").fetchone()[0]
        database.execute(
            "INSERT INTO foundation_importbatch (id, entity_id, kind, state, file_name, file_bytes, file_sha256, "
            "purpose, profile_toml, reading, quality, folder, uploaded_by_id, uploaded_at) VALUES "
            "(1, ?, 'registry', 'applied', 'a.csv', 1, '', '', '', '{}', '{}', 'imports/1', ?, '2026-01-01')",
            (entity, user),
        )
        database.execute(
            "INSERT INTO foundation_dataset (entity_id, batch_id, kind, label, rows, path, sha256, invented, applied_at) "
            "VALUES (?, 1, 'registry', 'a.csv', 1, ?, '', 0, '2026-01-01')",
            (entity, path),
        )


def test_a_backup_leaves_half_written_folders_out_and_names_what_is_gone(installation, tmp_path):
    _, archive = installation
    other = tmp_path / "other"
    run(other, "restore", str(archive))
    half = other / "files" / "screenings" / ".partial-7"
    half.mkdir(parents=True)
    (half / "cells.parquet").write_bytes(b"half")
    dataset_row(other, "imports/1/reading/firms.parquet")
    copy = tmp_path / "copy.tar.gz"
    lacking = run(other, "backup", str(copy))
    assert lacking.returncode == 1, lacking.stderr
    assert "imports/1/reading/firms.parquet" in lacking.stderr
    file = other / "files" / "imports" / "1" / "reading" / "firms.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"whole")
    whole = run(other, "backup", str(copy))
    assert whole.returncode == 0, whole.stderr
    with tarfile.open(copy) as tar:
        names = tar.getnames()
    assert "files/imports/1/reading/firms.parquet" in names
    assert not any(".partial-" in name for name in names)


@pytest.mark.django_db
@pytest.mark.parametrize("times", [2, 3])
def test_files_that_vanish_during_a_backup_make_it_start_over(tmp_path, settings, monkeypatch, times):
    from coopetir.config import archive

    settings.HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "here").write_text("x")
    dump = tmp_path / "dump"
    dump.write_text("rows")
    monkeypatch.setattr(archive, "RETRY_SECONDS", 0)
    monkeypatch.setattr(archive, "_dump_database", lambda work: dump)
    monkeypatch.setattr(archive, "_named_files", lambda dump: [])
    listed, calls = archive._files, []

    def with_ghost():
        calls.append(1)
        return [*listed(), *([settings.MEDIA_ROOT / "ghost"] if len(calls) <= times else [])]

    monkeypatch.setattr(archive, "_files", with_ghost)
    target = tmp_path / "copy.tar.gz"
    if times == archive.ATTEMPTS:
        with pytest.raises(archive.FilesMoving):
            archive.write_backup(target)
        assert not target.exists()
    else:
        assert "files/here" in archive.write_backup(target)["files"]
    assert len(calls) == archive.ATTEMPTS
