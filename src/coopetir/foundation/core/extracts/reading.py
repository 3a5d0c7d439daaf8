"""How does a registry extract become one canonical table, with nothing silently changed?

:func:`read_extract` reads files of any known shape in batches, cleans them, masks natural persons before anything
touches the disk, keeps one row per firm and year, and writes a folder that appears whole or not at all:
``firms.parquet`` (canonical columns), ``issues.parquet``, ``issues.csv``, ``redacted/*.parquet`` (the copy that may
be kept), ``profile.toml`` and ``reading.json`` (hashes of what was sent, quality, what the data can answer).
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet

from coopetir.foundation.core.catalogues import Revision
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.clean import canonical_rows
from coopetir.foundation.core.extracts.detect import Mapping, propose_mapping, require_fields
from coopetir.foundation.core.extracts.issues import IssueLog, escape_formulas
from coopetir.foundation.core.extracts.output import OUTPUTS, ParquetAppender, losers_of
from coopetir.foundation.core.extracts.plan import Plan
from coopetir.foundation.core.extracts.profile import Profile, read_profile, write_profile
from coopetir.foundation.core.extracts.quality import Quality, Tally
from coopetir.foundation.core.extracts.redact import redacted
from coopetir.foundation.core.extracts.registry import CANONICAL, DATES, NUMBERS
from coopetir.foundation.core.extracts.result import ExtractReading, SourceRead
from coopetir.foundation.core.extracts.rows import RawBatch, sheet_batches, text_batches
from coopetir.foundation.core.extracts.sniffing import Sniff, sniff
from coopetir.foundation.core.extracts.source import Part, parts_of, sha256_of
from coopetir.foundation.core.extracts.values import date_order_of, decimal_mark_of
from coopetir.foundation.core.folders import replacing_folder
from coopetir.foundation.core.industries import RevisionGuess, RevisionUnclear, guess_revision, mixes_vintages
from coopetir.foundation.core.progress import Progress, silent


class YearUnknown(CoopetirError):
    code = "extract.year_unknown"
    es = "No se sabe de qué año es el corte de «{file}» (quizá {suggestion}). Indique el año, o póngalo en el nombre del archivo (registro_2024.txt)."
    en = "The cut year of “{file}” is not known (perhaps {suggestion}). State the year, or put it in the file name (registro_2024.txt)."


class AnswersNeeded(CoopetirError):
    code = "extract.answers_needed"
    es = "«{file}» deja preguntas que solo usted puede responder: {es}"
    en = "“{file}” leaves questions only you can answer: {en}"


class RevisionsMixed(CoopetirError):
    code = "extract.revisions_mixed"
    es = "Los archivos mezclan CIIU Rev. 3 y Rev. 4 ({files}). Léalos por separado: no se comparan clase a clase."
    en = (
        "The files mix CIIU Rev. 3 and Rev. 4 ({files}). Read them apart: they do not compare class by class."
    )


class RowsRagged(CoopetirError):
    code = "extract.rows_ragged"
    es = "En «{file}», {share} de las filas no tiene tantas celdas como el encabezado (filas {rows}). Revise el separador o exporte con comillas."
    en = "In “{file}”, {share} of the rows do not have as many cells as the header (rows {rows}). Check the separator or export with quotes."


class EstablishmentsOnly(CoopetirError):
    code = "extract.establishments_only"
    es = "«{file}» lista establecimientos, no empresas: cada fila es una sede. Envíe el archivo de matrículas de personas y sociedades."
    en = "“{file}” lists establishments, not firms: each row is a branch. Send the file of registrations of persons and companies."


class NothingKept(CoopetirError):
    code = "extract.nothing_kept"
    es = "Ninguna fila de {files} es una empresa con matrícula o NIT ({read} filas leídas). Revise las columnas."
    en = (
        "No row of {files} is a firm with a registration or tax number ({read} rows read). Check the columns."
    )


def read_extract(
    paths: Path | str | Sequence[Path | str],
    profile: Profile | Path | str | None = None,
    *,
    out: Path | str,
    year: int | dict[str, int] | None = None,
    progress: Progress = silent,
) -> ExtractReading:
    """Read one or more extracts into the folder ``out``.

    :param profile: a :class:`Profile`, its TOML, or None to find everything out from the files.
    :param year: the cut year of files without a year column, or one per file name; else the profile's, else the one
        in the file name.
    :param progress: called with bytes done, bytes in all, and "read", "join" or "write".
    :raises AnswersNeeded: a column can be read in two ways and the profile does not say which.
    :raises YearUnknown: :raises NotARegistry: :raises RevisionsMixed: :raises RevisionUnclear: :raises RowsRagged:
    :raises NothingKept: and the refusals of :mod:`~coopetir.foundation.core.extracts.source`.
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    settled = (
        profile if isinstance(profile, Profile) else Profile() if profile is None else read_profile(profile)
    )
    parts = [part for path in files for part in parts_of(path)]
    target = Path(out)
    with replacing_folder(target, OUTPUTS) as folder:
        reading = _Reading(folder, settled, year, progress, sum(path.stat().st_size for path in files)).run(
            parts
        )
    return replace(reading, folder=target)


