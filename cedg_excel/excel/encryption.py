"""Workbooks with a password to open, decrypted and encrypted in memory. The encryption is Excel's own, by msoffcrypto."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from cedg_excel.copy_names import is_named_for_agency

MAX_SPIN = 1_000_000
"""The most rounds of hashing that a file may ask for; Excel asks for 100,000. Each million takes a second."""
_LETTERS_AND_DIGITS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which people mix up when they read a password out or copy it."""


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """The passwords to try: those `given` for this run, and those of the agencies, by id. Never shown, never stored."""

    given: tuple[str, ...] = ()
    by_agency: Mapping[str, str] = field(default_factory=dict)

    def for_file(self, name: str) -> list[str]:
        """All passwords, the likeliest for a file of this name first: each takes a tenth of a second to try."""
        likely = [password for agency, password in self.by_agency.items() if is_named_for_agency(name, agency)]
        return list(dict.fromkeys([*self.given, *likely, *self.by_agency.values()]))


NO_PASSWORDS = Passwords()


def _ooxml(data: bytes) -> Any:
    # Imported here because few files are encrypted and the library is slow to load.
    from msoffcrypto.format.ooxml import OOXMLFile

    # A rule reports what is wrong with a file; the library's own messages would only clutter the screen.
    logging.getLogger("msoffcrypto").setLevel(logging.CRITICAL)
    return OOXMLFile(BytesIO(data))


def decrypt(data: bytes, passwords: list[str]) -> tuple[bytes, str] | None:
    """The decrypted file, and the password that opened it; None when none of the passwords does."""
    try:
        book = _ooxml(data)
        if int(book.info.get("spinValue", 0)) > MAX_SPIN:
            return None
    except Exception:
        return None
    for password in passwords:
        out = BytesIO()
        try:
            book.load_key(password=password, verify_password=True)
            book.decrypt(out)
        except Exception:  # noqa: S112  a wrong password can raise any of a dozen errors
            continue
        return out.getvalue(), password
    return None


def encrypt(data: bytes, password: str) -> bytes:
    """The workbook with a password to open. The bytes differ each time, since the salts are random."""
    out = BytesIO()
    _ooxml(data).encrypt(password, out)
    return out.getvalue()


def new_password() -> str:
    """Four groups of four letters and digits, about 79 bits: `k7wm-x3pd-9rtf-hq2n`."""
    return "-".join("".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(4)) for _ in range(4))
