"""Workbooks with a password to open: read in memory, written whole. The encryption is Excel's own, by msoffcrypto."""

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
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like another when read out over the telephone."""


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """The passwords to try: those `given` for this run, and each agency's own by its id. Never shown, never stored."""

    given: tuple[str, ...] = ()
    by_agency: Mapping[str, str] = field(default_factory=dict)

    def for_file(self, name: str) -> list[str]:
        """All of them, the likeliest first: each takes a tenth of a second to try."""
        named = [word for agency, word in self.by_agency.items() if is_named_for_agency(name, agency)]
        return list(dict.fromkeys([*self.given, *named, *self.by_agency.values()]))


NO_PASSWORDS = Passwords()


def _ooxml(data: bytes) -> Any:
    # Few files are encrypted, and the library brings much else with it: it is loaded for those alone.
    from msoffcrypto.format.ooxml import OOXMLFile

    # What is wrong with a file is said by a rule, and not on the screen by a library.
    logging.getLogger("msoffcrypto").setLevel(logging.CRITICAL)
    return OOXMLFile(BytesIO(data))


def decrypted(data: bytes, passwords: list[str]) -> tuple[bytes, str] | None:
    """The file within an encrypted one, and the password that opened it; None when none of them does."""
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
        except Exception:  # noqa: S112  a wrong password shows as any of a dozen errors
            continue
        return out.getvalue(), password
    return None


def encrypted(data: bytes, password: str) -> bytes:
    """The workbook with a password to open. The bytes differ each time: its salts are random."""
    out = BytesIO()
    _ooxml(data).encrypt(password, out)
    return out.getvalue()


def new_password() -> str:
    """Four groups of four letters and figures, some 79 bits: `k7wm-x3pd-9rtf-hq2n`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
