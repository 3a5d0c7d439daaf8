"""Is the English of the screens complete, faithful to the Spanish and compiled, and does it reach the pages?"""

import importlib.util
import re
from html import unescape
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from coopetir.identify.core.synthetic import Recipe
from factories import NOW, a_screening, a_user, an_entity
from registry_fixture import families, imported, people, screened

ROOT = Path(__file__).resolve().parents[1]
SMALL = Recipe(region="76", firms=300, country_firms=900, first_year=2021, last_year=2023)
LOOKS_ENGLISH = set(
    re.findall(r"\w+", "the of and with your this which are is was not for from to by on all")
)
LOOKS_SPANISH = set(
    re.findall(
        r"\w+",
        "que con para por sin según más está están ser hay puede cada como cuando donde desde hasta este esta "
        "los las una uno sus del empresa empresas familia familias industria industrias región tamizaje tamizajes "
        "umbral umbrales veredicto veredictos cámara año años datos dato carga cargas usted correo contraseña "
        "guardar enviar buscar cambiar entrar salir inicio ayuda ninguna todos todas todavía aún",
    )
)


@pytest.fixture(scope="module")
def tool():
    """``tools/translations.py`` as a module; ``tools`` is no package."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def catalogue(tool):
    return polib.pofile(str(tool.CATALOGUE))


def words(text: str) -> set[str]:
    """Lower-case words, without what stands between a placeholder's brackets, tags or quotation marks."""
    return set(re.findall(r"\w+", re.sub(r"%\(\w+\)[sd]|\{\w*\}|<[^>]*>|“[^”]*”", " ", text).lower()))


def test_every_sentence_has_its_english_and_the_compiled_file_is_the_catalogues(tool, capsys):
    assert tool.check() == 0, capsys.readouterr().out


def test_placeholders_tags_and_edges_are_the_same_on_both_sides(tool, catalogue):
    assert tool.disagreements(catalogue) == []


def test_figures_are_the_same_on_both_sides(tool, catalogue):
    """1.500 becomes 1,500 and 2,8 becomes 2.8: the digits stay."""

    def digits(text):
        return sorted(re.sub(r"\D", "", one) for one in re.findall(r"\d[\d.,]*", text))

    pairs = [pair for entry in catalogue for pair in tool.pairs(entry)]
    assert [pair for pair in pairs if digits(pair[0]) != digits(pair[1])] == []


def test_the_source_is_spanish_and_the_translation_english(tool, catalogue):
    for entry in catalogue:
        for spanish, english in tool.pairs(entry):
            assert not words(spanish) & LOOKS_ENGLISH, spanish
            assert not words(english) & LOOKS_SPANISH, english
            assert not set("«»¿¡") & set(english), english


def test_plurals_have_both_forms(catalogue):
    plurals = [entry for entry in catalogue if entry.msgid_plural]
    assert plurals
    for entry in plurals:
        assert sorted(entry.msgstr_plural) == [0, 1], entry.msgid
        assert all(entry.msgstr_plural.values()), entry.msgid


def test_a_lost_placeholder_and_an_old_compiled_file_are_found(tool, tmp_path):
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.append(polib.POEntry(msgid="%(n)s filas", msgstr="%(n)s rows"))
    catalogue.append(polib.POEntry(msgid="5 %% de {name}", msgstr="5%% of {nombre}"))
    catalogue.append(polib.POEntry(msgid="<b>sí</b>", msgstr="yes"))
    catalogue.append(
        polib.POEntry(
            msgid="una fila", msgid_plural="%(n)s filas más", msgstr_plural={0: "one row", 1: "more rows"}
        )
    )
    assert [spanish for spanish, _ in tool.disagreements(catalogue)] == [
        "5 %% de {name}", "<b>sí</b>", "%(n)s filas más",
    ]  # fmt: skip
    catalogue.save_as_mofile(str(tmp_path / "x.mo"))
    assert tool.stale(catalogue, polib.mofile(str(tmp_path / "x.mo"))) == []
    catalogue[3].msgstr_plural[1] = "%(n)s more rows"
    assert tool.stale(catalogue, polib.mofile(str(tmp_path / "x.mo"))) == ["una fila"]


def test_django_reads_the_compiled_file(catalogue):
    """What Django answers, formatted or not, is what the catalogue says."""
    with translation.override("en"):
        for entry in catalogue:
            if entry.msgid_plural:
                said = [ngettext(entry.msgid, entry.msgid_plural, n) for n in (1, 2)]
                assert said == [entry.msgstr_plural[0], entry.msgstr_plural[1]]
            elif not entry.msgctxt:
                assert gettext(entry.msgid) == entry.msgstr
    with translation.override("es-co"):
        assert all(gettext(entry.msgid) == entry.msgid for entry in catalogue if not entry.msgctxt)


