"""Her own file in, one honest page out; a dirty file mended; two people deciding; the first day of an installation.

Each journey is walked as people do it, in a real browser, with axe on every page it stops at.
"""

from __future__ import annotations

import csv
import io
import re

import pytest

from coopetir.foundation.middleware import FirstRunMiddleware
from coopetir.foundation.models import Dataset, ImportBatch, User
from coopetir.foundation.queries import sample_file
from coopetir.identify.core.synthetic import Recipe
from coopetir.identify.core.synthetic_files import write_registry
from coopetir.identify.models import Screening
from coopetir.identify.queries.screenings import what_if
from factories import a_director, an_analyst, an_entity

RECIPE = Recipe(region="76", firms=300, country_firms=1_200, first_year=2020, last_year=2023)
SUBMIT = "main form .c-btn-primary"
WAYS = [(1280, True, "es"), (360, False, "en")]


@pytest.fixture(scope="session")
def extracts(tmp_path_factory):
    """Four yearly extracts of an invented registry, clean."""
    folder = tmp_path_factory.mktemp("extracts")
    write_registry(RECIPE, 3, folder, shape="delivered", dirty=False)
    return sorted(folder.glob("registro_*"))


@pytest.fixture
def analyst(director):
    return an_analyst(director.roles.get().entity)


def submit(here):
    here.locator(SUBMIT).first.click()


def uploaded(here, files, year=""):
    """From the upload form to the report."""
    here.set_input_files("input[name=files]", files)
    if year:
        here.fill("input[name=year]", year)
    submit(here)
    here.wait_for_url("**/columnas/")
    submit(here)
    here.wait_for_url(re.compile(r"/datos/cargas/\d+/$"))


@pytest.mark.parametrize(("width", "javascript", "language"), WAYS)
def test_from_her_own_file_to_the_ficha(
    page, analyst, extracts, assert_accessible, shot, width, javascript, language
):
    here = page(width=width, javascript=javascript, language=language)
    keep = shot if width == 1280 else lambda *_, **__: None
    here.goto("/identificar/mis-datos/")
    assert_accessible(here)
    keep(here, "start", full=False)
    here.locator("main a[href*='login']").first.click()
    assert_accessible(here)
    here.fill("input[name=login]", analyst.email)
    here.fill("input[name=password]", "una-clave-larga-1")
    here.locator("main form button").first.click()
    here.wait_for_url("**/datos/cargas/nueva/")
    assert_accessible(here)
    keep(here, "upload", full=False)
    here.set_input_files("input[name=files]", extracts)
    submit(here)
    here.wait_for_url("**/columnas/")
    assert_accessible(here)
    keep(here, "columns", full=False)
    submit(here)
    here.wait_for_url(re.compile(r"/datos/cargas/\d+/$"))
    assert_accessible(here)
    keep(here, "report", full=False)
    here.locator("form[action$='/usar/'] button").click()
    here.locator("main a[href*='tamizajes/nuevo']").wait_for()
    here.goto("/datos/cargas/nueva/")
    here.check("input[name=kind][value=industries]")
    here.set_input_files("input[name=files]", extracts[0].with_name("industries.csv"))
    submit(here)
    here.locator("main a[href*='tamizajes/nuevo']").click()
    assert_accessible(here)
    for box in here.locator("input[name=datasets]").all():
        box.check()
    here.check("input[name=families][value=divisions]")
    submit(here)
    here.wait_for_url(re.compile(r"/tamizajes/\d+/$"))
    here.locator("main a[href*='/industria/']").first.wait_for()
    assert_accessible(here)
    keep(here, "board", full=False)
    screening = Screening.objects.get()
    verdict, high = one_that_flips(analyst, screening)
    here.locator(f"main a[href$='/industria/{verdict.family}/']").first.click()
    here.wait_for_url(f"**/industria/{verdict.family}/")
    assert_accessible(here)
    keep(here, "verdict")
    before = here.locator("#whatif .c-verdict, #whatif [data-verdict]").first.inner_text()
    slide(here, high, javascript=javascript)
    here.wait_for_function(
        "before => document.querySelector('#whatif .c-verdict, #whatif [data-verdict]').innerText !== before",
        arg=before,
    )
    link = here.locator("main a[href$='ficha.pdf']").get_attribute("href")
    ficha = here.request.get(link)
    assert ficha.ok
    assert ficha.headers["content-type"] == "application/pdf"
    assert ficha.body().startswith(b"%PDF")
    here.locator("main a[href$='/apoyos/']").click()
    assert_accessible(here)
    keep(here, "drivers", full=False)