def years_in_name(name: str) -> set[int]:
    """Cut years a file's name may tell: four digits from 2000 to 2049 that are not part of a longer number."""
    return {int(found) for found in re.findall(r"(?<!\d)(20[0-4]\d)(?!\d{1,3}(?!\d))", name)}


class _Reading:
    """The steps of one reading, over a temporary folder."""

    def __init__(
        self, folder: Path, profile: Profile, year: int | dict[str, int] | None, progress: Progress, size: int
    ) -> None:
        self.folder, self.profile, self.year = folder, profile, year
        self.progress, self.size = progress, max(size, 1)
        self.log = IssueLog()
        self.sources: list[SourceRead] = []
        self.columns: dict[str, dict[str, str]] = {}
        self.personal: list[str] = []
        self.unrecognised: list[str] = []
        self.revisions: dict[str, Revision] = {}
        self.codes: set[str] = set()
        self.branches = 0
        self.learned_marks: dict[str, Any] = {}
        # Holders are compared through a keyed hash; the key is thrown away, and no result depends on it.
        self.seed = secrets.randbits(63)

    def run(self, parts: list[Part]) -> ExtractReading:
        rows = self.folder / "rows.parquet"
        with ParquetAppender(rows) as writer:
            before = 0
            for index, part in enumerate(parts):
                self._read_part(index, part, writer, before)
                if index + 1 == len(parts) or parts[index + 1].path != part.path:
                    before += part.path.stat().st_size
        self._one_revision()
        tally = self._keep_one(rows, [part.name for part in parts])
        rows.unlink()
        return self._finish(tally)

    def _read_part(self, index: int, part: Part, writer: ParquetAppender, before: int) -> None:
        seen = sniff(part, self.profile)
        if seen.shape == "establishments":
            raise EstablishmentsOnly(file=seen.file)
        mapping = propose_mapping(seen, self.profile)
        require_fields(seen, mapping, self.profile)
        plan = self._plan(seen, mapping)
        self._note_columns(mapping)
        counts: Counter[str] = Counter()
        count, ragged = 0, []
        name = f"redacted/{index:02d}-{re.sub(r'[^A-Za-z0-9._-]+', '_', part.name)}.parquet"
        (self.folder / "redacted").mkdir(exist_ok=True)
        with ParquetAppender(self.folder / name) as copy:
            for batch in batches_of(seen):
                count += len(batch.frame) + len(batch.ragged)
                ragged += batch.ragged
                self.log.tally("", "text.other_encoding", batch.other_encoding)
                self._write_batch(index, seen, mapping, plan, batch, writer, copy, counts)
                self.progress(min(before + batch.bytes_read, self.size - 1), self.size, "read")
        self._check_part(seen, plan, counts, ragged, count)
        self.sources.append(
            SourceRead(
                part.name, sha256_of(part.path), part.path.stat().st_size, seen.encoding, seen.separator,
                seen.shape, plan.year, count, name,
            )
        )  # fmt: skip

    def _write_batch(
        self, index: int, seen: Sniff, mapping: Mapping, plan: Plan, batch: RawBatch, writer: ParquetAppender, copy: ParquetAppender,
        counts: Counter[str],
    ) -> None:  # fmt: skip
        if batch.frame.is_empty():
            return
        counts.update(
            activity_counts(batch.frame[plan.columns["activity_1"]]) if "activity_1" in plan.columns else {}
        )
        rows = canonical_rows(batch.frame, batch.numbers, plan, self.log, seen.file)
        copy.write(redacted(batch.frame, batch.numbers, rows, plan.columns, mapping.harmless, plan.keep))
        branch = rows["_branch"]
        self.log.add(seen.file, "category", "row.branch", rows["_row"].filter(branch))
        self.branches += int(branch.sum())
        writer.write(
            rows.filter(~branch).drop("_branch").with_columns(pl.lit(index, pl.Int32).alias("_file"))
        )

    def _plan(self, seen: Sniff, mapping: Mapping) -> Plan:
        blocking = [question for question in mapping.questions if question.blocking]
        if blocking:
            raise AnswersNeeded(
                file=seen.file,
                es=" · ".join(question.es for question in blocking),
                en=" · ".join(question.en for question in blocking),
                about=[question.about for question in blocking],
            )
        columns = {name: proposal.header for name, proposal in mapping.columns.items()}
        guess = (
            guess_revision(activity_counts(seen.sample[columns["activity_1"]]))
            if "activity_1" in columns
            else None
        )
        if guess is not None and guess.revision is None:
            raise _unclear(guess, seen.sample[columns["activity_1"]])
        marks = {
            name: _mark(self.profile, seen.sample[columns[name]], name) for name in NUMBERS if name in columns
        }
        self.learned_marks |= {name: mark for name, mark in marks.items() if mark != "none"}
        return Plan(
            columns=columns,
            constants=self.profile.constants,
            year=None if "year" in columns else self._cut_year(seen, columns),
            decimal=marks,
            date_orders={
                name: _order(self.profile, seen.sample[columns[name]]) for name in DATES if name in columns
            },
            fillers=self.profile.fillers,
            scale=self.profile.scale,
            revision=guess.revision or "4" if guess else "4",
            keep=self.profile.keep if self.profile.purpose else (),
            hash_seed=self.seed,
        )

    def _cut_year(self, seen: Sniff, columns: dict[str, str]) -> int:
        given = self.year.get(seen.part.path.name) if isinstance(self.year, dict) else self.year
        named = years_in_name(seen.file)
        year = given or self.profile.year or (named.pop() if len(named) == 1 else None)
        if year is None:
            latest = None
            if "last_renewed_year" in columns:
                latest = seen.sample[columns["last_renewed_year"]].str.extract(r"(20\d\d)").max()
            raise YearUnknown(file=seen.file, suggestion=latest or "?")
        return year

    def _note_columns(self, mapping: Mapping) -> None:
        self.personal += [header for header in mapping.personal if header not in self.personal]
        self.unrecognised += [header for header in mapping.unrecognised if header not in self.unrecognised]
        for name, proposal in mapping.columns.items():
            self.columns[name] = {
                "header": proposal.header,
                "by": proposal.by,
                "es": proposal.es,
                "en": proposal.en,
            }

    def _check_part(
        self, seen: Sniff, plan: Plan, counts: Counter[str], ragged: list[tuple[int, str]], rows: int
    ) -> None:
        if ragged:
            numbers, widths = zip(*ragged, strict=True)
            self.log.add(seen.file, "", "row.ragged", pl.Series(numbers, dtype=pl.Int64), pl.Series(widths))
            if len(ragged) > 0.2 * rows:
                raise RowsRagged(file=seen.file, share=f"{len(ragged) / rows:.0%}", rows=list(numbers[:20]))
        if counts:
            guess = guess_revision(counts)
            if guess.revision != plan.revision:
                raise _unclear(guess, pl.Series(list(counts)))
            self.revisions[seen.file] = plan.revision
            self.codes |= set(counts)

    def _one_revision(self) -> None:
        if len(set(self.revisions.values())) > 1:
            raise RevisionsMixed(
                files=[f"{file}: Rev. {revision}" for file, revision in self.revisions.items()]
            )

    def _keep_one(self, rows: Path, names: list[str]) -> Tally:
        """One row per key and year, and per holder and year; losers are logged, order is kept."""
        self.progress(self.size - 1, self.size, "join")
        read = sum(item.rows for item in self.sources)
        if parquet.ParquetFile(rows).metadata.num_rows == 0:
            raise NothingKept(files=names, read=read)
        found = losers_of(rows, self.folder)
        for (index, code), rows_of in found.group_by(["_file", "code"]):
            column = "registration" if code == "key.duplicated" else "nit"
            self.log.add(names[int(index)], column, str(code), rows_of["_row"].sort())
        losers = found.filter(pl.col("code") != "holder.many")
        self.progress(self.size - 1, self.size, "write")
        tally = Tally()
        with parquet.ParquetFile(rows) as file, ParquetAppender(self.folder / "firms.parquet") as writer:
            for batch in file.iter_batches(batch_size=100_000):
                frame = pl.DataFrame(pl.from_arrow(batch))
                kept = frame.join(losers, on=["_file", "_row"], how="anti", maintain_order="left")
                tally.add(kept)
                writer.write(kept.select(*CANONICAL))
        return tally

    def _finish(self, tally: Tally) -> ExtractReading:
        read = sum(item.rows for item in self.sources)
        years = sorted(year for year in tally.by_year if year is not None)
        quality = Quality(
            rows_read=read,
            firms=tally.firms,
            branches=self.branches,
            rows_dropped=read - tally.firms - self.branches,
            natural_persons=tally.natural,
            years=years,
            firms_by_year={year: tally.by_year[year] for year in years},
            active_by_year={year: tally.active[year] for year in years},
            chambers=sorted(tally.chambers),
            departments=sorted(tally.departments),
            missing=tally.missing(),
            issues=self.log.summary(),
            personal_columns=self.personal,
            unrecognised_columns=self.unrecognised,
            mixed_vintages=mixes_vintages(self.codes),
        )
        revision: Revision = next(iter(self.revisions.values()), "4")
        learned = self._learned()
        issues = self.log.frame()
        issues.write_parquet(self.folder / "issues.parquet")
        escape_formulas(issues).write_csv(self.folder / "issues.csv")
        write_profile(learned, self.folder / "profile.toml")
        reading = ExtractReading(self.folder, self.sources, revision, quality, learned, self.columns)
        (self.folder / "reading.json").write_text(
            json.dumps(reading.to_dict(), ensure_ascii=False, indent=1), "utf-8"
        )
        self.progress(self.size, self.size, "write")
        return reading

    def _learned(self) -> Profile:
        """The profile to remember: what was given, completed with what the first file showed."""
        first = self.sources[0]
        columns = {name: column["header"] for name, column in self.columns.items()}
        return self.profile.changed(
            encoding=self.profile.encoding or first.encoding or None,
            separator=self.profile.separator or first.separator or None,
            columns=self.profile.columns or columns,
            decimal={**self.learned_marks, **self.profile.decimal},
        )


