"""Run the command lines that a page shows, and compare (or renew) what the page says they print.

    python tools/console_examples.py README.md docs/tutorials/first-screening.md            # compare
    python tools/console_examples.py --renew README.md docs/tutorials/first-screening.md    # write what is printed

A block fenced as ``console`` holds commands after ``$ `` and under each what it prints. All blocks of one page run
in one empty folder, in their order, by the shell a reader has; ``src`` there leads to the checkout's.
A line ``…`` stands for any lines. Messages are in the language the page's blocks state, English if none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """(command, lines it is said to print) of one block; a trailing backslash continues a command."""
    found: list[tuple[str, list[str]]] = []
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            found.append((command, []))
        else:
            found[-1][1].append(line)
    return found


def printed(command: str, folder: Path) -> list[str]:
    """What the command prints there, standard output then standard error; a refusal's exit code is part of it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COOPETIR_")}
    search = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    surroundings = kept | {"PATH": search, "COOPETIR_LANGUAGE": "en", "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
    done = subprocess.run(  # noqa: S602  (the commands of our own pages)
        command,
        shell=True,
        executable="/bin/bash",
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]


def agrees(said: list[str], real: list[str]) -> bool:
    """Whether the page says what was printed; ``…`` alone on a line stands for any lines."""
    pattern = "\n".join(r"(?s:.*)" if line.strip() == "…" else re.escape(line.rstrip()) for line in said)
    return re.fullmatch(pattern, "\n".join(real)) is not None


def examine(page: Path, *, renew: bool = False) -> list[str]:
    """Run every command of a page. Returns the differences; with ``renew`` the page is rewritten instead."""
    text = page.read_text(encoding="utf-8")
    differences: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "src").symlink_to(ROOT / "src")

        def run(match: re.Match[str]) -> str:
            lines: list[str] = []
            for command, said in commands(match[1]):
                real = printed(command, folder)
                same = agrees(said, real)
                if not same:
                    differences.append(f"{page.name}: $ {command}\n" + "\n".join(real))
                lines += [f"$ {command}", *(said if same else real)]
            return "```console\n" + "\n".join(lines) + "\n```"

        renewed = BLOCK.sub(run, text)
    if renew and renewed != text:
        page.write_text(renewed, encoding="utf-8")
    return [] if renew else differences


def main(arguments: list[str]) -> int:
    renew = "--renew" in arguments
    pages = [Path(item) for item in arguments if not item.startswith("--")]
    differences = [line for page in pages for line in examine(page, renew=renew)]
    print("\n\n".join(differences) if differences else "ok")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