def one_that_flips(user, screening):
    """A family whose verdict the slider's far end changes, and that end."""
    for verdict in screening.verdicts.order_by("pk"):
        lq = verdict.detail["row"]["lq"]
        if not lq:
            continue
        end = min(20.0, max(4.0, round(lq * 1.5, 1)))
        for asked in (0.5, end):
            answer = what_if(user, verdict, {"density.lq_meets": asked})
            if answer and answer.before != answer.after:
                return verdict, asked
    pytest.fail("no verdict that the slider changes")


def slide(here, value, *, javascript):
    """Move the slider; without scripts the form's button asks the server."""
    here.locator("#lq").evaluate(
        "(range, value) => { range.value = value; range.dispatchEvent(new Event('input', {bubbles: true})); }",
        value,
    )
    if not javascript:
        button = here.locator("#whatif button")
        if button.count() and button.first.is_visible():
            button.first.click()
        else:
            here.goto(here.url.split("?")[0] + f"?lq={value}")


@pytest.mark.parametrize(("width", "javascript", "language"), [(1280, True, "es"), (360, False, "en")])
def test_a_dirty_file_is_refused_explained_and_mended(
    page, sign_in, analyst, tmp_path, assert_accessible, shot, width, javascript, language
):
    here = page(width=width, javascript=javascript, language=language)
    sign_in(here, analyst)
    here.goto("/datos/cargas/nueva/")
    here.set_input_files(
        "input[name=files]",
        {"name": "foto.txt", "mimeType": "text/plain", "buffer": b"\x89PNG\r\n\x1a\n" * 9},
    )
    submit(here)
    here.wait_for_url("**/columnas/")
    submit(here)
    here.locator(".c-field-error, main [role=alert]").first.wait_for()
    assert_accessible(here)
    here.locator("main button[formaction$='/descartar/']").click()
    here.wait_for_url("**/datos/cargas/")
    assert not Dataset.objects.exists()
    here.goto("/datos/cargas/nueva/")
    lines = sample_file("muestra").read_bytes().rstrip(b"\n").split(b"\n")
    dirty = tmp_path / "muestra-repetida-2023.txt"
    dirty.write_bytes(b"\n".join([*lines, *lines[5:9]]))  # four firms twice
    uploaded(here, dirty)
    assert_accessible(here)
    shot(here, f"findings-{width}", full=False)
    batch = ImportBatch.objects.latest("pk")
    assert batch.state == "with_errors"
    with here.expect_download() as waiting:
        here.locator("main a[href$='hallazgos.csv']").click()
    found = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
    bad = {int(row["row"]) for row in found if row["severity"] == "dropped"}
    assert len(bad) >= 4
    mended = tmp_path / "muestra-corregida-2023.txt"
    sent = enumerate([*lines, *lines[5:9]])  # row 1 is the first below the headers
    mended.write_bytes(b"\n".join(line for number, line in sent if number not in bad))
    here.goto("/datos/cargas/nueva/")
    uploaded(here, mended)
    batch = ImportBatch.objects.latest("pk")
    assert batch.state == "ready", batch.quality["issues"]
    here.locator("form[action$='/usar/'] button").click()
    here.locator("main a[href*='tamizajes/nuevo']").wait_for()
    assert Dataset.objects.get().batch == batch


def test_two_people_decide(page, sign_in, director, analyst, assert_accessible, shot):
    from leave_with_world import computed

    screening = computed(director.roles.get().entity, analyst)
    address = f"/identificar/tamizajes/{screening.pk}/industria/azucar/"
    first = page()
    sign_in(first, analyst)
    first.goto(address)
    first.locator("main details summary").last.click()
    first.locator("form[action$='/proponer/'] input[value=qualifies]").check()
    first.fill("form[action$='/proponer/'] textarea", "Crece y es densa.")
    first.locator("form[action$='/proponer/'] button").click()
    first.get_by_text("Crece y es densa.").wait_for()
    assert first.locator("form[action$='/decidir/']").count() == 0
    second = page(width=360)
    sign_in(second, director)
    second.goto(address)
    assert_accessible(second)
    second.locator("form[action$='/decidir/'] input[value=watch]").check()
    second.fill("form[action$='/decidir/'] textarea", "Un año más de datos.")
    shot(second, "decision-360", full=False)
    second.locator("form[action$='/decidir/'] button").click()
    second.get_by_text("Un año más de datos.").wait_for()
    assert second.locator("form[action$='/decidir/']").count() == 0
    assert screening.verdicts.get(family="azucar").decision.decided_by == director


@pytest.fixture
def empty_page(browser, live_server, transactional_db, page, director):
    """The page factory of an installation nobody has used."""
    import gc

    from django.core.management import call_command

    call_command("flush", verbosity=0, interactive=False)
    # The server remembers that an owner exists, once it has seen one; no installation ever loses its last user.
    for one in gc.get_objects():
        if type(one) is FirstRunMiddleware:
            one.owned = False
    return page


