"""What a file is that cannot be a return: a PDF, a picture, a Word document. By its content, and by its name where that is unclear."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from cedg_excel.excel.ole import OLE_MARK, ole_kind
from cedg_excel.returns.file_names import ending_of

HEAD_SIZE = 4096
"""How many bytes from the beginning of a file are looked at."""

PICTURE, WORD, POWERPOINT, WEB_PAGE = "a picture", "a Word document", "a PowerPoint presentation", "a web page"
_ARCHIVE, _UNFINISHED, _NUMBERS = "an archive of another kind than .zip", "an unfinished download", "a Numbers, Pages or Keynote document"
_TEXT, _CSV, _VIDEO, _UNKNOWN = "a text file", "a CSV file", "a video or sound recording", "a file of another kind"

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"), (b"\x89PNG\r\n\x1a\n", PICTURE), (b"\xff\xd8\xff", PICTURE), (b"GIF8", PICTURE),
    (b"II*\0", PICTURE), (b"MM\0*", PICTURE), (b"{\\rtf", "a rich-text document"),
    (b"Rar!\x1a\x07", _ARCHIVE), (b"7z\xbc\xaf\x27\x1c", _ARCHIVE), (b"\x1f\x8b", _ARCHIVE), (b"BZh", _ARCHIVE),
    (b"BEGIN:VCARD", "a contact card"), (b"BEGIN:VCALENDAR", "a calendar entry"), (b"!BDN", "an Outlook data file"),
)  # fmt: skip

_ENDINGS: dict[str, str] = {
    **dict.fromkeys((".crdownload", ".part", ".partial", ".download", ".tmp"), _UNFINISHED),
    **dict.fromkeys((".numbers", ".pages", ".key"), _NUMBERS),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".svg", ".emf", ".wmf"), PICTURE),
    **dict.fromkeys((".doc", ".docx", ".docm", ".dot", ".dotx", ".odt"), WORD),
    **dict.fromkeys((".ppt", ".pptx", ".pptm", ".ppsx", ".odp"), POWERPOINT),
    **dict.fromkeys((".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".cab"), _ARCHIVE),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".m4a", ".mp3", ".wav"), _VIDEO),
    **dict.fromkeys((".htm", ".html", ".mht", ".mhtml"), WEB_PAGE),
    **dict.fromkeys((".txt", ".log", ".md", ".ini"), _TEXT),
    **dict.fromkeys((".pst", ".ost"), "an Outlook data file"),
    **dict.fromkeys((".rtf", ".rtfd"), "a rich-text document"),
    ".pdf": "a PDF", ".csv": _CSV, ".tsv": _CSV, ".xml": "an XML file", ".json": _TEXT,
    ".mbox": "a whole mail folder in one file", ".vcf": "a contact card", ".ics": "a calendar entry", ".one": "a OneNote file",
}  # fmt: skip

_COPY_ENDINGS, _OLD_ENDINGS = (".xlsx", ".xlsm", ".xltx"), (".xls", ".xlt", ".xlsb", ".ods", ".fods")
"""Endings of a copy, so that it is an error when the file is anything else; and of other workbooks, which may also be web pages."""
_CONTAINER_ENDINGS = {".eml": "e-mail", ".emlx": "e-mail", ".msg": "e-mail", ".zip": "zip file"}


def kind_by_content(data: bytes) -> str | None:
    """What the content alone shows a file to be; None when that does not tell, or when it could be a return."""
    head = data[:HEAD_SIZE]
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PICTURE
    if head[4:8] == b"ftyp":
        return PICTURE if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif") else _VIDEO
    if head.startswith(OLE_MARK):
        return {"document": WORD, "presentation": POWERPOINT}.get(ole_kind(data))
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_package(data)
    return WEB_PAGE if _HTML.match(head) else None


_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body|table)\b", re.IGNORECASE | re.DOTALL)


def _kind_of_package(data: bytes) -> str | None:
    """The kind of a document that is a zip file of parts."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = set(package.namelist())
            mimetype = package.read("mimetype")[:100] if "mimetype" in names and package.getinfo("mimetype").file_size < 1000 else b""
    except Exception:  # a damaged or forged zip can raise any of a dozen errors
        return None
    if "word/document.xml" in names or mimetype.endswith(b"opendocument.text"):
        return WORD
    if "ppt/presentation.xml" in names or mimetype.endswith(b"opendocument.presentation"):
        return POWERPOINT
    return _NUMBERS if {"Index/Document.iwa", "Index.zip", "index.apxl"} & names else None


def kind_by_name(name: str) -> str | None:
    """What the ending of its name shows a file to be; None for one that may be a return, or is of no known kind."""
    return _ENDINGS.get(ending_of(name))


def kind_of_container(name: str) -> str | None:
    """`e-mail` or `zip file`, by the name; None for any other file."""
    return _CONTAINER_ENDINGS.get(ending_of(name))


def kind_of_other(data: bytes, name: str, refusal: str = "NOT_A_WORKBOOK") -> str | None:
    """
    What a file is that has nothing to do with a return; None for one that was meant to be a workbook.

    `refusal` is the code with which it was refused as a workbook: a damaged file without an ending may have been one.
    """
    if ending_of(name) in _COPY_ENDINGS:
        return None
    if kind := kind_by_content(data):
        return kind
    if ending_of(name) in _OLD_ENDINGS or kind_of_container(name):
        return None
    return kind_by_name(name) or (_kind_of_rest(data) if refusal == "NOT_A_WORKBOOK" else None)


def _kind_of_rest(data: bytes) -> str:
    """The kind of a file that neither its content nor its name tells."""
    head = data[:HEAD_SIZE]
    # The last character of the head may be cut in two.
    is_text = b"\0" not in head and "\ufffd" not in head.decode("utf-8", "replace")[:-1]
    return _TEXT if head and is_text else _UNKNOWN
