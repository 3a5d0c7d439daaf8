"""What is the reader of Explore looking at? Everything is in the address, so that a link shows the same."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from coopetir.identify.queries import explore

VIEWS = ("industrias", "mapa", "comparar", "anios")
SORTS = ("industry", "jobs", "lq", "growth")
MOST_DEPARTMENTS = 4

_NAMES = {
    "department": "departamento",
    "digits": "nivel",
    "text": "q",
    "sort": "orden",
    "view": "vista",
    "key": "industria",
    "others": "con",
}


@dataclass(frozen=True)
class State:
    """One view of Explore: ``key`` is a family's id or a CIIU code ("" = the page chooses)."""

    department: str = explore.HOME_DEPARTMENT
    digits: int = 2
    text: str = ""
    sort: str = "-lq"
    view: str = "industrias"
    key: str = ""
    others: tuple[str, ...] = ()

    def address(self, **changes: Any) -> str:
        """The query string of this state with ``changes``; defaults are left out, so that links stay short."""
        changed, default = replace(self, **changes), State()
        pairs = {
            _NAMES[item.name]: getattr(changed, item.name)
            for item in fields(State)
            if getattr(changed, item.name) != getattr(default, item.name)
        }
        return "?" + urlencode(pairs, doseq=True)


def read_state(given: QueryDict) -> State:
    """The state a query string asks for. Words nobody knows fall back to the default; departments and
    industries that do not exist are refused where they are used, by name."""
    view, sort = given.get("vista", ""), given.get("orden", "")
    digits = given.get("nivel", "")
    department = given.get("departamento") or State.department
    others = dict.fromkeys(code for code in given.getlist("con") if code and code != department)
    return State(
        department=department,
        digits=int(digits) if digits in {"2", "3", "4"} else State.digits,
        text=given.get("q", "").strip()[:100],
        sort=sort if sort.removeprefix("-") in SORTS else State.sort,
        view=view if view in VIEWS else State.view,
        key=given.get("industria", "").strip()[:40],
        others=tuple(others)[: MOST_DEPARTMENTS - 1],
    )
