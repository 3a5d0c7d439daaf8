"""First run, people, invitations, roles and the trail."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from coopetir.foundation import events, queries
from coopetir.foundation.adapters import landing_page
from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.forms import EntityForm, FirstRunForm, InviteForm, PasswordForm, ReasonForm
from coopetir.foundation.middleware import Request
from coopetir.foundation.models import User
from coopetir.foundation.operations import accounts
from coopetir.foundation.permissions import require

if TYPE_CHECKING:
    from django.forms import Form

PASSWORD_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"  # noqa: S105  (a path, not a secret)


def add_refusal(form: Form, error: CoopetirError | ValidationError) -> None:
    """Show a refusal on the form that asked, in the reader's language."""
    form.add_error(
        None, error if isinstance(error, ValidationError) else error.sentence(get_language() or "es")
    )


@login_not_required
def first_run(request: Request) -> HttpResponse:
    if User.objects.exists():
        return redirect("account_login")
    form = FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = accounts.create_owner(**form.cleaned_data, now=timezone.now())
        except (CoopetirError, ValidationError) as error:
            add_refusal(form, error)
        else:
            login(request, user, backend=PASSWORD_BACKEND)
            return redirect(landing_page(user))
    return render(request, "foundation/first_run.html", {"form": form}, status=422 if form.errors else 200)


def people(request: Request) -> HttpResponse:
    require(request.user, "account.list")
    context = {
        "people": queries.people_visible_to(request.user),
        "invitations": queries.invitations_visible_to(request.user),
        "entities": queries.entities_visible_to(request.user),
    }
    return render(request, "foundation/people.html", context)


def invite(request: Request) -> HttpResponse:
    require(request.user, "account.invite")
    form = InviteForm(request.POST or None, **_grantable(request))
    if request.method == "POST" and form.is_valid():
        token = secrets.token_urlsafe(32)
        try:
            invitation = accounts.invite_colleague(
                **form.cleaned_data, token=token, actor=request.user, now=timezone.now()
            )
        except (CoopetirError, ValidationError) as error:
            add_refusal(form, error)
        else:
            link = request.build_absolute_uri(f"/personas/invitacion/{token}/")
            send_mail(
                _("Invitación a Coopetir"), _("Entre con este enlace: ") + link, None, [invitation.email]
            )
            context = {"invitation": invitation, "link": link, "leaves": _mail_leaves()}
            return render(request, "foundation/invitation_sent.html", context)
    return render(request, "foundation/invite.html", {"form": form}, status=422 if form.errors else 200)


def _mail_leaves() -> bool:
    """Whether mail goes out of this installation, rather than to its console or memory."""
    return settings.EMAIL_BACKEND.split(".")[-2] not in {"console", "locmem", "dummy", "filebased"}


def _grantable(request: Request) -> dict[str, Any]:
    given = queries.grantable_by(request.user)
    return {"roles": given.roles, "entities": given.entities, "whole_network": given.whole_network}


@login_not_required
def accept(request: Request, token: str) -> HttpResponse:
    invitation = accounts.open_invitation(token, now=timezone.now())
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = accounts.accept_invitation(token=token, now=timezone.now(), **form.cleaned_data)
        except (CoopetirError, ValidationError) as error:
            add_refusal(form, error)
        else:
            login(request, user, backend=PASSWORD_BACKEND)
            return redirect(landing_page(user))
    context = {"form": form, "invitation": invitation}
    return render(request, "foundation/accept.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: Request, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(queries.invitations_visible_to(request.user), pk=invitation_id)
    accounts.withdraw_invitation(invitation=invitation, actor=request.user, now=timezone.now())
    messages.success(request, _("La invitación ya no sirve."))
    return redirect("foundation:people")


def grant(request: Request, user_id: int) -> HttpResponse:
    person = get_object_or_404(queries.people_visible_to(request.user), pk=user_id)
    form = InviteForm(
        request.POST or None,
        **_grantable(request),
        initial={"name": person.name, "email": person.email},
    )
    for name in ("name", "email"):
        form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        role, entity = form.cleaned_data["role"], form.cleaned_data["entity"]
        try:
            accounts.grant_role(user=person, role=role, entity=entity, actor=request.user, now=timezone.now())
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            return redirect("foundation:people")
    context = {"form": form, "person": person}
    return render(request, "foundation/grant.html", context, status=422 if form.errors else 200)


@require_POST
def end_role(request: Request, assignment_id: int) -> HttpResponse:
    assignment = get_object_or_404(queries.assignments_visible_to(request.user), pk=assignment_id)
    accounts.end_role(assignment=assignment, actor=request.user, now=timezone.now())
    messages.success(request, _("El rol terminó hoy."))
    return redirect("foundation:people")


def deactivate(request: Request, user_id: int) -> HttpResponse:
    person = get_object_or_404(queries.people_visible_to(request.user), pk=user_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.deactivate_account(
                user=person, actor=request.user, now=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except CoopetirError as error:
            add_refusal(form, error)
        else:
            return redirect("foundation:people")
    context = {"form": form, "person": person}
    return render(request, "foundation/deactivate.html", context, status=422 if form.errors else 200)


def create_entity(request: Request) -> HttpResponse:
    require(request.user, "entity.create")
    form = EntityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.create_entity(**form.cleaned_data, actor=request.user, now=timezone.now())
        except (CoopetirError, ValidationError) as error:
            add_refusal(form, error)
        else:
            return redirect("foundation:people")
    return render(request, "foundation/entity_form.html", {"form": form}, status=422 if form.errors else 200)


def trail(request: Request) -> HttpResponse:
    require(request.user, "event.list")
    page = Paginator(queries.events_visible_to(request.user), 50).get_page(request.GET.get("page"))
    rows = [(event, events.words_of(event.action)) for event in page]
    return render(request, "foundation/trail.html", {"page": page, "rows": rows})


@login_not_required
def component_gallery(request: Request) -> HttpResponse:
    """Every part pages are made of, in one place, with invented values."""
    return render(request, "foundation/component_gallery.html")


@login_not_required
@require_http_methods(["GET", "HEAD"])
def health(request: Request) -> HttpResponse:
    """Answers when the process and its database do; for supervisors and ``make run``."""
    User.objects.exists()
    return HttpResponse("ok", content_type="text/plain")
