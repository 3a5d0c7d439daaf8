"""How long work tells how far it is, and how it is asked to stop.

A long function takes ``progress: Progress = silent`` and calls ``progress(done, total, stage)`` now and
then. ``stage`` is a short stable word ("read", "check", "resample" …), translated by whoever shows it.
The callback may raise :class:`~coopetir.foundation.core.errors.Cancelled`; the function then leaves
nothing half-written behind.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with steps done, steps in all, and the stage's word."""

    def __call__(self, done: int, total: int, stage: str) -> None: ...


def silent(done: int, total: int, stage: str) -> None:
    """Progress that nobody watches."""
