"""Which documents does a Spanish-speaking reader mean by a few words, with or without accents?

One analyser for every place that searches, so that a list, a page and a database index agree:
``confiteria``, ``Confitería`` and ``confiterías`` are the same word, and so are ``exportacion`` and
``exportaciones``. Words are put in NFC and lower case, get back the accent the stemmer needs when readers
leave it out (``-cion`` → ``-ción``, ``-eria`` → ``-ería``), are stemmed by Snowball's Spanish rules and lose their accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    [
        "a",
        "al",
        "and",
        "con",
        "de",
        "del",
        "el",
        "en",
        "es",
        "for",
        "in",
        "la",
        "las",
        "lo",
        "los",
        "n",
        "ncp",
        "o",
        "of",
        "para",
        "por",
        "que",
        "se",
        "sin",
        "su",
        "sus",
        "the",
        "u",
        "un",
        "una",
        "y",
    ]
)
# What stems apart and means the same.
_SAME = dict.fromkeys(["cluster", "clusters", "clúster", "clústeres", "clusteres"], "cluster")
# Endings whose accent readers leave out and the stemmer needs, and words that only look like them.
_ACCENTS = ((re.compile(r"([cs])ion$"), r"\1ión"), (re.compile(r"(er|log|graf|nom)ia(s?)$"), r"\1ía\2"))
_UNACCENTED = frozenset(["arteria", "bacteria", "feria", "histeria", "materia", "miseria"])


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("spanish")


def without_accents(text: str) -> str:
    """The text without diacritics: ``ñ`` becomes ``n``, ``ü`` becomes ``u``."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@lru_cache(maxsize=20_000)
def term(word: str) -> str:
    """The form under which a word is stored and looked for."""
    plain = unicodedata.normalize("NFC", word.lower())
    if plain in _SAME:
        return _SAME[plain]
    if plain.removesuffix("s") not in _UNACCENTED:
        for ending, accented in _ACCENTS:
            plain = ending.sub(accented, plain)
    return without_accents(str(_stemmer().stemWord(plain)))


def terms(text: str) -> tuple[str, ...]:
    """The searchable words of a text, in order; articles and prepositions are left out."""
    words = (word for word in _WORD.findall(unicodedata.normalize("NFC", text.lower())) if word not in _STOP)
    return tuple(term(word) for word in words)


@dataclass(frozen=True)
class Document:
    """Something to find: ``title`` weighs more than ``text``; ``codes`` are matched by their first digits."""

    key: str
    title: str
    text: str = ""
    codes: tuple[str, ...] = ()
    title_terms: tuple[str, ...] = field(init=False)
    text_terms: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title_terms", terms(self.title))
        object.__setattr__(self, "text_terms", frozenset(terms(self.text)))


def search(query: str, documents: Iterable[Document]) -> list[Document]:
    """The documents that hold every word of the query, best first.

    A word is held when it equals a term, begins one (from three letters on, so that typing narrows), or is the
    beginning of a code. Order: words found in the title, then equal words, then shorter titles, then as given.
    A query without searchable words finds nothing.
    """
    wanted = _wanted(query)
    if not wanted:
        return []
    scored = [(_score(wanted, document), at, document) for at, document in enumerate(documents)]
    kept = [(score, at, document) for score, at, document in scored if score is not None]
    return [document for _, _, document in sorted(kept, key=lambda item: (item[0], item[1]))]


def _wanted(query: str) -> list[tuple[str, str]]:
    """Each word of the query as its term and as typed: a half-typed word has no true stem yet."""
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", query.lower())) if word not in _STOP]
    return [(term(word), without_accents(word)) for word in words]


def _score(wanted: Sequence[tuple[str, str]], document: Document) -> tuple[int, int, int] | None:
    """Lower is better; None when a word is missing."""
    total = equal = 0
    for stem, typed in wanted:
        if typed.isdecimal() and any(code.startswith(typed) for code in document.codes):
            equal += 1
        elif _held(stem, typed, document.title_terms):
            equal += stem in document.title_terms
        elif _held(stem, typed, document.text_terms):
            total += 1
        else:
            return None
    return total, -equal, len(document.title_terms)


def _held(stem: str, typed: str, held: Iterable[str]) -> bool:
    return any(one == stem or (len(typed) >= 3 and one.startswith(typed)) for one in held)
