"""
What one file of the inbox holds: a return, an e-mail or a zip file with returns in it, or something that cannot be one.

Every file is tried as a workbook first, so that e-mails and zip files cost nothing where there are none.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cedg_excel.excel.gate import Refused, read_bytes, sha256_of
from cedg_excel.findings import Place
from cedg_excel.form.rules import BY_CODE
from cedg_excel.returns.contents import MAX_CONTAINER, Attachment, Budget, Contents, too_large
from cedg_excel.returns.file_kinds import HEAD_SIZE, kind_by_content, kind_of_container, kind_of_other
from cedg_excel.returns.file_names import distinct_names, is_lock_file, is_package_folder, is_system_file
from cedg_excel.returns.model import Return
from cedg_excel.returns.openers import opener_of, packed_mail

MAX_DEPTH = 2
"""An e-mail or zip file may hold another, and no more: `mail.zip/reply.eml/return.xlsx`."""

NOT_A_WORKBOOK = "not an Excel workbook"

ReadWorkbook = Callable[[str, bytes], Return]
"""Reads the bytes of a workbook as a Return; the text is the name to show. Raises Refused when it is not a workbook that may be opened."""


@dataclass(frozen=True, slots=True)
class Received:
    """A Return, and the addresses that sent it: of the e-mail, then of each e-mail attached to the one before. () for a bare file."""

    returned: Return
    senders: tuple[str, ...] = ()


def received_in(path: Path, file: str, read: ReadWorkbook) -> list[Received]:
    """Every return in a file, and what is wrong with what is not one. `file` is how it is shown."""
    if is_lock_file(path.name) or is_system_file(path.name):
        return [_finding(file, "", "LOCK_FILE" if is_lock_file(path.name) else "SYSTEM_FILE")]
    if not_a_file := _not_a_file(path, file):
        return [not_a_file]
    try:
        data = read_bytes(path, MAX_CONTAINER)
    except Refused as refusal:
        return [_unread(path, file, refusal)]
    return _Reader(read, Budget()).received(file, Attachment(path.name, data), hashlib.sha256(data).hexdigest())


def _finding(file: str, sha256: str, code: str, **words: str) -> Received:
    return Received(Return(file, sha256, findings=(BY_CODE[code].finding(file, Place(), key=None, **words),)))


def _not_a_file(path: Path, file: str) -> Received | None:
    """The finding about a folder, a device, a named pipe, or a link that leads nowhere; None for a file."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        number, reason = (error.errno, error.strerror) if isinstance(error, OSError) else (None, None)
        if number in (errno.ENOENT, errno.ELOOP, None):
            return _finding(file, "", "NOT_A_FILE")
        return _finding(file, "", "UNREADABLE_FILE", reason=reason or "unknown reason")
    if stat.S_ISREG(mode):
        return None
    return _folder(path, file) if stat.S_ISDIR(mode) else _finding(file, "", "NOT_A_FILE")


def _folder(path: Path, file: str) -> Received:
    """The finding about a folder that is listed as a file: a Mac's document, a link to a folder, or one that cannot be read."""
    if is_package_folder(path.name):
        return _finding(file, "", "NOT_A_RETURN", kind=kind_of_other(b"", path.name) or "a folder")
    try:
        os.scandir(path).close()
    except OSError as error:
        return _finding(file, "", "UNREADABLE_FOLDER", reason=error.strerror or "unknown reason")
    return _finding(file, "", "NOT_A_FILE")


def _unread(path: Path, file: str, refusal: Refused) -> Received:
    """The finding about a file that is too large or cannot be read. What cannot be a return is named for what it is."""
    sha256 = sha256_of(path)
    if refusal.code == "TOO_LARGE":
        with path.open("rb") as opened:
            head = opened.read(HEAD_SIZE)
        if kind := kind_of_other(head, path.name):
            return _finding(file, sha256, "NOT_A_RETURN", kind=kind)
        if container := kind_of_container(path.name):
            refusal = too_large(container, **refusal.words)
    return _finding(file, sha256, refusal.code, **refusal.words)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file of the inbox and what is attached to it, within its budget."""

    read: ReadWorkbook
    budget: Budget

    def received(self, file: str, item: Attachment, sha256: str, senders: tuple[str, ...] = (), depth: int = 0) -> list[Received]:
        """The returns in a file, and what is wrong with what is not one."""
        try:
            if item.refused:
                raise item.refused
            if item.opened is None:
                return [Received(self.read(file, item.data), senders)]
            refusal = None
        except Refused as error:
            refusal = error
        opener = item.opened or (opener_of(item.data, item.name) if item.data else None)
        if opener:
            return self._received_in_container(file, opener, sha256, senders, depth)
        return [] if item.inline or refusal is None else [_refused(file, item, sha256, refusal)]

    def _received_in_container(
        self, file: str, opener: Callable[[Budget], Contents], sha256: str, senders: tuple[str, ...], depth: int
    ) -> list[Received]:
        try:
            if depth == MAX_DEPTH:
                raise Refused("NESTED_TOO_DEEP")
            contents = opener(self.budget)
        except Refused as refusal:
            return [_finding(file, sha256, refusal.code, **refusal.words)]
        names = distinct_names(item.name for item in contents.attachments)
        senders = (*senders, contents.sender) if contents.sender else senders
        found = []
        for name, item in zip(names, contents.attachments, strict=True):
            found += self.received(f"{file}/{name}", item, _sha256(item, sha256, name), senders, depth + 1)
        return _with_what_is_missing(found, contents, file, sha256)


def _sha256(item: Attachment, container: str, name: str) -> str:
    """That of the attachment; for one without content of its own, one that is always the same and that no other has."""
    return hashlib.sha256(item.data or f"{container}/{name}".encode()).hexdigest()


def _with_what_is_missing(found: list[Received], contents: Contents, file: str, sha256: str) -> list[Received]:
    """What was found; where that is nothing, or the end is missing, the finding that says so."""
    if contents.cut_off:
        return [*found, _finding(file, sha256, "MAIL_CUT_OFF")] if found else [_finding(file, sha256, "MAIL_DAMAGED")]
    return found or [_finding(file, sha256, "NO_WORKBOOK", kind=contents.kind)]


def _refused(file: str, item: Attachment, sha256: str, refusal: Refused) -> Received:
    """The finding about a file that is not a workbook, an e-mail or a zip file, or one that must not be opened."""
    if kind := packed_mail(item.data, item.name):
        return _finding(file, sha256, "MAIL_PACKED", kind=kind)
    if not item.refused and (kind := kind_of_other(item.data, item.name, refusal.code)):
        return _finding(file, sha256, "NOT_A_RETURN", kind=kind)
    container = kind_of_container(item.name) if refusal.code == "NOT_A_WORKBOOK" else None
    if container:
        return _finding(file, sha256, "ZIP_DAMAGED" if container == "zip file" else "MAIL_DAMAGED")
    kind = kind_by_content(item.data)
    return _finding(file, sha256, refusal.code, **{"kind": f"{kind} and {NOT_A_WORKBOOK}" if kind else NOT_A_WORKBOOK, **refusal.words})
