from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    """Pages that need several capabilities."""

    name = "coopetir.website"
    label = "website"
