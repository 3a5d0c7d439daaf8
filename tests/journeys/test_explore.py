"""Somebody looks around: a department, an industry, its map, its years; with and without a script."""

import pytest

from coopetir.identify.models import SavedView
from factories import an_analyst

HOME = "/identificar/explorar/"


@pytest.mark.parametrize("view", ["industrias", "mapa", "comparar", "anios"])
@pytest.mark.parametrize(("width", "language", "dark"), [(1280, "es", False), (360, "en", True)])
def test_every_view_can_be_read_by_everyone(page, assert_accessible, shot, view, width, language, dark):
    here = page(width=width, language=language, dark=dark)
    here.goto(f"{HOME}?vista={view}")
    assert here.locator(".c-picture svg:visible").count() == 1
    assert_accessible(here)
    shot(here, f"explore-{view}-{width}-{language}")


@pytest.mark.parametrize("path", ["/ayuda/", "/metodo/", "/datos/", "/buscar/?q=papel"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_reference_pages_can_be_read_by_everyone(page, assert_accessible, path, width):
    here = page(width=width)
    here.goto(path)
    assert_accessible(here)


def test_from_a_name_to_its_map_without_a_script(page):
    here = page(width=360, javascript=False)
    here.goto("/buscar/")
    here.fill("main input[name=q]", "confiteria")
    here.locator("main form button").click()
    here.get_by_role("link", name="1082 Elaboración de cacao").click()
    assert "puesto" in here.locator(".c-answer-text").inner_text()
    here.select_option("#x-departamento", "05")
    here.get_by_role("button", name="Mostrar").click()
    assert "Antioquia" in here.locator(".c-answer-text").inner_text()
    assert "industria=1082" in here.url


def test_the_quadrant_is_walked_by_keyboard(page, assert_accessible):
    here = page()
    here.goto(HOME)
    here.get_by_role("button", name="Recorrer punto por punto").press("Enter")
    here.locator(".x-chart svg").wait_for()
    here.keyboard.press("ArrowRight")
    said = here.locator("#announcements")
    first = said.inner_text()
    assert "especialización" in first
    here.keyboard.press("ArrowRight")
    assert said.inner_text() != first
    assert_accessible(here)
    here.keyboard.press("Enter")
    here.wait_for_url("**vista=anios**")


def test_a_click_on_the_map_changes_the_department(page):
    here = page()
    here.goto(f"{HOME}?vista=mapa&industria=bioenergia")
    link = here.locator(".c-at-wide a[href*='departamento=19']")
    link.focus()
    here.keyboard.press("Enter")
    here.wait_for_url("**departamento=19**")
    assert "Cauca" in here.locator(".c-answer-text").inner_text()


def test_a_view_is_saved_and_found_again(page, sign_in):
    analyst = an_analyst()
    here = page()
    sign_in(here, analyst)
    here.goto(f"{HOME}?vista=mapa&industria=bioenergia")
    here.locator(".x-save summary").click()
    here.fill("#x-nombre", "Bioenergía en el país")
    here.get_by_role("button", name="Guardar vista").click()
    here.wait_for_load_state()
    saved = SavedView.objects.get(owner=analyst)
    assert saved.address == f"{HOME}?vista=mapa&industria=bioenergia"
    assert here.url.endswith(saved.address)
