"""Collect the Spanish sentences of code and templates, and check that each has its English.

    python tools/translations.py update   # extract, keep what is translated, compile
    python tools/translations.py check    # fail when a sentence lacks its English or the compiled file is stale

Spanish is the source language, so only one catalogue exists. Extraction uses Babel on Django's own view of a
template, so no program outside Python is needed.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract_python

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "coopetir"
CATALOGUE = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
QUOTED = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
TRANSLATE = re.compile(r"{%-?\s*(?:translate|trans)\s+" + QUOTED + r"(?:\s+context\s+" + QUOTED + r")?")
IN_FILTER = re.compile(r"_\(" + QUOTED + r"\)")
BLOCK = re.compile(
    r"{%\s*(?:blocktranslate|blocktrans)(?P<options>[^%]*)%}(?P<one>.*?)"
    r"(?:{%\s*plural\s*%}(?P<many>.*?))?{%\s*end(?:blocktranslate|blocktrans)\s*%}",
    re.DOTALL,
)
MARKS = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w*\}|</?\w[^>]*>|\n")
Key = tuple[str | None, str, str | None]


def sentences() -> Iterator[tuple[Key, str]]:
    """((context, sentence, plural), file) for everything marked for translation."""
    for path in sorted(SOURCE.rglob("*.py")):
        for _line, function, message, _comments in extract_python(
            io.BytesIO(path.read_bytes()), KEYWORDS, [], {}
        ):
            yield _key(function, message), _shown(path)
    for path in sorted([*SOURCE.glob("*/templates/**/*.html"), *SOURCE.glob("*/templates/**/*.txt")]):
        for key in _of_template(path.read_text(encoding="utf-8")):
            yield key, _shown(path)


def _key(function: str, message: object) -> Key:
    parts = message if isinstance(message, tuple) else (message,)
    if function == "ngettext":
        return None, parts[0], parts[1]
    if function == "pgettext":
        return parts[0], parts[1], None
    return None, parts[0], None


def _of_template(text: str) -> Iterator[Key]:
    for found in TRANSLATE.finditer(text):
        context = found.group(3) or found.group(4)
        yield context, _unquoted(found.group(1) or found.group(2)), None
    for found in IN_FILTER.finditer(text):
        yield None, _unquoted(found.group(1) or found.group(2)), None
    for found in BLOCK.finditer(text):
        trimmed = "trimmed" in found.group("options")
        one, many = (_block(found.group(name), trimmed=trimmed) for name in ("one", "many"))
        yield None, one or "", many


def _block(text: str | None, *, trimmed: bool) -> str | None:
    if text is None:
        return None
    if trimmed:
        text = " ".join(line.strip() for line in text.strip().splitlines())
    return re.sub(r"{{\s*([\w.]+)\s*}}", r"%(\1)s", text.replace("%", "%%"))


def _unquoted(text: str) -> str:
    # Django looks a template's literal up with its per cent signs doubled.
    return text.replace('\\"', '"').replace("\\'", "'").replace("%", "%%")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def update() -> None:
    """Rewrite the catalogue from the sources, keeping translations, and compile it."""
    old = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
    known = {(entry.msgctxt, entry.msgid): entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = {
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    entries: dict[tuple[str | None, str], polib.POEntry] = {}
    for (context, one, many), file in sentences():
        entry = entries.get((context, one))
        if entry is None:
            entry = entries[context, one] = polib.POEntry(msgctxt=context, msgid=one)
            before = known.get((context, one))
            if many:
                entry.msgid_plural = many
                entry.msgstr_plural = (
                    before.msgstr_plural if before and before.msgstr_plural else {0: "", 1: ""}
                )
            elif before:
                entry.msgstr = before.msgstr
        if (file, "") not in entry.occurrences:
            entry.occurrences.append((file, ""))
    new.extend(sorted(entries.values(), key=lambda entry: (entry.msgid, entry.msgctxt or "")))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(CATALOGUE))
    new.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    print(f"{len(new)} sentences, {len(new.untranslated_entries())} without English")


def check() -> int:
    """Number of problems: sentences without English, English that lost a placeholder, a stale compiled file."""
    catalogue = polib.pofile(str(CATALOGUE))
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue if entry.translated()}
    missing = {
        (context, one): file
        for (context, one, _many), file in sentences()
        if one and (context, one) not in known
    }
    for (_, one), file in sorted(missing.items(), key=lambda item: item[1]):
        print(f"{file}: no English for {one!r}")
    broken = disagreements(catalogue)
    for spanish, english in broken:
        print(f"placeholders, tags, line breaks or edges differ: {spanish!r} / {english!r}")
    old = stale(catalogue, polib.mofile(str(CATALOGUE.with_suffix(".mo"))))
    if old:
        print(f"the compiled catalogue is stale ({len(old)} sentences): make translations")
    return len(missing) + len(broken) + len(old)


def pairs(entry: polib.POEntry) -> list[tuple[str, str]]:
    """(Spanish, English) of an entry: one pair, or singular and plural."""
    if entry.msgid_plural:
        return [
            (entry.msgid, entry.msgstr_plural.get(0, "")),
            (entry.msgid_plural, entry.msgstr_plural.get(1, "")),
        ]
    return [(entry.msgid, entry.msgstr)]


def marks(text: str) -> list[str]:
    """What a translation must carry over as it is: ``%(n)s``, ``{n}``, ``%%``, tags, line breaks, edge spaces."""
    edges = [
        f"edge {part!r}" for part in (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :])
    ]
    return sorted(MARKS.findall(text)) + edges


def disagreements(catalogue: polib.POFile) -> list[tuple[str, str]]:
    """Translated pairs whose marks are not the same on both sides."""
    return [
        pair
        for entry in catalogue.translated_entries()
        for pair in pairs(entry)
        if marks(pair[0]) != marks(pair[1])
    ]


def stale(catalogue: polib.POFile, compiled: polib.MOFile) -> list[str]:
    """Sentences that the compiled file lacks or says otherwise."""
    found = {(entry.msgctxt, entry.msgid): pairs(entry) for entry in compiled}
    return [
        entry.msgid
        for entry in catalogue.translated_entries()
        if found.get((entry.msgctxt, entry.msgid)) != pairs(entry)
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        sys.exit(1 if check() else 0)
    else:
        sys.exit(__doc__)
