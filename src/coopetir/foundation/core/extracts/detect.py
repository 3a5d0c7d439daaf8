"""Which column of a sent file is which, how sure is that, and what must a person decide?

First the header, by synonyms of real sources; then the content: a column whose values are at least 90 % valid
DIVIPOLA codes is the municipality, whatever it is called. A header that its content contradicts is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.core.extracts.questions import Question, questions_of
from coopetir.foundation.core.extracts.redact import is_personal_header, looks_personal
from coopetir.foundation.core.extracts.registry import (
    ACTIVITIES,
    DATES,
    HARMLESS_KEYS,
    LABELS,
    NUMBERS,
    field_of_header,
    header_keys,
)
from coopetir.foundation.core.extracts.sniffing import Sniff
from coopetir.foundation.core.extracts.values import read_date
from coopetir.foundation.core.industries import find_activity
from coopetir.foundation.core.nit import check_digit
from coopetir.foundation.core.places import find_municipality

ENOUGH = 0.9
DOUBTFUL = 0.5


class NotARegistry(CoopetirError):
    code = "extract.not_a_registry"
    es = "En «{file}» no se reconoce la columna de {missing}. Tiene: {found}. Diga cuál es en el perfil ([columns]) o cambie su nombre."
    en = "No column of “{file}” is recognised as {missing}. It has: {found}. Say which one it is in the profile ([columns]) or rename it."


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
class Mapping:
    """Proposals by field, questions, and what happens to the other columns (personal, kept, unrecognised)."""

    columns: dict[str, Proposal]
    questions: list[Question]
    personal: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)


def propose_mapping(seen: Sniff, profile: Profile | None = None) -> Mapping:
    """Which column is which, with confidence and reason, and the questions that remain."""
    profile = profile or Profile()
    columns = _by_profile(seen, profile)
    _by_header(seen, columns)
    _by_content(seen, columns)
    questions = questions_of(seen, {name: found.header for name, found in columns.items()}, profile)
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
