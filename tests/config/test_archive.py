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
