"""What lies on a sheet besides its cells, and what was typed over the form's formulas."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from tests.helpers.zips import Parts
from tests.returns.altered import TAB, Edit, Read, answers, on_tab, put, reported, rewrite, sheet_of, values

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:r="urn:r" xmlns:mc="urn:mc" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:a14="urn:a14"'
)
AT_G8 = "<xdr:from><xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>7</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
SAYS = "<xdr:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p><a:p><a:r><a:t>and more</a:t></a:r></a:p></xdr:txBody>"
NHS = "943 476 5919"


def shape(words: str = "", more: str = "") -> str:
    text = SAYS.format(words) if words else ""
    return f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1">{more}</xdr:cNvPr></xdr:nvSpPr>{text}</xdr:sp>'


def anchored(content: str) -> str:
    return f"<xdr:twoCellAnchor>{AT_G8}{content}<xdr:clientData/></xdr:twoCellAnchor>"


PICTURE = '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="Picture 1" descr="A map"/></xdr:nvPicPr></xdr:pic>'
CONTROL = '<a:extLst><a:ext><a14:compatExt spid="_x0000_s1025"/></a:ext></a:extLst>'
OLD_CONTROL = (
    '<xml xmlns:v="urn:v"><v:shapetype id="t"/><v:shape id="_x0000_s1025" type="#t"><v:textbox><div>Send<br></div></v:textbox>'
    '<x:ClientData ObjectType="Checkbox"><x:Anchor>6, 0, 7, 0, 7, 0, 8, 0</x:Anchor></x:ClientData></v:shape></xml>'
)


def related(kind: str, name: str, content: str, tail: str = "") -> Edit:
    """Give Objective 2 another part, with XML at the end of the sheet if need be."""

    def edit(parts: Parts) -> None:
        sheet_name, sheet = sheet_of(parts, TAB)
        rels = f"xl/worksheets/_rels/{sheet_name.rpartition('/')[2]}.rels"
        schema = "http://schemas.openxmlformats.org/package/2006/relationships"
        relation = f'<Relationship Id="rIdNew" Type="{OFFICE}/{kind}" Target="/{name}"/>'
        old = parts.get(rels, f'<Relationships xmlns="{schema}"></Relationships>'.encode()).decode()
        parts[rels] = old.replace("</Relationships>", f"{relation}</Relationships>").encode()
        parts[name] = content.encode()
        parts[sheet_name] = sheet.replace("</worksheet>", f"{tail}</worksheet>").encode()

    return edit


def drawing(content: str, tail: str = "") -> Edit:
    return related("drawing", "xl/drawings/drawing1.xml", f"<xdr:wsDr {SPACES}>{content}</xdr:wsDr>", tail)


OLE = (
    '<oleObjects><mc:AlternateContent xmlns:mc="urn:mc" xmlns:xdr="urn:x"><mc:Choice><oleObject progId="Word.Document.12" shapeId="1030" '
    f'r:id="rIdNew" xmlns:r="{OFFICE}"><objectPr><anchor>{AT_G8}</anchor></objectPr></oleObject></mc:Choice><mc:Fallback>'
    f'<oleObject progId="Word.Document.12" shapeId="1030" r:id="rIdNew" xmlns:r="{OFFICE}"/></mc:Fallback></mc:AlternateContent>'
    "</oleObjects>"
)


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (drawing(anchored(shape("See this"))), ("G8", "TEXT_BOX", "See this and more")),
        (drawing(anchored(shape(f"No. {NHS}"))), ("G8", "TEXT_BOX", "No. [NHS number] and more")),
        (drawing(anchored(f"<xdr:grpSp>{shape('Within')}</xdr:grpSp>")), ("G8", "TEXT_BOX", "Within and more")),
        (drawing(anchored(shape())), ("G8", "DRAWING", None)),
        (drawing(anchored(PICTURE)), ("G8", "PICTURE", "A map")),
        (drawing(f"<mc:AlternateContent><mc:Choice>{anchored(PICTURE)}</mc:Choice><mc:Fallback/></mc:AlternateContent>"),
         ("G8", "PICTURE", "A map")),
        (drawing(f"<xdr:absoluteAnchor>{shape('Anywhere')}</xdr:absoluteAnchor>"), (None, "TEXT_BOX", "Anywhere and more")),
        (drawing("<broken"), (None, "DRAWING", None)),
        (related("vmlDrawing", "xl/drawings/vmlDrawing9.vml", OLD_CONTROL), ("G8", "FORM_CONTROL", "Send")),
        (drawing(anchored(shape("Tick me", CONTROL)), f'<controls><control shapeId="1025" r:id="x" xmlns:r="r"><controlPr>{AT_G8}'
                 "</controlPr></control></controls>".replace("xdr:", "")), ("G8", "FORM_CONTROL", "Tick me and more")),
        (related("package", "xl/embeddings/Microsoft_Word_Document1.docx", "PK", OLE), ("G8", "EMBEDDED", None)),
        (related("package", "xl/embeddings/Microsoft_Word_Document1.docx", "PK"), (None, "EMBEDDED", None)),
        (related("image", "xl/media/image1.png", "png"), (None, "PICTURE", None)),
    ],
    ids=["text box", "NHS number", "group", "shape", "picture", "newer than Excel 2007", "no cell", "broken", "old check box", "check box",
         "embedded", "embedded somewhere", "background"],
)  # fmt: skip
def test_objects_are_reported_where_they_are_with_their_words(read: Read, edit: Edit, found: tuple[str | None, str, str | None]) -> None:
    item = read(edit=edit)
    assert [(finding.place.cell, finding.code, finding.value) for finding in item.findings] == [found]
    assert item.findings[0].place.sheet == TAB
    assert NHS not in str(item.findings)
    assert values(item) == answers()


@pytest.mark.parametrize("content", ["", "<xdr:twoCellAnchor><xdr:clientData/></xdr:twoCellAnchor>"])
def test_an_empty_drawing_is_no_object(read: Read, content: str) -> None:
    """Google Sheets puts one on every tab."""
    assert reported(read(edit=drawing(content))) == []


def test_many_objects_are_counted(read: Read) -> None:
    item = read(edit=drawing("".join(anchored(shape(f"Box {n:03}")) for n in range(60))))
    assert len(item.findings) == 51
    assert {finding.value for finding in item.findings} >= {"Box 049 and more", "and 9 more objects on this tab"}


# Typed over formulas


@pytest.mark.parametrize(
    ("sheet", "cell", "typed"),
    [
        (TAB, "L7", 999),
        (TAB, "L8", "see my e-mail"),
        (TAB, "M8", 4),
        ("Cover", "A5", "All done!"),
        ("Check", "B3", None),
        ("Check", "A3", 999),
    ],
)
def test_what_is_typed_over_a_formula_is_reported(read: Read, sheet: str, cell: str, typed: str | int | None) -> None:
    """A blank cell is no finding: an officer who clears a check has said nothing."""
    item = read(put(cell, typed, sheet))
    assert [(f.where, f.code, f.value) for f in item.findings] == ([(f"{sheet}!{cell}", "TYPED_OVER", str(typed))] if typed else [])
    assert values(item) == answers()


def test_words_beside_the_form_and_personal_data_over_a_formula(read: Read) -> None:
    item = read(lambda book: (put("N8", "beside it")(book), put("L8", f"about {NHS}")(book)))
    assert [(f.where, f.code, f.value) for f in item.findings] == [
        (f"{TAB}!L8", "TYPED_OVER", "about [NHS number]"), (f"{TAB}!N8", "OUTSIDE_FORM", "beside it"),
    ]  # fmt: skip


def test_programs_that_keep_only_values_type_over_nothing(read: Read) -> None:
    """Where no formula is left on a tab, only what none of them could have shown is reported."""

    def tamper(book: Workbook) -> None:
        for row in book[TAB].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("=") and cell.data_type == "f":
                    cell.value = "H9: Amber needs the remedial action being taken." if cell.column_letter == "L" else 1
        book[TAB]["L10"] = "see my e-mail"

    assert reported(read(tamper)) == [on_tab("TYPED_OVER", "L10")]


def test_a_rewritten_formula_cell_is_only_a_formula(read: Read) -> None:
    assert reported(read(edit=lambda parts: rewrite(parts, "L8", "<f>1+1</f><v>2</v>"))) == []
