"""May this file be opened at all? The zip and its XML are looked at before anything parses them."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

MIB = 1024 * 1024
MAX_FILE = 20 * MIB
MAX_PART = 64 * MIB
MAX_UNPACKED = 128 * MIB
MAX_PARTS = 2000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


class Refused(Exception):
    """The file may not be opened. `code` is the rule that says so, `words` fill its sentence in."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is safe to parse: its bytes, its SHA-256, and its XML parts by name."""

    data: bytes
    sha256: str
    parts: dict[str, bytes]


def open_file(path: Path) -> Opened:
    """
    Read and inspect one file of a batch, at most 20 MiB of it.

    Raises Refused with the code of the rule it breaks. Nothing is unpacked beyond its limit.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise Refused("TOO_LARGE", size=f"{path.stat().st_size // MIB} MB", limit=f"{MAX_FILE // MIB} MB")
        data = path.read_bytes()
    except OSError as error:
        raise Refused("UNREADABLE_FILE", reason=error.strerror or "unknown reason") from error
    return Opened(data, hashlib.sha256(data).hexdigest(), _inspected(data))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file that may be too large to open; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _inspected(data: bytes) -> dict[str, bytes]:
    if not data:
        raise Refused("EMPTY_FILE")
    if data.startswith(_OLE):
        raise Refused("ENCRYPTED" if _names_encryption(data) else "OLD_FORMAT", kind="an old Excel workbook (.xls)")
    if not data.startswith(_ZIP):
        raise Refused("NOT_A_WORKBOOK")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = _named(package)
            return {name: _part(package, name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Refused("DAMAGED") from error


def _names_encryption(data: bytes) -> bool:
    """An OLE file is an encrypted workbook when its directory names these streams, in UTF-16."""
    return any(name.encode("utf-16-le") in data for name in ("EncryptedPackage", "EncryptionInfo", "DataSpaces"))


def _named(package: zipfile.ZipFile) -> list[str]:
    """The parts to read, after all that the directory alone can tell."""
    infos = package.infolist()
    names = {info.filename for info in infos}
    if len(names) < len(infos):
        raise Refused("DAMAGED")
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    if any(name.endswith("vbaProject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("HAS_MACROS")
    if "xl/workbook.bin" in names:
        raise Refused("OLD_FORMAT", kind="a binary workbook (.xlsb)")
    if "xl/workbook.xml" not in names:
        raise Refused("OLD_FORMAT", kind="an OpenDocument file") if "content.xml" in names else Refused("NOT_A_WORKBOOK")
    return sorted(name for name in names if name.endswith((".xml", ".rels", ".vml")))


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    # A zip can lie about its sizes: what is really there is counted, and a wrong length or checksum raises.
    with package.open(name) as stream:
        data = stream.read(MAX_PART + 1)
    if len(data) > MAX_PART:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_PART // MIB} MB")
    # Office programs never write a document type; in another encoding one could hide from this search.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data or _foreign(data[:200]):
        raise Refused("UNSAFE")
    return data


_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)""")


def _foreign(start: bytes) -> bool:
    """Whether the XML declares an encoding in which ASCII is not ASCII."""
    match = _ENCODING.search(start.split(b"?>")[0])
    return match is not None and match[1].lower() not in (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
