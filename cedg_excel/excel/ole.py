"""What kind of file an OLE file is: Excel's old format, an encrypted workbook, a saved e-mail and others share that container."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Literal

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How every OLE file begins."""

OleKind = Literal["mail", "encrypted", "workbook", "document", "presentation", "unknown"]

_KINDS: dict[str, OleKind] = {
    "__properties_version1.0": "mail",
    "encryptedpackage": "encrypted",
    "encryptioninfo": "encrypted",
    "\x06dataspaces": "encrypted",
    "workbook": "workbook",
    "book": "workbook",
    "worddocument": "document",
    "powerpoint document": "presentation",
}
"""The kind by the name of an entry at the top of the file's directory, as it is compared: in lower case."""

_MARKS: tuple[tuple[str, OleKind], ...] = (
    # An e-mail comes first: the marks of what is attached to it are in the file as well.
    ("__substg1.0_", "mail"), ("__properties_version1.0", "mail"), ("__nameid_version1.0", "mail"),
    ("EncryptedPackage", "encrypted"), ("EncryptionInfo", "encrypted"), ("DataSpaces", "encrypted"),
    ("Workbook\0", "workbook"), ("Book\0", "workbook"), ("WordDocument\0", "document"), ("PowerPoint Document\0", "presentation"),
)  # fmt: skip
"""Names that tell the kind of a damaged file, whose directory cannot be read."""


def ole_kind(data: bytes) -> OleKind:
    """The kind of an OLE file, by its directory; by the names found anywhere in it where that is damaged."""
    names = _top_names(data)
    return next((kind for name, kind in _KINDS.items() if name in names), None) or ("unknown" if names else _kind_by_marks(data))


def _top_names(data: bytes) -> set[str]:
    """The names at the top of the directory in lower case; none when it cannot be read."""
    # Imported here because few files are of this kind.
    import olefile

    # A finding reports what is wrong with a file; the library's own messages would only clutter the screen.
    logging.getLogger("olefile").setLevel(logging.CRITICAL)
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            return {entry[0].lower() for entry in ole.listdir(streams=True, storages=True)}
    except Exception:  # a damaged file can raise any of a dozen errors
        return set()


def _kind_by_marks(data: bytes) -> OleKind:
    return next((kind for name, kind in _MARKS if name.encode("utf-16-le") in data), "unknown")
