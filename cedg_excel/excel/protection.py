"""Sheet and structure protection. It stops accidents, not people: anyone can take it off with the right program."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from cedg_excel.plan.model import Plan

SPIN_COUNT = 100_000
ALGORITHM = "SHA-512"


def lock_sheet(sheet: Worksheet, plan: Plan) -> None:
    """Protect a sheet with the plan's password. Wider columns and rows harm nothing, and links need locked cells selectable."""
    guard = sheet.protection
    guard.sheet = True
    guard.algorithmName, guard.spinCount = ALGORITHM, SPIN_COUNT
    guard.saltValue, guard.hashValue = _password(plan.about.unlock, plan.about.id)
    # In these attributes False is what allows.
    guard.formatColumns = guard.formatRows = guard.selectLockedCells = guard.selectUnlockedCells = False


def lock_structure(workbook: Workbook, plan: Plan) -> None:
    """No tab is added, deleted, renamed, moved or hidden."""
    salt, digest = _password(plan.about.unlock, plan.about.id)
    workbook.security = WorkbookProtection(
        lockStructure=True, workbookAlgorithmName=ALGORITHM, workbookSaltValue=salt, workbookHashValue=digest,
        workbookSpinCount=SPIN_COUNT,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _password(password: str, plan_id: str) -> tuple[str, str]:
    """
    Salt and hash as [MS-OFFCRYPTO] 2.4.2.4 has them, in base 64.

    The salt comes from the plan, so that the same plan gives the same bytes; the password guards against accidents only.
    """
    salt = hashlib.sha256(f"cedg-excel {plan_id}".encode()).digest()[:16]
    digest = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for number in range(SPIN_COUNT):
        digest = hashlib.sha512(digest + number.to_bytes(4, "little")).digest()
    return base64.b64encode(salt).decode(), base64.b64encode(digest).decode()
