"""What every test may lean on: files of its own and mail that goes nowhere."""

import pytest


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, request):
    """Each test has its own folder of files."""
    if "journey" in request.keywords:
        return
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
