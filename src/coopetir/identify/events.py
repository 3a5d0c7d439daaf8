"""What the actions of this capability are called in the record of changes."""

from django.utils.translation import gettext_lazy as _

from coopetir.foundation.events import declare_words

declare_words(
    {
        "identify.screening.created": _("creó un tamizaje"),
        "identify.screening.families_edited": _("editó las familias"),
        "identify.screening.families_restored": _("deshizo un cambio de familias"),
        "identify.screening.method_changed": _("cambió los umbrales"),
        "identify.screening.requested": _("pidió calcular los veredictos"),
        "identify.screening.computed": _("se calcularon los veredictos"),
        "identify.screening.decided": _("se decidieron todas las familias"),
        "identify.screening.published": _("publicó la edición protegida"),
        "identify.screening.archived": _("archivó el tamizaje"),
        "identify.decision.proposed": _("propuso una decisión"),
        "identify.decision.decided": _("decidió sobre una familia"),
        "identify.share.created": _("compartió un enlace"),
        "identify.share.revoked": _("retiró un enlace"),
        "identify.view.saved": _("guardó una vista"),
        "identify.view.deleted": _("borró una vista"),
        "identify.footprint.created": _("calculó una huella de miembros"),
        "identify.firms.exported": _("descargó las empresas por llamar"),
        "identify.evidence.exported": _("descargó la evidencia"),
    }
)
