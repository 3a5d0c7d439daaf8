"""A Method file is checked key by key; what it does not say comes from coop-1."""

from __future__ import annotations

import pytest

from coopetir.identify.core.method import (
    LIMITS,
    MethodKeyUnknown,
    MethodMissing,
    MethodThresholdsCrossed,
    MethodUnreadable,
    MethodValueInvalid,
    method_from_dict,
    parse_method,
    read_method,
    shipped_method,
)


def test_the_shipped_method_has_the_documented_thresholds() -> None:
    method = shipped_method()
    assert (method.name, method.window.level_periods) == ("coop-1", 3)
    assert (method.density.lq_meets, method.density.lq_borderline) == (1.5, 1.25)
    assert (method.density.firms_meets, method.density.firms_borderline) == (5, 3)
    assert (method.density.top_firm_max, method.density.interval_level) == (0.65, 0.8)
    assert method.growth.z_meets == 1
    assert method.technology.measures == ("tech_intensity",)
    assert method.market.measures == ("world_demand_growth",)
    assert (method.technology.percentile_meets, method.market.percentile_borderline) == (50, 40)
    assert method.stability.scales == (0.8, 1.25)


def test_a_file_may_state_only_what_it_changes() -> None:
    method = parse_method('name = "valle"\nversion = "2"\n[density]\nlq_meets = 1.4\n', source="valle.toml")
    assert (method.name, method.density.lq_meets, method.density.firms_meets) == ("valle", 1.4, 5)
    assert method.growth == shipped_method().growth


def test_the_digest_follows_the_rule_not_the_file() -> None:
    same = parse_method('version = "1.0.0"\n# a comment\nname = "coop-1"\n', source="x")
    other = parse_method("[growth]\nz_meets = 1.01\n", source="x")
    assert same.digest == shipped_method().digest != other.digest
    assert method_from_dict(shipped_method().to_dict(), source="x").digest == shipped_method().digest


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        ("[density]\nlq_meet = 1.5\n", MethodKeyUnknown, "lq_meet"),
        ("[densidad]\nlq = 1.5\n", MethodKeyUnknown, "densidad"),
        ("[density]\nlq_meets = -1\n", MethodValueInvalid, "density.lq_meets"),
        ("[density]\nlq_meets = true\n", MethodValueInvalid, "density.lq_meets"),
        ('[density]\nlq_meets = "1,5"\n', MethodValueInvalid, "density.lq_meets"),
        ("[density]\nlq_meets = nan\n", MethodValueInvalid, "density.lq_meets"),
        ("[density]\ntop_firm_max = 65\n", MethodValueInvalid, "density.top_firm_max"),
        ('[density]\ntop_firm_measure = "mean"\n', MethodValueInvalid, "weighted_mean"),
        ("[market]\nmeasures = []\n", MethodValueInvalid, "market.measures"),
        ("[market]\npercentile_meets = 101\n", MethodValueInvalid, "market.percentile_meets"),
        ("[growth]\nmin_periods = 4.5\n", MethodValueInvalid, "growth.min_periods"),
        ("[stability]\nscales = [0.8, 0]\n", MethodValueInvalid, "stability.scales"),
        ("density = 3\n", MethodValueInvalid, "density"),
        ('name = ""\n', MethodValueInvalid, "name"),
        ("[density]\nlq_meets = 1.2\n", MethodThresholdsCrossed, "density.lq_borderline"),
        ("[density\n", MethodUnreadable, "x.toml"),
    ],
)
def test_a_bad_file_is_refused_by_name(text: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error) as refused:
        parse_method(text, source="x.toml")
    assert word in refused.value.sentence("es")
    assert word in refused.value.sentence("en")


def test_a_missing_or_binary_file_is_refused(tmp_path) -> None:
    with pytest.raises(MethodMissing):
        read_method(tmp_path / "no.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MethodUnreadable):
        read_method(tmp_path / "binary.toml")


def test_every_number_of_the_method_has_limits() -> None:
    plain = shipped_method().to_dict()
    for section, body in plain.items():
        if isinstance(body, dict):
            numbers = {key for key, value in body.items() if isinstance(value, int | float)}
            assert numbers <= set(LIMITS), section


def test_changed_gives_a_copy() -> None:
    before = shipped_method()
    after = before.changed({"density.lq_meets": 2, "name": "other"})
    assert (after.density.lq_meets, after.name, before.density.lq_meets) == (2.0, "other", 1.5)
    with pytest.raises(MethodKeyUnknown):
        before.changed({"nowhere.lq": 1})
