"""Which column of a sent file is which, how sure is that, and what must a person decide?

First the header, by synonyms of real sources; then the content: a column whose values are at least 90 % valid
DIVIPOLA codes is the municipality, whatever it is called. A header that its content contradicts is not believed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts import source
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.core.extracts.redact import is_personal_header, looks_personal
from coopetir.foundation.core.extracts.registry import (
    ACTIVITIES,
    DATES,
    HARMLESS_KEYS,
    LABELS,
    NUMBERS,
    Shape,
    field_of_header,
    header_keys,
    shape_of,
)
from coopetir.foundation.core.extracts.source import Part, SourceEmpty, SourceUnreadable
from coopetir.foundation.core.extracts.values import as_number, date_order_of, decimal_mark_of, read_date
from coopetir.foundation.core.industries import find_activity
from coopetir.foundation.core.nit import check_digit
from coopetir.foundation.core.places import find_municipality

SAMPLE_ROWS = 20_000
ENOUGH = 0.9
DOUBTFUL = 0.5
PESOS_FLOOR = 100_000.0  # a median of assets or income under this many pesos is not in pesos


class HeaderMissing(CoopetirError):
    code = "extract.header_missing"
    es = "«{file}» no trae encabezado: la primera fila parece de datos ({example}). Agregue una fila con los nombres de las columnas."
    en = "“{file}” has no header: its first row looks like data ({example}). Add a row with the names of the columns."


class NotARegistry(CoopetirError):
    code = "extract.not_a_registry"
    es = "En «{file}» no se reconoce la columna de {missing}. Tiene: {found}. Diga cuál es en el perfil ([columns]) o cambie su nombre."
    en = "No column of “{file}” is recognised as {missing}. It has: {found}. Say which one it is in the profile ([columns]) or rename it."


@dataclass(frozen=True, slots=True)
class Sniff:
    """What a file looks like: encoding, separator, headers, a sample of rows as text, and its shape."""

    part: Part
    encoding: str
    separator: str
    quoted: bool
    headers: list[str]
    sample: pl.DataFrame
    shape: Shape

    @property
    def file(self) -> str:
        return self.part.name


@dataclass(frozen=True, slots=True)
class Proposal:
    """The column proposed for a field, how sure (0–1), and why, in both languages."""

    field: str
    header: str
    confidence: float
    by: Literal["header", "content", "profile"]
    es: str
    en: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person knows: which field or setting, the options, and the sentence. Blocking ones stop."""

    about: str
    header: str
    options: tuple[str, ...]
    blocking: bool
    es: str
    en: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Proposals by field, questions, and what happens to the other columns (personal, kept, unrecognised)."""

    columns: dict[str, Proposal]
    questions: list[Question]
    personal: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)


def sniff(part: Part | Path | str, profile: Profile | None = None) -> Sniff:
    """Encoding, separator, headers, sample and shape of a file, from its first megabytes.

    :raises SourceUnreadable: :raises SourceEmpty: :raises HeaderMissing:
    """
    if not isinstance(part, Part):
        part = source.parts_of(Path(part))[0]
    if part.member is None and part.path.suffix.lower() in (".xlsx", ".parquet"):
        return _sniff_frame(part)
    head = source.head_of(part)
    encoding = (profile.encoding if profile else None) or encoding_of(head, part)
    lines = _lines_of(head, encoding)
    if not lines:
        raise SourceEmpty(file=part.name)
    separator = (profile.separator if profile else None) or separator_of(lines)
    quoted = _is_quoted(lines, separator)
    rows = source.split_rows(lines, separator, quoted=quoted)
    if len(rows) < 2:
        raise SourceEmpty(file=part.name)
    headers = tidy_headers(rows[0])
    body = [cells for row in rows[1 : SAMPLE_ROWS + 1] if (cells := source.fitted(row, len(headers)))]
    sample = pl.DataFrame(
        {name: pl.Series([row[place] for row in body], dtype=pl.String) for place, name in enumerate(headers)}
    )
    return _sniffed(part, encoding, separator, quoted, headers, sample)


def _sniff_frame(part: Part) -> Sniff:
    if part.path.suffix.lower() == ".xlsx":
        frame = source.read_sheet(part)
    else:
        try:
            frame = pl.scan_parquet(part.path).head(SAMPLE_ROWS).collect().select(pl.all().cast(pl.String))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SourceUnreadable(file=part.name, why=str(error)[:120]) from error
    if frame.is_empty():
        raise SourceEmpty(file=part.name)
    headers = tidy_headers(frame.columns)
    frame.columns = headers
    return _sniffed(part, "", "", False, headers, frame.head(SAMPLE_ROWS))


def _sniffed(
    part: Part, encoding: str, separator: str, quoted: bool, headers: list[str], sample: pl.DataFrame
) -> Sniff:
    numeric = [header for header in headers if re.fullmatch(r"[\d.,/-]{3,}", header)]
    if len(numeric) * 2 >= len(headers):
        raise HeaderMissing(file=part.name, example=", ".join(numeric[:3]))
    return Sniff(part, encoding, separator, quoted, headers, sample, shape_of(headers))


def encoding_of(head: bytes, part: Part) -> str:
    """UTF-8 (with or without mark), UTF-16 by its mark, else cp1252; binary files are refused."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head[:65536]:
        raise SourceUnreadable(
            file=part.name, why="contiene bytes nulos, no es texto / has null bytes, it is not text"
        )
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end inside a character; anything earlier is another encoding.
        return "utf-8" if error.start >= len(head) - 3 else "cp1252"
    return "utf-8"


