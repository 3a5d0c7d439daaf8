"""Which industries mainly serve the people of their own region, so that density says little about a cluster?

Colombia publishes no list of traded and local industries. This one was written from the titles of CIIU
Rev. 4 A.C. after the distinction of Porter (2003) and Delgado, Porter & Stern (2016), before any figure was
computed with it. It is our assignment, not DANE's nor a chamber's: a screening may bring its own.
Everything that is not listed counts as traded.
"""

from __future__ import annotations

import polars as pl

LOCAL: dict[str, str] = {
    "3513": "utilities",
    "3514": "utilities",
    "352": "utilities",
    "353": "utilities",
    "36": "utilities",
    "37": "utilities",
    "38": "utilities",
    "39": "utilities",
    "331": "repair",
    "41": "construction",
    "42": "construction",
    "43": "construction",
    "45": "retail and vehicles",
    "47": "retail and vehicles",
    "4921": "passenger transport",
    "4922": "passenger transport",
    "53": "post and couriers",
    "56": "restaurants",
    "6412": "retail finance",
    "642": "retail finance",
    "6493": "retail finance",
    "6621": "retail finance",
    "68": "real estate",
    "69": "lawyers and accountants",
    "75": "veterinary",
    "772": "household rental",
    "78": "temporary work",
    "80": "guards",
    "81": "cleaning",
    "8211": "office support",
    "8219": "office support",
    "84": "government",
    "851": "schools",
    "852": "schools",
    "853": "schools",
    "855": "schools",
    "856": "schools",
    "86": "health care",
    "87": "care homes",
    "88": "social work",
    "9101": "libraries",
    "92": "betting",
    "931": "sports clubs and gyms",
    "94": "associations",
    "95": "repair",
    "96": "personal services",
    "97": "households",
    "98": "households",
    "99": "embassies",
}
"""Prefix of a CIIU Rev. 4 A.C. code → why its jobs follow the local population."""


def is_local(code: str) -> bool:
    """Whether a CIIU Rev. 4 A.C. code of 2 to 4 digits falls under one of the :data:`LOCAL` prefixes."""
    return any(code.startswith(prefix) for prefix in LOCAL)


def local_industry(column: str) -> pl.Expr:
    """The same question for a column of codes, as a Boolean expression named ``local``."""
    found = pl.lit(value=False)
    for size in (2, 3, 4):
        prefixes = [prefix for prefix in LOCAL if len(prefix) == size]
        found = found | pl.col(column).str.slice(0, size).is_in(prefixes)
    return found.alias("local")
