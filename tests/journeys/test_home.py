"""The first minute of somebody who has never heard of Coopetir, in a real browser."""

import pytest

from coopetir.identify.queries.explore import department_answers

CLINIC = "#familia-excelencia_clinica"


@pytest.mark.parametrize(("width", "javascript", "language", "dark"), [
    (1280, True, "es", False), (360, True, "es", True), (1280, False, "en", False), (360, False, "es", False),
])  # fmt: skip
def test_the_first_minute(page, assert_accessible, shot, width, javascript, language, dark):
    here = page(width=width, javascript=javascript, language=language, dark=dark)
    here.goto("/")
    assert here.locator("h1").count() == 1
    assert here.locator("[data-family]").count() == 12
    assert here.locator("[data-family] .c-light:visible").count() == 48
    assert_accessible(here)
    shot(
        here, f"home-{width}{'' if javascript else '-without-javascript'}{'-dark' if dark else ''}-{language}"
    )
    here.locator(f"{CLINIC} a.x-why").click()
    reasons = here.locator("#porque-excelencia_clinica li")
    reasons.first.wait_for()
    assert reasons.count() == 3
    assert here.locator("#porque-bioenergia").is_hidden()
    assert_accessible(here)


def test_the_slider_flips_a_verdict_before_your_eyes(page):
    here = page(width=1280)
    here.goto("/")
    standing = here.locator(f"{CLINIC} [data-standing-cell]")
    assert standing.inner_text().strip() == "En el límite"
    range_ = here.locator("[data-range]")
    range_.focus()
    for _ in range(5):
        here.keyboard.press("ArrowLeft")
    assert standing.inner_text().strip() == "Cumple lo evaluable"
    assert (
        "Excelencia clínica pasa de «En el límite» a «Cumple lo evaluable»"
        in here.locator("[data-changes]").inner_text()
    )
    assert here.locator("[data-changes]").get_attribute("aria-live") == "polite"
    assert range_.get_attribute("aria-valuetext") == "1,25"
    assert "lq=1.25" in here.url
    here.reload()
    assert here.locator(f"{CLINIC} [data-standing-cell]").inner_text().strip() == "Cumple lo evaluable"
    here.locator("[data-reset]").click()
    assert standing.inner_text().strip() == "En el límite"
    assert "lq=" not in here.url


@pytest.mark.parametrize("threshold", [0.5, 0.95, 1.05, 1.25, 1.75, 2.1, 2.5, 3.0])
def test_the_browser_and_the_server_judge_alike(page, threshold):
    """The rule is written twice, once in each language: every family must come out the same."""
    here = page()
    here.goto("/")
    here.fill("input[name=lq]", str(threshold))
    moved = here.eval_on_selector_all(
        "[data-family]",
        "rows => rows.map(r => [r.id.slice(8), r.querySelector('.x-standing').dataset.standing])",
    )
    view = department_answers("76")
    expected = {f.id: f.verdict_under(threshold).partial for f in (*view.families, *view.unchosen)}
    assert dict(moved) == expected


def test_without_a_script_the_form_does_the_same(page):
    here = page(javascript=False)
    here.goto("/")
    here.fill("input[name=lq]", "1.25")
    here.locator(".x-slider button").click()
    assert here.locator(f"{CLINIC} [data-standing-cell]").inner_text().strip() == "Cumple lo evaluable"
    assert "Excelencia clínica pasa de" in here.locator("[data-changes]").inner_text()
    here.select_option("#departamento", "05")
    here.locator(".x-department button").click()
    assert "Antioquia" in here.locator("h1").inner_text()
