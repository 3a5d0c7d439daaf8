from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from coopetir.website.demo import is_loaded, load_demo


class Command(BaseCommand):
    """Load Región Demo; a second run finds it and does nothing."""

    help = "Carga la Región Demo (datos inventados)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_loaded():
            self.stdout.write("Preparando la Región Demo (una sola vez) / preparing the demo region (once)…")
            load_demo(now=timezone.now())