def batches_of(seen: Sniff) -> Iterator[RawBatch]:
    """All rows of a sniffed file as text, in batches under the tidy headers."""
    if seen.separator:
        return text_batches(
            seen.part,
            encoding=seen.encoding,
            separator=seen.separator,
            quoted=seen.quoted,
            headers=seen.headers,
        )
    return sheet_batches(seen.part, seen.headers)


def activity_counts(texts: pl.Series) -> dict[str, int]:
    """Four-digit code → rows, whatever the revision; blanks and other forms are left out."""
    digits = texts.str.extract(r"^\s*[A-Ua-u]?[\s.-]*(\d{3,4})(?:\D|$)", 1).drop_nulls().str.pad_start(4, "0")
    return {str(code): int(count) for code, count in digits.value_counts().iter_rows()}


def _mark(profile: Profile, values: pl.Series, name: str) -> Any:
    return profile.decimal.get(name) or decimal_mark_of(values)


def _order(profile: Profile, values: pl.Series) -> Any:
    found = date_order_of(values.drop_nulls())
    return profile.date_order or ("mdy" if found == "mdy" else "dmy")


def _unclear(guess: RevisionGuess, codes: pl.Series) -> RevisionUnclear:
    examples = [str(code) for code in codes.drop_nulls().unique(maintain_order=True).head(5)]
    return RevisionUnclear(rev4=f"{guess.valid_rev4:.0%}", rev3=f"{guess.valid_rev3:.0%}", examples=examples)
