"""Forms of screenings: they check shape and never save."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from coopetir.foundation.forms import department_choices
from coopetir.foundation.models import Dataset, ManagingEntity
from coopetir.identify.models import Decision, Screening

MAX_KEY = models.BigIntegerField.MAX_BIGINT
CODE = re.compile(r"\b\d{4}\b")


class TablesField(forms.ModelMultipleChoiceField):
    """Several tables; a number no database can hold is just another table that is not there."""

    def clean(self, value: Any) -> Any:
        asked = value if isinstance(value, (list, tuple)) else []
        for key in asked:
            if str(key).isdecimal() and int(str(key)[:40]) > MAX_KEY:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": key}
                )
        return super().clean(value)


class ScreeningForm(forms.Form):
    """Name, tables and families to begin with."""

    entity = forms.ModelChoiceField(
        label=_("Entidad"), queryset=ManagingEntity.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("Nombre"), max_length=160)
    datasets = TablesField(
        label=_("Datos"),
        queryset=Dataset.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Los extractos de varios años de las mismas empresas van juntos."),
    )
    families = forms.ChoiceField(
        label=_("Familias de industrias"),
        widget=forms.RadioSelect,
        choices=[
            ("nine", _("Las nueve de Plataforma Clúster (Cali), para empezar; se pueden editar")),
            ("divisions", _("Todas las divisiones CIIU transables, para descubrir")),
        ],
        initial="nine",
    )
    previous = forms.ModelChoiceField(
        label=_("Comparar con"), queryset=Screening.objects.none(), required=False, empty_label=_("ninguno")
    )

    def __init__(self, *args: Any, entities: Any, datasets: Any, previous: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = entities  # type: ignore[attr-defined]
        self.fields["datasets"].queryset = datasets  # type: ignore[attr-defined]
        self.fields["previous"].queryset = previous  # type: ignore[attr-defined]


class FamilyForm(forms.Form):
    """One family: its key, its name, its classes."""

    label = forms.CharField(label=_("Nombre de la familia"), max_length=120)
    industries = forms.CharField(
        label=_("Clases CIIU"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cuatro dígitos cada una, separadas por comas o espacios: 1081, 1082, 1089."),
    )

    def clean_industries(self) -> list[str]:
        text = self.cleaned_data["industries"]
        codes = list(dict.fromkeys(CODE.findall(text)))
        strange = [word for word in re.split(r"[\s,;]+", text) if word and not CODE.fullmatch(word)]
        if strange or not codes:
            raise forms.ValidationError(
                _("No son clases CIIU de cuatro dígitos: %(words)s.") % {"words": ", ".join(strange) or "—"}
            )
        return codes


class MethodForm(forms.Form):
    """The thresholds people most often ask about; the rest of the Method stays as it is."""

    FIELDS = (
        ("density.lq_meets", _("Especialización (LQ) para cumplir"), 0, 20, 0.05),
        ("density.lq_borderline", _("Especialización (LQ) en el límite"), 0, 20, 0.05),
        ("density.firms_meets", _("Empresas para cumplir"), 1, 1000, 1),
        ("density.top_firm_max", _("Peso máximo de la empresa más grande (0 a 1)"), 0, 1, 0.01),
        ("growth.z_meets", _("Certeza del crecimiento (z) para cumplir"), 0, 20, 0.1),
        ("technology.percentile_meets", _("Percentil de tecnología para cumplir"), 0, 100, 1),
        ("market.percentile_meets", _("Percentil de mercado para cumplir"), 0, 100, 1),
    )

    def __init__(self, *args: Any, plain: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label, low, high, step in self.FIELDS:
            section, name = key.split(".")
            self.fields[key.replace(".", "__")] = forms.FloatField(
                label=label,
                min_value=low,
                max_value=high,
                initial=plain[section][name],
                localize=False,
                widget=forms.NumberInput(attrs={"step": step, "inputmode": "decimal"}),
            )

    def thresholds(self) -> dict[str, Any]:
        """``{"density.lq_meets": 1.5, …}``; counts as whole numbers."""
        values = {key.replace("__", "."): value for key, value in self.cleaned_data.items()}
        values["density.firms_meets"] = int(values["density.firms_meets"])
        return values


class DecisionForm(forms.Form):
    """What to do with a family, and why."""

    choice = forms.ChoiceField(label=_("Decisión"), choices=Decision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Motivo"), widget=forms.Textarea(attrs={"rows": 3}))


class SaveViewForm(forms.Form):
    """A name for the page one is looking at."""

    name = forms.CharField(label=_("Nombre de la vista"), max_length=120)
    address = forms.CharField(widget=forms.HiddenInput, max_length=1000)


class ShareForm(forms.Form):
    """For how long a link opens."""

    days = forms.IntegerField(
        label=_("Días que dura"),
        min_value=1,
        max_value=90,
        initial=14,
        localize=False,
        help_text=_("Entre 1 y 90. Después deja de abrir."),
    )


class FootprintForm(forms.Form):
    """Which list, against which territory and which contrast."""

    name = forms.CharField(label=_("Nombre"), max_length=160)
    dataset = forms.ModelChoiceField(
        label=_("Registro"),
        queryset=Dataset.objects.none(),
        empty_label=None,
        help_text=_("Se usa su último año."),
    )
    department = forms.ChoiceField(label=_("Territorio"), choices=department_choices)
    contrast = forms.ChoiceField(label=_("Contraste"), choices=department_choices)
    members = forms.FileField(
        label=_("Lista de miembros"),
        help_text=_("CSV, TXT o XLSX con un NIT por fila; hasta 20 MB y 50.000 filas."),
    )
    exports = forms.FileField(
        label=_("Exportaciones por NIT"),
        required=False,
        help_text=_(
            "Opcional: CSV o XLSX con nit, producto (subpartida) y fob_usd, también de las empresas del contraste."
        ),
    )

    def __init__(self, *args: Any, datasets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["dataset"]).queryset = datasets
        first = datasets.first()
        if first is not None:
            self.fields["dataset"].initial = first
            self.fields["department"].initial = first.entity.department
            self.fields["contrast"].initial = "11" if first.entity.department != "11" else "05"
