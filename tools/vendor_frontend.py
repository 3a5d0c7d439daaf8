"""Copy the front-end files of others into the package, or check that nobody touched the copies.

    npm ci && python tools/vendor_frontend.py     copy, and write MANIFEST.json with versions and hashes
    python tools/vendor_frontend.py --check       every copy still has the hash of the manifest (needs no Node)

The copies are committed, so neither a user nor a server ever needs Node or a CDN.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOUNDATION = Path("src/coopetir/foundation")
PAGES = FOUNDATION / "static/vendor"
PAPER = FOUNDATION / "fonts"
JOURNEYS = Path("tests/journeys/vendor")


@dataclass(frozen=True)
class Source:
    """One package of others: its licence, and which of its files go where (``{from: to}``)."""

    package: str
    licence: str
    files: dict[str, Path]


def _fontsource(family: str) -> dict[str, Path]:
    # Latin covers Spanish and English; Latin-ext the names of foreign partners. Browsers fetch by range.
    cuts = [f"{family}-{subset}-wght-normal.woff2" for subset in ("latin", "latin-ext")]
    if family == "source-sans-3":
        cuts += [f"{family}-{subset}-wght-italic.woff2" for subset in ("latin", "latin-ext")]
    return {f"files/{name}": PAGES / "fonts" / name for name in cuts} | {
        "LICENSE": PAGES / "fonts" / f"LICENSE-{family}.txt"
    }


SOURCES = (
    # The ground and the utilities only: the parts have a face of their own, and a first page stays light.
    Source(
        "bootstrap",
        "MIT",
        {
            "dist/css/bootstrap-reboot.min.css": PAGES / "bootstrap/bootstrap-reboot.min.css",
            "dist/css/bootstrap-utilities.min.css": PAGES / "bootstrap/bootstrap-utilities.min.css",
            "LICENSE": PAGES / "bootstrap/LICENSE",
        },
    ),
    # The "common" build: line, bar, scatter; SVG renderer included. Maps are drawn by the server.
    Source(
        "echarts",
        "Apache-2.0",
        {
            "dist/echarts.common.min.js": PAGES / "echarts/echarts.common.min.js",
            "LICENSE": PAGES / "echarts/LICENSE",
            "NOTICE": PAGES / "echarts/NOTICE",
        },
    ),
    Source("@fontsource-variable/source-sans-3", "OFL-1.1", _fontsource("source-sans-3")),
    Source("@fontsource-variable/source-serif-4", "OFL-1.1", _fontsource("source-serif-4")),
    # Static cuts for what is drawn on the server: PDF by typst, text measured by vl-convert.
    Source(
        "source-sans",
        "OFL-1.1",
        {
            f"TTF/SourceSans3-{cut}.ttf": PAPER / f"SourceSans3-{cut}.ttf"
            for cut in ("Regular", "It", "Semibold")
        }
        | {"LICENSE.md": PAPER / "LICENSE-source-sans.md"},
    ),
    Source(
        "source-serif",
        "OFL-1.1",
        {
            "TTF/SourceSerif4-Semibold.ttf": PAPER / "SourceSerif4-Semibold.ttf",
            "LICENSE.md": PAPER / "LICENSE-source-serif.md",
        },
    ),
    Source(
        "axe-core",
        "MPL-2.0",
        {"axe.min.js": JOURNEYS / "axe.min.js", "LICENSE": JOURNEYS / "LICENSE-axe-core.txt"},
    ),
)
HTMX = PAGES / "htmx/htmx.min.js"
MANIFESTS = {FOUNDATION: FOUNDATION / "static/vendor/MANIFEST.json", JOURNEYS: JOURNEYS / "MANIFEST.json"}


def vendor() -> None:
    """Copy every file and write the manifests."""
    entries: dict[Path, dict[str, str]] = {}
    for source in SOURCES:
        folder = ROOT / "node_modules" / source.package
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        for origin, target in source.files.items():
            _copy(folder / origin, target)
            entries[target] = {"package": source.package, "version": version, "licence": source.licence}
    entries[HTMX] = _htmx()
    for room, manifest in MANIFESTS.items():
        inside = {
            str(path): {**entry, "sha256": _sha256(path)}
            for path, entry in sorted(entries.items())
            if path.is_relative_to(room)
        }
        (ROOT / manifest).write_text(json.dumps(inside, indent=2) + "\n", encoding="utf-8")


def _htmx() -> dict[str, str]:
    import django_htmx

    folder = Path(django_htmx.__file__).parent / "static/django_htmx"
    origin = folder / "htmx-2.min.js"
    text = origin.read_text(encoding="utf-8")
    version = text.split('version:"', 1)[1].split('"', 1)[0]
    _copy(origin, HTMX)
    return {"package": "htmx (from django-htmx)", "version": version, "licence": "0BSD"}


def _copy(origin: Path, target: Path) -> None:
    (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".css" or target.suffix == ".js":
        # A source map is not shipped; without this line nobody asks the server for it.
        # Split at line feeds only: a string in the code may hold other separators.
        lines = origin.read_bytes().split(b"\n")
        (ROOT / target).write_bytes(b"\n".join(line for line in lines if b"sourceMappingURL=" not in line))
    else:
        shutil.copyfile(origin, ROOT / target)


def _sha256(path: Path) -> str:
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


def problems() -> list[str]:
    """Copies that are missing or differ from the manifest; empty when all is well."""
    found: list[str] = []
    for manifest in MANIFESTS.values():
        for name, entry in json.loads((ROOT / manifest).read_text(encoding="utf-8")).items():
            if not (ROOT / name).is_file():
                found.append(f"{name}: missing")
            elif _sha256(Path(name)) != entry["sha256"]:
                found.append(f"{name}: differs from {entry['package']} {entry['version']}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare the copies with the manifest")
    if not parser.parse_args().check:
        vendor()
    found = problems()
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
