"""Who works here: the first owner, invitations, roles, deactivation. Writes only; permission first."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import AccountInvitation, ManagingEntity, Role, RoleAssignment, User
from coopetir.foundation.permissions import NotAllowed, holds, require

INVITATION_DAYS = 14


class OwnerExists(CoopetirError):
    code = "account.owner_exists"
    es = "Esta instalación ya tiene dueña o dueño. Entre con su cuenta o pida una invitación."
    en = "This installation already has an owner. Sign in, or ask for an invitation."


class EmailTaken(CoopetirError):
    code = "account.email_taken"
    es = "Ya hay una cuenta con el correo {email}. Asígnele el rol desde la lista de personas."
    en = "There is already an account for {email}. Give it the role from the list of people."


class InvitationInvalid(CoopetirError):
    code = "account.invitation_invalid"
    es = "Este enlace de invitación ya se usó, se retiró o venció. Pida uno nuevo a quien lo invitó."
    en = "This invitation link was used, withdrawn or has expired. Ask whoever invited you for a new one."


class LastOwner(CoopetirError):
    code = "account.last_owner"
    es = "No se puede quitar a la última persona que administra. Dé antes ese rol a otra."
    en = "The last administrator cannot be removed. Give that role to somebody else first."


def hash_token(token: str) -> str:
    """What is stored of a link's secret: never the secret."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_owner(
    *,
    email: str,
    name: str,
    password: str,
    entity_name: str,
    department: str,
    chamber: str = "",
    now: datetime,
) -> User:
    """The first account: administers the network and directs its first entity.

    :raises OwnerExists: when anybody has an account already.
    """
    # Two first visits at once: the second waits at this row, which every migrated database has, and finds an owner.
    ContentType.objects.select_for_update().get(app_label="foundation", model="user")
    if User.objects.exists():
        raise OwnerExists
    user = _new_user(email=email, name=name, password=password)
    entity = ManagingEntity.objects.create(name=entity_name, department=department, chamber=chamber)
    for role, scope in ((Role.NETWORK_ADMIN, None), (Role.ENTITY_DIRECTOR, entity)):
        RoleAssignment.objects.create(user=user, role=role, entity=scope, valid_from=now)
    record(
        "foundation.owner.created",
        user,
        actor=user,
        now=now,
        entity_id=entity.pk,
        after={"entity": entity.name},
    )
    return user


def _new_user(*, email: str, name: str, password: str) -> User:
    user = User(email=email.strip().lower(), name=name.strip())
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


@transaction.atomic
def create_entity(
    *, name: str, kind: str, department: str, chamber: str, actor: User, now: datetime
) -> ManagingEntity:
    """A new managing entity of the network."""
    require(actor, "entity.create")
    entity = ManagingEntity(name=name, kind=kind, department=department, chamber=chamber)
    entity.full_clean()
    entity.save()
    record("foundation.entity.created", entity, actor=actor, now=now, after={"name": name})
    return entity


