"""How is a folder of results written: whole, or not at all?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from coopetir.foundation.core.tables import OutputNotWritten


class replacing_folder:  # noqa: N801  (used as a function: ``with replacing_folder(target) as temporary``)
    """A folder that takes the place of ``target`` when all went well, and is gone otherwise.

    :param outputs: the names such a folder may hold; a target that holds others is somebody else's and is refused.
    :raises OutputNotWritten: the target holds other files, or the disk or its permissions do not allow it.
    """

    def __init__(self, target: Path, outputs: Collection[str]) -> None:
        self.target, self.outputs = target, outputs

    def __enter__(self) -> Path:
        if self.target.is_dir() and any(item.name not in self.outputs for item in self.target.iterdir()):
            raise OutputNotWritten(
                target=str(self.target), why="la carpeta tiene otros archivos / the folder holds other files"
            )
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self.temporary = Path(tempfile.mkdtemp(dir=self.target.parent, prefix=self._prefix))
        except OSError as error:
            raise OutputNotWritten(target=str(self.target), why=str(error)[:200]) from error
        return self.temporary

    @property
    def _prefix(self) -> str:
        return f".partial-{self.target.name}-"

    def _sweep(self) -> None:
        """Take away what a killed writer of the same target left behind."""
        for left in self.target.parent.iterdir():
            if left.name.startswith(self._prefix):
                shutil.rmtree(left, ignore_errors=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self.temporary.chmod(0o755)
                aside = self.temporary.with_name(f"{self.temporary.name}-earlier")
                if self.target.exists():
                    self.target.rename(aside)
                try:
                    self.temporary.rename(self.target)
                except OSError:
                    if aside.exists():
                        aside.rename(self.target)
                    raise
                shutil.rmtree(aside, ignore_errors=True)
        except OSError as failure:
            raise OutputNotWritten(target=str(self.target), why=str(failure)[:200]) from failure
        finally:
            shutil.rmtree(self.temporary, ignore_errors=True)
        if isinstance(error, OSError):
            raise OutputNotWritten(target=str(self.target), why=str(error)[:200]) from error
