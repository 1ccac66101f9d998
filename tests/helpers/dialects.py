"""
A good return as other programs might write it: one table of dialects, each a legal way to store the same workbook.

`DIALECTS` are read like the return itself, cell for cell and without a finding; `REFUSED` are refused with a code. A dialect is a name
and the steps that rewrite the parts of the zip, in order; the base has its texts in shared strings unless the name says otherwise.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

from tests.helpers.zips import Parts, parts_of, zipped

Step = Callable[[Parts], Parts]
Packed = Callable[[Parts], bytes]

SHEETS = re.compile(r"xl/worksheets/sheet\d+\.xml")
BOOK, BOOK_RELATIONS, STRINGS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
CORE, CUSTOM = "docProps/core.xml", "docProps/custom.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NO_CELL = b'<worksheet xmlns="%s"><sheetData/></worksheet>' % MAIN.encode()


# Steps


def edit(pattern: str, old: bytes, new: bytes | Callable[[re.Match[bytes]], bytes], *, at_least: int = 1) -> Step:
    """Replace a pattern in every part whose name matches."""

    def step(parts: Parts) -> Parts:
        changed, times = {}, 0
        for name, part in parts.items():
            if re.fullmatch(pattern, name):
                changed[name], count = re.subn(old, new, part, flags=re.DOTALL)
                times += count
            else:
                changed[name] = part
        assert times >= at_least, (pattern, old)
        return changed

    return step


def in_sheets(old: bytes, new: bytes | Callable[[re.Match[bytes]], bytes]) -> Step:
    return edit(SHEETS.pattern, old, new)


def in_book(old: bytes, new: bytes) -> Step:
    return edit(BOOK, old, new)


def write(pattern: str, how: Callable[[bytes], bytes]) -> Step:
    """Rewrite every part whose name matches."""
    return lambda parts: {name: how(part) if re.fullmatch(pattern, name) else part for name, part in parts.items()}


def rename(new_name: Callable[[str], str]) -> Step:
    """Rename parts in the zip alone, and no relation to them."""
    return lambda parts: {new_name(name): part for name, part in parts.items()}


def move(old: str, new: str) -> Step:
    """Give a part another name, with its relations part, and change the relations that lead to it."""

    def step(parts: Parts) -> Parts:
        moved = {new if name == old else relations_of(new) if name == relations_of(old) else name: part for name, part in parts.items()}
        tail = old.removeprefix("xl/").encode()
        target = re.compile(rb'Target="(?:/xl/|xl/|/|)%s"' % re.escape(tail))

        def changed(name: str, part: bytes) -> bytes:
            if name == "[Content_Types].xml":
                return part.replace(b"/" + old.encode(), b"/" + new.encode())
            return target.sub(b'Target="/%s"' % new.encode(), part) if name.endswith(".rels") else part

        return {name: changed(name, part) for name, part in moved.items()}

    return step


def relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def moved_sheets(name: str) -> Step:
    """Every sheet under a name such as `xl/tabs/{}.part`."""

    def step(parts: Parts) -> Parts:
        for sheet in filter(SHEETS.fullmatch, list(parts)):
            parts = move(sheet, name.format(re.sub(r"\D", "", sheet)))(parts)
        return parts

    return step


def add_parts(new: Parts) -> Step:
    return lambda parts: {**parts, **new}


def drop(pattern: str) -> Step:
    return lambda parts: {name: part for name, part in parts.items() if not re.fullmatch(pattern, name)}


def relate(source: str, kind: str, target: str) -> Step:
    """Add a relation to a part, of a kind such as `drawing`."""
    link = b'<Relationship Id="extra%d" Type="%s/%s" Target="%s"/>'

    def step(parts: Parts) -> Parts:
        name = relations_of(source)
        space = b"http://schemas.openxmlformats.org/package/2006/relationships"
        part = parts.get(name, b'<Relationships xmlns="%s"></Relationships>' % space)
        new = link % (part.count(b"<Relationship "), OFFICE.encode(), kind.encode(), target.encode())
        return {**parts, name: part.replace(b"</Relationships>", new + b"</Relationships>")}

    return step


def each_sheet(make: Callable[[str], Step]) -> Step:
    """A step for every sheet, made from the sheet's name."""

    def step(parts: Parts) -> Parts:
        for name in filter(SHEETS.fullmatch, list(parts)):
            parts = make(name)(parts)
        return parts

    return step


def utf16(encoding: str, *, mark: bytes = b"", declared: str = "UTF-16") -> Callable[[bytes], bytes]:
    def how(part: bytes) -> bytes:
        text = without_declaration(part).decode()
        return mark + (f'<?xml version="1.0" encoding="{declared}"?>' + text).encode(encoding)

    return how


def without_declaration(part: bytes) -> bytes:
    return re.sub(rb"^(?:\xef\xbb\xbf)?<\?xml.*?\?>\s*", b"", part)


def declared(declaration: bytes) -> Callable[[bytes], bytes]:
    return lambda part: declaration + without_declaration(part)


def western(part: bytes) -> bytes:
    """In Windows' Western encoding, with what it lacks as character references."""
    return b'<?xml version="1.0" encoding="windows-1252"?>' + without_declaration(part).decode().encode("cp1252", "xmlcharrefreplace")


