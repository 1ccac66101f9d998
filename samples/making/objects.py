"""What lies on a sheet besides its cells, and what was typed over its formulas."""

from __future__ import annotations

from making.copies import Copy
from making.defect import CRIME, EVIDENCE, OFFICE, ChangeParts, Defect
from making.zips import Parts, add_content_type, relate, replaced


def _picture(parts: Parts, copy: Copy) -> None:
    part, drawing, image = copy.part(CRIME), "xl/drawings/drawing1.xml", "xl/media/image1.png"
    schema = "http://schemas.openxmlformats.org/drawingml/2006"
    spaces = f'xmlns:xdr="{schema}/spreadsheetDrawing" xmlns:a="{schema}/main" xmlns:r="{OFFICE}"'
    place = "<xdr:{0}><xdr:col>{1}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{2}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{0}>"
    parts[drawing] = (
        f"<xdr:wsDr {spaces}><xdr:twoCellAnchor>{place.format('from', 6, 30)}{place.format('to', 7, 32)}<xdr:pic><xdr:nvPicPr>"
        '<xdr:cNvPr id="2" name="Picture 1" descr="Invented: a yellow square"/><xdr:cNvPicPr/></xdr:nvPicPr>'
        '<xdr:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
        '<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>'
    ).encode()
    parts[image] = YELLOW_SQUARE
    relate(parts, part, "rIdPicture", f"{OFFICE}/drawing", f"/{drawing}")
    relate(parts, drawing, "rId1", f"{OFFICE}/image", f"/{image}")
    element = f'<drawing xmlns:r="{OFFICE}" r:id="rIdPicture"/></worksheet>'
    parts[part] = replaced(parts[part], b"</worksheet>", element.encode())
    add_content_type(parts, drawing, "application/vnd.openxmlformats-officedocument.drawing+xml")
    add_content_type(parts, image, "image/png")


def _drawn(*shapes: str) -> ChangeParts:
    """Put shapes over the evidence of 4.3, as XML."""

    def change(parts: Parts, copy: Copy) -> None:
        part, drawing, cell = copy.part(CRIME), "xl/drawings/drawing1.xml", copy.cell(EVIDENCE)
        schema = "http://schemas.openxmlformats.org/drawingml/2006"
        start = f"<xdr:from><xdr:col>{cell.column - 1}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{cell.row - 1}</xdr:row>"
        anchor = f'<xdr:oneCellAnchor>{start}<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="1800000" cy="900000"/>'
        content = "".join(f"{anchor}{shape}<xdr:clientData/></xdr:oneCellAnchor>" for shape in shapes)
        parts[drawing] = f'<xdr:wsDr xmlns:xdr="{schema}/spreadsheetDrawing" xmlns:a="{schema}/main">{content}</xdr:wsDr>'.encode()
        relate(parts, part, "rIdDrawing", f"{OFFICE}/drawing", f"/{drawing}")
        element = f'<drawing xmlns:r="{OFFICE}" r:id="rIdDrawing"/></worksheet>'
        parts[part] = replaced(parts[part], b"</worksheet>", element.encode())
        add_content_type(parts, drawing, "application/vnd.openxmlformats-officedocument.drawing+xml")

    return change


def _shape(name: str, words: str = "") -> str:
    text = f"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{words}</a:t></a:r></a:p></xdr:txBody>" if words else ""
    return (
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="{name}"/><xdr:cNvSpPr/></xdr:nvSpPr>'
        f'<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>{text}</xdr:sp>'
    )


def _form_control(parts: Parts, copy: Copy) -> None:
    part, drawing, cell = copy.part(CRIME), "xl/drawings/vmlDrawing9.vml", copy.cell(EVIDENCE)
    parts[drawing] = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="_x0000_s1025">'
        '<v:textbox><div>Invented: done</div></v:textbox><x:ClientData ObjectType="Checkbox">'
        f"<x:Anchor>{cell.column - 1}, 0, {cell.row - 1}, 0, {cell.column}, 0, {cell.row}, 0</x:Anchor></x:ClientData></v:shape></xml>"
    ).encode()
    relate(parts, part, "rIdControl", f"{OFFICE}/vmlDrawing", f"/{drawing}")
    element = f'<legacyDrawing xmlns:r="{OFFICE}" r:id="rIdControl"/></worksheet>'
    parts[part] = replaced(parts[part], b"</worksheet>", element.encode())
    add_content_type(parts, drawing, "application/vnd.openxmlformats-officedocument.vmlDrawing")


def _type_over_check(copy: Copy) -> None:
    row = copy.row("4.3")
    check = next(cell for cell in copy.sheet(4)[row] if str(cell.value).startswith("="))
    check.value = "Invented: see my e-mail"


def _embedded_file(parts: Parts, copy: Copy) -> None:
    name = "xl/embeddings/oleObject1.bin"
    parts[name] = b"Invented: a file within."
    relate(parts, copy.part(CRIME), "rIdFile", f"{OFFICE}/oleObject", f"/{name}")
    add_content_type(parts, name, "application/vnd.openxmlformats-officedocument.oleObject")


YELLOW_SQUARE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000f494441547801010400fbff00ffe8a30574028b669b6527"
    "0000000049454e44ae426082"
)


OBJECT_DEFECTS = (
    Defect("picture", "PICTURE", "A picture was pasted.", change_parts=_picture),
    Defect("text-box", "TEXT_BOX", "The answer was written in a text box, with a number reserved for tests.",
           change_parts=_drawn(_shape("TextBox 1", "Invented: seen, NHS number 943 476 5919"))),
    Defect("drawing", "DRAWING", "A box was drawn over a cell.", change_parts=_drawn(_shape("Rectangle 1"))),
    Defect("empty-drawing", "", "A drawing without anything in it, as Google Sheets writes one.", change_parts=_drawn()),
    Defect("form-control", "FORM_CONTROL", "A check box was put on a cell.", change_parts=_form_control),
    Defect("check-typed-over", "TYPED_OVER", "Words were typed over the check of an action.", change_copy=_type_over_check),
    Defect("embedded-file", "EMBEDDED", "A file was embedded in the workbook.", change_parts=_embedded_file),
)  # fmt: skip
