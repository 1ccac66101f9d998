"""What is in an e-mail or a zip file: its attachments, read in memory and within bounds. Nothing is written to disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cedg_excel.excel.gate import MAX_FILE, MAX_UNPACKED, MIB, Refused

MAX_CONTAINER = 2 * MAX_FILE
"""The largest e-mail or zip file, in bytes: an attachment of the largest size takes a third more in an e-mail."""
MAX_ATTACHMENTS = 500
"""In one file, those of the e-mails attached to it included."""


class Budget:
    """What may still be read from one file of the inbox: so many attachments and bytes, however they are nested."""

    def __init__(self) -> None:
        self.bytes_left, self.attachments_left = MAX_UNPACKED, MAX_ATTACHMENTS

    def take(self, size: int, kind: str) -> None:
        """Count one attachment of `size` bytes. Raises Refused when that is too much."""
        if size > self.bytes_left:
            raise too_large(kind, "far more once unpacked", f"{MAX_UNPACKED // MIB} MB")
        if not self.attachments_left:
            raise too_large(kind, "far too many files", f"{MAX_ATTACHMENTS}")
        self.bytes_left -= size
        self.attachments_left -= 1


def too_large(kind: str, size: str, limit: str) -> Refused:
    """The refusal of an e-mail or zip file that is too large."""
    return Refused("MAIL_TOO_LARGE", kind=kind, size=size, limit=limit)


@dataclass(frozen=True, slots=True)
class Attachment:
    """
    One file in an e-mail or zip file: its name as given there, and its content.

    `inline` is a picture of the text, such as a signature's. A message that is attached has no bytes of its own; `opened` reads
    it. `refused` is the reason why there is no content.
    """

    name: str
    data: bytes = b""
    inline: bool = False
    opened: Callable[[Budget], Contents] | None = None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """
    The attachments of one e-mail (`kind` is "e-mail") or zip file, and the address that sent it; empty when it does not say.

    `cut_off`: the end is missing, and perhaps an attachment with it.
    """

    kind: str
    attachments: tuple[Attachment, ...]
    sender: str = ""
    cut_off: bool = False
