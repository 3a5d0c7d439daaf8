"""Does warming leave the first visit's work done, and harm nothing when it fails?"""

import logging

import pytest
from django.http import QueryDict

from coopetir.config import warming
from coopetir.foundation.core.charts import NARROW, WIDE
from coopetir.identify.views.explore_parts import words
from coopetir.identify.views.explore_pictures import picture
from coopetir.identify.views.explore_state import read_state


def test_the_default_view_is_drawn_before_anybody_asks(settings, caplog):
    picture.cache_clear()
    warming.warm()
    assert not caplog.records
    state = read_state(QueryDict(""))
    part = words(state, settings.LANGUAGE_CODE)
    before = picture.cache_info()
    for width in (WIDE, NARROW):
        picture(state, part.answer, part.sentence, settings.LANGUAGE_CODE, width, "page")
    after = picture.cache_info()
    assert (after.hits - before.hits, after.misses) == (2, before.misses)


@pytest.mark.parametrize("step", ["_explore", "_documents"])
def test_a_failure_is_logged_and_goes_no_further(monkeypatch, caplog, step):
    def fail() -> None:
        raise RuntimeError("no fonts")

    monkeypatch.setattr(warming, step, fail)
    with caplog.at_level(logging.ERROR):
        thread = warming.start()
        thread.join(60)
    assert [record.exc_info[1].args for record in caplog.records] == [("no fonts",)]
