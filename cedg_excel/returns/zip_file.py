"""Reads the files in a zip file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from cedg_excel.excel.gate import MAX_FILE, MAX_PARTS, MIB, Refused
from cedg_excel.returns.contents import Attachment, Budget, Contents, too_large
from cedg_excel.returns.file_names import is_lock_file, is_system_file

KIND = "zip file"
_ENCRYPTED = 0x1


def is_zip(data: bytes) -> bool:
    """Whether this is a zip file; an empty one has only a directory."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_zip(data: bytes, budget: Budget) -> Contents:
    """The files in a zip file. Raises Refused when it is damaged, has a password, or holds too much."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and not _is_system_path(info.filename)]
            if len(infos) > MAX_PARTS:
                raise too_large(KIND, f"{len(infos):,} files", f"{MAX_PARTS:,}")
            return Contents(KIND, tuple(_attachments(archive, infos, budget)))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Refused("ZIP_DAMAGED") from error


def _is_system_path(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return is_lock_file(parts[-1]) or any(part not in ("", ".", "..") and is_system_file(part) for part in parts)


def _attachments(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], budget: Budget) -> Iterator[Attachment]:
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            yield Attachment(info.filename, refused=Refused("ZIP_ENCRYPTED"))
        elif info.file_size > MAX_FILE:
            yield Attachment(info.filename, refused=Refused("TOO_LARGE", size=f"{info.file_size // MIB} MB", limit=f"{MAX_FILE // MIB} MB"))
        else:
            budget.take(info.file_size, KIND)
            yield _attachment(archive, info)


def _attachment(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Attachment:
    try:
        # A zip can lie about its sizes: one byte more than the stated size is requested, and a wrong length or checksum raises.
        with archive.open(info) as stream:
            return Attachment(info.filename, stream.read(info.file_size + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        return Attachment(info.filename, refused=Refused("ZIP_DAMAGED"))
