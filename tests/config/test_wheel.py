"""What a stranger without make gets: the built wheel, installed on its own, does the whole job.

The checkout runs from its source tree, so a file missing from the package would go unnoticed everywhere else.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from coopetir import __version__

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "requirements", "src")
ROOMS = (
    "foundation/catalogues/departamentos.geojson",
    "foundation/catalogues/NOTICE.md",
    "foundation/samples/muestra-sucia-2023.txt",
    "foundation/static/coopetir/theme.css",
    "foundation/static/vendor/",
    "foundation/templates/base.html",
    "identify/methods/coop-1.toml",
    "identify/typst/",
    "locale/en/LC_MESSAGES/django.mo",
    "website/templates/website/home.html",
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy of the source, so that nothing is left in the checkout and nothing stale gets in."""
    source = tmp_path_factory.mktemp("source")
    for name in NEEDED:
        origin = ROOT / name
        if origin.is_dir():
            skip = shutil.ignore_patterns("*.egg-info", "__pycache__")
            shutil.copytree(origin, source / name, ignore=skip)
        else:
            shutil.copy2(origin, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "dist")]
    built = subprocess.run([*command, str(source)], capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A virtual environment that holds the wheel and borrows its dependencies from this one.

    A path file adds our packages without reading *their* path files, so the editable install stays out.
    """
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    put = subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], capture_output=True, text=True
    )
    assert put.returncode == 0, put.stderr
    packages = next((folder / "lib").glob("python3*")) / "site-packages"
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def environment(home: Path) -> dict[str, str]:
    """Ours without what would lead back to the checkout."""
    own = ("COOPETIR_", "DJANGO_", "PYTHON")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | {"COOPETIR_HOME": str(home), "COOPETIR_LANGUAGE": "en"}


@pytest.fixture
def run(installed, tmp_path):
    """``run("coopetir", "--version")`` in an empty folder; ``run(…, home=…)`` names another installation."""

    def one(program: str, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(installed / "bin" / program), *arguments]
        surroundings = environment(home or tmp_path / "home")
        return subprocess.run(
            command, env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=300
        )

    return one


def owner(run, **options) -> None:
    """An installation with its first person."""
    fields = {"email": "a@demo.test", "name": "A", "entity": "C", "department": "76"}
    fields["password"] = "Una clave muy larga 7"
    made = run("coopetir-server", "create-owner", *(f"--{k}={v}" for k, v in fields.items()), **options)
    assert made.returncode == 0, made.stderr


def test_everything_of_the_package_is_inside_and_nothing_else(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    source = wheel.parents[1] / "src" / "coopetir"
    there = {
        f"coopetir/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in inside if ".dist-info/" not in name} == there
    for name in ROOMS:
        assert any(one.startswith(f"coopetir/{name}") for one in inside), name


def test_licence_and_notice_travel_with_it(wheel):
    archive = zipfile.ZipFile(wheel)
    licences = {
        name.split("/licenses/")[1]: archive.read(name).decode()
        for name in archive.namelist()
        if "/licenses/" in name
    }
    assert "Apache License" in licences["LICENSE"]
    assert "DANE" in licences["src/coopetir/foundation/catalogues/NOTICE.md"]
    package = ROOT / "src" / "coopetir" / "foundation"
    others = [path for room in ("fonts", "static/vendor") for path in (package / room).rglob("*LICENSE*")]
    assert others
    assert {path.relative_to(ROOT).as_posix() for path in others} <= set(licences)
    metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    text = archive.read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Dist: polars" in text


def test_it_runs_from_its_own_files(installed, run):
    where = run("python", "-c", "import coopetir; print(coopetir.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    assert run("coopetir", "--version").stdout.strip() == f"coopetir, version {__version__}"
    assert run("coopetir-server", "--version").stdout.strip() == f"coopetir-server, version {__version__}"


def test_analyst_goes_from_nothing_to_a_report(run, tmp_path):
    size = ("--firms=400", "--country-firms=1200", "--years=2019-2023", "--seed=3")
    made = run("coopetir", "synthesize", *size, "--out=registro")
    assert made.returncode == 0, made.stderr
    files = [str(path) for path in sorted((tmp_path / "registro").glob("registro_*.txt"))]
    assert len(files) == 5
    assert "--registry" in run("coopetir", "screen", "--help").stdout
    options = ("--industries=registro/industries.csv", "--resamples=5", "--region=76", "--out=analisis")
    screened = run("coopetir", "screen", "--json", *options, "--registry", *files)
    assert screened.returncode == 0, screened.stderr
    assert json.loads(screened.stdout)["rows"] > 0
    assert "<svg" in (tmp_path / "analisis" / "report.html").read_text(encoding="utf-8")


def test_it_serves(installed, run, tmp_path):
    owner(run)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(installed / "bin" / "coopetir-server"), "serve", "--port", str(port), "--workers", "1"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment(tmp_path / "home"), cwd=tmp_path, stdout=log, stderr=log
        )
    try:
        assert answer(process, f"http://127.0.0.1:{port}/salud/", tmp_path / "log") == 200
        for path, word in (("", "Coopetir"), ("static/coopetir/theme.css", "--")):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as page:
                assert word in page.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        if process.poll() is None:
            process.kill()


def answer(process: subprocess.Popen[bytes], address: str, log: Path) -> int:
    """The status the address answers with, once it answers at all."""
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:  # noqa: S310  (our own address)
                return int(page.status)
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer: {log.read_text()[-2000:]}")


def test_it_is_saved_restored_and_examined(run, tmp_path):
    owner(run)
    saved = run("coopetir-server", "backup", "copia.tar.gz")
    assert saved.returncode == 0, saved.stderr
    other = tmp_path / "other"
    brought = run("coopetir-server", "restore", "copia.tar.gz", home=other)
    assert brought.returncode == 0, brought.stderr
    assert (other / "secret_key").read_bytes() == (tmp_path / "home" / "secret_key").read_bytes()
    examined = run("coopetir-server", "doctor", "--json", home=other)
    assert examined.returncode == 0, examined.stdout
    well = {finding["name"]: finding["well"] for finding in json.loads(examined.stdout)}
    assert well["owner"]
    assert well["migrations"]
