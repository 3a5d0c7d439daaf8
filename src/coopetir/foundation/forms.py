"""Forms of accounts: they check shape and never save."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from coopetir.foundation.core.catalogues import chambers, departments
from coopetir.foundation.models import ManagingEntity, Role


def department_choices() -> list[tuple[str, str]]:
    """Departments by name, for a select."""
    rows = departments().sort("name").select("department", "name").rows()
    return [("", _("Elija un departamento")), *rows]


def chamber_choices() -> list[tuple[str, str]]:
    """Chambers by name, with an empty first choice."""
    rows = chambers().sort("name").select("chamber", "name").rows()
    return [("", _("No es una cámara de comercio")), *rows]


class PasswordForm(forms.Form):
    """A new password, typed once: managers paste it from a password manager."""

    password = forms.CharField(
        label=_("Contraseña"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Al menos 10 caracteres, que no sea una contraseña común ni solo números."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class FirstRunForm(PasswordForm):
    """Who owns this installation and for which entity."""

    name = forms.CharField(
        label=_("Su nombre"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Correo electrónico"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    entity_name = forms.CharField(
        label=_("Entidad gestora"),
        max_length=160,
        help_text=_("Por ejemplo, el nombre de su cámara de comercio."),
    )
    chamber = forms.ChoiceField(label=_("Cámara de comercio"), required=False)
    department = forms.ChoiceField(label=_("Departamento"))
    field_order = ("entity_name", "chamber", "department", "name", "email", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = department_choices()
        self.fields["chamber"].choices = chamber_choices()


class InviteForm(forms.Form):
    """A colleague, a role and its scope."""

    name = forms.CharField(label=_("Nombre"), max_length=120)
    email = forms.EmailField(label=_("Correo electrónico"))
    role = forms.ChoiceField(label=_("Rol"), choices=Role.choices)
    entity = forms.ModelChoiceField(
        label=_("Entidad"),
        queryset=ManagingEntity.objects.none(),
        required=False,
        empty_label=_("Toda la red"),
        help_text=_("El rol vale solo en esta entidad."),
    )

    def __init__(self, *args: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = entities


class EntityForm(forms.Form):
    """A new managing entity."""

    name = forms.CharField(label=_("Nombre"), max_length=160)
    kind = forms.ChoiceField(label=_("Tipo"), choices=ManagingEntity.Kind.choices)
    chamber = forms.ChoiceField(label=_("Cámara de comercio"), required=False)
    department = forms.ChoiceField(label=_("Departamento"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = department_choices()
        self.fields["chamber"].choices = chamber_choices()


class ReasonForm(forms.Form):
    """Why something is ended or refused."""

    reason = forms.CharField(label=_("Motivo"), widget=forms.Textarea(attrs={"rows": 3}))
