"""Who may become somebody here: the owner once, colleagues by a link that works once, roles that end."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from coopetir.foundation.models import AccountInvitation, Event, Role, RoleAssignment, User
from coopetir.foundation.models.events import EventIsFinal
from coopetir.foundation.operations import accounts
from coopetir.foundation.permissions import NotAllowed, can
from factories import NOW, a_director, a_user, an_admin, an_entity

pytestmark = pytest.mark.django_db
GOOD = "Una clave muy larga 7"


def the_owner():
    return accounts.create_owner(
        email="Duena@Demo.test", name="Dueña", password=GOOD, entity_name="Cámara", department="76", now=NOW
    )


def test_the_first_owner_administers_and_directs():
    owner = the_owner()
    assert owner.email == "duena@demo.test"
    assert {row.role for row in owner.roles.all()} == {Role.NETWORK_ADMIN, Role.ENTITY_DIRECTOR}
    assert can(owner, "account.invite")


def test_there_is_one_first_owner():
    the_owner()
    with pytest.raises(accounts.OwnerExists):
        the_owner()


def test_a_weak_password_leaves_nothing_behind():
    with pytest.raises(ValidationError):
        accounts.create_owner(
            email="a@demo.test", name="A", password="1234567890", entity_name="C", department="76", now=NOW
        )
    assert not User.objects.exists()


def test_an_invitation_works_once():
    director = a_director()
    entity = director.roles.get().entity
    accounts.invite_colleague(
        email="ana@demo.test", name="A", role=Role.ANALYST, entity=entity, token="t", actor=director, now=NOW
    )
    user = accounts.accept_invitation(token="t", password=GOOD, now=NOW)
    assert user.roles.get().role == Role.ANALYST
    assert user.roles.get().granted_by == director
    with pytest.raises(accounts.InvitationInvalid):
        accounts.accept_invitation(token="t", password=GOOD, now=NOW)


@pytest.mark.parametrize("spoil", ["expired", "withdrawn", "unknown"])
def test_a_spoiled_invitation_is_refused(spoil):
    director = a_director()
    entity = director.roles.get().entity
    invitation = accounts.invite_colleague(
        email="ana@demo.test", name="A", role=Role.ANALYST, entity=entity, token="t", actor=director, now=NOW
    )
    when, token = NOW, "t"
    if spoil == "expired":
        when = NOW + timedelta(days=15)
    elif spoil == "withdrawn":
        accounts.withdraw_invitation(invitation=invitation, actor=director, now=NOW)
    else:
        token = "other"
    with pytest.raises(accounts.InvitationInvalid):
        accounts.accept_invitation(token=token, password=GOOD, now=when)


@pytest.mark.parametrize("role", [Role.NETWORK_ADMIN, Role.ANALYST])
def test_a_director_gives_no_role_outside_the_own_entity(role):
    director = a_director()
    entity = None if role == Role.NETWORK_ADMIN else an_entity()
    with pytest.raises(NotAllowed):
        accounts.invite_colleague(
            email="x@demo.test", name="X", role=role, entity=entity, token="t", actor=director, now=NOW
        )


def test_deactivation_ends_roles_and_keeps_history():
    director = a_director()
    entity = director.roles.get().entity
    analyst = a_user(Role.ANALYST, entity=entity)
    accounts.deactivate_account(user=analyst, actor=director, now=NOW, reason="se retiró")
    analyst = User.objects.get(pk=analyst.pk)
    assert not analyst.is_active
    assert not can(analyst, "dataset.import", entity)
    assert RoleAssignment.objects.filter(user=analyst, valid_to=NOW).count() == 1
    assert Event.objects.get(action="foundation.account.deactivated").reason == "se retiró"


def test_the_last_administrator_stays():
    admin = an_admin()
    with pytest.raises(accounts.LastOwner):
        accounts.end_role(assignment=admin.roles.get(), actor=admin, now=NOW)


def test_a_director_of_one_entity_cannot_deactivate_a_person_of_two():
    director = a_director()
    person = a_user(Role.ANALYST, entity=director.roles.get().entity)
    RoleAssignment.objects.create(user=person, role=Role.ANALYST, entity=an_entity(), valid_from=NOW)
    with pytest.raises(NotAllowed):
        accounts.deactivate_account(user=person, actor=director, now=NOW, reason="x")


def test_an_event_is_final():
    the_owner()
    event = Event.objects.get()
    event.reason = "otra"
    with pytest.raises(EventIsFinal):
        event.save()
    with pytest.raises(EventIsFinal):
        event.delete()
    with pytest.raises(EventIsFinal):
        Event.objects.all().delete()
    with pytest.raises(EventIsFinal):
        Event.objects.update(reason="otra")


@pytest.mark.parametrize("loses", ["account", "role"])
def test_an_invitation_is_worth_no_more_than_its_sender(loses):
    director = a_director()
    entity = director.roles.get().entity
    accounts.invite_colleague(
        email="ana@demo.test", name="A", role=Role.ANALYST, entity=entity, token="t", actor=director, now=NOW
    )
    if loses == "account":
        accounts.deactivate_account(user=director, actor=an_admin(), now=NOW, reason="se fue")
        assert AccountInvitation.objects.get().withdrawn_at == NOW
        assert Event.objects.filter(action="foundation.account.invitation_withdrawn").count() == 1
    else:
        accounts.end_role(assignment=director.roles.get(), actor=an_admin(), now=NOW)
    with pytest.raises(accounts.InvitationInvalid):
        accounts.accept_invitation(token="t", password=GOOD, now=NOW)
    assert not User.objects.filter(email="ana@demo.test").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time")
def test_two_first_owners_at_once_make_one():
    start, made, refused = Barrier(2), [], []

    def first_run(number):
        start.wait()
        try:
            made.append(
                accounts.create_owner(
                    email=f"d{number}@demo.test",
                    name="D",
                    password=GOOD,
                    entity_name=f"C{number}",
                    department="76",
                    now=NOW,
                )
            )
        except accounts.OwnerExists as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=first_run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(made), len(refused)) == (1, 1)
    assert User.objects.count() == 1
