"""The WSGI application, for granian or any other server."""

import os

from django.core.wsgi import get_wsgi_application

from coopetir.config.warming import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopetir.config.settings")
application = get_wsgi_application()
start()
