from django.apps import AppConfig


class IdentifyConfig(AppConfig):
    """From a business fabric to the industries that qualify as clusters."""

    name = "coopetir.identify"
    label = "identify"
