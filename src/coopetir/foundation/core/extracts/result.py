"""What did a reading leave behind, and how is it opened again?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from coopetir.foundation.core.catalogues import Revision
from coopetir.foundation.core.extracts.profile import Profile, read_profile
from coopetir.foundation.core.extracts.quality import Answer, Quality, answers
from coopetir.foundation.core.extracts.registry import Shape


@dataclass(frozen=True, slots=True)
class SourceRead:
    """One table that was read: its name, hash of the file as sent, bytes, how it was written, and its rows."""

    file: str
    sha256: str
    size: int
    encoding: str
    separator: str
    shape: Shape
    year: int | None
    rows: int
    redacted: str


@dataclass(frozen=True, slots=True)
class ExtractReading:
    """What :func:`~coopetir.foundation.core.extracts.reading.read_extract` left in ``folder``; :func:`open_reading` finds it again."""

    folder: Path
    sources: list[SourceRead]
    revision: Revision
    quality: Quality
    profile: Profile
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def firms(self) -> Path:
        """Canonical rows: one per firm and cut year."""
        return self.folder / "firms.parquet"

    @property
    def issues(self) -> Path:
        """The findings kept: file, row, column, value, code, severity, es, en."""
        return self.folder / "issues.parquet"

    def to_dict(self) -> dict[str, Any]:
        """The reading for programs, without the folder."""
        return {
            "sources": [asdict(item) for item in self.sources],
            "revision": self.revision,
            "quality": asdict(self.quality),
            "columns": self.columns,
        }


def open_reading(folder: Path | str) -> ExtractReading:
    """A reading made earlier, from its folder."""
    folder = Path(folder)
    data = json.loads((folder / "reading.json").read_text("utf-8"))
    quality = data["quality"]
    for name in ("firms_by_year", "active_by_year"):
        quality[name] = {int(year): count for year, count in quality[name].items()}
    return ExtractReading(
        folder,
        [SourceRead(**item) for item in data["sources"]],
        data["revision"],
        Quality(**quality),
        read_profile(folder / "profile.toml"),
        data["columns"],
    )


def what_it_answers(reading: ExtractReading) -> list[Answer]:
    """Which of the four criteria can be graded with a reading, and where to get the rest."""
    return answers(reading.quality)