def texts(html: str) -> list[str]:
    """What a reader sees or hears, piece by piece, without what the page itself says is in Spanish."""
    html = re.sub(r"<(template|script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    html = re.sub(r'<(\w+)\b[^>]*\slang="es"[^>]*>.*?</\1>', " ", html, flags=re.DOTALL)
    heard = re.findall(r'\s(?:aria-label|title|placeholder|alt|data-label|data-confirm)="([^"]*)"', html)
    pieces = (re.sub(r"\s+", " ", unescape(piece)).strip() for piece in [*re.split(r"<[^>]+>", html), *heard])
    return [piece for piece in pieces if piece]


def read(client, address: str) -> list[str]:
    return texts(client.get(address, headers={"accept-language": "en"}).content.decode())


# A page, and English it must say: a page that says nothing would leave no Spanish either.
PUBLIC = {
    "/": "Which industries in Valle del Cauca qualify as clusters?",
    "/?lq=1,2": "2 verdicts change",
    "/ayuda/": "Nobody has measured it with the sources loaded.",
    "/metodo/": "The method and its thresholds",
    "/accesibilidad/": "Accessibility",
    "/mapa-del-sitio/": "Site map",
    "/cuenta/login/": "Sign in",
    "/identificar/explorar/": "The industries of Valle del Cauca",
    "/no-existe/": "There is nothing at this address",
}
SIGNED_IN = {
    "/personas/": "Rights come only from the roles in this list.",
    "/personas/invitar/": "They will receive a link that works once",
    "/registro-de-cambios/": "Every change is kept here",
    "/trabajos/": "Jobs",
    "/datos/cargas/": "19,917",
    "/datos/cargas/nueva/": "Upload",
    "/identificar/": "Screenings",
    "/identificar/mis-datos/": "Confirm the columns",
    "/identificar/tamizajes/nuevo/": "New screening",
    "/identificar/huellas/": "No footprints yet",
    "/identificar/tamizajes/{screening}/familias/": "A family gathers the CIIU classes",
    "/identificar/tamizajes/{screening}/metodo/": "Certainty of growth (z) to meet",
    "/personas/{user}/desactivar/": "their roles end today",
}
# Names that stay in Spanish: of data sets, departments, clusters, classes that only CIIU has, and entities.
NAMES = re.compile(
    r"Cámara Demo \d+|Cámara Propia|Tamizaje 2023|Registro \d+|División \d+|Valle del Cauca|Plataforma Clúster"
    r"|\bSources?: .*|\b1090 Elaboración de alimentos preparados para animales"
    r"|\b1630 Fabricación de partes y piezas de madera, de carpintería y ebanistería para la construcción"
)


def leftover(pieces: list[str]) -> set[str]:
    return {piece for piece in pieces if words(NAMES.sub(" ", piece)) & LOOKS_SPANISH}


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_leave_no_spanish(client, address):
    a_user()
    pieces = read(client, address)
    assert PUBLIC[address] in " ".join(pieces)
    assert leftover(pieces) == set()


@pytest.mark.django_db
def test_the_language_cookie_wins_and_spanish_is_the_default(client):
    a_user()
    assert "Probar con mis datos" in texts(client.get("/").content.decode())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = client.get("/", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="en"' in html
    assert "Try with my data" in texts(html)


@pytest.mark.django_db
def test_pages_of_an_entity_leave_no_spanish(client):
    from coopetir.foundation.models import ImportBatch, Role, RoleAssignment
    from coopetir.identify.models import Screening

    entity = an_entity()
    user = a_user(Role.ENTITY_DIRECTOR, Role.ANALYST, entity=entity)
    RoleAssignment.objects.create(user=user, role=Role.NETWORK_ADMIN, entity=None, valid_from=NOW)
    screening = a_screening(entity, user)
    named = {screening.name}  # the log of changes keeps the name it had
    Screening.objects.update(name="Caso 1")
    ImportBatch.objects.update(quality={"firms": 19_917})
    client.force_login(user)
    for template, said in SIGNED_IN.items():
        address = template.format(screening=screening.pk, user=user.pk)
        pieces = read(client, address)
        assert said in " ".join(pieces), address
        assert leftover(pieces) == (named if "registro-de-cambios" in address else set()), address


def test_pages_of_a_verdict_leave_no_spanish(client, db, tmp_path):
    """On a screening that the product computed: the words that ``core`` says, not only the templates'."""
    everybody = people()
    screening = screened(everybody, imported(everybody, tmp_path, SMALL), families(tmp_path)[:3])
    found = screening.verdicts.first()
    client.force_login(everybody["D"])
    one = f"/identificar/tamizajes/{screening.pk}/"
    industry = f"{one}industria/{found.family}/"
    pages = {
        one: "Verdict by family",
        industry: "Why, in three sentences",
        f"{industry}criterio/density/": "All the measures of this criterion",
        f"{industry}criterio/growth/": "Those that decide come first",
        f"{industry}apoyos/": "Without each municipality",
        f"{industry}enlaces/": "Share a link",
    }
    for address, said in pages.items():
        pieces = read(client, address)
        assert said in " ".join(pieces), address
        assert leftover(pieces) == set(), address


def test_leftover_spanish_is_noticed():
    pieces = texts(
        '<p lang="es">La cámara</p><p>Cámara Demo 3 in Valle del Cauca</p><p title="Umbral">2.5</p>'
    )
    assert leftover(pieces) == {"Umbral"}
