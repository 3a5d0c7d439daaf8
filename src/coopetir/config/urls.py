"""Every address of the product."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("coopetir.website.urls")),
    path("", include("coopetir.foundation.urls")),
    path("identificar/", include("coopetir.identify.urls")),
    path("cuenta/", include("allauth.account.urls")),
    path("cuenta/2fa/", include("allauth.mfa.urls")),
    path("idioma/", login_not_required(set_language), name="set_language"),
]
