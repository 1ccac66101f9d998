"""Reports what lies on a returned sheet besides its cells: text boxes, pictures, embedded files, form controls, drawings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cedg_excel.excel.objects import SheetObject
from cedg_excel.excel.sheet_xml import PICTURE, SheetDetails
from cedg_excel.findings import Finding, Place, shortened
from cedg_excel.form.rules import BY_CODE

MAX_OBJECTS = 50
"""How many objects are listed for one tab; one more finding gives the number of the others."""

_CODES = {
    "text box": "TEXT_BOX", "picture": "PICTURE", "embedded file": "EMBEDDED", "form control": "FORM_CONTROL", "drawing": "DRAWING",
}  # fmt: skip


def object_findings(details: Mapping[str, SheetDetails], names: Collection[str], file: str) -> Iterator[Finding]:
    """The objects of every tab, in order; then embedded files and pictures of the workbook that no tab says where they are."""
    for title, tab in details.items():
        for item in tab.objects[:MAX_OBJECTS]:
            yield _finding(file, title, item)
        if len(tab.objects) > MAX_OBJECTS:
            first = tab.objects[MAX_OBJECTS]
            yield _finding(file, title, first._replace(words=f"and {len(tab.objects) - MAX_OBJECTS - 1} more objects on this tab"))
    kinds = {item.kind for tab in details.values() for item in tab.objects}
    has_pictures = "picture" in kinds or any(PICTURE in tab.errors.values() for tab in details.values())
    folders = {name.lower().partition("/")[2].partition("/")[0] for name in names}
    if "embeddings" in folders and not kinds & {"embedded file", "drawing"}:
        yield BY_CODE["EMBEDDED"].finding(file, other="")
    elif "media" in folders and not kinds and not has_pictures:
        yield BY_CODE["PICTURE"].finding(file, other="")


def _finding(file: str, title: str, item: SheetObject) -> Finding:
    words = f', with the words "{shortened(item.words, 300)}"' if item.words else ""
    return BY_CODE[_CODES[item.kind]].finding(file, Place(title, *item.address), value=item.words or None, other=words)
