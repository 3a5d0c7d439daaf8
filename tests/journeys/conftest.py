"""A real browser before a live server: what every journey starts from.

``page(width=360, javascript=False, language="en")`` opens a page of the running product; ``sign_in(page, user)``
enters through the form; ``assert_accessible(page)`` runs axe; ``shot(page, "home")`` keeps a picture in
``docs/_static/screens`` when ``COOPETIR_SCREENS`` is set. A page fails its test when a script breaks, the
content security policy blocks something, or anything is asked of another host.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from factories import a_director

HERE = Path(__file__).parent
SCREENS = HERE.parents[1] / "docs" / "_static" / "screens"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
]  # fmt: skip
PASSWORD = "una-clave-larga-1"  # of every user that ``factories`` makes
HEIGHTS = {360: 740, 1280: 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser():
    """One browser for all journeys; without one they are skipped, and say so."""
    library = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: no journeys.")
    path = os.environ.get("COOPETIR_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(
            "No browser here: install chromium (or set COOPETIR_BROWSER to its path) to run the journeys."
        )
    # Playwright keeps an event loop in this thread; Django's guard against that concerns servers, not tests.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with library.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def director(live_server):
    """The installation's first person; without one every page leads to first steps."""
    return a_director()


@pytest.fixture
def page(browser, live_server, director):
    """Open pages: ``page(width=1280, javascript=True, language="es", dark=False)``."""
    contexts, complaints = [], []

    def open_one(*, width=1280, javascript=True, language="es", dark=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale={"es": "es-CO", "en": "en-US"}[language],
            timezone_id="America/Bogota",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=width < 600,
        )
        context.set_default_timeout(10_000)
        if not javascript:
            # The security policy allows no script but our files, so withholding them is a browser without
            # scripts, and axe (which needs one) still runs.
            context.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        contexts.append(context)
        opened = context.new_page()
        host = urlsplit(live_server.url).netloc
        opened.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        opened.on("console", lambda m: _complains(m) and complaints.append(f"console: {m.text}"))
        opened.on(
            "request", lambda r: _foreign(r.url, host) and complaints.append(f"asks elsewhere: {r.url}")
        )
        return opened

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _complains(message) -> bool:
    """An error in the console; a page that refuses (403, 422) is no fault of the page."""
    return message.type == "error" and not re.search(r"status of (403|422)\b", message.text)


def _foreign(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host


@pytest.fixture
def sign_in():
    """Enter through the form with a user made by ``factories``."""

    def enter(page, user, password=PASSWORD):
        page.goto("/cuenta/login/")
        page.fill("input[name=login]", user.email)
        page.fill("input[name=password]", password)
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
        page.wait_for_url(lambda url: "/login" not in url)

    return enter


@pytest.fixture(scope="session")
def assert_accessible():
    """No violation of WCAG 2.2 AA that axe can see, nor sideways scrolling of the page."""
    source = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")

    def check(page, *, context="document"):
        page.evaluate(source)
        found = page.evaluate(f"axe.run({context}, {{runOnly: {RULES}}})")["violations"]
        told = [
            f"{one['id']} ({one['impact']}): {one['help']}\n    "
            + "\n    ".join(
                node["html"][:200] + " | " + node["failureSummary"].replace("\n", " ")[:300]
                for node in one["nodes"][:4]
            )
            for one in found
        ]
        assert not told, f"{page.url}\n" + "\n".join(told)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"{page.url} is {wide} px wider than its window"

    return check


@pytest.fixture(scope="session")
def shot():
    """Keep a picture of the page for the docs, when asked to."""

    def take(page, name, *, full=True):
        if os.environ.get("COOPETIR_SCREENS"):
            SCREENS.mkdir(parents=True, exist_ok=True)
            # Hiding the caret would inject a style, which the security policy rightly blocks.
            page.screenshot(path=SCREENS / f"{name}.png", full_page=full, caret="initial")

    return take