def _lines_of(head: bytes, encoding: str) -> list[str]:
    if encoding.startswith("utf"):
        text = head.decode(encoding, errors="replace")
    else:
        text = source.decode_western(head)
    return [line for line in text.lstrip("\ufeff").replace("\r", "").split("\n") if line.strip()]


def separator_of(lines: list[str]) -> str:
    """The mark that splits the most lines into the same number of cells as the header, with the most cells."""

    def score(mark: str) -> tuple[float, int]:
        width = lines[0].count(mark)
        if not width:
            return (0.0, 0)
        same = sum(1 for line in lines[:500] if line.count(mark) >= width) / min(len(lines), 500)
        return (1.0 if same > DOUBTFUL else same, width)

    return max(("|", ";", "\t", ","), key=score)


def _is_quoted(lines: list[str], separator: str) -> bool:
    """Quotes have a meaning when cells begin and end with them; in a ``|`` delivery they are part of a name."""
    marked = [line for line in lines[:2000] if '"' in line]
    whole = re.compile(rf'(^|{re.escape(separator)})"[^"]*(""[^"]*)*"({re.escape(separator)}|$)')
    return bool(marked) and sum(1 for line in marked if whole.search(line)) >= DOUBTFUL * len(marked)


def tidy_headers(raw: list[str]) -> list[str]:
    """Headers without marks, line breaks and outer spaces; empty and repeated ones get a number."""
    headers: list[str] = []
    for place, text in enumerate(raw, start=1):
        header = " ".join(text.replace("\ufeff", " ").strip().strip('"').split()) or f"columna_{place}"
        headers.append(header if header not in headers else f"{header}_{place}")
    return headers


def propose_mapping(seen: Sniff, profile: Profile | None = None) -> Mapping:
    """Which column is which, with confidence and reason, and the questions that remain."""
    profile = profile or Profile()
    columns = _by_profile(seen, profile)
    _by_header(seen, columns)
    _by_content(seen, columns)
    questions = [
        *_number_questions(seen, columns, profile),
        *_scale_questions(seen, columns, profile),
        *_date_questions(seen, columns, profile),
    ]
    mapping = Mapping(columns, questions)
    used = {proposal.header for proposal in columns.values()}
    for header in seen.headers:
        if header in used:
            continue
        if is_personal_header(header) or looks_personal(seen.sample[header]):
            mapping.personal.append(header)
        elif header_keys(header) & HARMLESS_KEYS:
            mapping.harmless.append(header)
        else:
            mapping.unrecognised.append(header)
    return mapping


def require_fields(seen: Sniff, mapping: Mapping, profile: Profile) -> None:
    """:raises NotARegistry: when the key or the main activity is not found."""
    have = set(mapping.columns) | set(profile.constants)
    missing = [] if {"registration", "nit", "id_number"} & have else ["registration"]
    missing += [] if "activity_1" in have else ["activity_1"]
    if missing:
        names = " / ".join(LABELS[name][0] for name in missing)
        raise NotARegistry(file=seen.file, missing=names, found=seen.headers)


