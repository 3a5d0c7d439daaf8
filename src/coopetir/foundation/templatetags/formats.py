"""Figures and dates in templates, in the reader's language: ``{{ jobs|number }}``, ``{{ share|percent:1 }}``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from coopetir.foundation.core import formats

register = template.Library()

Figure = float | int | Decimal | None


def _language() -> str:
    return get_language() or "es"


def _known(value: Any) -> Figure:
    # A variable missing from the context arrives as "": unknown, like None.
    return None if value == "" else value


@register.filter
def number(value: Figure, decimals: int | None = None) -> str:
    return formats.number(_known(value), decimals, _language())


@register.filter
def signed(value: Figure, decimals: int | None = None) -> str:
    return formats.signed(_known(value), decimals, _language())


@register.filter
def percent(value: Figure, decimals: int = 0) -> str:
    """``value`` is a share between 0 and 1."""
    return formats.percent(_known(value), decimals, _language())


@register.filter
def money(value: Figure) -> str:
    """``value`` is in Colombian pesos."""
    return formats.money(_known(value), _language())


@register.filter
def date_long(value: dt.date | dt.datetime | None) -> str:
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return formats.date_long(value or None, _language())


@register.filter
def raw(value: Figure) -> str:
    """The figure for programs (``data-value``, hidden fields): decimal point, no separators, "" if unknown."""
    known = _known(value)
    return "" if known is None or known != known else str(known)


@register.filter
def either(value: Any, fallback: Any) -> Any:
    """``fallback`` only when ``value`` is missing; zero stays zero (``default`` would replace it)."""
    return fallback if value is None or value == "" else value
