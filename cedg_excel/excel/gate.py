"""Is this file safe to open? The zip and its XML are inspected before anything parses them."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from cedg_excel.excel.encryption import NO_PASSWORDS, Passwords, decrypt
from cedg_excel.excel.ole import OLE_MARK, ole_kind

MIB = 1024 * 1024
MAX_FILE = 20 * MIB
MAX_UNPACKED = 64 * MIB
"""For the XML that is read, in bytes. Pictures and embedded files are never unpacked and do not count."""
MAX_PARTS = 2000
_ZIP = b"PK\x03\x04"


class Refused(Exception):
    """The file must not be opened. `code` is the rule it breaks; `words` fill the placeholders of the rule's sentence."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class Opened:
    """
    A file that is safe to parse: its SHA-256, its XML parts by name, and the names of all its parts.

    `password` is the one that opened it, empty for a file without one; the SHA-256 is that of the file before decryption.
    """

    sha256: str
    parts: dict[str, bytes]
    names: frozenset[str]
    password: str = field(default="", repr=False)

    def as_zip(self) -> BytesIO:
        """The inspected parts as a new zip: another program may find other content in the original one."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for name, part in self.parts.items():
                if not name.startswith(("docProps/", "xl/theme/")):
                    package.writestr(zipfile.ZipInfo(name), part)
        out.seek(0)
        return out


def open_file(path: Path, passwords: Passwords = NO_PASSWORDS) -> Opened:
    """
    Read and inspect one file, of 20 MiB at most. An encrypted file is decrypted in memory.

    Raises Refused with the code of the rule it breaks. Nothing is unpacked beyond the limit.
    """
    return open_data(read_bytes(path), path.name, passwords)


def read_bytes(path: Path, limit: int = MAX_FILE) -> bytes:
    """The content of a file of at most `limit` bytes. Raises Refused when it is larger or cannot be read."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limit:
                raise Refused("TOO_LARGE", size=f"{size // MIB} MB", limit=f"{limit // MIB} MB")
            return file.read()
    except OSError as error:
        raise Refused("UNREADABLE_FILE", reason=error.strerror or "unknown reason") from error


def open_data(data: bytes, name: str, passwords: Passwords = NO_PASSWORDS) -> Opened:
    """The same for a file that has been read already, or is attached to an e-mail; `name` is its own name. Raises Refused."""
    if len(data) > MAX_FILE:
        raise Refused("TOO_LARGE", size=f"{len(data) // MIB} MB", limit=f"{MAX_FILE // MIB} MB")
    content, password = _decrypted_content(data, passwords.for_file(name))
    parts, names = _read_parts(content)
    return Opened(hashlib.sha256(data).hexdigest(), parts, names, password)


def _decrypted_content(data: bytes, passwords: list[str]) -> tuple[bytes, str]:
    """The workbook, decrypted where needed, and the password that opened it."""
    if not passwords or not data.startswith(OLE_MARK) or _ole_refusal(data).code != "ENCRYPTED":
        return data, ""
    if _DOCTYPE_OR_ENTITY.search(data):
        raise Refused("UNSAFE")
    decrypted = decrypt(data, passwords)
    if decrypted is None:
        raise Refused("WRONG_PASSWORD")
    return decrypted


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file that may be too large to open; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _read_parts(data: bytes) -> tuple[dict[str, bytes], frozenset[str]]:
    if not data:
        raise Refused("EMPTY_FILE")
    if data.startswith(OLE_MARK):
        raise _ole_refusal(data)
    if not data.startswith(_ZIP):
        raise Refused("NOT_A_WORKBOOK")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            infos = _parts_to_read(package)
            return {info.filename: _read_part(package, info) for info in infos}, frozenset(package.namelist())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Refused("DAMAGED") from error


def _ole_refusal(data: bytes) -> Refused:
    """Why an OLE file is refused."""
    kind = ole_kind(data)
    if kind == "encrypted":
        return Refused("ENCRYPTED")
    return Refused("OLD_FORMAT", kind="an old Excel workbook (.xls)") if kind == "workbook" else Refused("NOT_A_WORKBOOK")


def _parts_to_read(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The parts to read, after every check that needs only the zip's directory."""
    infos = package.infolist()
    names = {info.filename.lower() for info in infos}  # as office programs compare them
    if len(infos) > MAX_PARTS:
        raise Refused("TOO_LARGE", size=f"{len(infos):,} parts", limit=f"{MAX_PARTS:,}")
    if len(names) < len(infos):
        raise Refused("DAMAGED")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("HAS_MACROS")
    if "xl/workbook.bin" in names:
        raise Refused("OLD_FORMAT", kind="a binary workbook (.xlsb)")
    if "xl/workbook.xml" not in package.NameToInfo:
        raise Refused("OLD_FORMAT", kind="an OpenDocument file") if "content.xml" in names else Refused("NOT_A_WORKBOOK")
    # Add-ins keep data of their own under customXml, in any encoding; this program never reads it. Form controls are in .vml.
    read = [i for i in infos if i.filename.endswith((".xml", ".rels", ".vml")) and not i.filename.startswith("customXml/")]
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in read):
        raise Refused("DAMAGED")
    if sum(info.file_size for info in read) > MAX_UNPACKED:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return sorted(read, key=lambda info: info.filename)


def _read_part(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # A zip can lie about its sizes: one byte more than the stated size is requested, and a wrong length or checksum raises.
    with package.open(info) as stream:
        data = stream.read(info.file_size + 1)
    # Office programs never write a document type. In another encoding one could hide from this search, so those are refused too.
    if _DOCTYPE_OR_ENTITY.search(data) or b"\0" in data or _has_unsafe_encoding(data):
        raise Refused("UNSAFE")
    return data


_DOCTYPE_OR_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")


def _has_unsafe_encoding(data: bytes) -> bool:
    """Whether the XML declares an encoding in which ASCII is not ASCII."""
    match = _ENCODING.match(data)
    return match is not None and match[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
