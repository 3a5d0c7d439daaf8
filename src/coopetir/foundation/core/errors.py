"""What can go wrong, by name, with what a person should do about it.

Every refusal of the product is a subclass of :class:`CoopetirError`. A subclass states once a stable
``code`` (for programs and the reference page), and one sentence in each language that says what is
wrong, where, and how to mend it. Page, API and command line show the same sentence, so it lives here,
beside the code that raises it, and needs no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

SHOWN_ROWS = 20


class CoopetirError(Exception):
    """A refusal with a stable code, its data, and a sentence in Spanish and English.

    Subclasses set ``code``, ``es`` and ``en``; the sentences are ``str.format`` templates over ``data``.
    """

    code: ClassVar[str] = "error"
    es: ClassVar[str] = "La operación no se pudo completar."
    en: ClassVar[str] = "The operation could not be completed."

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.sentence("en"))

    def sentence(self, language: str = "es") -> str:
        """What is wrong, where, and the remedy, in ``language`` ("es" or "en")."""
        template = self.en if language.startswith("en") else self.es
        shown = {name: _shown(value, language) for name, value in self.data.items()}
        return template.format(**shown)

    def to_dict(self) -> dict[str, Any]:
        """The refusal for programs: ``code``, ``data`` and both sentences."""
        data = {
            key: list(value) if isinstance(value, tuple | set) else value for key, value in self.data.items()
        }
        return {"code": self.code, "data": data, "es": self.sentence("es"), "en": self.sentence("en")}


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    items: Sequence[Any] = list(value)
    text = ", ".join(str(item) for item in items[:SHOWN_ROWS])
    rest = len(items) - SHOWN_ROWS
    if rest <= 0:
        return text
    return f"{text} … (+{rest} more)" if language.startswith("en") else f"{text} … (y {rest} más)"


class Cancelled(CoopetirError):
    """Raised by a progress callback to stop long work; nothing half-done is kept."""

    code = "work.cancelled"
    es = "El trabajo se canceló; no se guardó nada a medias."
    en = "The work was cancelled; nothing half-done was kept."