def _by_profile(seen: Sniff, profile: Profile) -> dict[str, Proposal]:
    found: dict[str, Proposal] = {}
    by_key = {key: header for header in reversed(seen.headers) for key in header_keys(header)}
    for name, written in profile.columns.items():
        header = (
            written
            if written in seen.headers
            else next((by_key[k] for k in header_keys(written) if k in by_key), None)
        )
        if header is None:
            raise NotARegistry(file=seen.file, missing=f"{LABELS[name][0]} («{written}»)", found=seen.headers)
        found[name] = Proposal(name, header, 1.0, "profile", "así lo dice el perfil", "the profile says so")
    return found


def _by_header(seen: Sniff, columns: dict[str, Proposal]) -> None:
    used = {proposal.header for proposal in columns.values()}
    candidates: dict[str, list[tuple[int, int, str]]] = {}
    for place, header in enumerate(seen.headers):
        found = field_of_header(header)
        if found and header not in used and not is_personal_header(header):
            candidates.setdefault(found[0], []).append((found[1], place, header))
    for name, ranked in candidates.items():
        if name in columns:
            continue
        for rank, _, header in sorted(ranked):
            share = content_share(name, seen.sample[header])
            if share is not None and share < DOUBTFUL:
                continue
            sure = (0.98 if rank < 3 else 0.9) if share is None else round(0.5 + 0.5 * share, 2)
            es, en = (
                f"el encabezado «{header}» es un nombre conocido",
                f"the header “{header}” is a known name",
            )
            columns[name] = Proposal(name, header, sure, "header", es, en)
            break


def _by_content(seen: Sniff, columns: dict[str, Proposal]) -> None:
    used = {proposal.header for proposal in columns.values()}
    for name in ("municipality", "activity_1", "nit"):
        if name in columns:
            continue
        shares = [
            (share, header)
            for header in seen.headers
            if header not in used and not is_personal_header(header)
            if (share := strict_share(name, seen.sample[header])) is not None and share >= ENOUGH
        ]
        if shares:
            share, header = max(shares, key=lambda pair: pair[0])
            used.add(header)
            es = f"{share:.0%} de los valores son {LABELS[name][0]} válidos"
            en = f"{share:.0%} of the values are valid: {LABELS[name][1]}"
            columns[name] = Proposal(name, header, round(0.9 * share, 2), "content", es, en)


def _valid(values: pl.Series, test: Callable[[str], bool | None]) -> float | None:
    """The share of non-blank values that pass; null when there are under five or the test does not apply."""
    texts = values.drop_nulls().str.strip_chars()
    given = texts.filter(
        ~texts.str.to_uppercase().is_in(["", "0", "NULL", "NA", "SIN DATO", "NO APLICA"])
    ).head(2000)
    if len(given) < 5:
        return None
    known = {text: test(text) for text in given.unique()}
    judged = [known[text] for text in given]
    return sum(1 for verdict in judged if verdict) / len(judged)


def content_share(name: str, values: pl.Series) -> float | None:
    """How well the content fits a field whose header already says so; null = cannot tell."""
    if name == "municipality":
        return _valid(values, lambda text: find_municipality(text).note != "unknown")
    if name in ACTIVITIES:
        # Old classes count too: the revision is decided from the whole file, not here.
        return _valid(
            values,
            lambda text: (
                find_activity(text).note != "not_a_class" or find_activity(text, "3").code is not None
            ),
        )
    if name in DATES:
        return _valid(
            values,
            lambda text: read_date(text).note != "unreadable" or read_date(text, "mdy").note != "unreadable",
        )
    if name in ("last_renewed_year", "year"):
        return _valid(values, lambda text: bool(re.search(r"(19|20)\d\d", text)))
    if name in NUMBERS:
        return _valid(values, lambda text: bool(re.fullmatch(r"[\s$()\d.,-]*(COP)?", text)))
    return None


