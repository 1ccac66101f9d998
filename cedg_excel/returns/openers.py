"""Which files hold others, and how each is opened: e-mails, zip files, and forms of an e-mail that cannot be opened here."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import partial
from io import BytesIO

from cedg_excel.returns.contents import Budget, Contents
from cedg_excel.returns.file_kinds import kind_by_content
from cedg_excel.returns.file_names import ending_of

_WINMAIL = b"\x78\x9f\x3e\x22"
_PACKED = {
    ".p7m": "This e-mail is encrypted or sealed with a signature (S/MIME)",
    ".rpmsg": "This e-mail is protected with a sensitivity label",
}


def opener_of(data: bytes, name: str) -> Callable[[Budget], Contents] | None:
    """What opens this file as an e-mail or zip file; None when it is neither. The workbook reader has refused it by then."""
    # Imported here because most folders hold workbooks only, and the library for e-mails is slow to load.
    from cedg_excel.returns.eml_file import is_eml, open_eml
    from cedg_excel.returns.msg_file import is_msg, open_msg
    from cedg_excel.returns.zip_file import is_zip, open_zip

    if is_msg(data, name):
        return partial(open_msg, data)
    if is_zip(data):
        return partial(open_zip, data) if _is_archive(data, name) else None
    return partial(open_eml, data, name) if is_eml(data, name) else None


def _is_archive(data: bytes, name: str) -> bool:
    """Whether a zip holds files, and not the parts of one document. Of a damaged one only the name tells."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return not {"[content_types].xml", "mimetype", "content.xml"} & {name.lower() for name in archive.namelist()} and (
                kind_by_content(data) is None
            )
    except Exception:  # a damaged or forged zip can raise any of a dozen errors
        return ending_of(name) == ".zip"


def packed_mail(data: bytes, name: str) -> str | None:
    """What is packed in a form of e-mail that cannot be opened here, as the beginning of a sentence; None for any other file."""
    if data.startswith(_WINMAIL):
        return "This is winmail.dat, in which Outlook packs the attachments of an e-mail in rich-text format"
    return _PACKED.get(ending_of(name))
