"""Where tests find data whose licence forbids a copy in the project.

Founders keep such data beside the checkout in ``../shared/data``. A stranger's clone has none; the test
that needs it is then skipped and says so.
"""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """The path of a shared file, or a skip that says which licence-bound file is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name}, whose licence forbids a copy here; it is not beside this checkout")
    return path
