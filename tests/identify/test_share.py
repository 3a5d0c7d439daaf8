"""A link for people without an account: what it shows, to whom it belongs, how it ends."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

import leave_with_world as world
from coopetir.identify.models import ShareLink
from factories import a_director, a_manager, a_user, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db):
    entity = an_entity()
    return world.computed(entity, an_analyst(entity))


def give(client, made, user, days=7, family="hoteles"):
    client.force_login(user)
    return client.post(reverse("identify:share_create", args=[made.pk, family]), {"days": days})


def address_in(response):
    return response.context["made"]["address"].removeprefix("http://testserver")


def test_a_link_opens_the_public_edition_without_an_account(client, made):
    address = address_in(give(client, made, an_analyst(made.entity)))
    client.logout()
    page = client.get(address)
    assert page.status_code == 200
    assert "Hoteles" in page.text
    assert "protegido" in page.text
    for firm in world.firms():
        assert firm["name"] not in page.text
    ficha = client.get(page.context["ficha_url"])
    assert ficha["Content-Type"] == "application/pdf"
    said = "".join(pypdf.PdfReader(io.BytesIO(ficha.content)).pages[0].extract_text().split())
    assert "Ediciónpública" in said
    assert "".join(world.GIANT.split()) not in said


def test_the_owner_too_sees_the_public_edition_through_a_link(client, made):
    address = address_in(give(client, made, a_director(made.entity)))
    assert world.GIANT not in client.get(address).text
    share = made.verdicts.get(family="hoteles").detail["row"]["top_firm"]
    assert f"{share:.0%}".replace("%", "\xa0%") not in client.get(address).text


def test_nobody_lists_or_keeps_the_page(client, made):
    page = client.get(address_in(give(client, made, an_analyst(made.entity))))
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex, nofollow">' in page.text


def test_only_the_hash_is_kept_and_the_link_is_shown_once(client, made):
    user = an_analyst(made.entity)
    token = address_in(give(client, made, user)).strip("/").split("/")[-1]
    assert len(token) >= 40
    assert token not in str(ShareLink.objects.values().get())
    assert token not in client.get(reverse("identify:share_list", args=[made.pk, "hoteles"])).text


def test_an_expired_withdrawn_or_unknown_link_says_so_alike(client, made):
    user = an_analyst(made.entity)
    expired, revoked = (address_in(give(client, made, user)) for _ in range(2))
    links = list(ShareLink.objects.order_by("pk"))
    ShareLink.objects.filter(pk=links[0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    done = client.post(reverse("identify:share_revoke", args=[made.pk, "hoteles", links[1].pk]))
    assert done.status_code == 302
    client.logout()
    unknown = reverse("identify:shared", args=["nada"])
    pages = [client.get(address) for address in (expired, revoked, unknown)]
    assert [page.status_code for page in pages] == [410] * 3
    assert all("venció o se retiró" in page.text for page in pages)
    assert client.get(f"{revoked}ficha.pdf").status_code == 410


@pytest.mark.parametrize("days", [0, 91, "muchos", ""])
def test_a_link_lasts_a_sensible_time(client, made, days):
    response = give(client, made, an_analyst(made.entity), days=days)
    assert response.status_code == 422
    assert not ShareLink.objects.exists()


def test_only_owners_give_see_and_withdraw_links(client, made):
    owner = a_director(made.entity)
    give(client, made, owner)
    link = ShareLink.objects.get()
    urls = {
        "list": reverse("identify:share_list", args=[made.pk, "hoteles"]),
        "revoke": reverse("identify:share_revoke", args=[made.pk, "hoteles", link.pk]),
    }
    made.published_at = timezone.now()
    made.save()
    for user in (a_manager(made.entity), an_admin(), an_analyst(), a_director(), a_user()):
        assert give(client, made, user).status_code == 403
        assert client.get(urls["list"]).status_code == 403
        assert client.post(urls["revoke"]).status_code == 404
    client.logout()
    assert client.get(urls["list"]).status_code == 302
    assert client.post(urls["revoke"]).status_code == 302
    assert ShareLink.objects.get().revoked_at is None
    client.force_login(owner)
    assert client.get(urls["revoke"]).status_code == 405
    assert "abierto" in client.get(urls["list"]).text


def test_a_link_of_another_family_is_not_withdrawn_from_here(client, made):
    give(client, made, a_director(made.entity))
    link = ShareLink.objects.get()
    assert client.post(reverse("identify:share_revoke", args=[made.pk, "azucar", link.pk])).status_code == 404


def test_a_new_result_ends_the_links_of_the_old_one(client, made):
    from coopetir.foundation.core.progress import silent
    from coopetir.foundation.models import Job
    from coopetir.identify.jobs import compute_screening

    address = address_in(give(client, made, an_analyst(made.entity)))
    job = Job.objects.get()
    compute_screening(job, silent)
    assert client.get(address).status_code == 410


def test_pictures_follow_the_edition(client, made):
    made.published_at = timezone.now()
    made.save()
    svg = reverse("identify:picture", args=[made.pk, "hoteles", "svg"])
    png = reverse("identify:picture", args=[made.pk, "hoteles", "png"])
    outside = client.get(svg)
    assert outside.status_code == 200
    assert outside["Content-Type"] == "image/svg+xml"
    assert "protegido" in outside.text
    assert client.get(svg, {"edicion": "interna"}).status_code == 403
    client.force_login(a_director(made.entity))
    inside = client.get(svg).text
    assert "protegido" not in inside
    assert "<script" not in inside
    assert client.get(png).content.startswith(b"\x89PNG")
    assert client.get(png.replace("figura.png", "figura.pdf")).status_code == 404
