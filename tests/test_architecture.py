"""Rules of the house no import linter can see."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "coopetir"
WRITES = {"save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "delete"}
CLOCKS = {
    ("timezone", "now"),
    ("datetime", "now"),
    ("date", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
}
READERS = ("views", "forms", "templatetags", "queries", "context_processors", "documents")
TIMELESS = ("core", "operations")
BANNED = {"utils", "helpers", "common", "misc", "lib", "base"}


def modules(*rooms: str) -> list[Path]:
    """Modules that are, or lie in, a room of that name in some capability."""
    return sorted(
        path
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and ({*path.relative_to(SOURCE).parts} | {path.stem}) & set(rooms)
    )


def calls(path: Path) -> list[tuple[str, str, int]]:
    """(object name, attribute, line) of each method call written as ``name.attribute()``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            found.append((name, node.func.attr, node.lineno))
    return found


@pytest.mark.parametrize("path", modules(*READERS), ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_reads_does_not_write(path):
    wrong = [
        f"line {line}: {name}.{call}()"
        for name, call, line in calls(path)
        if call in WRITES and name != "form"
    ]
    assert not wrong, f"{path.name} writes; move it to operations: {wrong}"


@pytest.mark.parametrize("path", modules(*TIMELESS), ids=lambda path: str(path.relative_to(SOURCE)))
def test_clock_comes_from_outside(path):
    wrong = [f"line {line}: {name}.{call}()" for name, call, line in calls(path) if (name, call) in CLOCKS]
    assert not wrong, f"{path.name} reads the clock; pass `now` in: {wrong}"


def test_no_junk_drawers():
    names = {path.stem for path in SOURCE.rglob("*.py")} | {
        path.name for path in SOURCE.rglob("*") if path.is_dir()
    }
    assert not names & BANNED


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_translated_sentences_are_whole(path):
    """No f-string or .format inside a translation call: the translator must see the sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"_", "gettext"}
        ):
            assert not any(isinstance(argument, ast.JoinedStr) for argument in node.args), (
                f"line {node.lineno}"
            )


def test_templates_hold_no_script_or_style():
    """The content security policy forbids both; found here earlier than in a browser."""
    for path in SOURCE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*application/json)|\son[a-z]+=", text
        ), path
