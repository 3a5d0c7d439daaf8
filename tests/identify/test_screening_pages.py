"""Every page of a screening as those who work with it meet it: board, verdict, families, Method, decision, history."""

import html
import re

import pytest
from django.urls import reverse

import leave_with_world
from coopetir.foundation.models import Event
from coopetir.identify.core.explanation import explain
from coopetir.identify.models import SavedView, Screening
from coopetir.identify.operations import screenings
from coopetir.identify.queries.screenings import method_of
from factories import NOW, a_director, a_manager, a_user, an_analyst, an_entity

pytestmark = pytest.mark.django_db
REASON = {"choice": "qualifies", "reason": "Empleo creciente y empresas suficientes."}


@pytest.fixture
def entity():
    return an_entity()


@pytest.fixture
def analyst(entity):
    return an_analyst(entity)


@pytest.fixture
def director(entity):
    return a_director(entity)


@pytest.fixture
def made(analyst, entity):
    return leave_with_world.computed(entity, analyst)


@pytest.fixture
def go(client, made, django_capture_on_commit_callbacks):
    """``go(user, name, *parts, **fields)``: the answer to a page of the screening; fields make it a post."""

    def visit(user, name, *parts, screening=None, query="", headers=None, **fields):
        if client.session.get("_auth_user_id") != (user and str(user.pk)):
            client.logout()
            if user is not None:
                client.force_login(user)
        address = reverse(f"identify:{name}", args=[(screening or made).pk, *parts]) + query
        if not fields:
            return client.get(address, headers=headers or {})
        fields.pop("post", None)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, fields)

    return visit


def words(response):
    """The page as read: no tags, one line."""
    text = re.sub(r"<(script|style|head).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(
    ("name", "parts", "queries"),
    [
        ("screening", (), 16),
        ("verdict", ("azucar",), 16),
        ("criterion", ("azucar", "density"), 16),
        ("drivers", ("azucar",), 16),
        ("families", (), 16),
        ("method", (), 16),
        ("compare", (), 16),
        ("share_list", ("azucar",), 16),
    ],
)
def test_pages_ask_the_database_a_bounded_number_of_times(
    go, made, analyst, django_assert_max_num_queries, name, parts, queries
):
    go(analyst, "screening")  # sessions and content types are warm
    with django_assert_max_num_queries(queries):
        assert go(analyst, name, *parts).status_code == 200


def test_the_board_asks_as_often_for_many_families_as_for_one(
    go, made, analyst, django_assert_max_num_queries
):
    go(analyst, "screening")
    one = made.verdicts.first()
    for number in range(30):
        one.pk, one.family, one.label = None, f"otra_{number}", f"Otra {number}"
        one._state.adding = True
        one.save()
    with django_assert_max_num_queries(16):
        page = go(analyst, "screening")
    assert "Otra 29" in words(page)


def test_the_board_says_first_how_many_qualify_and_shows_four_lights_each(go, made, analyst):
    page = words(go(analyst, "screening"))
    qualifying = made.verdicts.filter(outcome="qualifies").count()
    assert (f"{qualifying} familia" if qualifying else "Ninguna de las 2 familias califica") in page
    assert "Azúcar" in page
    assert "Hoteles" in page


@pytest.mark.parametrize(
    ("language", "title"), [("es-co", "Por qué, en tres frases"), ("en", "Why, in three sentences")]
)
def test_a_verdict_says_why_in_the_readers_language(go, client, made, analyst, language, title):
    client.cookies["django_language"] = language
    verdict = made.verdicts.get(family="azucar")
    client.force_login(analyst)
    client.cookies["django_language"] = language
    page = words(client.get(reverse("identify:verdict", args=[made.pk, "azucar"])))
    assert title in page
    told = explain(verdict.detail["row"], method_of(made), language=language[:2])
    for sentence in told.sentences():
        assert " ".join(sentence.split()) in page


