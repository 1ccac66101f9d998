"""Reads an e-mail that was saved as it was sent (.eml)."""

from __future__ import annotations

import email
import email.policy
import re
from base64 import b64decode
from collections.abc import Iterator
from email.errors import CloseBoundaryNotFoundDefect, HeaderParseError, StartBoundaryNotFoundDefect
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from cedg_excel.excel.gate import Refused
from cedg_excel.returns.contents import Attachment, Budget, Contents, too_large
from cedg_excel.returns.file_names import ending_of

KIND = "e-mail"
LONGEST_HEADER = 4_000
"""The most characters of one header that are looked at."""
MAX_BOUNDARIES, MAX_HEADERS = 4_000, 40_000
"""The most lines that may divide an e-mail into parts, and that may be headers: the parser takes 25 seconds for each million."""
MAX_MULTIPARTS = 100
"""The most parts that hold others. Each line is compared with the boundary of every part that it is within."""
FORWARDED = "forwarded message.eml"
"""The name of an attached message that has none."""

_ANY_HEADER = re.compile(rb"^[A-Za-z][A-Za-z0-9-]*:", re.MULTILINE)
_MULTIPART = re.compile(rb"\bboundary[ \t]*\*?[^\n=]{0,5}=", re.IGNORECASE)
_FIRST_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*:", re.ASCII)
_KNOWN_HEADERS = re.compile(
    rb"^(From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Content-Type|Delivered-To|X-[A-Za-z-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_EMLX_LENGTH = re.compile(rb"\s*\d+\s*\r?\n")
_NOT_FILES = {
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/applefile",
    "text/calendar", "text/vcard", "text/x-vcard", "text/rfc822-headers", "message/delivery-status", "message/disposition-notification",
}  # fmt: skip
"""Parts that mail programs add for each other."""
_DEFAULT_ENDINGS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx", "application/zip": ".zip", "application/pdf": ".pdf",
    "message/rfc822": ".eml",
}  # fmt: skip


def is_eml(data: bytes, name: str) -> bool:
    """Whether this is an e-mail: by its name, or by how it begins: with headers, of which at least two are an e-mail's."""
    if ending_of(name) in (".eml", ".emlx"):
        return not data.startswith(b"PK\x03\x04")
    headers = re.split(rb"\r?\n\r?\n", data[:20_000].lstrip(), maxsplit=1)[0]
    if not _FIRST_HEADER.match(headers):
        return False
    return len({found.lower() for found in _KNOWN_HEADERS.findall(headers)}) >= 2


def open_eml(data: bytes, name: str, budget: Budget) -> Contents:
    """The attachments of an e-mail. Raises Refused when it is damaged or too large."""
    if ending_of(name) == ".emlx":
        data = _EMLX_LENGTH.sub(b"", data, count=1)
    _refuse_slow(data)
    try:
        # The older policy takes headers as they are; the newer one parses them, and fails on many that are not quite right.
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        return _contents(message, budget)
    except Refused:
        raise
    except Exception as error:  # a forged e-mail can raise any of a dozen errors
        raise Refused("MAIL_DAMAGED") from error


def _refuse_slow(data: bytes) -> None:
    """Raises Refused for an e-mail that was made to keep the parser busy."""
    if data.count(b"\n--") > MAX_BOUNDARIES or sum(1 for _ in _ANY_HEADER.finditer(data)) > MAX_HEADERS:
        raise too_large(KIND, "far too many parts", f"{MAX_BOUNDARIES:,}")
    if sum(1 for _ in _MULTIPART.finditer(data)) > MAX_MULTIPARTS:
        raise too_large(KIND, "far too many parts within parts", f"{MAX_MULTIPARTS}")


def _contents(message: Message, budget: Budget) -> Contents:
    parts = list(_parts(message))
    attachments = tuple(found for part in parts if (found := _attachment(part, budget)))
    broken = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)
    cut_off = any(isinstance(defect, broken) for part in (message, *parts) for defect in part.defects)
    headers_only = not any(message.get(name) for name in ("From", "Subject", "Date", "Received", "MIME-Version", "Content-Type"))
    return Contents(KIND, attachments, _sender(message), cut_off or headers_only)


def _parts(message: Message) -> Iterator[Message]:
    """Every part, also those that hold others, without looking into attached messages."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if part.get_content_maintype() == "multipart" and isinstance(payload := part.get_payload(), list):
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]


def _attachment(part: Message, budget: Budget) -> Attachment | None:
    """The part as an attachment; None for one that holds others, the text of the e-mail, and what mail programs add."""
    kind, name = part.get_content_type(), _file_name(part)
    if part.get_content_maintype() == "multipart" or kind in _NOT_FILES or ending_of(name) in (".p7s", ".asc"):
        return None
    if kind == "message/external-body":
        return Attachment(name or "attachment", refused=Refused("LINKED_ATTACHMENT"))
    if kind in ("message/rfc822", "message/global") and (attached := _attached_message(part)):
        return Attachment(name or FORWARDED, opened=lambda budget: _contents(attached, budget))
    if part.get_content_maintype() == "text" and not name:
        return None
    data = part.get_payload(decode=True)
    content = data if isinstance(data, bytes) else b""
    budget.take(len(content), KIND)
    return Attachment(name or f"attachment{_DEFAULT_ENDINGS.get(kind, '')}", content, _is_inline(part, name))


def _attached_message(part: Message) -> Message | None:
    payload = part.get_payload()
    attached = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(attached, Message):
        return None
    if _header(part, "Content-Transfer-Encoding").strip().lower() != "base64":
        return attached
    # The standard forbids to encode an attached message; some servers do, and the parser then takes the letters for its text.
    text = attached.get_payload()
    return email.message_from_bytes(b64decode(text, validate=False)) if isinstance(text, str) else attached


def _is_inline(part: Message, name: str) -> bool:
    """Whether this belongs to the text of the e-mail, as a signature's picture does."""
    disposition = part.get_content_disposition()
    is_picture = part.get_content_maintype() == "image"
    in_text = bool(part.get("Content-ID")) and disposition != "attachment"
    return disposition == "inline" or in_text or (is_picture and (bool(part.get("Content-ID")) or is_signature_picture(name)))


def is_signature_picture(name: str) -> bool:
    """Whether a picture is named as Outlook names those of a signature: `image001.png`, `Outlook-abc123.png`."""
    return re.match(r"(image\d{3}|outlook-[\w-]+)\.\w+$", name, re.IGNORECASE) is not None


def _header(message: Message, name: str) -> str:
    """A header as text: bytes that are not ASCII are taken for UTF-8, and words that are encoded are decoded."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    text = str(raw)[:LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(_decoded(text).split())


def _decoded(text: str) -> str:
    """A text with encoded words such as `=?utf-8?B?...?=` decoded."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _file_name(part: Message) -> str:
    """The name of an attachment, in any of the ways of writing it; empty when it has none."""
    for header in ("Content-Disposition", "Content-Type"):
        if raw := next((str(value) for key, value in part.raw_items() if key.lower() == header.lower()), ""):
            plain = Message()
            plain[header] = raw[:LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            if name := plain.get_filename():
                return _decoded(" ".join(name.split()))
    return ""


def _sender(message: Message) -> str:
    """The address in From, in lower case; empty when there is none."""
    for header in ("From", "Sender"):
        address = parseaddr(_header(message, header))[1].lower()
        if "@" in address:
            return address
    return ""
