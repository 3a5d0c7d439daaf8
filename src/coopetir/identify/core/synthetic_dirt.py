"""What does a real registry do to its data before an analyst gets them?

Takes clean text rows and spoils a small, counted share of cells in the ways seen in real extracts: lost leading
zeros, malformed dates, fillers for money, codes with titles, NIT with dots and check digit, legal suffixes written
five ways, broken encodings, the same company registered in two chambers. Every act is tallied, so that an import
can be checked against what was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from coopetir.foundation.core import catalogues, industries

RATES = {
    "date.malformed": 0.005,
    "date.iso": 0.02,
    "money.filler": 0.015,
    "money.negative": 0.003,
    "jobs.filler": 0.002,
    "municipality.zero_lost": 0.5,
    "municipality.name": 0.01,
    "activity.zero_lost": 0.3,
    "activity.titled": 0.02,
    "activity.decimal": 0.01,
    "activity.none": 0.004,
    "nit.formatted": 0.02,
    "nit.placeholder": 0.01,
    "name.suffix": 0.25,
    "name.liquidation": 0.01,
    "name.double_encoded": 0.05,
    "name.without_tilde": 0.20,
    "row.two_chambers": 0.003,
}
"""Share of the cells that can carry the fault (e.g. ``zero_lost``: of codes that begin with a zero)."""

MALFORMED = ("00000000", "20231345", "2019023", "31/02/2019", "SIN DATO", "")
FILLERS = ("0", "1", "999999999")
PLACEHOLDERS = ("SIN DATO", "NO APLICA", "NO PROVISTO", "0", "999999999", "")
SUFFIXES = {
    " SAS": (" S.A.S.", " S A S", " S.A.S", " SOCIEDAD POR ACCIONES SIMPLIFICADA"),
    " LTDA": (" LTDA.", " LIMITADA", " Y CIA LTDA"),
    " SA": (" S.A.", " S A", " SOCIEDAD ANONIMA"),
}
TRANSFERRED = "09"


class Dirt:
    """Spoils chunks of one registry and counts what it did in :attr:`tally`."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.tally: Counter[str] = Counter(dict.fromkeys(RATES, 0))
        titles = industries.titles("4")
        sections = industries.sections("4")
        self._titled = {
            code: f"{sections[code[:2]]}{code} - {titles[code]}" for code in industries.classes("4")
        }
        towns = catalogues.municipalities().select("municipality", "name", "department_name")
        self._towns = {code: f"{town}-{department}".upper() for code, town, department in towns.iter_rows()}

    def rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Canonical rows, with some companies registered a second time in another chamber (moved away)."""
        company = frame["category"] == "01"
        chosen = self._drawn(frame.height, "row.two_chambers") & company.to_numpy()
        self.tally["row.two_chambers"] += int(chosen.sum())
        again = frame.filter(pl.Series(chosen)).with_columns(
            chamber=pl.when(pl.col("chamber") == "04").then(pl.lit("08")).otherwise(pl.lit("04")),
            registration=pl.lit("9") + pl.col("registration").str.slice(1),
            status=pl.lit(TRANSFERRED),
            last_renewed_year=pl.col("last_renewed_year") - 1,
            jobs=pl.lit(None, pl.Float64),
            income_cop=pl.lit(None, pl.Float64),
            assets_cop=pl.lit(None, pl.Float64),
        )
        return pl.concat([frame, again])

    def texts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The text rows with spoiled cells. Columns as :func:`.synthetic_files.as_text` makes them."""
        frame = self._dates(frame)
        frame = self._money(frame)
        frame = self._places(frame)
        frame = self._activities(frame)
        frame = self._numbers(frame)
        return self._names(frame)

    def _drawn(self, count: int, fault: str) -> np.ndarray:
        return np.asarray(self._rng.random(count) < RATES[fault])

    def _spoil(
        self, frame: pl.DataFrame, column: str, fault: str, value: pl.Expr, where: pl.Expr | None = None
    ) -> pl.DataFrame:
        """Replace a drawn share of the filled cells (``where`` narrows them) by ``value``."""
        able = pl.col(column).is_not_null() if where is None else pl.col(column).is_not_null() & where
        frame = frame.with_columns(pl.Series("_hit", self._drawn(frame.height, fault)))
        frame = frame.with_columns(_hit=pl.col("_hit") & able.fill_null(value=False))
        self.tally[fault] += int(frame["_hit"].sum())
        spoiled = pl.when("_hit").then(value).otherwise(pl.col(column)).alias(column)
        return frame.with_columns(spoiled).drop("_hit")

    def _any(self, count: int, choices: Sequence[str]) -> pl.Expr:
        return pl.lit(
            pl.Series(np.array(choices, dtype=object)[self._rng.integers(0, len(choices), count)].tolist())
        )

    def _dates(self, frame: pl.DataFrame) -> pl.DataFrame:
        for column in ("registered_on", "renewed_on"):
            date = pl.col(column)
            iso = pl.concat_str(
                date.str.slice(0, 4), date.str.slice(4, 2), date.str.slice(6, 2), separator="-"
            )
            frame = self._spoil(frame, column, "date.iso", iso)
            frame = self._spoil(frame, column, "date.malformed", self._any(frame.height, MALFORMED))
        return frame

    def _money(self, frame: pl.DataFrame) -> pl.DataFrame:
        for column in ("income_cop", "assets_cop"):
            frame = self._spoil(frame, column, "money.filler", self._any(frame.height, FILLERS))
            frame = self._spoil(frame, column, "money.negative", pl.concat_str(pl.lit("-"), pl.col(column)))
        return self._spoil(frame, "jobs", "jobs.filler", pl.lit("999999999"))

    def _places(self, frame: pl.DataFrame) -> pl.DataFrame:
        code = pl.col("municipality")
        name = code.replace_strict(self._towns, default=None)
        frame = self._spoil(frame, "municipality", "municipality.name", name, name.is_not_null())
        zero = code.str.contains(r"^0\d{4}$")
        return self._spoil(frame, "municipality", "municipality.zero_lost", code.str.slice(1), zero)

    def _activities(self, frame: pl.DataFrame) -> pl.DataFrame:
        code = pl.col("activity_1")
        plain = code.str.contains(r"^\d{4}$")
        titled = code.replace_strict(self._titled, default=None)
        frame = self._spoil(frame, "activity_1", "activity.none", pl.lit("0000"), plain)
        frame = self._spoil(frame, "activity_1", "activity.titled", titled, titled.is_not_null())
        frame = self._spoil(frame, "activity_1", "activity.decimal", code + pl.lit(".0"), plain)
        zero = code.str.contains(r"^0[1-9]\d{2}$")
        return self._spoil(frame, "activity_1", "activity.zero_lost", code.str.slice(1), zero)

    def _numbers(self, frame: pl.DataFrame) -> pl.DataFrame:
        nit = pl.col("nit")
        dotted = pl.concat_str(nit.str.slice(0, 3), nit.str.slice(3, 3), nit.str.slice(6, 3), separator=".")
        company = pl.col("nit_dv").is_not_null()
        full = pl.concat_str(dotted, pl.col("nit_dv"), separator="-")
        frame = self._spoil(frame, "nit", "nit.formatted", full, company)
        return self._spoil(frame, "nit", "nit.placeholder", self._any(frame.height, PLACEHOLDERS))

    def _names(self, frame: pl.DataFrame) -> pl.DataFrame:
        name = pl.col("name")
        for suffix, variants in SUFFIXES.items():
            stem = name.str.strip_suffix(suffix)
            variant = pl.concat_str(stem, self._any(frame.height, variants))
            frame = self._spoil(frame, "name", "name.suffix", variant, name.str.ends_with(suffix))
        company = pl.col("nit_dv").is_not_null()
        frame = self._spoil(frame, "name", "name.liquidation", name + pl.lit(" EN LIQUIDACION"), company)
        tilde = name.str.contains("Ñ", literal=True)
        broken = name.str.replace_all("Ñ", "Ñ".encode().decode("cp1252"), literal=True)
        frame = self._spoil(frame, "name", "name.double_encoded", broken, tilde)
        bare = name.str.replace_all("Ñ", "N", literal=True)
        return self._spoil(frame, "name", "name.without_tilde", bare, tilde)
