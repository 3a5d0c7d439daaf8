"""A Method with moved thresholds is a whole file that says it is a variant."""

import pytest

from coopetir.foundation.core.errors import CoopetirError
from coopetir.identify.core.method import parse_method, shipped_method, shipped_text
from coopetir.identify.core.method_text import changed_text, method_toml


def test_the_whole_method_survives_the_round_trip():
    assert parse_method(method_toml(shipped_method()), source="x") == shipped_method()


def test_moving_a_threshold_names_a_variant_and_changes_nothing_else():
    text = changed_text(shipped_text(), {"density.lq_meets": 2.0})
    variant = parse_method(text, source="x")
    assert variant.name == "coop-1-propio"
    assert variant.density.lq_meets == 2.0
    assert (
        variant.changed({"density.lq_meets": 1.5}).to_dict() | {"name": "coop-1"}
        == shipped_method().to_dict()
    )
    assert parse_method(changed_text(text, {"growth.z_meets": 2.0}), source="x").name == "coop-1-propio"


def test_moving_nothing_keeps_the_text():
    assert changed_text(shipped_text(), {"density.lq_meets": 1.5}) == shipped_text()


@pytest.mark.parametrize("thresholds", [{"density.lq_meets": 1.0}, {"density.no": 1}, {"growth.z_meets": -5}])
def test_what_will_not_do_is_refused(thresholds):
    with pytest.raises(CoopetirError):
        changed_text(shipped_text(), thresholds)
