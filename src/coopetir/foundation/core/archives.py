"""What would an archive unpack to, before any of it is unpacked?"""

from __future__ import annotations

import zipfile
from pathlib import Path

from coopetir.foundation.core.errors import CoopetirError

MAX_RATIO = 200


class SourceTooLarge(CoopetirError):
    code = "extract.too_large"
    es = "«{file}» tiene {size} MB (descomprimido si viene comprimido) y el límite es {limit} MB. Divídalo por año o por cámara."
    en = "“{file}” has {size} MB (unpacked, if it is packed) and the limit is {limit} MB. Split it by year or by chamber."


class ArchiveSuspicious(CoopetirError):
    code = "extract.zip_bomb"
    es = "«{file}» se expande {ratio} veces al descomprimirlo (límite {limit}); se rechaza por seguridad. Envíe el archivo sin comprimir."
    en = "“{file}” unpacks to {ratio} times its size (limit {limit}); it is refused for safety. Send the file unpacked."


class SourceUnreadable(CoopetirError):
    code = "extract.unreadable"
    es = "No se pudo leer «{file}»: {why}. Envíe un CSV o TXT, un ZIP que los contenga, o una hoja XLSX."
    en = "“{file}” could not be read: {why}. Send a CSV or TXT, a ZIP that holds them, or an XLSX sheet."


def archive_members(path: Path, size: int, *, limit: int) -> list[zipfile.ZipInfo]:
    """The members of an archive, if they would not unpack to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceUnreadable(file=path.name, why=str(error)[:120]) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > limit:
        raise SourceTooLarge(file=path.name, size=unpacked // 1024**2, limit=limit // 1024**2)
    if unpacked > 10 * 1024**2 and unpacked > MAX_RATIO * size:
        raise ArchiveSuspicious(file=path.name, ratio=unpacked // max(size, 1), limit=MAX_RATIO)
    return members