def prefixed(prefix: str) -> Callable[[bytes], bytes]:
    """`<x:worksheet xmlns:x="...">`: every element of the main namespace with a prefix."""

    def how(part: bytes) -> bytes:
        part = re.sub(rb'xmlns="', b'xmlns:%s="' % prefix.encode(), part, count=1)
        return re.sub(rb"<(/?)(?![?!])([A-Za-z]\w*)(?=[\s/>])", rb"<\1%s:\2" % prefix.encode(), part)

    return how


def indented(part: bytes) -> bytes:
    """Line breaks and blanks between tags, but not within a text."""
    return re.sub(rb"(?<=>)(?=<(?!/?(?:t|v|r|f)\b))", b"\r\n    ", part)


def indented_values(part: bytes) -> bytes:
    """As Gnumeric and NPOI write properties: line breaks around the value too."""
    return re.sub(rb">([^<>]+)</", rb">\n    \1\n  </", indented(part))


def single_quotes(part: bytes) -> bytes:
    return re.sub(rb'=("[^"\'<>]*")', lambda match: b"='" + match[1][1:-1] + b"'", part)


def strict(part: bytes) -> bytes:
    for old, new in (
        (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"), (OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ("http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"),
    ):  # fmt: skip
        part = part.replace(old.encode(), new.encode())
    return part


def dates(written: str) -> Step:
    """Every date as ISO 8601 in a cell of type `d`; `{}` is the day."""

    def iso(match: re.Match[bytes]) -> bytes:
        day = date(1899, 12, 30) + timedelta(days=int(match[2]))
        return b'%s t="d"><v>%s</v>' % (match[1], written.format(day).encode())

    return in_sheets(rb'(<c r="\w+" s="\d+") t="n"><v>(4[34]\d{3})</v>', iso)


def inline(parts: Parts) -> Parts:
    """The texts in the cells again."""
    texts = re.findall(rb"<si>(.*?)</si>", parts[STRINGS], re.DOTALL)
    step = in_sheets(rb't="s"><v>(\d+)</v>', lambda match: b't="inlineStr"><is>%s</is>' % texts[int(match[1])])
    return drop(STRINGS)(without_relation("sharedStrings")(step(parts)))


def without_relation(kind: str) -> Step:
    return edit(r".*\.rels", rb'<Relationship [^>]*?/%s"[^>]*?/>' % kind.encode(), b"", at_least=0)


def as_formula_text(parts: Parts) -> Parts:
    """Every text as that of a formula is stored: `t="str"` with the text in `v`."""
    texts = [
        b"".join(re.findall(rb"<t[^>]*>(.*?)</t>", text, re.DOTALL)) for text in re.findall(rb"<si>(.*?)</si>", parts[STRINGS], re.DOTALL)
    ]
    return in_sheets(rb't="s"><v>(\d+)</v>', lambda match: b't="str"><v>%s</v>' % texts[int(match[1])])(parts)


def per_row(change: Callable[[list[bytes]], list[bytes]]) -> Step:
    """Change the cells of every row."""
    cells = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
    return in_sheets(rb"(<row [^>]*[^/>]>)(.*?)(</row>)", lambda m: m[1] + b"".join(change(cells.findall(m[2]))) + m[3])


def reversed_rows(part: bytes) -> bytes:
    rows = re.findall(rb"<row .*?</row>|<row [^>]*/>", part, re.DOTALL)
    head, tail = part[: part.index(b"<sheetData>") + 11], part[part.index(b"</sheetData>") :]
    return head + b"".join(reversed(rows)) + tail


def no_addresses(part: bytes) -> bytes:
    """Cells and rows without addresses, as some generators write them: every blank cell is written out instead."""

    def filled(match: re.Match[bytes]) -> bytes:
        cells, row = {}, re.findall(rb"<c [^>]*?(?:/>|>.*?</c>)", match[2], re.DOTALL)
        for cell in row:
            letters = re.search(rb'r="([A-Z]+)\d+"', cell)
            assert letters
            cells[letters[1]] = re.sub(rb' r="\w+"', b"", cell, count=1)
        return b"<row>" + b"".join(cells.get(b"%c" % number, b"<c/>") for number in range(65, 65 + 26)) + b"</row>"

    part = re.sub(rb"<row [^>]*/>", b"", part)
    numbers = [int(number) for number in re.findall(rb'<row r="(\d+)"', part)]
    for number in sorted(set(range(1, max(numbers, default=0))) - set(numbers), reverse=True):
        after = min(other for other in numbers if other > number)
        part = part.replace(b'<row r="%d"' % after, b'<row r="%d"></row><row r="%d"' % (number, after), 1)
        numbers.append(number)
    return re.sub(rb"(<row [^>]*>)(.*?)</row>", filled, part, flags=re.DOTALL)


def epoch_1904(parts: Parts) -> Parts:
    def earlier(match: re.Match[bytes]) -> bytes:
        return b"%s<v>%d</v>" % (match[1], int(match[2]) - 1462)

    return in_sheets(rb'(<c r="\w+" s="\d+" t="n">)<v>(4[34]\d{3})</v>', earlier)(
        in_book(rb"<workbookPr ", rb'<workbookPr date1904="1" ')(parts)
    )


# Ways to pack a zip


def stored(parts: Parts) -> bytes:
    return zipped(parts, zipfile.ZIP_STORED)


def streamed(parts: Parts) -> bytes:
    """Sizes and checksums after each part, as a program writes them that cannot go back."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return out.getvalue()


def with_folders(parts: Parts) -> bytes:
    return zipped({**{f"{folder}/": b"" for folder in ("xl", "_rels", "docProps", "xl/worksheets")}, **parts})


def with_comment(parts: Parts) -> bytes:
    out = BytesIO(zipped(parts))
    with zipfile.ZipFile(out, "a") as package:
        package.comment = b"Packed by hand"
    return out.getvalue()


def reordered(parts: Parts) -> bytes:
    return zipped(dict(reversed(parts.items())))


def bzipped(parts: Parts) -> bytes:
    return zipped(parts, zipfile.ZIP_BZIP2)


def after_a_stub(parts: Parts) -> bytes:
    """Cut short, as an interrupted download is."""
    return zipped(parts)[:-40]


# The table

ALL_XML = r".*\.(?:xml|rels)"
VML = {"xl/drawings/vmlDrawing1.vml": b"<xml><br></xml>"}
EMPTY_DRAWING = b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'


def empty_drawings(name: str) -> Step:
    """An empty drawing on a tab, as Google puts one on each."""
    number = re.sub(r"\D", "", name)
    linked = relate(name, "drawing", f"../drawings/drawing{number}.xml")
    return lambda parts: linked({**parts, f"xl/drawings/drawing{number}.xml": EMPTY_DRAWING})


def chain(*steps: Step) -> Step:
    def step(parts: Parts) -> Parts:
        for each in steps:
            parts = each(parts)
        return parts

    return step


GOOGLE = chain(each_sheet(empty_drawings), drop("docProps/.*"), without_relation("custom-properties"),
               without_relation("extended-properties"), without_relation("core-properties"))  # fmt: skip
PSMDCP = move(CORE, "package/services/metadata/core-properties/5f0c8b.psmdcp")
RELATIVE = edit(BOOK_RELATIONS, rb'Target="/xl/', rb'Target="')
ABSOLUTE = edit(r"_rels/\.rels", rb'Target="', rb'Target="/')
ATTRIBUTES_REVERSED = in_sheets(rb'<c (r="\w+") (s="\d+") (t="\w+")', rb"<c \3 \2 \1")
DIMENSION = rb'<dimension ref="[^"]*" */>'
PLAIN_PROPERTIES = in_book(rb"<calcPr[^>]*>", b"")

LEGAL: dict[str, tuple[Step, ...]] = {
    # Names of parts
    "shared strings": (),
    "inline strings": (inline,),
    "backslashes in the zip": (rename(lambda name: name.replace("/", "\\")),),
    "backslashes in zip and relations": (
        rename(lambda name: name.replace("/", "\\")), edit(r".*\.rels", rb'Target="([^"]*)"', lambda m: m[0].replace(b"/", b"\\")),
    ),
    "a slash before each name": (rename(lambda name: "/" + name),),
    "all names in capitals": (rename(str.upper),),
    "all names in lower case": (rename(str.lower),),
    "xl/Workbook.xml, xl/Worksheets/Sheet1.xml": (rename(lambda n: n.replace("workbook", "Workbook").replace("sheets/sheet", "sheets/Sheet")),),
    "folders in capitals": (rename(lambda name: name.replace("xl/", "XL/").replace("worksheets/", "WorkSheets/")),),
    "relations in capitals": (rename(lambda name: name.replace("_rels/", "_Rels/").replace(".rels", ".RELS")),),
    "WORKBOOK in capitals": (rename(lambda name: name.replace("workbook", "WORKBOOK")),),
    "targets in other case": (edit(BOOK_RELATIONS, rb'Target="/xl/worksheets', rb'Target="/XL/WorkSheets'),),
    "relative targets": (RELATIVE,),
    "absolute targets": (ABSOLUTE,),
    "targets with ./": (edit(BOOK_RELATIONS, rb'Target="/xl/', rb'Target="./'),),
    "targets with ../": (edit(BOOK_RELATIONS, rb'Target="/xl/', rb'Target="../xl/'),),
    "workbook2.xml": (move(BOOK, "xl/workbook2.xml"),),
    "workbook2.xml beside a workbook that is not used": (move(BOOK, "xl/workbook2.xml"), add_parts({BOOK: b"<workbook/>"})),
    "the workbook at the root": (move(BOOK, "workbook.xml"),),
    "the workbook in another folder": (move(BOOK, "spreadsheet/book.xml"),),
    "the workbook without an extension": (move(BOOK, "xl/workbook"),),
    "a workbook called .part": (move(BOOK, "content/main.part"),),
    "sheets at the root": (moved_sheets("sheet{}.xml"),),
    "sheets beside the workbook": (moved_sheets("xl/s{}.xml"),),
    "sheets in another folder": (moved_sheets("data/tabs/{}.xml"),),
    "sheets called .part": (moved_sheets("xl/worksheets/{}.part"),),
    "sheets without an extension": (moved_sheets("xl/worksheets/sheet{}"),),
    "sheets called .bin": (moved_sheets("xl/worksheets/sheet{}.bin"),),
    "sheets with spaces in their names": (moved_sheets("xl/worksheets/my%20sheet{}.xml"),),
    "spaces written out in the zip": (moved_sheets("xl/worksheets/my%20sheet{}.xml"), rename(lambda name: name.replace("%20", " "))),
    "sheets with accents in their names": (moved_sheets("xl/worksheets/f%C3%A9uille{}.xml"),),
    "sheets with gaps in their numbers": (moved_sheets("xl/worksheets/sheet10{}.xml"),),
    "sheets named for their tabs": (moved_sheets("xl/worksheets/Objective_{}.xml"),),
    "shared strings under another name": (move(STRINGS, "xl/strings.xml"),),
    "shared strings at the root": (move(STRINGS, "texts.xml"),),
    "shared strings without an extension": (move(STRINGS, "xl/shared.strings"),),
    "SharedStrings.xml": (rename(lambda name: name.replace("sharedStrings", "SharedStrings")),),
    "styles under another name": (move(STYLES, "xl/formats.xml"),),
    "styles in another folder": (move(STYLES, "xl/styles/styles1.xml"),),
    "everything under another name": (
        move(STRINGS, "a/strings.x"), move(STYLES, "a/styles.x"), moved_sheets("a/{}.x"), move(BOOK, "a/book.x"), PSMDCP,
        move(CUSTOM, "a/custom.x"),
    ),
    "core properties as .psmdcp": (PSMDCP,),
    "core properties at the root": (move(CORE, "core.xml"),),
    "custom properties elsewhere": (move(CUSTOM, "props/mine.xml"),),
    "no app.xml": (drop("docProps/app.xml"), without_relation("extended-properties")),
    "no theme": (drop("xl/theme/.*"), without_relation("theme")),
    "no core properties": (drop(CORE), without_relation("core-properties")),
    "no custom properties": (drop(CUSTOM), without_relation("custom-properties")),
    "no document properties": (drop("docProps/.*"),),
    # Relations
    "ids of letters": (edit(r".*\.rels|xl/workbook\.xml", rb'([iI]d)="rId(\d+)"', rb'\1="sheet-\2"'),),
    "ids of hexadecimal": (edit(r".*\.rels|xl/workbook\.xml", rb'([iI]d)="rId(\d+)"', rb'\1="Rf0a9\2c"'),),
    "ids with accents": (edit(r".*\.rels|xl/workbook\.xml", rb'([iI]d)="rId(\d+)"', "\\1=\"r\u00e9l\\2\"".encode()),),
    "relations indented": (write(r".*\.rels", indented),),
    "relations with a prefix": (write(r".*\.rels", prefixed("rel")),),
    "relations that say Internal": (edit(r".*\.rels", rb' Id="', rb' TargetMode="Internal" Id="'),),
    "relations in single quotes": (write(r".*\.rels", single_quotes),),
    "relations of the strict kind": (write(r".*\.rels", strict),),
    "relations in another order": (edit(BOOK_RELATIONS, rb"(<Relationship [^>]*/>)(.*)(<Relationship [^>]*/>)", rb"\3\2\1"),),
    "a thumbnail": (relate("", "metadata/thumbnail", "docProps/thumbnail.jpeg"), add_parts({"docProps/thumbnail.jpeg": b"\xff\xd8"})),
    "a calculation chain": (relate(BOOK, "calcChain", "calcChain.xml"), add_parts({"xl/calcChain.xml": b"<calcChain/>"})),
    "printer settings": (
        relate("xl/worksheets/sheet2.xml", "printerSettings", "../printerSettings/printerSettings1.bin"),
        add_parts({"xl/printerSettings/printerSettings1.bin": b"\0\1"}),
    ),
    "custom XML in UTF-16": (relate(BOOK, "customXml", "../customXml/item1.xml"), add_parts({"customXml/item1.xml": "<a/>".encode("utf-16")})),
    "custom XML elsewhere": (relate(BOOK, "customXml", "../mine/item1.xml"), add_parts({"mine/item1.xml": b"\xff\xfe<\0!\0"})),
    "a relation that leads nowhere": (relate("xl/worksheets/sheet2.xml", "drawing", "../drawings/drawing9.xml"),),
    "a comments relation that leads nowhere": (relate("xl/worksheets/sheet2.xml", "comments", "../comments9.xml"),),
    "a printer relation that leads nowhere": (relate("xl/worksheets/sheet2.xml", "printerSettings", "NULL"),),
    "a workbook relation that leads nowhere": (relate(BOOK, "externalLink", "NULL"),),
    "broken relations of a sheet": (add_parts({"xl/worksheets/_rels/sheet2.xml.rels": b"<Relationships"}),),
    "an old drawing that is missing": (relate("xl/worksheets/sheet2.xml", "vmlDrawing", "../drawings/vmlDrawing1.vml"),),
    "an old drawing that is not XML": (relate("xl/worksheets/sheet2.xml", "vmlDrawing", "../drawings/vmlDrawing1.vml"), add_parts(VML)),
    "an empty drawing on each tab": (each_sheet(empty_drawings),),
    "no comments in a comments part": (
        relate("xl/worksheets/sheet2.xml", "comments", "../comments1.xml"), add_parts({"xl/comments1.xml": b"<comments><authors/></comments>"}),
    ),
    "content types at the end": (lambda parts: {**drop(r"\[Content_Types\].xml")(parts), "[Content_Types].xml": parts["[Content_Types].xml"]},),
    "content types by extension only": (edit(r"\[Content_Types\].xml", rb"<Override[^>]*>", b""),),
    "no content types": (drop(r"\[Content_Types\].xml"),),
    # XML
    "byte order marks": (write(ALL_XML, declared(b"\xef\xbb\xbf")),),
    "declarations": (write(ALL_XML, declared(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n')),),
    "declarations in lower case": (write(ALL_XML, declared(b"<?xml version='1.0' encoding='utf-8'?>")),),
    "declarations without an encoding": (write(ALL_XML, declared(b'<?xml version="1.0"?>')),),
    "ASCII": (write(ALL_XML, lambda p: b'<?xml version="1.0" encoding="US-ASCII"?>' + without_declaration(p).decode().encode("ascii", "xmlcharrefreplace")),),
    "windows-1252": (write(ALL_XML, western),),
    "UTF-16, little-endian, with a mark": (write(ALL_XML, utf16("utf-16-le", mark=b"\xff\xfe")),),
    "UTF-16, big-endian, with a mark": (write(ALL_XML, utf16("utf-16-be", mark=b"\xfe\xff")),),
    "UTF-16, little-endian, without a mark": (write(ALL_XML, utf16("utf-16-le", declared="UTF-16LE")),),
    "UTF-16, big-endian, without a mark": (write(ALL_XML, utf16("utf-16-be", declared="UTF-16BE")),),
    "UTF-16 sheets": (write(SHEETS.pattern, utf16("utf-16-le", mark=b"\xff\xfe")),),
    "UTF-16 shared strings": (write(STRINGS, utf16("utf-16-le", mark=b"\xff\xfe")),),
    "UTF-16 relations": (write(r".*\.rels", utf16("utf-16-be", mark=b"\xfe\xff")),),
    "UTF-16 properties": (write(r"docProps/.*", utf16("utf-16-le", mark=b"\xff\xfe")),),
    "UTF-16 inline strings": (inline, write(SHEETS.pattern, utf16("utf-16-be", mark=b"\xfe\xff"))),
    "single quotes": (write(SHEETS.pattern, single_quotes),),
    "single quotes everywhere": (write(ALL_XML, single_quotes),),
    "indented sheets": (write(SHEETS.pattern, indented),),
    "everything indented": (write(ALL_XML, indented),),
    "line breaks of Windows": (write(ALL_XML, lambda part: part.replace(b"><", b">\r\n<").replace(b"<t>\r\n<", b"<t><")),),
    "comments between elements": (in_sheets(rb"<row ", rb"<!-- a row --><row "),),
    "comments between cells": (in_sheets(rb"<c ", rb"<!-- a cell --><c "),),
    "a comment that looks like a cell": (in_sheets(rb"<sheetData>", rb'<sheetData><!-- <row r="1"><c r="A1"><v>1</v></c></row> -->'),),
    "processing instructions": (in_sheets(rb"<sheetData>", rb"<?made by hand?><sheetData>"),),
    "comments in shared strings": (edit(STRINGS, rb"<si>", rb"<!-- <si><t>no</t></si> --><si>"),),
    "CDATA in shared strings": (edit(STRINGS, rb"<t>([^<&]+)</t>", rb"<t><![CDATA[\1]]></t>"),),
    "CDATA in inline strings": (inline, in_sheets(rb"<t>([^<&]+)</t>", rb"<t><![CDATA[\1]]></t>")),
    "CDATA in values": (in_sheets(rb"<v>([^<&]+)</v>", rb"<v><![CDATA[\1]]></v>"),),
    "comments in values": (in_sheets(rb"<v>(\d)(\d*)</v>", rb"<v>\1<!-- and -->\2</v>"),),
    "character references in values": (in_sheets(rb"<v>(\d)(\d*)</v>", lambda m: b"<v>&#%d;%s</v>" % (m[1][0], m[2])),),
    "character references in texts": (edit(STRINGS, rb"<t>([A-Z])", lambda m: b"<t>&#x%X;" % m[1][0]),),
    "character references in addresses": (in_sheets(rb'<c r="A', rb'<c r="&#65;'),),
    "character references in types": (in_sheets(rb't="s"', rb't="&#115;"'),),
    "character references in styles": (in_sheets(rb' s="(\d)', lambda m: b' s="&#%d;' % m[1][0]),),
    "a prefix on sheets": (write(SHEETS.pattern, prefixed("x")),),
    "a long prefix on sheets": (write(SHEETS.pattern, prefixed("spreadsheet-ml.1")),),
    "a prefix on the workbook": (write(BOOK, prefixed("x")),),
    "a prefix on shared strings": (write(STRINGS, prefixed("x")),),
    "a prefix on styles": (write(STYLES, prefixed("x")),),
    "a prefix on all of them": (write(rf"{BOOK}|{STRINGS}|{STYLES}|{SHEETS.pattern}", prefixed("x")),),
    "a prefix on custom properties": (write(CUSTOM, lambda part: prefixed("op")(part).replace(b"xmlns:op:", b"xmlns:")),),
    "another prefix for relations": (in_book(rb"\br:id|xmlns:r=", lambda m: m[0].replace(b"r:id", b"d3p1:id").replace(b":r=", b":d3p1=")),),  # type: ignore[arg-type]
    "the prefix declared on each sheet": (
        in_book(rb' xmlns:r="[^"]*"', b""), in_book(rb"<sheet ", rb'<sheet xmlns:r="%s" ' % OFFICE.encode()),
    ),
    "other vocabularies declared": (in_sheets(rb"<worksheet ", rb'<worksheet xmlns:mc="urn:mc" xmlns:x14ac="urn:x14ac" mc:Ignorable="x14ac" '),),
    "attributes of other vocabularies": (
        in_sheets(rb"<worksheet ", rb'<worksheet xmlns:x14ac="urn:x14ac" '), in_sheets(rb"<row ", rb'<row x14ac:dyDescent="0.25" '),
    ),
    "alternate content": (in_sheets(rb"<sheetData>", rb'<mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice/></mc:AlternateContent><sheetData>'),),
    "extensions at the end": (in_sheets(rb"</worksheet>", rb'<extLst><ext uri="{1}" xmlns:x14="urn:x14"><x14:a/></ext></extLst></worksheet>'),),
    "extensions in cells": (in_sheets(rb"</c>", rb'<extLst><ext uri="{1}"><v>6</v></ext></extLst></c>'),),
    "strict": (write(ALL_XML, strict),),
    "strict with ISO dates": (write(ALL_XML, strict), dates("{:%Y-%m-%d}")),
    "strict with a prefix": (write(ALL_XML, strict), write(SHEETS.pattern, prefixed("s"))),
    "strict in UTF-16": (write(ALL_XML, strict), write(ALL_XML, utf16("utf-16-le", mark=b"\xff\xfe"))),
    # Cells
    "dates as days": (dates("{:%Y-%m-%d}"),),
    "dates at midnight": (dates("{:%Y-%m-%d}T00:00:00"),),
    "dates at midnight without seconds": (dates("{:%Y-%m-%d}T00:00"),),
    "dates at midnight with milliseconds": (dates("{:%Y-%m-%d}T00:00:00.000"),),
    "dates at midnight Z": (dates("{:%Y-%m-%d}T00:00:00Z"),),
    "dates at midnight Z with milliseconds": (dates("{:%Y-%m-%d}T00:00:00.000Z"),),
    "dates at midnight +00:00": (dates("{:%Y-%m-%d}T00:00:00+00:00"),),
    "dates with blanks around them": (dates(" {:%Y-%m-%d} "),),
    "dates from 1904": (epoch_1904,),
    "date1904 false": (in_book(rb"<workbookPr ", rb'<workbookPr date1904="false" '),),
    "numbers with .0": (in_sheets(rb't="n"><v>(\d+)</v>', rb't="n"><v>\1.0</v>'),),
    "numbers with an exponent": (in_sheets(rb't="n"><v>(\d+)</v>', rb't="n"><v>\1E0</v>'),),
    "numbers with +": (in_sheets(rb't="n"><v>(\d+)</v>', rb't="n"><v>+\1</v>'),),
    "numbers with blanks around them": (in_sheets(rb't="n"><v>(\d+)</v>', rb't="n"><v> \1 </v>'),),
    "numbers with a line break": (in_sheets(rb't="n"><v>(\d+)</v>', b't="n"><v>\n\\1\n</v>'),),
    "numbers without a type": (in_sheets(rb' t="n"', b""),),
    "texts of formulas": (as_formula_text,),
    "rich text": (edit(STRINGS, rb"<si><t>([^<]*)</t></si>", rb"<si><r><rPr><b/></rPr><t>\1</t></r></si>"),),
    "rich text in pieces": (
        edit(STRINGS, rb"<si><t>(\w+)([^<]*\S)</t></si>", rb'<si><r><t>\1</t></r><r><rPr><i/></rPr><t xml:space="preserve">\2</t></r></si>'),
    ),
    "rich text in the cells": (inline, in_sheets(rb"<is><t>([^<]*)</t></is>", rb"<is><r><rPr><b/></rPr><t>\1</t></r></is>")),
    "phonetic text": (edit(STRINGS, rb"</t></si>", rb'</t><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si>'),),
    "xml:space on every text": (edit(STRINGS, rb"<t>", rb'<t xml:space="preserve">'),),
    "unused shared strings": (edit(STRINGS, rb"</sst>", rb"<si><t>nothing refers to this</t></si><si/></sst>"),),
    "no counts": (edit(STRINGS, rb"<sst ", rb'<sst count="0" uniqueCount="0" '),),
    "indices with zeros": (in_sheets(rb't="s"><v>', rb't="s"><v>0'),),
    "no addresses": (write(SHEETS.pattern, no_addresses),),
    "no addresses of rows": (in_sheets(rb'<row r="1" ', rb"<row "),),
    "spans": (in_sheets(rb"<row ", rb'<row spans="1:12" '),),
    "attributes in another order": (ATTRIBUTES_REVERSED,),
    "cells in another order": (per_row(lambda cells: cells[::-1]),),
    "rows in another order": (write(SHEETS.pattern, reversed_rows),),
    "blank cells left out": (in_sheets(rb"<c [^>]*/>", b""),),
    "blank cells written out": (in_sheets(rb"(<c [^>]*?) */>", rb"\1></c>"),),
    "blank values written out": (in_sheets(rb"(<c [^>]*?) */>", rb"\1><v></v></c>"),),
    "empty values": (in_sheets(rb"(<c [^>]*?) */>", rb"\1><v/></c>"),),
    "blank cells of type s": (in_sheets(rb'(<c r="\w+"(?: s="\d+")?)[^>]*?/>', rb'\1 t="s"/>'),),
    "a thousand styled rows below": (in_sheets(rb"</sheetData>", b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(900, 1900)) + b"</sheetData>"),),
    "a styled cell at the very end": (in_sheets(rb"</sheetData>", rb'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'),),
    "metadata of cells": (in_sheets(rb"<c ", rb'<c cm="1" vm="0" '),),
    "phonetic marks on cells": (in_sheets(rb"<c ", rb'<c ph="1" '),),
    "a row of its own for every height": (in_sheets(rb' ht="[^"]*"', rb' ht="15" customHeight="1"'),),
    # Workbook and sheet settings
    "no dimension": (in_sheets(DIMENSION, b""),),
    "an empty dimension": (in_sheets(DIMENSION, b'<dimension ref=""/>'),),
    "a dimension without a range": (in_sheets(DIMENSION, b"<dimension/>"),),
    "a dimension of rows": (in_sheets(DIMENSION, b'<dimension ref="1:40"/>'),),
    "a dimension of columns": (in_sheets(DIMENSION, b'<dimension ref="A:L"/>'),),
    "a dimension with dollars": (in_sheets(DIMENSION, b'<dimension ref="$A$1:$L$40"/>'),),
    "a dimension of one cell": (in_sheets(DIMENSION, b'<dimension ref="A1"/>'),),
    "a dimension far too large": (in_sheets(DIMENSION, b'<dimension ref="A1:XFD1048576"/>'),),
    "a dimension backwards": (in_sheets(DIMENSION, b'<dimension ref="L40:A1"/>'),),
    "a dimension of #REF!": (in_sheets(DIMENSION, b'<dimension ref="#REF!"/>'),),
    "a dimension with an end tag": (in_sheets(DIMENSION, b'<dimension ref="A1:L40"></dimension>'),),
    "a dimension with a prefix": (in_sheets(DIMENSION, b'<x:dimension xmlns:x="urn:x" ref=""/>'),),
    "no state": (in_book(rb' state="visible"', b""),),
    "other sheet ids": (in_book(rb'sheetId="(\d+)"', rb'sheetId="40\1"'),),
    "no names": (in_book(rb"<definedNames>.*</definedNames>", b""),),
    "a name that is broken": (in_book(rb"</definedNames>", rb'<definedName name="x">#REF!</definedName></definedNames>'),),
    "no views": (in_book(rb"<bookViews>.*</bookViews>", b""),),
    "no workbookPr": (in_book(rb"<workbookPr */>", b""),),
    "a file version": (in_book(rb"<workbookPr ", rb'<fileVersion appName="xl" lastEdited="7"/><workbookPr '),),
    "an unused date format": (edit(STYLES, rb"</numFmts>", rb'<numFmt numFmtId="199" formatCode="[$-809]dd mmmm yyyy;@"/></numFmts>'),),
    "dates in words": (edit(STYLES, rb'formatCode="dd/mm/yyyy"', rb'formatCode="[$-809]dd\\ mmmm\\ yyyy;@"'),),
    "dates in Excel's own format": (edit(STYLES, rb'numFmtId="165"', rb'numFmtId="14"'), edit(STYLES, rb'<numFmt numFmtId="14"[^>]*>', b"")),
    # Properties
    "custom properties indented": (write(CUSTOM, indented_values),),
    "custom properties as lpstr": (edit(CUSTOM, rb"vt:lpwstr", rb"vt:lpstr"),),
    "custom properties as bstr": (edit(CUSTOM, rb"vt:lpwstr", rb"vt:bstr"),),
    "custom properties in another order": (edit(CUSTOM, rb"(<property .*?</property>)(.*)(<property .*?</property>)", rb"\3\2\1"),),
    "other custom properties": (
        edit(CUSTOM, rb"</Properties>", rb'<property name="Label" fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="99"><vt:i4>1</vt:i4></property></Properties>'),
    ),
    "core properties indented": (write(CORE, indented_values),),
    "core properties broken": (write(CORE, lambda _: b"<cp:core"),),
    "app.xml broken": (write("docProps/app.xml", lambda _: b"<Properties>"),),
    "the theme broken": (write("xl/theme/.*", lambda _: b"<a:theme"),),
    "modified with fractions": (edit(CORE, rb"20:00Z</dcterms:modified>", rb"20:00.1234567Z</dcterms:modified>"),),
    "modified in another zone": (edit(CORE, rb"14:20:00Z</dcterms:modified>", rb"15:20:00+01:00</dcterms:modified>"),),
    # Whole programs
    "Gnumeric": (write(r"docProps/.*", indented_values), write(BOOK_RELATIONS, indented), in_sheets(DIMENSION, b""), RELATIVE, ATTRIBUTES_REVERSED),
    "NPOI": (
        write(CUSTOM, indented_values), write(CUSTOM, lambda part: prefixed("op")(part).replace(b"op:vt:", b"vt:")),
        write(ALL_XML, declared(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>')),
    ),
    "SheetJS": (dates("{:%Y-%m-%d}T00:00:00.000Z"), as_formula_text, RELATIVE, edit(r".*\.rels", rb"rId(\d)", rb"rId\1")),
    "Google Sheets": (GOOGLE, in_sheets(DIMENSION, b""), RELATIVE),
    ".NET packaging": (PSMDCP, ABSOLUTE, write(SHEETS.pattern, prefixed("x")), edit(r".*\.rels|xl/workbook\.xml", rb'"rId(\d+)"', rb'"R4fa\1e"')),
    "Windows Phone": (inline, RELATIVE, write(ALL_XML, utf16("utf-16-le", mark=b"\xff\xfe"))),
    "Apache POI": (in_sheets(DIMENSION, b'<dimension ref="A1"/>'), write(ALL_XML, declared(b'<?xml version="1.0" encoding="UTF-8"?>\n')), RELATIVE),
    "EPPlus": (move(STRINGS, "xl/sharedStrings.xml"), in_sheets(rb' t="n"', b""), edit(r".*\.rels|xl/workbook\.xml", rb'"rId(\d+)"', rb'"R\1"')),
    "ClosedXML": (PSMDCP, ABSOLUTE, write(rf"{BOOK}|{STRINGS}|{STYLES}|{SHEETS.pattern}", prefixed("x"))),
    "libxlsxwriter": (in_sheets(rb' t="n"', b""), RELATIVE, in_sheets(rb"<row ", rb'<row spans="1:12" ')),
    "WPS Office": (
        edit(CUSTOM, rb"</Properties>", rb'<property name="KSOProductBuildVer" fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="98"><vt:lpwstr>2057-11.2</vt:lpwstr></property></Properties>'),
        write(ALL_XML, declared(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n')),
    ),
}  # fmt: skip

PACKED: dict[str, Packed] = {
    "not compressed": stored, "written to a pipe": streamed, "with entries for folders": with_folders, "with a comment": with_comment,
    "in another order": reordered,
}  # fmt: skip

DOCTYPE = b'<!DOCTYPE a [<!ENTITY a "ha">]>'
REFUSED: dict[str, tuple[str, Callable[[Parts], Parts], Packed]] = {
    "no relations at the root": ("DAMAGED", drop(r"_rels/\.rels"), zipped),
    "broken relations at the root": ("DAMAGED", write(r"_rels/\.rels", lambda _: b"<Relationships"), zipped),
    "no relations of the workbook": ("DAMAGED", drop(BOOK_RELATIONS), zipped),
    "a document type in UTF-8": ("UNSAFE", write(BOOK, lambda part: DOCTYPE + part), zipped),
    "a document type in UTF-16": ("UNSAFE", write(BOOK, lambda part: (DOCTYPE + part).decode().encode("utf-16")), zipped),
    "a document type in UTF-16, big-endian, without a mark": ("UNSAFE", write(STRINGS, lambda p: (DOCTYPE + p).decode().encode("utf-16-be")), zipped),
    "a document type in relations in UTF-16": ("UNSAFE", write(BOOK_RELATIONS, lambda p: (DOCTYPE + p).decode().encode("utf-16")), zipped),
    "a document type in a sheet called .part": ("UNSAFE", chain(write(SHEETS.pattern, lambda p: DOCTYPE + p), moved_sheets("xl/{}.part")), zipped),
    "half a character of UTF-16": ("UNSAFE", write(BOOK, lambda part: part.decode().encode("utf-16") + b"<"), zipped),
    "UTF-32": ("UNSAFE", write(BOOK, lambda part: part.decode().encode("utf-32")), zipped),
    "a mainframe's encoding": ("UNSAFE", write(BOOK, lambda p: b'<?xml version="1.0" encoding="cp037"?>' + p.decode().encode("cp037", "xmlcharrefreplace")), zipped),
    "macros under another name": (
        "HAS_MACROS", chain(relate(BOOK, "vbaProject", "code.dat"), add_parts({"xl/code.dat": b"\0"})), zipped,
    ),
    "macros with a backslash": ("HAS_MACROS", add_parts({"xl\\vbaProject.bin": b"\0"}), zipped),
    "a macro sheet under another name": (
        "HAS_MACROS", chain(relate(BOOK, "xlMacrosheet", "m/1.xml"), add_parts({"xl/m/1.xml": NO_CELL})), zipped,
    ),
    "dates from an unknown day": ("UNUSUAL", in_book(rb"<workbookPr ", rb'<workbookPr date1904="perhaps" '), zipped),
    "names that differ in case alone": ("DAMAGED", add_parts({"XL/Workbook.xml": b"<workbook/>"}), zipped),
    "names that differ in slashes alone": ("DAMAGED", add_parts({"xl\\workbook.xml": b"<workbook/>"}), zipped),
    "a sheet that is cut off": ("DAMAGED", write(SHEETS.pattern, lambda part: part[: len(part) // 2]), zipped),
    "bzip2": ("DAMAGED", lambda parts: parts, bzipped),
    "cut off": ("DAMAGED", lambda parts: parts, after_a_stub),
    "a document of Word": ("NOT_A_WORKBOOK", lambda _: {
        "_rels/.rels": b'<Relationships><Relationship Id="r" Type="%s/officeDocument" Target="word/document.xml"/></Relationships>' % OFFICE.encode(),
        "word/document.xml": b"<w:document/>",
    }, zipped),
}  # fmt: skip


def rewritten(data: bytes, steps: tuple[Step, ...], pack: Packed = zipped) -> bytes:
    """The workbook after these steps."""
    return pack(chain(*steps)(parts_of(data)))
