"""Whether a workbook is still as this program wrote it, or another program has saved it since."""

from __future__ import annotations

import zipfile
from io import BytesIO

from cedg_excel.excel.save import ZIP_ATTRIBUTES, ZIP_SYSTEM, ZIP_TIME


def is_as_written(data: bytes) -> bool:
    """
    Whether the bytes are those of a workbook that this program wrote and nobody has saved since.

    Looks at the zip's directory only, and at one small part: office programs name themselves there, and no other program gives every
    part of the zip the same fixed time, system and permissions.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return all(map(_is_own, package.infolist())) and b"<Application>" not in package.read("docProps/app.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False


def _is_own(info: zipfile.ZipInfo) -> bool:
    facts = (info.date_time, info.create_system, info.external_attr, info.compress_type)
    return facts == (ZIP_TIME, ZIP_SYSTEM, ZIP_ATTRIBUTES, zipfile.ZIP_DEFLATED)
