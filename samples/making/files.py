"""Files that cannot be used as a return at all, and findings about a file as a whole."""

from __future__ import annotations

import random
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from unittest.mock import patch

from making.copies import Copy
from making.defect import CRIME, SENT, Defect
from making.zips import Parts, add_content_type, packed, parts_of, relate, zip_info
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook

from cedg_excel.excel.save import to_bytes
from cedg_excel.tab_names import COVER

MIB = 1024 * 1024


def word_document() -> bytes:
    """A zip like that of a workbook, but with a document in it."""
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    text = "<w:document><w:body><w:p><w:r><w:t>Invented: our return.</w:t></w:r></w:p></w:body></w:document>"
    return packed({"[Content_Types].xml": types, "word/document.xml": text.encode()})


def opendocument() -> bytes:
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<office:document-content/>"})


def binary_workbook() -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": bytes.fromhex("8301009c0100")})


def old_workbook() -> bytes:
    """The outline of an .xls file: the header of an OLE container whose directory names a workbook."""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600")
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", "Workbook"))
    return header.ljust(512, b"\0") + directory.ljust(512, b"\0") + bytes(3072)


def another_workbook() -> bytes:
    workbook = Workbook()
    workbook.active.append(["Invented", "figures", "of our own"])
    return to_bytes(workbook, SENT)


def lock_file(user: str) -> bytes:
    """The file that Excel keeps next to an open workbook: the user's name, once in bytes and once in UTF-16."""
    name = bytes([len(user)]) + user.encode().ljust(54)
    return name + bytes([len(user), 0]) + user.encode("utf-16-le").ljust(108)


def truncated(data: bytes) -> bytes:
    # Not compressed, so that the same bytes are cut off on every system.
    return packed(parts_of(data), zipfile.ZIP_STORED)[:20_000]


def bomb(data: bytes) -> bytes:
    """The workbook with 128 MB of blanks in it, which take up hardly any space until they are unpacked."""
    out = BytesIO(data)
    with zipfile.ZipFile(out, "a") as target, target.open(zip_info("xl/media/image1.xml"), "w") as part:
        for _ in range(128):
            part.write(b" " * MIB)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """The workbook with a password to open, as Excel writes it, but with fixed random numbers and a fixed time."""
    out = BytesIO()
    agile, container = "msoffcrypto.method.ecma376_agile", "msoffcrypto.method.container.ecma376_encrypted"
    with patch(f"{agile}._random_buffer", random.Random(0).randbytes), patch(f"{container}.datetime") as clock:
        clock.side_effect = datetime
        clock.now.return_value = SENT.replace(tzinfo=None)
        OOXMLFile(BytesIO(data)).encrypt("sample", out)
    return out.getvalue()


def _break_sheet(parts: Parts, copy: Copy) -> None:
    part = copy.part(CRIME)
    parts[part] = parts[part][: len(parts[part]) // 2]


def _add_macros(parts: Parts, _: Copy) -> None:
    parts["xl/vbaProject.bin"] = b"Invented: no macro is in here."
    add_content_type(parts, "xl/vbaProject.bin", "application/vnd.ms-office.vbaProject")
    relate(parts, "xl/workbook.xml", "rIdMacros", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin")


def _document_type(parts: Parts, copy: Copy) -> None:
    part = copy.part(CRIME)
    parts[part] = b'<!DOCTYPE worksheet [<!ENTITY who "nobody">]>' + parts[part]


def _other_encoding(parts: Parts, copy: Copy) -> None:
    part = copy.part(CRIME)
    parts[part] = b'<?xml version="1.0" encoding="cp037"?>' + parts[part].decode().encode("cp037", "replace")


def _unusual_dates(parts: Parts, _: Copy) -> None:
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="MAYBE" ', 1)


def _second_stamp(copy: Copy) -> None:
    stamp = copy.layout.stamp
    copy.workbook[COVER]["C30"] = str(stamp).replace(stamp.agency, "rdash")


FILE_DEFECTS = (
    Defect("empty-file", "EMPTY_FILE", "A file of 0 bytes.", content=b""),
    Defect("text-file", "NOT_A_WORKBOOK", "A text file that was given a workbook's name.",
           content=b"Invented: sorry, the return comes with the next e-mail.\r\n"),
    Defect("word-document", "NOT_A_WORKBOOK", "A Word document that was given a workbook's name.", content=word_document()),
    Defect("truncated", "DAMAGED", "The file was cut off while it was sent.", change_file=truncated),
    Defect("broken-sheet", "DAMAGED", "The zip is complete, but the XML of one tab is cut off.", change_parts=_break_sheet),
    Defect("unusual-dates", "UNUSUAL", "A program wrote MAYBE where the workbook says from which day its dates count.",
           change_parts=_unusual_dates),
    Defect("password-protected", "ENCRYPTED", "A copy with a password to open; it is 'sample'.", change_file=encrypted),
    Defect("old-xls", "OLD_FORMAT", "An .xls workbook of Excel 97 to 2003.", content=old_workbook()),
    Defect("binary-workbook", "OLD_FORMAT", "A binary workbook (.xlsb).", content=binary_workbook()),
    Defect("opendocument", "OLD_FORMAT", "An OpenDocument spreadsheet (.ods).", content=opendocument()),
    Defect("macros", "HAS_MACROS", "A copy to which macros were added.", change_parts=_add_macros),
    Defect("document-type", "UNSAFE", "XML with a document type and an entity of its own.", change_parts=_document_type),
    Defect("other-encoding", "UNSAFE", "XML in the encoding of a mainframe, in which a document type could hide.",
           change_parts=_other_encoding),
    Defect("zip-bomb", "TOO_LARGE", "128 MB of blanks in a small file.", change_file=bomb),
    Defect("not-ours", "NOT_OURS", "A workbook of the agency's own, not a copy.", content=another_workbook()),
    Defect("stamp-deleted", "NOT_OURS", "A copy whose stamp was deleted from the Cover and from the properties.", change_copy=Copy.unstamp),
    Defect("two-stamps", "STAMP_UNCLEAR", "The stamp of another agency's copy was pasted next to its own.", change_copy=_second_stamp),
    Defect("other-plan", "OTHER_PLAN", "A copy of another group's plan.", change_copy=lambda copy: copy.restamp(plan="invented-2016-2019")),
    Defect("unknown-agency", "UNKNOWN_AGENCY", "A copy for an agency that is not in the plan.",
           change_copy=lambda copy: copy.restamp(agency="south-yorkshire-policing")),
    Defect("unknown-period", "UNKNOWN_PERIOD", "A copy for a period that is not in the plan.",
           change_copy=lambda copy: copy.restamp(period="2019-20-Q5")),
    Defect("stamp-of-another-agency", "WRONG_AGENCY", "The Cover names one agency, the document's properties another.",
           change_copy=lambda copy: copy.restamp(hidden=False, agency="rdash")),
    Defect("rdash_2019-20-Q3-from-the-police", "WRONG_AGENCY", "The file's name and its stamp name different agencies."),
    Defect("other-version", "OTHER_VERSION", "A copy made from another version of the plan.",
           change_copy=lambda copy: copy.restamp(version="0.9")),
    Defect("other-layout", "OTHER_VERSION", "A copy of this version of the plan, but with a different layout.",
           change_copy=lambda copy: copy.restamp(layout="0123456789ab")),
    Defect("late", "LATE", "Last saved three days after it was due.", sent=datetime(2020, 1, 23, 10, 12, tzinfo=UTC)),
)  # fmt: skip
