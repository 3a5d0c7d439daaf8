"""Is a server running on this installation? Whoever serves holds a lock on a file; the system frees it at death."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopetir.foundation.core.errors import CoopetirError

LOCK = "serve.pid"


class ServerRunning(CoopetirError):
    code = "backup.server_running"
    es = "Hay un servidor en marcha sobre {home} (proceso {process}). Deténgalo y repita: restaurar le cambiaría los datos por debajo."
    en = "A server is running on {home} (process {process}). Stop it and repeat: restoring would change its data under it."


class RestoreRunning(CoopetirError):
    code = "backup.restoring"
    es = "En {home} se está restaurando una copia de seguridad. Espere a que termine y repita."
    en = "A backup is being restored in {home}. Wait until it ends and repeat."


@contextmanager
def serving(home: Path, *, main: bool = True) -> Iterator[None]:
    """Say that this installation is being served; several servers and workers may say so at once.

    ``main`` processes leave their number in the file: the one to stop.

    :raises RestoreRunning:
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RestoreRunning(home=str(home)) from error
        if main:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        yield


@contextmanager
def nobody_serving(home: Path) -> Iterator[None]:
    """Keep servers out while an installation is exchanged. :raises ServerRunning:"""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise ServerRunning(home=str(home), process=file.read().strip() or "?") from error
        yield
