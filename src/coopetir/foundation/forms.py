"""Forms of accounts: they check shape and never save."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from coopetir.foundation.core.catalogues import chambers, departments
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.core.extracts.reading import years_in_name
from coopetir.foundation.core.extracts.registry import CANONICAL, HELPERS, LABELS, NUMBERS
from coopetir.foundation.models import ImportBatch, ManagingEntity, Role


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
        self.fields["department"].choices = department_choices()  # type: ignore[attr-defined]
        self.fields["chamber"].choices = chamber_choices()  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """A colleague, a role and its scope."""

    name = forms.CharField(label=_("Nombre"), max_length=120)
    email = forms.EmailField(label=_("Correo electrónico"))
    role = forms.ChoiceField(label=_("Rol"), choices=Role.choices, initial=Role.ANALYST)
    entity = forms.ModelChoiceField(
        label=_("Entidad"),
        queryset=ManagingEntity.objects.none(),
        required=False,
        empty_label=_("Toda la red"),
        help_text=_("El rol vale solo en esta entidad."),
    )

    def __init__(self, *args: Any, entities: Any, roles: Any, whole_network: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        entity: Any = self.fields["entity"]
        entity.queryset = entities
        entity.initial = entities.first()
        if not whole_network:
            entity.required, entity.empty_label = True, None


class EntityForm(forms.Form):
    """A new managing entity."""

    name = forms.CharField(label=_("Nombre"), max_length=160)
    kind = forms.ChoiceField(label=_("Tipo"), choices=ManagingEntity.Kind.choices)
    chamber = forms.ChoiceField(label=_("Cámara de comercio"), required=False)
    department = forms.ChoiceField(label=_("Departamento"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = department_choices()  # type: ignore[attr-defined]
        self.fields["chamber"].choices = chamber_choices()  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something is ended or refused."""

    reason = forms.CharField(label=_("Motivo"), widget=forms.Textarea(attrs={"rows": 3}))


class SeveralFilesInput(forms.ClearableFileInput):
    """One control for the yearly extracts of the same firms."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A list of uploaded files, each checked as one."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(item, initial) for item in given]


class UploadForm(forms.Form):
    """Whose data, which files, of which year."""

    entity = forms.ModelChoiceField(
        label=_("Entidad"), queryset=ManagingEntity.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("Qué va a subir"),
        choices=ImportBatch.Kind.choices,
        initial=ImportBatch.Kind.REGISTRY,
        widget=forms.RadioSelect,
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # Django types a bound form's files here
        label=_("Archivos"),
        help_text=_(
            "TXT, CSV, XLSX, Parquet o ZIP. El registro, hasta 2 GB y varios años a la vez; las otras tablas, un archivo de hasta 20 MB."
        ),
    )
    year = forms.IntegerField(
        label=_("Año de corte"),
        required=False,
        min_value=1990,
        max_value=2100,
        localize=False,
        help_text=_("Solo si el archivo no lo trae en una columna ni en su nombre."),
    )

    def __init__(self, *args: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = entities  # type: ignore[attr-defined]
        self.fields["entity"].initial = entities.first()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") != ImportBatch.Kind.REGISTRY and len(data.get("files", [])) > 1:
            self.add_error("files", _("Estas tablas se suben de a una."))
        return data


NEEDED = ("registration", "activity_1")
IDENTIFYING = ("name", "nit", "nit_dv", "id_number")


class MappingForm(forms.Form):
    """Which column of the file is which field; fields nobody finds may stay empty."""

    def __init__(
        self, *args: Any, seen: Any, mapping: Any, profile: Any, year: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seen, self.mapping, self.known, self.year = seen, mapping, profile or Profile(), year
        choices = [("", _("— no está en el archivo —")), *((header, header) for header in seen.headers)]
        for name in [*CANONICAL, *HELPERS]:
            proposal = mapping.columns.get(name)
            self.fields[name] = forms.ChoiceField(
                label=field_label(name),
                choices=choices,
                required=False,
                initial=proposal.header if proposal else "",
            )
        for question in mapping.questions:
            options = [(option, option) for option in question.options]
            self.fields[f"ask_{question.about}"] = forms.ChoiceField(
                label=question.en if is_english() else question.es,
                choices=[("", "—"), *options],
                required=question.blocking,
            )

    def rows(self) -> list[dict[str, Any]]:
        """A row of the page per field: the control, why its column was proposed, and a few of its values."""
        return [
            {
                "field": self[name],
                "needed": name in NEEDED,
                "reason": proposal_reason(self.mapping.columns.get(name)) or self._other_source(name),
                "examples": self._examples(name),
            }
            for name in [*CANONICAL, *HELPERS]
        ]

    def _other_source(self, name: str) -> str:
        """Where the reading takes a field from that has no column of its own."""
        if name == "chamber" and "municipality" in self.mapping.columns:
            return str(_("se deduce del municipio"))
        if name == "nit" and "id_number" in self.mapping.columns:
            return str(_("del número de identificación"))
        if name != "year":
            return ""
        if self.year:
            return str(_("el año que se indicó al subirlo: %(year)s") % {"year": self.year})
        named = years_in_name(self.seen.file)
        if len(named) == 1:
            return str(_("del nombre del archivo: %(year)s") % {"year": named.pop()})
        return str(
            _("no se sabe: ponga el año en el nombre del archivo (registro_2024.txt) y súbalo otra vez")
        )

    def questions(self) -> list[Any]:
        """What only a person knows."""
        return [self[f"ask_{question.about}"] for question in self.mapping.questions]

    def _examples(self, name: str) -> list[str]:
        """Values of the proposed column; none of those that may identify a person."""
        proposal = self.mapping.columns.get(name)
        if proposal is None or name in IDENTIFYING:
            return []
        values = self.seen.sample[proposal.header].drop_nulls().unique(maintain_order=True)
        return [text.strip()[:28] for text in values if text.strip()][:3]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        chosen = [data[name] for name in CANONICAL if data.get(name)]
        repeated = sorted({header for header in chosen if chosen.count(header) > 1})
        if repeated:
            self.add_error(
                None,
                _("Estas columnas se usan para dos campos: %(headers)s.") % {"headers": ", ".join(repeated)},
            )
        if not any(data.get(name) for name in ("registration", "nit", "id_number")):
            self.add_error(
                "registration", _("Diga cuál columna es la matrícula (o el NIT): sin ella no hay empresa.")
            )
        if not data.get("activity_1"):
            self.add_error("activity_1", _("Diga cuál columna es la actividad CIIU principal."))
        return data

    def profile(self, *, name: str) -> Profile:
        """The profile these answers make."""
        data = self.cleaned_data
        columns = {field: data[field] for field in [*CANONICAL, *HELPERS] if data.get(field)}
        decimal = dict(self.known.decimal)
        changes: dict[str, Any] = {"name": name, "columns": columns}
        for question in self.mapping.questions:
            answer = data.get(f"ask_{question.about}")
            if answer and question.about in NUMBERS:
                decimal[question.about] = answer
            elif answer and question.about == "date_order":
                changes["date_order"] = answer
        return self.known.changed(**changes, decimal=decimal)


def is_english() -> bool:
    """Whether the reader's language is English."""
    return (get_language() or "es").startswith("en")


def field_label(name: str) -> str:
    """The field's name for people."""
    return LABELS[name][1 if is_english() else 0]


def proposal_reason(proposal: Any) -> str:
    """Why a column was proposed, and how sure that is."""
    if proposal is None:
        return ""
    return f"{proposal.en if is_english() else proposal.es} ({proposal.confidence:.0%})"
