"""The one-page ficha: one A4 page, tagged, in both languages, and in its public edition without any firm."""

import dataclasses
import io
from datetime import UTC, date, datetime

import pypdf
import pytest
from django.urls import reverse

import leave_with_world as world
from coopetir.foundation.core.formats import number, percent
from coopetir.identify.core.explanation import explain
from coopetir.identify.documents.ficha import FichaFirm, ficha_content, render_ficha
from coopetir.identify.queries.leave_with import ficha_source
from coopetir.identify.queries.screenings import method_of
from factories import a_director, a_manager, a_user, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db
TODAY, NOW = date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def made(db):
    entity = an_entity()
    return world.computed(entity, an_analyst(entity))


def pdf_of(source, language="es"):
    body = render_ficha(ficha_content(source, language=language, today=TODAY), now=NOW)
    return pypdf.PdfReader(io.BytesIO(body))


def words(reader):
    """All text in one line, since a page breaks its lines where it must."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("language", ["es", "en"])
def test_one_tagged_a4_page_with_title_and_language(made, language):
    verdict = made.verdicts.get(family="azucar")
    reader = pdf_of(ficha_source(verdict, internal=True, language=language), language)
    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  (a PDF boolean object)
    assert root["/Lang"].startswith(language)
    assert reader.metadata.title.startswith("Azúcar")
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_the_page_says_what_the_verdict_says(made):
    verdict = made.verdicts.get(family="azucar")
    said = squeezed(words(pdf_of(ficha_source(verdict, internal=True, language="es"))))
    row = verdict.detail["row"]
    for sentence in explain(row, method_of(verdict.screening)).sentences():
        assert squeezed(sentence) in said
    assert squeezed("Sin estabilidad calculada") in said
    for figure in (number(row["lq"], 2), number(row["lq_shrunk_low"], 2), percent(row["top_firm"], 0)):
        assert squeezed(figure) in said
    assert squeezed("Mercado: sin dato") in said
    assert squeezed("comercio mundial por producto") in said
    assert squeezed("AZUCARERA 11 SAS") in said
    assert squeezed("De las 13, 1 son de personas naturales") in said
    assert "PERSONANATURAL" not in said
    assert made.summary["method"]["digest"][:12] in said


def test_stability_is_said_with_its_word(made):
    source = ficha_source(made.verdicts.get(family="azucar"), internal=True, language="es")
    row = source.row | {"verdict": "candidate", "stability": 0.834, "label": "moderate"}
    content = ficha_content(dataclasses.replace(source, row=row), language="es", today=TODAY)
    assert content["stability"].startswith("Estabilidad 83\xa0% (intermedio)")
    assert content["answer"].startswith("Es candidata a clúster en Valle del Cauca")


def test_the_public_edition_names_no_firm_and_no_largest_share(made):
    for family in ("azucar", "hoteles"):
        verdict = made.verdicts.get(family=family)
        row = verdict.detail["row"]
        for language in ("es", "en"):
            said = squeezed(words(pdf_of(ficha_source(verdict, internal=False, language=language), language)))
            for firm in world.firms():
                assert squeezed(firm["name"]) not in said
            assert squeezed(percent(row["top_firm"], 0, language)) not in said.replace("65%", "")
            assert squeezed({"es": "protegido", "en": "protected"}[language]) in said


def test_a_family_of_one_giant_hides_its_jobs_outside(made):
    verdict = made.verdicts.get(family="hoteles")
    assert verdict.detail["safe"] is False
    outside = ficha_source(verdict, internal=False, language="es")
    inside = ficha_source(verdict, internal=True, language="es")
    assert outside.series is None
    assert inside.series is not None
    assert outside.row["lq"] is None
    assert outside.row["slope"] is None
    assert outside.firms is None
    assert outside.places == (("Cali", 2), ("Palmira", 1))


def test_small_counts_of_municipalities_stand_together(made):
    verdict = made.verdicts.get(family="hoteles")
    content = ficha_content(ficha_source(verdict, internal=False, language="es"), language="es", today=TODAY)
    assert content["firms"]["rows"] == [["otros municipios", "3"]]


def test_long_texts_still_fit_one_page(made):
    verdict = made.verdicts.get(family="azucar")
    source = ficha_source(verdict, internal=True, language="es")
    long = dataclasses.replace(
        source,
        label="Fabricación de artículos de talabartería y guarnicionería, " * 4,
        sentences=tuple("Una frase larga que explica con detalle lo que pasa. " * 14 for _ in range(3)),
        firms=tuple(
            FichaFirm(
                f"SOCIEDAD DE COMERCIALIZACIÓN INTERNACIONAL NÚMERO {at} DEL VALLE SAS",
                "Santiago de Tolú",
                5.0,
            )
            for at in range(30)
        ),
        firms_total=30,
        activities=tuple(f"{code:04d}" for code in range(40)),
        sources="registro mercantil de una entidad con un nombre muy largo que ocupa toda la línea " * 2,
        invented=True,
        row={**source.row, **dict.fromkeys(("density", "growth", "technology", "market"))},
    )
    reader = pdf_of(long)
    assert len(reader.pages) == 1
    said = words(reader)
    assert "Datos inventados" in said
    assert squeezed("de 30 empresas activas") in squeezed(said)


def test_the_title_counts_the_firms_shown(made):
    verdict = made.verdicts.get(family="azucar")
    source = ficha_source(verdict, internal=True, language="es")
    titles = ficha_content(source, language="es", today=TODAY)["firms"]["titles"]
    assert "12 de 13" in titles[12]
    assert "3 de 13" in titles[3]


def ask(client, made, user, family="hoteles", **query):
    if user is not None:
        client.force_login(user)
    return client.get(reverse("identify:ficha", args=[made.pk, family]), query)


def text_of(response):
    return squeezed(words(pypdf.PdfReader(io.BytesIO(response.content))))


def test_owners_get_the_internal_edition_and_may_ask_for_the_public_one(client, made):
    for user in (a_director(made.entity), an_analyst(made.entity)):
        assert squeezed(world.GIANT) in text_of(ask(client, made, user))
        assert squeezed(world.GIANT) not in text_of(ask(client, made, user, edicion="publica"))


def test_others_never_get_the_internal_edition(client, made):
    for user in (a_manager(made.entity), an_admin()):
        assert squeezed(world.GIANT) not in text_of(ask(client, made, user))
        assert ask(client, made, user, edicion="interna").status_code == 403
    for user in (an_analyst(), a_director(), a_user()):
        assert ask(client, made, user).status_code == 404
        assert ask(client, made, user, edicion="interna").status_code == 404


def test_the_public_reads_only_what_was_published(client, made):
    an_admin()
    assert ask(client, made, None).status_code == 404
    made.published_at = NOW
    made.save()
    response = ask(client, made, None)
    assert response.status_code == 200
    assert squeezed(world.GIANT) not in text_of(response)
    assert ask(client, made, None, edicion="interna").status_code == 403
    assert ask(client, made, an_analyst(), edicion="interna").status_code == 403


def test_no_other_edition_exists(client, made):
    assert ask(client, made, a_director(made.entity), edicion="secreta").status_code == 404


def test_a_result_that_no_longer_holds_prints_nothing(client, made):
    from coopetir.identify.operations import screenings
    from factories import FAMILIES

    director = a_director(made.entity)
    screenings.edit_families(screening=made, families=FAMILIES, what="x", actor=director, now=NOW)
    response = ask(client, made, director)
    assert response.status_code == 422
    assert "cambió después de calcularse" in response.text


def test_without_the_registry_the_sheet_says_so(client, made):
    made.datasets.update(reverted_at=NOW)
    said = text_of(ask(client, made, a_director(made.entity)))
    assert squeezed("ya no está en uso") in said
    assert squeezed(world.GIANT) not in said
    url = reverse("identify:firms_xlsx", args=[made.pk, "hoteles"])
    assert client.get(url).status_code == 422