def strict_share(name: str, values: pl.Series) -> float | None:
    """How well a column of any name fits a field by its content alone."""
    if name == "municipality":
        share = _valid(
            values, lambda text: find_municipality(text).note in ("ok", "zero_restored", "centre_stripped")
        )
        lengths = _valid(values, lambda text: len(text.removesuffix(".0")) >= 5)
        return share if share is not None and (lengths or 0) >= DOUBTFUL else None
    if name == "activity_1":
        years = _valid(values, lambda text: bool(re.fullmatch(r"(19|20)\d\d", text)))
        share = _valid(
            values,
            lambda text: find_activity(text).code is not None and bool(re.search(r"\d{4}|^\d{3}$", text)),
        )
        varied = values.n_unique() >= 3
        return share if share is not None and varied and (years or 0) < ENOUGH else None
    return _valid(values, _is_company_number)


def _is_company_number(text: str) -> bool:
    digits = re.sub(r"[.\s-]", "", text)
    return bool(re.fullmatch(r"[89]\d{8}", digits)) or (
        bool(re.fullmatch(r"[89]\d{9}", digits)) and check_digit(digits[:9]) == digits[9]
    )


def _number_questions(seen: Sniff, columns: dict[str, Proposal], profile: Profile) -> list[Question]:
    questions = []
    for name in NUMBERS:
        if name not in columns:
            continue
        header = columns[name].header
        mark = decimal_mark_of(seen.sample[header])
        said = profile.decimal.get(name)
        if mark not in ("ambiguous", "mixed") and (said in (None, mark) or mark == "none"):
            continue
        if mark == "ambiguous" and said:
            continue
        why_es, why_en = _doubt(seen.sample[header], mark, said)
        questions.append(
            Question(
                f"decimal.{name}", header, (",", ".", "none"), True,
                f"En la columna {header} el signo decimal no es seguro: {why_es}. ¿La coma o el punto separa los decimales?",
                f"The decimal mark of column {header} is not certain: {why_en}. Does the comma or the point separate decimals?",
            )
        )  # fmt: skip
    return questions


def _doubt(values: pl.Series, mark: str, said: str | None) -> tuple[str, str]:
    if mark == "mixed":
        return "mezcla comas y puntos decimales", "it mixes decimal commas and points"
    if mark != "ambiguous":
        return (
            f"el perfil dice «{said}» y los valores prueban «{mark}»",
            f"the profile says “{said}” and the values prove “{mark}”",
        )
    example = next(text for text in values.drop_nulls() if re.search(r"[.,]", text)).strip()
    return f"«{example}» puede leerse de dos maneras", f"“{example}” can be read in two ways"


def _scale_questions(seen: Sniff, columns: dict[str, Proposal], profile: Profile) -> list[Question]:
    """Amounts so small that they cannot be pesos: the file may be in thousands or millions, and only she knows."""
    questions = []
    for name in ("assets_cop", "income_cop"):
        if name not in columns or name in profile.scale:
            continue
        header = columns[name].header
        mark = profile.decimal.get(name) or decimal_mark_of(seen.sample[header])
        if mark in ("ambiguous", "mixed"):
            continue
        value = seen.sample.select(as_number(pl.col(header), mark)).to_series()  # type: ignore[arg-type]
        middle = value.filter(value > 1).median()
        if isinstance(middle, float) and middle < PESOS_FLOOR:
            questions.append(
                Question(
                    f"scale.{name}", header, ("1", "1000", "1000000", "1000000000"), True,
                    f"La mitad de los valores de {header} está por debajo de {middle:.0f}: ¿vienen en pesos, miles, millones o miles de millones?",
                    f"Half of the values of {header} are below {middle:.0f}: are they pesos, thousands, millions or thousand millions?",
                )
            )  # fmt: skip
    return questions


def _date_questions(seen: Sniff, columns: dict[str, Proposal], profile: Profile) -> list[Question]:
    if profile.date_order:
        return []
    questions = []
    for name in DATES:
        if name not in columns:
            continue
        header = columns[name].header
        order = date_order_of(seen.sample[header].drop_nulls())
        if order in ("ambiguous", "mixed"):
            questions.append(
                Question(
                    "date_order", header, ("dmy", "mdy"), order == "mixed",
                    f"En la columna {header} no se sabe si va primero el día o el mes; se supone el día.",
                    f"In column {header} it is not known whether the day or the month comes first; the day is assumed.",
                )
            )  # fmt: skip
    return questions
