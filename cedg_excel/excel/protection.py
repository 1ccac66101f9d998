"""Sheet and structure protection. It stops accidents, not people: anyone can remove it with the right program."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

SPIN_COUNT = 100_000
ALGORITHM = "SHA-512"


def lock_sheet(sheet: Worksheet, password: str, seed: str, *, objects: bool = False) -> None:
    """
    Protect a sheet with a password; its salt is made from `seed`.

    Widening columns and rows is allowed, and locked cells can be selected, which links need. With `objects`, text boxes,
    pictures, comments and scenarios cannot be added: answers belong in cells.
    """
    protection = sheet.protection
    protection.sheet = True
    protection.objects = protection.scenarios = objects
    protection.algorithmName, protection.spinCount = ALGORITHM, SPIN_COUNT
    protection.saltValue, protection.hashValue = _salt_and_hash(password, seed)
    # In these attributes False means that it is allowed.
    protection.formatColumns = protection.formatRows = protection.selectLockedCells = protection.selectUnlockedCells = False


def lock_structure(workbook: Workbook, password: str, seed: str) -> None:
    """Protect the structure: no tab can be added, deleted, renamed, moved or hidden."""
    salt, digest = _salt_and_hash(password, seed)
    workbook.security = WorkbookProtection(
        lockStructure=True, workbookAlgorithmName=ALGORITHM, workbookSaltValue=salt, workbookHashValue=digest,
        workbookSpinCount=SPIN_COUNT,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _salt_and_hash(password: str, seed: str) -> tuple[str, str]:
    """
    Salt and hash as [MS-OFFCRYPTO] 2.4.2.4 defines them, in base64.

    The salt comes from `seed`, so that the same plan gives the same bytes. That weakens the hash, but the password only guards
    against accidents.
    """
    salt = hashlib.sha256(f"cedg-excel {seed}".encode()).digest()[:16]
    digest = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for number in range(SPIN_COUNT):
        digest = hashlib.sha512(digest + number.to_bytes(4, "little")).digest()
    return base64.b64encode(salt).decode(), base64.b64encode(digest).decode()