@transaction.atomic
def invite_colleague(
    *, email: str, name: str, role: str, entity: ManagingEntity | None, token: str, actor: User, now: datetime
) -> AccountInvitation:
    """Ask a colleague to join with a role in a scope. ``token`` goes in the link and is not stored."""
    _require_grant(actor, "account.invite", role, entity)
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken(email=email)
    invitation = AccountInvitation(
        email=email,
        name=name.strip(),
        role=role,
        entity=entity,
        token_hash=hash_token(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    invitation.full_clean()
    invitation.save()
    record("foundation.account.invited", invitation, actor=actor, now=now, after={"role": role})
    return invitation


def _require_grant(actor: User, permission: str, role: str, entity: ManagingEntity | None) -> None:
    """Only the network's administrator gives the network's role; a director gives roles in their own entity."""
    if role == Role.NETWORK_ADMIN or entity is None:
        if not holds(actor, Role.NETWORK_ADMIN):
            raise NotAllowed(permission=permission)
        return
    require(actor, permission, entity)


def open_invitation(token: str, *, now: datetime) -> AccountInvitation:
    """The invitation a link points at. :raises InvitationInvalid: used, withdrawn, expired or unknown."""
    invitation = AccountInvitation.objects.filter(token_hash=hash_token(token)).first()
    if (
        invitation is None
        or invitation.accepted_at
        or invitation.withdrawn_at
        or invitation.expires_at <= now
        or not _may_still_invite(invitation)
    ):
        raise InvitationInvalid
    return invitation


def _may_still_invite(invitation: AccountInvitation) -> bool:
    """A link gives no more than whoever sent it may give today: their account and role must still stand."""
    try:
        _require_grant(invitation.invited_by, "account.invite", invitation.role, invitation.entity)
    except NotAllowed:
        return False
    return True


@transaction.atomic
def accept_invitation(*, token: str, password: str, now: datetime) -> User:
    """Create the account the invitation promised, with its role; the link works once."""
    invitation = open_invitation(token, now=now)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise EmailTaken(email=invitation.email)
    user = _new_user(email=invitation.email, name=invitation.name, password=password)
    RoleAssignment.objects.create(
        user=user,
        role=invitation.role,
        entity=invitation.entity,
        valid_from=now,
        granted_by=invitation.invited_by,
    )
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    after = {"role": invitation.role}
    record(
        "foundation.account.joined", user, actor=user, now=now, entity_id=invitation.entity_id, after=after
    )
    return user


@transaction.atomic
def withdraw_invitation(*, invitation: AccountInvitation, actor: User, now: datetime) -> None:
    """Make an unused link useless."""
    _require_grant(actor, "account.invite", invitation.role, invitation.entity)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    record("foundation.account.invitation_withdrawn", invitation, actor=actor, now=now)


@transaction.atomic
def grant_role(
    *, user: User, role: str, entity: ManagingEntity | None, actor: User, now: datetime
) -> RoleAssignment:
    """Give a person a role in a scope from now on; giving it twice changes nothing."""
    _require_grant(actor, "role.grant", role, entity)
    assignment, created = RoleAssignment.objects.get_or_create(
        user=user, role=role, entity=entity, valid_to=None, defaults={"valid_from": now, "granted_by": actor}
    )
    if created:
        record("foundation.role.granted", assignment, actor=actor, now=now, after={"role": role})
    return assignment


@transaction.atomic
def end_role(*, assignment: RoleAssignment, actor: User, now: datetime, reason: str = "") -> None:
    """End a role now; the row stays as history."""
    _require_grant(actor, "role.end", assignment.role, assignment.entity)
    if assignment.role == Role.NETWORK_ADMIN:
        _keep_an_administrator(assignment.user)
    assignment.valid_to = now
    assignment.save(update_fields=["valid_to"])
    record("foundation.role.ended", assignment, actor=actor, now=now, reason=reason)


@transaction.atomic
def deactivate_account(*, user: User, actor: User, now: datetime, reason: str) -> None:
    """Close an account: no sign-in and no roles from now on; what it did stays attributed to it."""
    scopes = list(user.roles.filter(valid_to__isnull=True).select_related("entity"))
    for assignment in scopes:
        _require_grant(actor, "account.deactivate", assignment.role, assignment.entity)
    if not scopes:
        require(actor, "account.deactivate")
    if any(assignment.role == Role.NETWORK_ADMIN for assignment in scopes):
        _keep_an_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.roles.filter(valid_to__isnull=True).update(valid_to=now)
    _withdraw_sent_by(user, actor=actor, now=now)
    # One event per entity that loses the person, so that each director finds it in their own trail.
    for entity_id in {assignment.entity_id for assignment in scopes} or {None}:
        record(
            "foundation.account.deactivated", user, actor=actor, now=now, entity_id=entity_id, reason=reason
        )


def _withdraw_sent_by(user: User, *, actor: User, now: datetime) -> None:
    """Whoever leaves leaves no open door: links they sent and nobody used stop working."""
    sent = AccountInvitation.objects.filter(
        invited_by=user, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    for invitation in sent:
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])
        record("foundation.account.invitation_withdrawn", invitation, actor=actor, now=now)


def _keep_an_administrator(leaving: User) -> None:
    others = RoleAssignment.objects.filter(
        role=Role.NETWORK_ADMIN, valid_to__isnull=True, user__is_active=True
    ).exclude(user=leaving)
    if not others.exists():
        raise LastOwner
