"""
Reads an e-mail that was saved by Outlook (.msg): an OLE file in which each property is a stream, named by number and type.

Source of the numbers: Microsoft's [MS-OXPROPS]; of the layout: [MS-OXMSG].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from cedg_excel.excel.gate import MAX_FILE, MIB, Refused
from cedg_excel.excel.ole import OLE_MARK, ole_kind
from cedg_excel.returns.contents import Attachment, Budget, Contents
from cedg_excel.returns.eml_file import FORWARDED, KIND, is_signature_picture
from cedg_excel.returns.file_kinds import PICTURE, kind_by_content, kind_by_name
from cedg_excel.returns.file_names import ending_of

_SENDERS = ("5D01", "5D02", "0C1F", "0065")
"""The properties that may have the sender's address. Without an at sign it is a name on an Exchange server."""
_NAMES = ("3707", "3704", "3001")
"""The properties that may have an attachment's name: the long one, the short one, the one shown."""
_CONTENT_ID = "3712"
_METHOD, _FLAGS, _HIDDEN = 0x3705, 0x3714, 0x7FFE
_LINKED, _MESSAGE = (2, 3, 4, 7), 5
"""How an attachment is stored: as a link to a file elsewhere, or as a message in this file."""
_IN_TEXT = 0x4
"""The flag of an attachment that is shown in the text of the e-mail."""
_STREAM_SIZE_OF_ENTRY, _HEADER_OF_ATTACHMENT = 16, 8

Storage = tuple[str, ...]
"""The path of a storage, in lower case as OLE compares names: () is the whole file."""


def is_msg(data: bytes, name: str) -> bool:
    """Whether this is an e-mail saved by Outlook; of a damaged one perhaps only the name tells."""
    return data.startswith(OLE_MARK) and (ending_of(name) == ".msg" or ole_kind(data) == "mail")


def open_msg(data: bytes, budget: Budget) -> Contents:
    """The attachments of an e-mail. Raises Refused when it is damaged or too large."""
    import olefile

    try:
        ole = olefile.OleFileIO(BytesIO(data))
        paths = {tuple(part.lower() for part in path) for path in ole.listdir(streams=True, storages=True)}
        if ("__properties_version1.0",) not in paths:
            raise Refused("MAIL_DAMAGED")
        return _OutlookMessage(ole, frozenset(paths), ()).contents(budget)
    except Refused:
        raise
    except Exception as error:  # a damaged file can raise any of a dozen errors
        raise Refused("MAIL_DAMAGED") from error


@dataclass(frozen=True, slots=True)
class _OutlookMessage:
    """One message: the whole file, or the `storage` of one that is attached to another."""

    ole: Any
    paths: frozenset[Storage]
    storage: Storage

    def contents(self, budget: Budget) -> Contents:
        """Its attachments. Raises Refused."""
        try:
            attachments = [found for storage in self._attached() if (found := self._attachment(storage, budget))]
            return Contents(KIND, tuple(attachments), self._sender())
        except Refused:
            raise
        except Exception as error:  # an attached message is opened later than the file, and may be damaged by itself
            raise Refused("MAIL_DAMAGED") from error

    def _attached(self) -> list[Storage]:
        depth = len(self.storage)
        return sorted(
            path for path in self.paths
            if len(path) == depth + 1 and path[:depth] == self.storage and path[depth].startswith("__attach_version1.0_")
        )  # fmt: skip

    def _attachment(self, storage: Storage, budget: Budget) -> Attachment | None:
        """None for a drawing that is part of the text."""
        numbers = dict(self._numbers(storage))
        name = next(filter(None, (self._text(storage, number) for number in _NAMES)), "")
        method, inner, stream = numbers.get(_METHOD, 1), (*storage, "__substg1.0_3701000d"), (*storage, "__substg1.0_37010102")
        if method == _MESSAGE:
            return Attachment(name or FORWARDED, opened=_OutlookMessage(self.ole, self.paths, inner).contents)
        if method in _LINKED:
            return Attachment(name or "attachment", refused=Refused("LINKED_ATTACHMENT"))
        if inner in self.paths:
            return None
        if stream not in self.paths:
            return Attachment(name or "attachment", refused=Refused("MAIL_DAMAGED"))
        return self._file(storage, name, self._stream(stream, budget), numbers)

    def _file(self, storage: Storage, name: str, data: bytes, numbers: dict[int, int]) -> Attachment:
        is_picture = kind_by_content(data) == PICTURE or kind_by_name(name) == PICTURE
        in_text = bool(numbers.get(_HIDDEN)) or bool(numbers.get(_FLAGS, 0) & _IN_TEXT)
        is_signature = is_picture and (bool(self._text(storage, _CONTENT_ID)) or is_signature_picture(name))
        return Attachment(name or "attachment", data, in_text or is_signature)

    def _numbers(self, storage: Storage) -> Iterator[tuple[int, int]]:
        """The properties of an attachment that are numbers: which one, and its value."""
        path = (*storage, "__properties_version1.0")
        if path not in self.paths:
            return
        data = self._stream(path)
        for at in range(_HEADER_OF_ATTACHMENT, len(data) - _STREAM_SIZE_OF_ENTRY + 1, _STREAM_SIZE_OF_ENTRY):
            _kind, number, _flags, value = struct.unpack_from("<HHII", data, at)
            yield number, value

    def _text(self, storage: Storage, number: str) -> str:
        """A property that is a text, in Unicode or in the code page of Western Europe; empty when there is none."""
        for kind, encoding in (("001f", "utf-16-le"), ("001e", "cp1252")):
            path = (*storage, f"__substg1.0_{number.lower()}{kind}")
            if path in self.paths:
                return self._stream(path)[:2_000].decode(encoding, "replace").rstrip("\0")
        return ""

    def _stream(self, path: Storage, budget: Budget | None = None) -> bytes:
        size = self.ole.get_size(list(path))
        if size > MAX_FILE:
            raise Refused("TOO_LARGE", size=f"{size // MIB} MB", limit=f"{MAX_FILE // MIB} MB")
        if budget:
            budget.take(size, KIND)
        data: bytes = self.ole.openstream(list(path)).read()
        return data

    def _sender(self) -> str:
        addresses = (self._text(self.storage, number).strip().lower() for number in _SENDERS)
        return next((address for address in addresses if "@" in address), "")
