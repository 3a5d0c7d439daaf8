"""The documentation says what the code does: generated pages are fresh, shown commands print what is shown."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from coopetir.cli.main import coopetir
from coopetir.config.server import server
from coopetir.foundation.core.extracts.profile import parse_profile
from coopetir.identify.core.method import parse_method

ROOT = Path(__file__).resolve().parents[1]
OPEN_PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
WITH_COMMANDS = ("README.md", "docs/tutorials/first-screening.md")
PAGES = sorted(
    [ROOT / name for name in OPEN_PAGES]
    + [path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=540, check=False
    )


@pytest.mark.slow
def test_generated_reference_pages_are_fresh():
    """Slow: the data dictionary reads its types from tables that the command line really writes."""
    checked = python("tools/reference_pages.py", "--check")
    assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}\nto renew: make reference"


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_shown_commands_print_what_the_page_says(page):
    """Slow: every command of the page is run, in order, in an empty folder."""
    ran = python("tools/console_examples.py", page)
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}\nto renew: make reference"


def test_a_page_that_says_otherwise_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one; echo two\none\n…\n$ echo three\nfour\n```\n")
    assert "three" in python("tools/console_examples.py", str(page)).stdout
    python("tools/console_examples.py", "--renew", str(page))
    assert page.read_text() == "```console\n$ echo one; echo two\none\n…\n$ echo three\nthree\n```\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    targets = LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    lost = [target for target in targets if not (page.parent / target).exists()]
    assert not lost


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_named_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
    assert named <= targets


def test_every_setting_is_listed_and_every_listed_one_exists():
    source = (ROOT / "src/coopetir/config/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"_(?:env|flag)\(\"([A-Z_]+)\"", source))
    everywhere = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/coopetir").rglob("*.py"))
    read |= set(re.findall(r"COOPETIR_([A-Z][A-Z_]*[A-Z])\b", everywhere))
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `COOPETIR_([A-Z_]+)`", page, re.MULTILINE))
    assert listed == read


def test_screenshot_of_the_readme_is_light():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown
    assert all((ROOT / path).stat().st_size < 300_000 for path in shown)


def test_decisions_have_numbers_of_their_own_and_are_in_the_index():
    folder = ROOT / "docs/explanation/decisions"
    names = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert len({name[:4] for name in names}) == len(names)
    index = (folder / "index.md").read_text(encoding="utf-8")
    assert [name for name in names if name.removesuffix(".md") not in index] == []


def test_figures_of_the_readme_are_those_measured():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    evidence = (ROOT / "docs/explanation/methods/qualification-evidence.md").read_text(encoding="utf-8")
    worlds, decoys = re.search(r"Decoys let through: (\d+) in (\d+) seeds", evidence).groups()[::-1]
    score = re.search(r"^\| f1 \| (0\.\d+) \|", evidence, re.MULTILINE)[1]
    held = float(re.search(r"«qualifies» called firm, (0\.\d+) hold", evidence)[1])
    assert decoys == "1", "the README says one"
    assert f"On {worlds} invented worlds" in readme
    assert f"mean F1 {score}" in readme
    assert f"{100 * held:.0f} % of the *qualifies* called firm" in readme
    benchmarks = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    ours, theirs = (
        re.search(rf"^\| 3000x1000 \| {who} \| [\d.]+ \| ([\d.]+) \| (\d+) \|", benchmarks, re.MULTILINE)
        for who in ("coopetir", "py-ecomplexity")
    )
    assert f"{float(theirs[1]):.0f} times less processor time" in readme
    assert 0.25 < int(ours[2]) / int(theirs[2]) < 0.4, "the README says a third"


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_verbs_and_options_in_commands_exist(page):
    for line in "\n".join(blocks(page, "sh") + blocks(page, "console")).splitlines():
        called = re.search(r"(?<![/\w-])(coopetir|coopetir-server) ([a-z][a-z-]*)(.*)", line.split("#")[0])
        if called is None or called[2] == "run":
            continue
        group = coopetir if called[1] == "coopetir" else server
        command = group.get_command(click.Context(group), called[2])
        assert command is not None, line
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        assert set(re.findall(r"(?<=\s)--[a-z][a-z-]*", called[3].split("&&")[0])) <= known | {"--help"}, line


def test_method_and_profile_shown_are_accepted():
    shown = blocks(ROOT / "docs/how-to/set-thresholds.md", "toml")
    assert [parse_method(text, source="page").name for text in shown] == ["camara-cali"]
    shown = blocks(ROOT / "docs/how-to/load-your-registry.md", "toml")
    assert [parse_profile(text, source="page").name for text in shown] == ["Mi cámara"]
