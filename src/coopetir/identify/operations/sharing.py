"""Saved views and links for people without an account."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.events import record
from coopetir.foundation.models import ManagingEntity, User
from coopetir.foundation.permissions import require
from coopetir.identify.models import SavedView, ShareLink, Verdict

MAX_DAYS = 90


class LinkExpired(CoopetirError):
    code = "share.expired"
    es = "Este enlace venció o se retiró. Pida uno nuevo a quien se lo envió."
    en = "This link has expired or was withdrawn. Ask whoever sent it for a new one."


class LinkTooLong(CoopetirError):
    code = "share.too_long"
    es = "Un enlace dura entre 1 y {days} días."
    en = "A link lasts between 1 and {days} days."


class AddressInvalid(CoopetirError):
    code = "view.address_invalid"
    es = "Solo se guardan páginas de esta instalación."
    en = "Only pages of this installation can be saved."


@transaction.atomic
def share_verdict(*, verdict: Verdict, token: str, days: int, actor: User, now: datetime) -> ShareLink:
    """A read-only link to one industry's page, in its public edition, for some days."""
    require(actor, "share.create", verdict)
    if not 1 <= days <= MAX_DAYS:
        raise LinkTooLong(days=MAX_DAYS)
    link = ShareLink.objects.create(
        verdict=verdict,
        token_hash=_hash(token),
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record("identify.share.created", link, actor=actor, now=now, after={"days": days})
    return link


@transaction.atomic
def revoke_link(*, link: ShareLink, actor: User, now: datetime) -> None:
    """Make a link useless from now on."""
    require(actor, "share.revoke", link)
    link.revoked_at = now
    link.save(update_fields=["revoked_at"])
    record("identify.share.revoked", link, actor=actor, now=now)


def open_link(token: str, *, now: datetime) -> ShareLink:
    """The live link of a token. :raises LinkExpired: expired, withdrawn or unknown (no difference is told)."""
    rows = ShareLink.objects.select_related("verdict__screening__entity")
    link = rows.filter(token_hash=_hash(token)).first()
    if link is None or link.revoked_at is not None or link.expires_at <= now:
        raise LinkExpired
    return link


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def save_view(
    *, name: str, address: str, entity: ManagingEntity | None, actor: User, now: datetime
) -> SavedView:
    """Keep a page with its filters under a name."""
    require(actor, "view.save")
    if not _is_own_page(address):
        raise AddressInvalid
    view = SavedView(owner=actor, entity=entity, name=name.strip(), address=address, created_at=now)
    view.full_clean()
    view.save()
    record("identify.view.saved", view, actor=actor, now=now)
    return view


def _is_own_page(address: str) -> bool:
    """A path of this installation: no other host by any spelling, nothing a browser would strip or fold."""
    plain = address.startswith("/") and "\\" not in address and address.isprintable()
    return plain and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


@transaction.atomic
def delete_view(*, view: SavedView, actor: User, now: datetime) -> None:
    """Forget a saved view."""
    require(actor, "view.delete", view)
    record("identify.view.deleted", view, actor=actor, now=now)
    view.delete()
