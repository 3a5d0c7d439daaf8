#!/usr/bin/env python
"""Django's administrative commands, for developers; installations use ``coopetir-server``."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopetir.config.settings")
    execute_from_command_line(sys.argv)
