from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FoundationConfig(AppConfig):
    """What at least two capabilities share."""

    name = "coopetir.foundation"
    label = "foundation"

    def ready(self) -> None:
        # Each capability declares its rules, its jobs and the words of its events; foundation finds them the way Django finds admin,
        # so nothing here imports upward.
        autodiscover_modules("permissions", "events", "jobs", "checks")
