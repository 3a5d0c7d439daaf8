"""How do the processes of one server stay up: the web and the worker, and what if one of them dies?"""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click

MOST_RESTARTS = 5
WITHIN_SECONDS = 60.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
STOP_SECONDS = 20


@dataclass(slots=True)
class Kept:
    """One command that is to stay running, and when it had to be started again lately."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    restarts: deque[float] = field(default_factory=deque)
    due: float | None = None


def start_all(commands: Sequence[Sequence[str]]) -> list[Kept]:
    """Start every command."""
    return [Kept(command, subprocess.Popen(command)) for command in commands]  # noqa: S603  (our own interpreter)


def keep_running(kept: Sequence[Kept], *, look_every: float = 0.5) -> None:
    """Start again whatever ends, after a pause that doubles; comes back only when one ends too often.

    A process may be started again ``MOST_RESTARTS`` times within ``WITHIN_SECONDS``; the others go on meanwhile.
    """
    while all(_look_at(one, time.monotonic) for one in kept):
        time.sleep(look_every)


def _look_at(one: Kept, clock: Callable[[], float]) -> bool:
    """Whether this process runs or will run again; False when it ended once too often."""
    if one.process.poll() is None:
        return True
    now = clock()
    if one.due is None:
        while one.restarts and now - one.restarts[0] > WITHIN_SECONDS:
            one.restarts.popleft()
        if len(one.restarts) >= MOST_RESTARTS:
            return False
        one.due = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** len(one.restarts))
        _say_restart(one)
    if now >= one.due:
        one.process = subprocess.Popen(one.command)  # noqa: S603  (our own interpreter)
        one.restarts.append(now)
        one.due = None
    return True


def _say_restart(one: Kept) -> None:
    code, times = one.process.returncode, len(one.restarts) + 1
    click.echo(
        f"Un proceso terminó (código {code}); se inicia otra vez ({times}/{MOST_RESTARTS}). "
        f"/ A process ended (code {code}); starting it again ({times}/{MOST_RESTARTS}).",
        err=True,
    )


def stop_all(kept: Sequence[Kept]) -> None:
    """Ask every process to end, and end whoever does not listen."""
    for one in kept:
        one.process.terminate()
    for one in kept:
        try:
            one.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
