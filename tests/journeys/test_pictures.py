"""The picture the README shows is the page as it stands: renew it with ``COOPETIR_SCREENS=1``."""


def test_the_home_page_shows_question_answer_and_lights_at_once(page, shot):
    here = page(width=1280)
    here.goto("/")
    height = here.viewport_size["height"]
    for part in ("h1", ".c-answer-text, .x-head p", "[data-range]", "[data-family] .c-light"):
        box = here.locator(part).first.bounding_box()
        assert box is not None, part
        assert 0 <= box["y"] < height, f"{part} is below the first screen"
    shot(here, "home", full=False)