def test_an_empty_installation_asks_for_its_owner_who_invites_a_colleague(
    empty_page, assert_accessible, shot, settings
):
    here = empty_page(width=360)
    here.goto("/datos/cargas/")
    here.wait_for_url("**/primeros-pasos/")
    assert_accessible(here)
    shot(here, "first-run-360", full=False)
    here.fill("input[name=entity_name]", "Cámara de Prueba")
    here.select_option("select[name=department]", "76")
    here.fill("input[name=name]", "Persona Dueña")
    here.fill("input[name=email]", "duena@demo.test")
    here.fill("input[name=password]", "12345")
    submit(here)
    here.locator("main [role=alert], main .c-errors, main .errorlist").first.wait_for()
    assert_accessible(here)
    assert not User.objects.exists()
    here.fill("input[name=password]", "una-clave-larga-1")
    submit(here)
    here.wait_for_url("**/")
    here.goto("/personas/invitar/")
    assert_accessible(here)
    here.fill("input[name=name]", "Persona Analista")
    here.fill("input[name=email]", "analista@demo.test")
    here.select_option("select[name=role]", "analyst")
    here.select_option("select[name=entity]", label="Cámara de Prueba")
    submit(here)
    here.locator("main input[readonly][value*='/personas/invitacion/']").wait_for()
    assert_accessible(here)
    shot(here, "invitation-360", full=False)
    address = re.search(
        r"https?://\S+/personas/invitacion/[\w-]+/", here.locator("main").inner_html()
    ).group()
    there = empty_page(width=1280, language="en")
    there.goto(address)
    assert_accessible(there)
    there.fill("input[name=password]", "otra-clave-larga-2")
    submit(there)
    there.wait_for_url("**/")
    there.goto("/datos/cargas/nueva/")
    assert there.locator("input[name=files]").count() == 1
    assert there.goto("/personas/").status == 403
    there.goto(address)
    assert there.locator("input[name=password]").count() == 0


def test_signing_in_and_uploading_with_the_keyboard_alone(page, analyst, extracts):
    here = page()
    here.goto("/datos/cargas/nueva/")
    tab_to(here, "login")
    here.keyboard.type(analyst.email)
    tab_to(here, "password")
    here.keyboard.type("una-clave-larga-1")
    here.keyboard.press("Enter")
    here.locator("input[name=files]").wait_for()
    tab_to(here, "files")
    with here.expect_file_chooser() as waiting:
        here.keyboard.press("Space")
    waiting.value.set_files(extracts[-1])
    tab_to_button(here)
    here.keyboard.press("Enter")
    here.wait_for_url("**/columnas/")
    tab_to_button(here)
    here.keyboard.press("Enter")
    here.locator("form[action$='/usar/']").wait_for()


def tab_to(here, name):
    """Press the tabulator until the control of that name has the focus, which must be visible."""
    for _ in range(80):
        here.keyboard.press("Tab")
        if here.evaluate("document.activeElement.name") == name:
            return
    pytest.fail(f"the keyboard never reaches {name}")


def tab_to_button(here):
    for _ in range(120):
        here.keyboard.press("Tab")
        if here.evaluate("document.activeElement.matches('main form .c-btn-primary')"):
            return
    pytest.fail("the keyboard never reaches the button")


def test_a_stranger_sees_no_firm_in_the_browser_either(page, director, analyst, assert_accessible):
    """A public reader of a published screening: no name of a firm anywhere on the page, nor in what it loaded."""
    from django.utils import timezone

    from leave_with_world import GIANT, computed

    screening = computed(director.roles.get().entity, analyst)
    Screening.objects.filter(pk=screening.pk).update(published_at=timezone.now(), state="decided")
    here, loaded, read = page(), set(), b""
    here.on("response", lambda answer: loaded.add(answer.url))
    for family in ("azucar", "hoteles"):
        here.goto(f"/identificar/tamizajes/{screening.pk}/industria/{family}/", wait_until="networkidle")
        assert_accessible(here)
        assert here.locator("main a[href$='/apoyos/'], main a[href$='empresas.xlsx']").count() == 0
    for address in loaded:
        read += here.request.get(address).body()
    assert b"hoteles" in read.lower()
    assert GIANT.encode() not in read
    assert b"AZUCARERA 11" not in read
    assert here.goto(f"/identificar/tamizajes/{screening.pk}/evidencia-interna.zip").status == 403


def test_a_rival_entity_finds_nothing(page, sign_in, director, analyst):
    from leave_with_world import computed

    screening = computed(director.roles.get().entity, analyst)
    rival = a_director(an_entity())
    here = page()
    sign_in(here, rival)
    for tail in (
        "",
        "industria/azucar/",
        "industria/azucar/apoyos/",
        "industria/azucar/empresas.xlsx",
        "familias/",
    ):
        answer = here.request.get(f"/identificar/tamizajes/{screening.pk}/{tail}")
        assert answer.status == 404, tail
