"""Copies of other people's files are the ones the manifest names, and come with their licence."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = [
    ROOT / "src/coopetir/foundation/static/vendor/MANIFEST.json",
    ROOT / "tests/journeys/vendor/MANIFEST.json",
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=["pages", "journeys"])
def test_every_copy_is_listed_and_unchanged(manifest):
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    for name, entry in listed.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == entry["sha256"], name
    there = {path for path in manifest.parent.rglob("*") if path.is_file()} - {manifest}
    assert {str(path.relative_to(ROOT)) for path in there} <= set(listed)
    packages = {entry["package"] for entry in listed.values() if not entry["package"].startswith("htmx")}
    with_licence = {entry["package"] for name, entry in listed.items() if "LICENSE" in name}
    assert packages == with_licence


def test_the_lock_file_names_no_registry():
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    for word in ("resolved", "registry", ".tgz"):
        assert word not in text
