"""Who pays for the first picture and the first page in PDF of a server process? Nobody: it is done in the background.

Drawing libraries take seconds to be read and to start. A thread does that once when the application loads; a failure
is logged and harms nothing, since the page would do the same work on demand. Only ``wsgi`` starts it: commands and
tests do not.
"""

from __future__ import annotations

import logging
from importlib.resources import files
from threading import Thread
from typing import Any

logger = logging.getLogger(__name__)


def warm() -> None:
    """Read the drawing libraries and the shipped figures, and draw what the first visitor will ask for."""
    try:
        _explore()
        _documents()
    except Exception:
        # Broad on purpose: whatever fails here shows itself, with its own sentence, on the page that needs it.
        logger.exception("Warming failed; the first pages will be slower.")


def start() -> Thread:
    """Begin to warm in a thread that does not keep the process alive."""
    thread = Thread(target=warm, name="coopetir-warming", daemon=True)
    thread.start()
    return thread


def _explore() -> None:
    from django.conf import settings
    from django.http import QueryDict
    from django.utils.translation import override

    from coopetir.foundation.core.charts import NARROW, WIDE
    from coopetir.identify.views.explore_parts import words
    from coopetir.identify.views.explore_pictures import picture
    from coopetir.identify.views.explore_state import read_state

    language = settings.LANGUAGE_CODE
    with override(language):
        state = read_state(QueryDict(""))
        part = words(state, language)
        for width in (WIDE, NARROW):
            picture(state, part.answer, part.sentence, language, width, "page")


def _documents() -> None:
    import typst

    fonts = [str(files("coopetir.foundation") / "fonts")]
    source: Any = b"Coopetir"  # bytes are a source; the stubs know paths only
    typst.compile(source, format="pdf", font_paths=list(fonts), ignore_system_fonts=True)
