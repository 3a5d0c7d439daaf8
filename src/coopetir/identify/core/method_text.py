"""How does a Method file look after some thresholds are moved?

The text a screening keeps is a whole TOML of its own, so that whoever reads it later needs no other file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from coopetir.identify.core.method import Method, parse_method


def changed_text(text: str, thresholds: Mapping[str, Any]) -> str:
    """The Method in ``text`` with ``{"density.lq_meets": 1.2, …}`` moved, named as a variant of it.

    :raises CoopetirError: a threshold does not exist, is out of range or crosses another.
    """
    before = parse_method(text, source="method.toml")
    after = before.changed(thresholds)
    if after.to_dict() == before.to_dict():
        return text
    plain = after.to_dict()
    plain["name"] = before.name if before.name.endswith("-propio") else f"{before.name}-propio"
    return _toml(plain)


def method_toml(method: Method) -> str:
    """The whole Method as TOML; :func:`parse_method` gives the same back."""
    return _toml(method.to_dict())


def _toml(plain: Mapping[str, Any]) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items() if not isinstance(value, Mapping)]
    for section, values in plain.items():
        if isinstance(values, Mapping):
            lines += ["", f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"
