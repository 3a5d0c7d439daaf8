"""The pages of accounts, as a person meets them."""

import re
from pathlib import Path

import pytest
from django.core import mail

from coopetir.foundation import events
from coopetir.foundation.models import AccountInvitation, Role, User
from factories import a_director, a_user, an_admin

pytestmark = pytest.mark.django_db
GOOD = "Una clave muy larga 7"


def test_a_new_installation_leads_to_its_first_page(client):
    assert client.get("/").url == "/primeros-pasos/"
    page = client.get("/primeros-pasos/")
    assert page.status_code == 200
    answer = client.post(
        "/primeros-pasos/",
        {"entity_name": "C", "department": "76", "name": "A", "email": "a@demo.test", "password": GOOD},
    )
    assert answer.status_code == 302
    assert User.objects.get().email == "a@demo.test"
    assert client.get("/primeros-pasos/").status_code == 302


def test_every_page_is_closed_to_strangers(client):
    a_user()
    for path in (
        "/personas/",
        "/registro-de-cambios/",
        "/trabajos/",
        "/personas/invitar/",
        "/entidades/nueva/",
    ):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.url.startswith("/cuenta/login/")


def test_sign_in_with_a_wrong_password_says_nothing_of_which(client):
    user = a_user(Role.ANALYST)
    for email in (user.email, "nobody@demo.test"):
        answer = client.post("/cuenta/login/", {"login": email, "password": "wrong"})
        assert answer.status_code == 200
        assert not answer.wsgi_request.user.is_authenticated
    client.post("/cuenta/login/", {"login": user.email, "password": "una-clave-larga-1"})
    assert client.get("/trabajos/").status_code == 200


def test_nobody_signs_up_alone(client):
    a_user()
    client.post("/cuenta/signup/", {"email": "x@demo.test", "password1": GOOD})
    assert not User.objects.filter(email="x@demo.test").exists()


def test_from_invitation_to_signed_in(client):
    director = a_director()
    entity = director.roles.get().entity
    client.force_login(director)
    answer = client.post(
        "/personas/invitar/",
        {"name": "Ana", "email": "ana@demo.test", "role": "analyst", "entity": entity.pk},
    )
    assert answer.status_code == 200
    assert mail.outbox[0].to == ["ana@demo.test"]
    link = re.search(r"/personas/invitacion/\S+", mail.outbox[0].body).group()
    client.logout()
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": GOOD}).status_code == 302
    assert User.objects.get(email="ana@demo.test").roles.get().entity == entity
    assert client.get(link).status_code == 422


def test_people_page_and_its_acts(client):
    director = a_director()
    entity = director.roles.get().entity
    person = a_user(Role.ANALYST, entity=entity)
    stranger = a_user(Role.ANALYST)
    client.force_login(director)
    text = client.get("/personas/").content.decode()
    assert person.email in text
    assert stranger.email not in text
    assert client.get(f"/personas/{stranger.pk}/desactivar/").status_code == 404
    assert client.post(f"/personas/{person.pk}/desactivar/", {"reason": "se fue"}).status_code == 302
    assert not User.objects.get(pk=person.pk).is_active
    assert "se fue" in client.get("/registro-de-cambios/").content.decode()


def test_an_analyst_sees_a_refusal_in_words(client):
    client.force_login(a_user(Role.ANALYST))
    answer = client.get("/personas/")
    assert answer.status_code == 403
    assert "permiso" in answer.content.decode()


def test_withdraw_and_grant_pages(client):
    admin = an_admin()
    client.force_login(admin)
    client.post(
        "/personas/invitar/", {"name": "Ana", "email": "ana@demo.test", "role": "network_admin", "entity": ""}
    )
    invitation = AccountInvitation.objects.get()
    assert client.post(f"/personas/invitacion/{invitation.pk}/retirar/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.withdrawn_at
    assert (
        client.post("/entidades/nueva/", {"name": "Otra", "kind": "guild", "department": "05"}).status_code
        == 302
    )


def test_a_director_is_offered_only_what_they_may_give(client):
    director = a_director()
    other = a_director().roles.get().entity
    client.force_login(director)
    page = client.get("/personas/invitar/").content.decode()
    assert 'value="network_admin"' not in page
    assert "Toda la red" not in page
    assert other.name not in page
    assert '<option value="analyst" selected>' in page
    client.force_login(an_admin())
    page = client.get("/personas/invitar/").content.decode()
    assert 'value="network_admin"' in page
    assert "Toda la red" in page
    assert other.name in page


def test_the_link_is_handed_over_where_no_mail_leaves(client):
    director = a_director()
    client.force_login(director)
    fields = {"name": "Ana", "role": "analyst", "entity": director.roles.get().entity_id}
    page = client.post("/personas/invitar/", {**fields, "email": "ana@demo.test"}).content.decode()
    assert "Entregue este enlace" in page
    assert "Invitación enviada" not in page
    assert "/personas/invitacion/" in page


def test_signing_in_leads_to_work_or_to_the_page_asked_for(client):
    person, guest = a_user(Role.ANALYST), a_user()
    secret = {"password": "una-clave-larga-1"}
    assert client.post("/cuenta/login/", {"login": person.email, **secret}).url == "/identificar/"
    client.logout()
    asked = client.post(
        "/cuenta/login/?next=/trabajos/", {"login": person.email, "next": "/trabajos/", **secret}
    )
    assert asked.url == "/trabajos/"
    client.logout()
    assert client.post("/cuenta/login/", {"login": guest.email, **secret}).url == "/"


def test_nobody_is_offered_to_put_themselves_out(client):
    director = a_director()
    colleague = a_user(Role.ANALYST, entity=director.roles.get().entity)
    client.force_login(director)
    page = client.get("/personas/").content.decode()
    assert f"/personas/{colleague.pk}/desactivar/" in page
    assert f"/personas/{director.pk}/desactivar/" not in page


def test_every_action_recorded_has_its_words():
    source = Path(events.__file__).parents[1]
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.glob("*/operations/*.py"))
    actions = set(re.findall(r'"((?:foundation|identify)\.[a-z]+\.[a-z_]+)"', text))
    assert len(actions) > 20
    assert {action for action in actions if events.words_of(action) == action} == set()
