"""XML parts as UTF-8, without anything that office programs never write."""

from __future__ import annotations

import re

_DOCTYPE_OR_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_UTF_16_STARTS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_ONE_BYTE = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["'](?i:iso-8859-1|latin1|windows-1252)["'][^>]*\?>""")
"""Western encodings, in which ASCII is ASCII."""
_UTF_16_DECLARATION = re.compile(r"""\ufeff?<\?xml\s[^>]*?\?>""")


def has_document_type(data: bytes) -> bool:
    """Whether there is a document type or an entity, which a parser could be made to expand."""
    return _DOCTYPE_OR_ENTITY.search(data) is not None


def safe_utf8(data: bytes) -> bytes | None:
    """
    An XML part in UTF-8: as it is, or rewritten from UTF-16 or a Western encoding, which XML allows too and some phones write.

    None where it has a document type or an entity, or an encoding in which one could hide from the search for it.
    """
    if encoding := _UTF_16_STARTS.get(data[:2]):
        try:
            data = _UTF_16_DECLARATION.sub("", data.decode(encoding).removeprefix("\ufeff"), count=1).encode()
        except UnicodeError:
            return None
    elif declared := _ONE_BYTE.match(data):
        data = data[declared.end() :].decode("cp1252", "replace").encode()
    if has_document_type(data) or b"\0" in data or _has_unsafe_encoding(data):
        return None
    return data


def _has_unsafe_encoding(data: bytes) -> bool:
    """Whether the XML declares an encoding in which ASCII is not ASCII."""
    match = _ENCODING.match(data)
    return match is not None and match[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
