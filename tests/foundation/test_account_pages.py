"""The pages of accounts, as a person meets them."""

import re

import pytest
from django.core import mail

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
