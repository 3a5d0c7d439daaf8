"""Parts of a page that need more than an include: explained terms, lights, verdicts, icons."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coopetir.foundation.core import glossary

register = template.Library()

# Paths on a 16 × 16 grid, drawn with currentColor.
_ICONS = {
    "met": '<circle cx="8" cy="8" r="6.5" fill="currentColor"/>',
    "borderline": '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    '<path d="M8 2.25a5.75 5.75 0 0 0 0 11.5z" fill="currentColor"/>',
    "not_met": '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "unknown": '<path d="M2.5 2.5h11v11h-11z M2.5 7 7 2.5 M2.5 11.5l9-9 M4.5 13.5l9-9 M9 13.5 13.5 9" fill="none" stroke="currentColor"/>',
    "protected": '<circle cx="8" cy="8" r="1.75" fill="currentColor"/>',
    "qualifies": '<path d="m3 8.5 3.5 3.5L13 4.5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "candidate": '<path d="M8 2.5 13.5 8 8 13.5 2.5 8z" fill="none" stroke="currentColor" stroke-width="1.75"/>',
    "not_now": '<path d="M3 8h10" stroke="currentColor" stroke-width="2"/>',
    "insufficient_data": '<path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.8m0 2v1.6" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "search": '<circle cx="6.75" cy="6.75" r="4.5" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="m10.2 10.2 4 4" stroke="currentColor" stroke-width="1.5"/>',
    "theme": '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2.25v11.5a5.75 5.75 0 0 0 0-11.5z" fill="currentColor"/>',
    "download": '<path d="M8 2v8m-3.25-3L8 10.25 11.25 7M2.5 13.5h11" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "home": '<path d="M2.5 7.5 8 2.5l5.5 5v6h-4v-4h-3v4h-4z" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "identify": '<path d="M2.5 13.5v-4h3v4zm4.5 0v-7h3v7zm4.5 0v-11h2.5v11z" fill="none" stroke="currentColor" stroke-width="1.4"/>',
    "account": '<circle cx="8" cy="5.25" r="2.75" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M2.75 13.75c.5-3 2.6-4.25 5.25-4.25s4.75 1.25 5.25 4.25" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "info": '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M8 7v4.25M8 4.5V6" stroke="currentColor" stroke-width="1.6"/>',
    "ok": '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="m5 8.25 2 2 4-4.25" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "warning": '<path d="M8 2 14.5 13.5h-13z" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M8 6.25v3.5M8 10.75v1.4" stroke="currentColor" stroke-width="1.6"/>',
    "error": '<path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M8 4.75v4M8 9.75v1.5" stroke="currentColor" stroke-width="1.6"/>',
}
_GRADES = {2: "met", 1: "borderline", 0: "not_met", None: "unknown"}


@register.simple_tag
def icon(name: str, css: str = "c-icon") -> SafeString:
    """A decorative drawing; the word beside it carries the meaning."""
    drawing = SafeString(_ICONS[name])
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', css, drawing
    )


@register.simple_tag
def light(grade: Any, *, word: bool = True) -> SafeString:
    """A criterion's grade as shape, tone and word.

    :param grade: 2, 1, 0, None (no data; also "" from a missing variable) or "protected".
    :param word: False hides the word from sight (not from a screen reader) where a column head repeats it.
    """
    kind = "protected" if grade == "protected" else _GRADES[None if grade in {None, ""} else int(grade)]
    return format_html(
        '<span class="c-light" data-grade="{}">{}<b{}>{}</b></span>',
        {"met": "2", "borderline": "1", "not_met": "0"}.get(kind, "unknown"),
        icon(kind, ""),
        "" if word else SafeString(' class="visually-hidden"'),
        grade_word(kind),
    )


def grade_word(kind: str) -> str:
    """The word of a light."""
    return {
        "met": _("cumple"),
        "borderline": _("en el límite"),
        "not_met": _("no cumple"),
        "unknown": _("sin dato"),
        "protected": _("protegido"),
    }[kind]


@register.filter
def verdict_word(verdict: str) -> str:
    """``qualifies candidate not_now insufficient_data`` in the reader's language."""
    return {
        "qualifies": _("Califica"),
        "candidate": _("Candidata"),
        "not_now": _("Todavía no"),
        "insufficient_data": _("Faltan datos"),
    }[verdict]


@register.simple_tag
def verdict(code: str) -> SafeString:
    """A verdict as shape, tone and word."""
    return format_html(
        '<span class="c-verdict" data-verdict="{}">{}{}</span>', code, icon(code, ""), verdict_word(code)
    )


@register.inclusion_tag("components/term.html")
def term(key: str, label: str = "") -> dict[str, str]:
    """``{% term "lq" %}``: the word, and its plain explanation on demand; ``label`` replaces the word shown."""
    # A page may explain the same word twice, and fragments arrive later: the id must not repeat.
    handle = f"term-{key}-{secrets.token_hex(3)}"
    return {**glossary.term(key).in_language(get_language() or "es"), "label": label, "handle": handle}


@register.simple_tag
def glossary_terms() -> list[dict[str, str]]:
    """Every term of art in the reader's language, for Ayuda."""
    return [entry.in_language(get_language() or "es") for entry in glossary.terms()]


@register.filter
def nth(items: Sequence[Any], index: int) -> Any:
    """The item at ``index`` (0 = first), "" beyond the end: a table's column for a cell."""
    return items[index] if 0 <= index < len(items) else ""
