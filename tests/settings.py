"""The product's own settings over a home of the tests' own, with jobs run at once."""

import os
import tempfile

os.environ["COOPETIR_HOME"] = tempfile.mkdtemp(prefix="coopetir-tests-")
os.environ.setdefault("COOPETIR_SECRET_KEY", "only-for-tests")
os.environ.setdefault("COOPETIR_JOBS_INLINE", "1")

from coopetir.config.settings import *  # noqa: F403