def test_the_slider_answers_as_the_rule_does_and_a_fragment_when_asked_by_a_script(go, made, analyst):
    lq = made.verdicts.get(family="azucar").detail["row"]["lq"]
    below = go(analyst, "verdict", "azucar", query=f"?lq={lq / 2}").context["what_if"]["answer"]
    above = go(analyst, "verdict", "azucar", query=f"?lq={min(20, lq * 2)}").context["what_if"]["answer"]
    assert below.before == above.before == made.verdicts.get(family="azucar").outcome
    order = ["not_now", "insufficient_data", "candidate", "qualifies"]
    assert order.index(below.after) >= order.index(above.after)
    part = go(analyst, "verdict", "azucar", query="?lq=1.1", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    assert "<html" not in part


@pytest.mark.parametrize("strange", ["nan", "inf", "-5", "1e400", "abc", "", "1,5"])
def test_a_strange_threshold_is_no_accident(go, made, analyst, strange):
    page = go(analyst, "verdict", "azucar", query=f"?lq={strange}")
    assert page.status_code == 200
    assert 0 <= page.context["what_if"]["value"] <= 20


def test_drivers_name_firms_to_the_analyst_only(go, made, analyst, entity):
    assert "AZUCARERA 11 SAS" in words(go(analyst, "drivers", "azucar"))
    assert go(a_manager(entity), "drivers", "azucar").status_code == 403
    assert go(None, "drivers", "azucar").status_code == 302


def test_families_are_edited_taken_away_and_brought_back(go, made, analyst):
    before = made.families
    assert go(analyst, "families", label="Panela", industries="1071 1082").status_code == 302
    made.refresh_from_db()
    assert [row["label"] for row in made.families] == ["Azúcar", "Hoteles", "Panela"]
    assert made.state == Screening.State.DRAFT
    go(analyst, "family_remove", "hoteles", post=1)
    made.refresh_from_db()
    assert [row["label"] for row in made.families] == ["Azúcar", "Panela"]
    assert "Panela" in words(go(analyst, "families"))
    for _ in range(2):
        go(analyst, "families_undo", post=1)
    made.refresh_from_db()
    assert made.families == before
    assert go(analyst, "families_undo", post=1).status_code == 422


def test_a_class_that_does_not_exist_is_refused_by_name(go, made, analyst):
    for wrong in ("9999", "azúcar", ""):
        page = go(analyst, "families", label="Rara", industries=wrong)
        assert page.status_code == 422
    assert "9999" in words(go(analyst, "families", label="Rara", industries="9999"))
    made.refresh_from_db()
    assert len(made.families) == 2


def test_another_method_needs_another_computation_and_changes_the_verdict(go, made, analyst):
    fields = {name: field.initial for name, field in go(analyst, "method").context["form"].fields.items()}
    strict = fields | {"density__lq_meets": 19, "density__lq_borderline": 18}
    before = made.verdicts.get(family="azucar").density
    assert go(analyst, "method", **strict).status_code == 302
    made.refresh_from_db()
    assert made.state == Screening.State.DRAFT
    assert "Calcular los veredictos" in words(go(analyst, "screening"))
    assert go(analyst, "compute", post=1).status_code == 302
    made.refresh_from_db()
    assert made.state == Screening.State.COMPUTED
    assert before > made.verdicts.get(family="azucar").density == 0


def test_a_method_that_contradicts_itself_is_refused_in_words(go, made, analyst):
    fields = {name: field.initial for name, field in go(analyst, "method").context["form"].fields.items()}
    page = go(analyst, "method", **(fields | {"density__lq_meets": 1, "density__lq_borderline": 2}))
    assert page.status_code == 422
    made.refresh_from_db()
    assert made.state == Screening.State.COMPUTED


def test_one_person_proposes_and_another_decides(go, made, analyst, director):
    go(analyst, "propose", "azucar", **REASON)
    page = words(go(director, "verdict", "azucar"))
    assert REASON["reason"] in page
    assert "Registrar la decisión" in page
    assert "Registrar la decisión" not in words(go(analyst, "verdict", "azucar"))
    go(analyst, "decide", "azucar", **REASON)
    assert not made.verdicts.get(family="azucar").decision.decided
    go(director, "decide", "azucar", **(REASON | {"choice": "watch"}))
    assert made.verdicts.get(family="azucar").decision.decided == "watch"


def test_who_proposed_is_told_why_they_may_not_decide(go, made, director):
    go(director, "propose", "azucar", **REASON)
    assert "Registrar la decisión" not in words(go(director, "verdict", "azucar"))
    go(director, "decide", "azucar", **REASON)
    assert "debe tomarla otra persona" in words(go(director, "verdict", "azucar"))


def test_a_decision_nobody_proposed_is_refused_in_words(go, made, director):
    go(director, "decide", "azucar", **REASON)
    assert "Primero alguien la propone" in words(go(director, "verdict", "azucar"))
    assert not Event.objects.filter(action="identify.decision.decided").exists()


def test_published_only_after_every_decision_and_read_by_everybody_then(go, made, analyst, director):
    assert go(None, "screening").status_code == 404
    assert go(director, "publish", post=1).status_code == 422
    for family in ("azucar", "hoteles"):
        go(analyst, "propose", family, **REASON)
        go(director, "decide", family, **REASON)
    assert "Publicar la edición protegida" in words(go(director, "screening"))
    go(director, "publish", post=1)
    assert go(None, "screening").status_code == 200
    assert "GIGANTE" not in words(go(None, "verdict", "hoteles"))
    assert go(analyst, "compute", post=1).status_code == 422
    assert go(analyst, "families", label="X", industries="1071").status_code == 422


def test_an_archived_screening_is_read_but_neither_listed_nor_computed(go, client, made, analyst, director):
    assert made.name in words(client.get("/identificar/")) or client.get("/identificar/").status_code == 200
    go(director, "archive", post=1)
    client.force_login(analyst)
    assert f"/identificar/tamizajes/{made.pk}/" not in client.get("/identificar/").content.decode()
    page = go(analyst, "screening")
    assert page.status_code == 200
    assert "Azúcar" in words(page)
    assert go(analyst, "compute", post=1).status_code == 422


def test_what_changed_since_the_screening_before(go, made, analyst, entity):
    later = screenings.create_screening(
        entity=entity,
        name="Después",
        department="76",
        datasets=list(made.datasets.all()),
        families=made.families[:1],
        method_toml=made.method_toml,
        previous=made,
        actor=analyst,
        now=NOW,
    )
    Screening.objects.filter(pk=later.pk).update(resamples=20)
    go(analyst, "compute", screening=later, post=1)
    page = words(go(analyst, "compare", screening=later))
    assert "Hoteles" in page
    assert "familia que ya no está" in page
    assert "Azúcar" not in page.split("Familias cuyo veredicto")[1]


def test_a_view_is_saved_found_and_forgotten(client, made, analyst):
    client.force_login(analyst)
    address = reverse("identify:verdict", args=[made.pk, "azucar"]) + "?lq=1.25"
    answer = client.post(reverse("identify:save_view"), {"name": "Azúcar a 1,25", "address": address})
    assert answer["Location"] == address
    assert "Azúcar a 1,25" in words(client.get("/identificar/"))
    client.force_login(a_user())
    assert "Azúcar a 1,25" not in words(client.get("/identificar/"))
    view = SavedView.objects.get()
    assert client.post(reverse("identify:delete_view", args=[view.pk])).status_code == 404
    client.force_login(analyst)
    client.post(reverse("identify:delete_view", args=[view.pk]))
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "address", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_saved_view_leads_nowhere_else(client, analyst, address):
    client.force_login(analyst)
    answer = client.post(reverse("identify:save_view"), {"name": "X", "address": address})
    assert answer.status_code == 422
    assert not SavedView.objects.exists()


def test_a_screening_that_could_not_be_computed_says_why_in_the_readers_language(go, client, made, analyst):
    from coopetir.foundation.core.errors import Cancelled
    from coopetir.foundation.models import Job

    screenings.change_method(screening=made, method_toml=made.method_toml, actor=analyst, now=NOW)
    Job.objects.create(
        kind="identify.screening.requested", subject_id=made.pk, label="x", owner=analyst, entity=made.entity,
        state="failed", error=Cancelled().to_dict(),
    )  # fmt: skip
    assert "El trabajo se canceló" in words(go(analyst, "screening"))
    client.cookies["django_language"] = "en"
    client.force_login(analyst)
    client.cookies["django_language"] = "en"
    assert "The work was cancelled" in words(client.get(reverse("identify:screening", args=[made.pk])))
