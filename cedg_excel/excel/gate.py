"""Is this file safe to open? The zip and its XML are inspected before anything parses them."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from cedg_excel.excel.encoding import has_document_type, safe_utf8
from cedg_excel.excel.encryption import NO_PASSWORDS, Passwords, decrypt
from cedg_excel.excel.ole import OLE_MARK, ole_kind
from cedg_excel.excel.package_layout import WORKBOOK, is_relations, package_layout, plain_name

MIB = 1024 * 1024
MAX_FILE = 20 * MIB
MAX_UNPACKED = 64 * MIB
"""For the XML that is read, in bytes. Pictures and embedded files are never unpacked and do not count."""
MAX_PARTS = 2000
MAX_RELATIONS = MIB
"""For each part with relations, in bytes: they are parsed before anything else."""
MAX_HEAD = 100_000
_WORKBOOK_ROOT = re.compile(rb"<(?:[\w.-]+:)?workbook[\s/>]")
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

    The names are those that Excel would give, whatever the file calls its parts, and the XML is in UTF-8.

    `password` is the one that opened it, empty for a file without one; the SHA-256 is that of the file before decryption.
    """

    sha256: str
    parts: dict[str, bytes]
    names: frozenset[str]
    password: str = field(default="", repr=False)


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
    if has_document_type(data):
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
            return _read_package(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Refused("DAMAGED") from error


def _read_package(package: zipfile.ZipFile) -> tuple[dict[str, bytes], frozenset[str]]:
    """The XML parts of the package by the names that Excel gives them, and the names of all its parts."""
    infos = _inspected(package)
    if any(is_relations(info.filename) and info.file_size > MAX_RELATIONS for info in infos):
        raise Refused("TOO_LARGE", size="far more relations than it can need", limit=f"{MAX_RELATIONS // MIB} MB")
    relations = tuple((info.filename, _read_part(package, info)) for info in _readable(i for i in infos if is_relations(i.filename)))
    layout = package_layout(tuple(info.filename for info in infos), relations)
    if layout.macros:
        raise Refused("HAS_MACROS")
    if not layout.workbook:
        raise _refusal_without_workbook({plain_name(info.filename).lower() for info in infos})
    parts = dict(relations)
    for info in _readable(info for info in infos if info.filename in layout.to_read):
        if info.filename not in parts:
            parts[info.filename] = _read_part(package, info)
    named = {layout.names[name]: part for name, part in sorted(parts.items()) if name in layout.to_read}
    if not _WORKBOOK_ROOT.search(named[WORKBOOK], 0, MAX_HEAD):
        is_of_excel = any(plain_name(info.filename).lower().startswith("xl/") for info in infos)
        raise Refused("DAMAGED" if is_of_excel else "NOT_A_WORKBOOK")
    return {**named, **layout.relations}, frozenset(layout.names.values())


def _ole_refusal(data: bytes) -> Refused:
    """Why an OLE file is refused."""
    kind = ole_kind(data)
    if kind == "encrypted":
        return Refused("ENCRYPTED")
    return Refused("OLD_FORMAT", kind="an old Excel workbook (.xls)") if kind == "workbook" else Refused("NOT_A_WORKBOOK")


def _inspected(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What is in the zip, after every check that needs only its directory."""
    infos = [info for info in package.infolist() if not info.is_dir()]
    names = {plain_name(info.filename).casefold() for info in infos}  # as office programs compare them
    if len(infos) > MAX_PARTS:
        raise Refused("TOO_LARGE", size=f"{len(infos):,} parts", limit=f"{MAX_PARTS:,}")
    if len(names) < len(infos):
        raise Refused("DAMAGED")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("HAS_MACROS")
    if any(name.endswith("/workbook.bin") for name in names):
        raise Refused("OLD_FORMAT", kind="a binary workbook (.xlsb)")
    return infos


def _refusal_without_workbook(names: set[str]) -> Refused:
    if "xl/workbook.xml" in names:
        return Refused("DAMAGED")
    return Refused("OLD_FORMAT", kind="an OpenDocument file") if "content.xml" in names else Refused("NOT_A_WORKBOOK")


def _readable(infos: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The parts to read, in the order of their names, unless they are packed in an unusual way or are too large."""
    read = sorted(infos, key=lambda info: info.filename)
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in read):
        raise Refused("DAMAGED")
    if sum(info.file_size for info in read) > MAX_UNPACKED:
        raise Refused("TOO_LARGE", size="far more once unpacked", limit=f"{MAX_UNPACKED // MIB} MB")
    return read


def _read_part(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # A zip can lie about its sizes: one byte more than the stated size is requested, and a wrong length or checksum raises.
    with package.open(info) as stream:
        data = safe_utf8(stream.read(info.file_size + 1))
    if data is None:
        raise Refused("UNSAFE")
    return data
