"""
Ways to damage a returned file, from single bytes to the meaning of its XML.

Each takes a `random.Random` and the bytes of a good return and returns other bytes; the same seed gives the same file.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from tests.helpers.zips import parts_of, zipped

Mutate = Callable[[Random, bytes], bytes]
Rewrite = Callable[[Random, bytes], bytes]

SHEET, STRINGS = re.compile(r"xl/worksheets/sheet\d+\.xml"), "xl/sharedStrings.xml"
CELL = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
ROW = re.compile(rb"<row [^>]*?(?:/>|>.*?</row>)", re.DOTALL)
VALUE = re.compile(rb"(?<=<v>)[^<]*(?=</v>)")
TEXT = re.compile(rb"(?<=>)[^<>]+(?=<)")
TAG = re.compile(rb"<[^>]*>")


def with_shared_strings(data: bytes) -> bytes:
    """The same workbook with its texts in a shared-strings part, as Excel and LibreOffice write it."""
    parts, texts = parts_of(data), list[bytes]()

    def shared(match: re.Match[bytes]) -> bytes:
        if match[2] not in texts:
            texts.append(match[2])
        return b'<c %st="s"><v>%d</v></c>' % (match[1], texts.index(match[2]))

    for name in filter(SHEET.fullmatch, parts):
        parts[name] = re.sub(rb'<c ([^>]*)t="inlineStr"><is>(.*?)</is></c>', shared, parts[name], flags=re.DOTALL)
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts[STRINGS] = b"<sst %s>%s</sst>" % (space, b"".join(b"<si>%s</si>" % text for text in texts))
    types, relations = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts[types] = parts[types].replace(b"</Types>", part)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = b'<Relationship Id="rIdStrings" Type="%s" Target="/xl/sharedStrings.xml"/></Relationships>' % kind
    parts[relations] = parts[relations].replace(b"</Relationships>", link)
    return zipped(parts)


# Raw bytes


def _slice(rng: Random, data: bytes, longest: int = 400) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.randint(1, longest))


def flip_bytes(rng: Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def flip_bit(rng: Random, data: bytes) -> bytes:
    out = bytearray(data)
    out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def flip_in_directory(rng: Random, data: bytes) -> bytes:
    """The directory at the end of a zip gives the place of every part."""
    start, out = data.find(b"PK\1\2"), bytearray(data)
    for _ in range(rng.choice((1, 1, 3))):
        out[rng.randrange(start, len(out))] = rng.randrange(256)
    return bytes(out)


def delete_chunk(rng: Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + data[end:]


def insert_chunk(rng: Random, data: bytes) -> bytes:
    start, end = _slice(rng, data, 60)
    return data[:start] + rng.randbytes(end - start) + data[start:]


def repeat_chunk(rng: Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:end] + data[start:end] + data[end:]


def blank_chunk(rng: Random, data: bytes) -> bytes:
    start, end = _slice(rng, data)
    return data[:start] + bytes(end - start) + data[end:]


def truncate(rng: Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def truncate_start(rng: Random, data: bytes) -> bytes:
    return data[rng.randrange(len(data)) :]


def put_before(rng: Random, data: bytes) -> bytes:
    return rng.choice((b"\n", b"PK\3\4", b"\xef\xbb\xbf", bytes(40), rng.randbytes(10))) + data


def put_after(rng: Random, data: bytes) -> bytes:
    return data + rng.choice((b"\r\n", bytes(2000), rng.randbytes(100), data))


RAW: tuple[Mutate, ...] = (
    flip_bytes, flip_bit, flip_in_directory, delete_chunk, insert_chunk, repeat_chunk, blank_chunk, truncate, truncate_start,
    put_before, put_after,
)  # fmt: skip


# The zip


def swap_parts(rng: Random, data: bytes) -> bytes:
    parts = parts_of(data)
    sheets = list(filter(SHEET.fullmatch, parts))
    one, other = rng.sample(sheets if rng.random() < 0.7 else list(parts), 2)
    parts[one], parts[other] = parts[other], parts[one]
    return zipped(parts)


def rename_part(rng: Random, data: bytes) -> bytes:
    parts = parts_of(data)
    name = rng.choice(list(parts))
    new = rng.choice((name.upper(), name.replace("/", "\\"), "/" + name, "../" + name, name + "x", "é" + name, name.lower()))
    return zipped({new if key == name else key: part for key, part in parts.items()})


def drop_part(rng: Random, data: bytes) -> bytes:
    parts = parts_of(data)
    del parts[rng.choice(list(parts))]
    return zipped(parts)


def repeat_part(rng: Random, data: bytes) -> bytes:
    """The same name twice, with different content: programs differ in which one they read."""
    parts = parts_of(data)
    name = rng.choice(list(parts))
    return zipped([*parts.items(), (name, parts[rng.choice(list(parts))])])


def reorder_parts(rng: Random, data: bytes) -> bytes:
    items = list(parts_of(data).items())
    rng.shuffle(items)
    return zipped(items)


def repack(rng: Random, data: bytes) -> bytes:
    return zipped(parts_of(data), rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))


DIRECTORY_FIELDS = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<L"), "packed": (20, "<L"), "size": (24, "<L"), "at": (42, "<L")}


def lie_in_directory(rng: Random, data: bytes) -> bytes:
    """Change what the zip's directory says about one part: its size, its checksum, how it is packed, where it is."""
    starts = [match.start() for match in re.finditer(rb"PK\x01\x02", data)]
    place, kind = DIRECTORY_FIELDS[rng.choice(list(DIRECTORY_FIELDS))]
    out, at = bytearray(data), rng.choice(starts) + place
    (old,) = struct.unpack_from(kind, data, at)
    most = 2 ** (8 * struct.calcsize(kind)) - 1
    new = rng.choice((0, 1, 8, 99, old + 1, max(old - 1, 0), old * 2, 10**6, 2 * 10**9, most))
    struct.pack_into(kind, out, at, min(new, most))
    return bytes(out)


def lie_in_header(rng: Random, data: bytes) -> bytes:
    """The same in the header before one part, so that the directory contradicts it."""
    starts = [match.start() for match in re.finditer(rb"PK\x03\x04", data)]
    out, at = bytearray(data), rng.choice(starts) + rng.choice((6, 8, 14, 18, 22, 26, 28))
    struct.pack_into("<H", out, at, rng.choice((0, 1, 8, 99, 0xFFFF, rng.randrange(2**16))))
    return bytes(out)


def other_name_in_header(rng: Random, data: bytes) -> bytes:
    """One name in the directory, another in the header before the part."""
    name = rng.choice(list(parts_of(data))).encode()
    return data.replace(name, name[::-1], 1)


def bomb(rng: Random, data: bytes) -> bytes:
    parts = parts_of(data)
    name = rng.choice(("xl/media/image1.png", "xl/media/image1.xml", rng.choice(list(parts))))
    parts[name] = parts.get(name, b"") + b" " * rng.choice((10**6, 3 * 10**7, 9 * 10**7))
    return zipped(parts)


def many_parts(rng: Random, data: bytes) -> bytes:
    parts = parts_of(data)
    return zipped(parts | {f"xl/extra{n}.xml": b"<a/>" for n in range(rng.choice((50, 1500, 3000)))})


ZIP: tuple[Mutate, ...] = (
    swap_parts, rename_part, drop_part, repeat_part, reorder_parts, repack, lie_in_directory, lie_in_directory, lie_in_header,
    other_name_in_header, bomb, many_parts,
)  # fmt: skip


# The XML, in a valid zip


def inside(rewrite: Rewrite) -> Mutate:
    """Rewrite one part: nearly always a tab, otherwise any other."""

    def mutate(rng: Random, data: bytes) -> bytes:
        parts = parts_of(data)
        sheets = sorted(filter(SHEET.fullmatch, parts))
        asked = sheets[:-3] + [STRINGS] * (STRINGS in parts)
        name = rng.choice(asked if rng.random() < 0.85 else sorted(parts))
        parts[name] = rewrite(rng, parts[name])
        return zipped(parts)

    mutate.__name__ = rewrite.__name__
    return mutate


def _replaced(rng: Random, pattern: re.Pattern[bytes], part: bytes, new: Callable[[re.Match[bytes]], bytes], times: int = 1) -> bytes:
    """The part with some matches of a pattern, chosen at random, replaced."""
    found = list(pattern.finditer(part))
    for match in sorted(rng.sample(found, min(times, len(found))), key=lambda m: -m.start()):
        part = part[: match.start()] + new(match) + part[match.end() :]
    return part


def byte_in_text(rng: Random, part: bytes) -> bytes:
    def spoiled(match: re.Match[bytes]) -> bytes:
        at = rng.randrange(len(match[0]))
        return match[0][:at] + bytes([rng.randrange(256)]) + match[0][at + 1 :]

    return _replaced(rng, TEXT, part, spoiled, rng.choice((1, 5)))


def cut_tag(rng: Random, part: bytes) -> bytes:
    return _replaced(rng, TAG, part, lambda match: match[0][: rng.randrange(len(match[0]))])


def drop_tag(rng: Random, part: bytes) -> bytes:
    return _replaced(rng, TAG, part, lambda _: b"")


def attribute(name: bytes, *values: bytes) -> Rewrite:
    """Change an attribute of some cells or rows; an empty value removes it."""
    pattern = re.compile(rb"<(?:c|row) [^>]*?\b" + name + rb'="[^"]*"')

    def change(rng: Random, part: bytes) -> bytes:
        def changed(match: re.Match[bytes]) -> bytes:
            value = rng.choice(values)
            return re.sub(rb"\b" + name + rb'="[^"]*"', b'%s="%s"' % (name, value) if value else b"", match[0])

        return _replaced(rng, pattern, part, changed, rng.choice((1, 3, 20)))

    change.__name__ = f"attribute_{name.decode()}"
    return change


REFERENCES = (
    b"", b"A1", b"A0", b"a7", b"G7", b"H8", b"$H$8", b"H08", b"XFD1048576", b"XFE1", b"A1048577", b"AAAA1", b"7", b"H", b"H8:H9", b"-1",
    b"0", b"1", b"9", b"99999999999", b"ZZ30", b"A\xc3\xa9", b"R7C8", b" H8", b"H8 ", b"H+8", b"\xd9\xa3",
)  # fmt: skip
KINDS = (b"", b"s", b"str", b"n", b"b", b"e", b"d", b"inlineStr", b"x", b"S")
STYLES = (b"", b"0", b"1", b"5", b"999", b"-1", b"4294967296", b"x", b"1.5")
NUMBERS = (
    b"", b" ", b"NaN", b"nan", b"INF", b"-INF", b"Infinity", b"1e999", b"-1e999", b"1e308", b"1e-320", b"-0", b"0", b"-1", b"-43831",
    b"43831.99999999", b"43831.5", b"0.1", b"59", b"60", b"61", b"2958465", b"2958466", b"99999999999999999999", b"9" * 400, b"1_000",
    b"1,5", b"+7", b"0x10", b"1e3", b"1E+03", b"\xd9\xa3\xd9\xa3", b" 7 ", b"7\n", b"12 3", b"true", b"TRUE", b"2020-01-14",
    b"2020-01-14T00:00:00", b"2020-01-14T10:30:00Z", b"0000-00-00", b"9999-12-31T23:59:59.9999999", b"&#55;", b"<![CDATA[7]]>",
    b"7<!-- 8 -->9", b"7<?pi?>9", b"7</v><v>8", b"#N/A", b"#REF!", b"1" * 30000,
)  # fmt: skip


def number(rng: Random, part: bytes) -> bytes:
    return _replaced(rng, VALUE, part, lambda _: rng.choice(NUMBERS), rng.choice((1, 4)))


def shared_index(rng: Random, part: bytes) -> bytes:
    """Cells that refer to a shared text that does not exist, or to a different one."""
    bad = (b"-1", b"99999", b"4294967295", b"18446744073709551616", b"1.0", b"x", b"", b"0", b"3")
    pattern = re.compile(rb'(?<=t="s"><v>)[^<]*')
    return _replaced(rng, pattern, part, lambda _: rng.choice(bad), rng.choice((1, 3)))


CONTENTS = (
    b"<v>7</v>", b"<v>43850</v>", b"<is><t>Blue</t></is>", b"<is><r><t>Bl</t></r><r><t>ue</t></r></is>", b"<v>Blue</v>", b"<is/>", b"<v/>",
    b"<is><t>Blue</t><rPh sb='0' eb='1'><t>Red</t></rPh></is>", b"<is><t xml:space='preserve'> Blue </t></is>", b"<is>Blue</is>",
    b"<f>1+1</f>", b"<f>1+1</f><v>2</v>", b"<f>[1]A!B2</f><v>9</v>", b"<f t='shared' si='0'/><v>3</v>", b"<v>2</v><f>1+1</f>",
    b"<f t='array' ref='A1:B2'>1</f><v>4</v>", b"<v>5</v><is><t>Red</t></is>", b"<extLst><ext><v>6</v></ext></extLst>", b"<v><v>8</v></v>",
    b"<x:v xmlns:x='urn:other'>5</x:v>", b"<is><t>_x0042_lue</t></is>", b"<is><t>&#66;lue</t></is>", b"<is><t><![CDATA[Blue]]></t></is>",
    b"<is><t>Bl<!-- no -->ue</t></is>", b"<is><t>Bl</t><t>ue</t></is>", b"<v>1</v><v>2</v>",
)  # fmt: skip


def cell_content(rng: Random, part: bytes) -> bytes:
    """Other content and another type in some cells, in combinations that few programs write."""

    def changed(match: re.Match[bytes]) -> bytes:
        head = re.match(rb'<c (?:r="\w+")?(?: s="\d+")?', match[0])
        kind = rng.choice(KINDS)
        return b"%s%s>%s</c>" % (head[0] if head else b"<c ", b' t="%s"' % kind if kind else b"", rng.choice(CONTENTS))

    return _replaced(rng, CELL, part, changed, rng.choice((1, 3, 10)))


def repeat_cell(rng: Random, part: bytes) -> bytes:
    """The same cell twice, with other content the second time."""
    return _replaced(rng, CELL, part, lambda match: match[0] + rng.choice((match[0], TEXT.sub(b"Other", match[0]))))


def repeat_row(rng: Random, part: bytes) -> bytes:
    def doubled(match: re.Match[bytes]) -> bytes:
        text = rng.choice((match[0], TEXT.sub(b"Other", match[0])))
        return match[0] + (text if rng.random() < 0.5 else re.sub(rb'\br="[^"]*"', b"", text))

    return _replaced(rng, ROW, part, doubled)


def swap_cells(rng: Random, part: bytes) -> bytes:
    """Two cells swap places in the file, each with its own address: a program that counts cells reads them wrong."""
    return _exchange(rng, CELL, part)


def swap_rows(rng: Random, part: bytes) -> bytes:
    return _exchange(rng, ROW, part)


def _exchange(rng: Random, pattern: re.Pattern[bytes], part: bytes) -> bytes:
    found = list(pattern.finditer(part))
    if len(found) < 2:
        return part
    one, other = sorted(rng.sample(found, 2), key=lambda match: match.start())
    return part[: one.start()] + other[0] + part[one.end() : other.start()] + one[0] + part[other.end() :]


def deep_nesting(rng: Random, part: bytes) -> bytes:
    depth, at = rng.choice((100, 5_000, 100_000)), _between(rng, part)
    return part[:at] + b"<a>" * depth + b"</a>" * depth + part[at:]


def many_attributes(rng: Random, part: bytes) -> bytes:
    names = b"".join(b' a%d="%d"' % (n, n) for n in range(rng.choice((100, 20_000))))
    return _replaced(rng, re.compile(rb"<\w+(?=[ >])"), part, lambda match: match[0] + names)


def _between(rng: Random, part: bytes) -> int:
    places = [match.end() for match in TAG.finditer(part)]
    return rng.choice(places) if places else 0


MARKUP = (
    b"&lol;", b"&#0;", b"&#xD800;", b"&#65;", b"&amp;", b"&", b"<", b"]]>", b"<!-- -->", b"<!-- <c r='H8'><v>1</v></c> -->", b"<?xml?>",
    b"<![CDATA[<v>1</v>]]>", b"<v>1</v>", b"<c><v>1</v></c>", b"<c r='H9'><v>1</v></c>", b"<row r='3'><c r='B3'><v>1</v></c></row>",
    b"<row/>",
    b"<f>1</f>", b"<is><t>x</t></is>", b"<sheetData/>", b"<sheetData><row><c><v>1</v></c></row></sheetData>", b"<mergeCell ref='A1:Z99'/>",
    b"<mergeCells><mergeCell ref='G7:H9'/></mergeCells>", b"<dimension ref='A1:XFD1048576'/>", b"<si/>", b"<si><t>x</t></si>", b"\0",
    b"\xff", b"\xef\xbb\xbf", b"<worksheet/>", b"<x:c r='H9' xmlns:x='urn:x'><x:v>4</x:v></x:c>", b"<phoneticPr/>", b"<t>x</t>",
)  # fmt: skip


def stray_markup(rng: Random, part: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 3))):
        at = _between(rng, part)
        part = part[:at] + rng.choice(MARKUP) + part[at:]
    return part


def entities(rng: Random, part: bytes) -> bytes:
    """Entities, which must never be expanded."""
    bombs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
    heads = (
        b'<!DOCTYPE x [<!ENTITY a0 "ha">' + bombs + b"]>", b'<!DOCTYPE x SYSTEM "file:///etc/passwd">', b"<!DOCTYPE x>", b"<!doctype x>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    )  # fmt: skip
    return rng.choice(heads) + part


def encoding(rng: Random, part: bytes) -> bytes:
    text = part.decode("utf-8", "replace")
    declared = "<?xml version='1.0' encoding='{}'?>"
    name = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "cp037", "ascii", "utf-8-sig", "mine"))
    how = rng.choice((name, "utf-8")) if name != "mine" else "utf-8"
    declaration = rng.choice((declared.format(name), declared.format("utf-8"), ""))
    return (declaration + text.removeprefix("<?xml version='1.0' encoding='utf-8'?>")).encode(how, "replace")


XML: tuple[Rewrite, ...] = (
    byte_in_text, cut_tag, drop_tag, attribute(b"r", *REFERENCES), attribute(b"t", *KINDS), attribute(b"s", *STYLES), number, number,
    cell_content, cell_content, repeat_cell, repeat_row, swap_cells, swap_rows, deep_nesting, many_attributes, stray_markup, stray_markup,
    entities, encoding, flip_bytes, delete_chunk, repeat_chunk,
)  # fmt: skip


def in_sheets(rewrite: Rewrite) -> Mutate:
    """Rewrite every tab: the cells there refer to styles and shared texts."""

    def mutate(rng: Random, data: bytes) -> bytes:
        parts = parts_of(data)
        return zipped({name: rewrite(rng, part) if SHEET.fullmatch(name) else part for name, part in parts.items()})

    mutate.__name__ = rewrite.__name__
    return mutate


def in_part(name: str, *changes: tuple[bytes, bytes]) -> Mutate:
    """Replace a pattern in one part of the workbook."""

    def mutate(rng: Random, data: bytes) -> bytes:
        parts = parts_of(data)
        old, new = rng.choice(changes)
        parts[name] = re.sub(old, new, parts[name], count=rng.choice((0, 1)))
        return zipped(parts)

    mutate.__name__ = f"in_{name.rpartition('/')[2]}"
    return mutate


WHOLE: tuple[Mutate, ...] = (
    in_sheets(shared_index), in_sheets(number), in_sheets(swap_cells),
    in_part(
        "xl/workbook.xml",
        (b"<workbookPr */>", b'<workbookPr date1904="1"/>'), (b"<workbookPr */>", b'<workbookPr date1904="maybe"/>'),
        (b'state="visible"', b'state="hidden"'), (b'state="visible"', b'state="veryHidden"'), (b'state="visible"', b'state="gone"'),
        (b'name="Objective 2"', b'name="Objective 4"'), (b'name="Objective 2"', b'name=""'), (b'name="Cover"', b'name="cover"'),
        (b'r:id="rId3"', b'r:id="rId5"'), (b'r:id="rId3"', b'r:id="rId99"'), (b'r:id="rId3"', b""),
        (b'name="Check"', b'name="' + b"x" * 70000 + b'"'),
        (b"<sheets>.*</sheets>", b"<sheets/>"), (b"<sheets>.*</sheets>", b""), (b"2006/main", b"2006/other"), (b"Reference!", b"[1]Other!"),
    ),
    in_part(
        "xl/styles.xml",
        (b"<numFmts.*?</numFmts>", b""), (b'numFmtId="14"', b'numFmtId="2"'), (b'numFmtId="0"', b'numFmtId="14"'),
        (b'formatCode="[^"]*"', b'formatCode="[h]:mm"'), (b'formatCode="[^"]*"', b'formatCode="0.00"'), (b"<cellXfs.*</cellXfs>", b""),
        (b'formatCode="[^"]*"', b'formatCode="&quot;d&quot;0"'),
    ),
    in_part("xl/_rels/workbook.xml.rels", (b"sheet2.xml", b"sheet4.xml"), (b"worksheets", b"../../etc"), (b"/xl/", b""), (b"Id=", b"id=")),
    in_part(
        "[Content_Types].xml", (b"<Override[^>]*sheet2[^>]*>", b""), (b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"),
        (b"<Types.*", b"<Types/>"),
    ),
    in_part(
        "docProps/core.xml", (b">2020[^<]*<", b">soon<"), (b">2020[^<]*<", b">9999-12-31T23:59:59+14:00<"),
        (b">2020[^<]*<", b">0001-01-01T00:00:00-23:59<"),
        (b">2020[^<]*<", b"><"), (b"<dcterms:modified.*</dcterms:modified>", b""),
    ),
    in_part(
        "docProps/custom.xml", (b"2019-20", b"2029-30"), (b"<vt:lpwstr>[^<]*", b"<vt:lpwstr>"), (b"<property.*</property>", b""),
        (b"vt:lpwstr", b"vt:i4"),
    ),
)  # fmt: skip


# A different kind of file under the name of a return


def _csv(rng: Random, data: bytes) -> bytes:
    return "Ref,Action,BRAG\r\n2.3,Café,Blue\r\n".encode(rng.choice(("utf-8-sig", "cp1252", "utf-16"))) * rng.choice((1, 1000))


def _html(rng: Random, data: bytes) -> bytes:
    return b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table><tr><td>Blue</td></tr></table></html>"


def _xls(rng: Random, data: bytes) -> bytes:
    name = rng.choice(("Workbook", "Book", "EncryptedPackage", "Nothing")).encode("utf-16-le")
    return bytes.fromhex("d0cf11e0a1b11ae1") + rng.randbytes(600) + name.ljust(128, b"\0") + rng.randbytes(3000)


def _other(rng: Random, data: bytes) -> bytes:
    heads = (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"\x89PNG\r\n\x1a\n", b"", b"PK\5\6" + bytes(18), b"PK\3\4", b"PK", b"\x1f\x8b\x08",
        b"7z\xbc\xaf\x27\x1c", b'{"rating": "Blue"}', b"{\\rtf1 Blue}", b"From: a@b\r\n\r\nPlease find attached", b"\0", b"MZ",
        b"<?xml version='1.0'?><Workbook/>",
    )  # fmt: skip
    head = rng.choice(heads)
    return head + rng.randbytes(rng.choice((0, 0, 500, 100_000))) if head else b""


def _zip_in_zip(rng: Random, data: bytes) -> bytes:
    return zipped({rng.choice(("return.xlsx", "xl/workbook.xml", "word/document.xml")): data})


def _deflated(rng: Random, data: bytes) -> bytes:
    return b"PK\3\4" + zlib.compress(data)


SWAPS: tuple[Mutate, ...] = (_csv, _html, _xls, _other, _zip_in_zip, _deflated)

MUTATIONS: tuple[Mutate, ...] = (*RAW, *ZIP, *map(inside, XML), *WHOLE, *SWAPS)
"""Every mutation, in the order in which a run uses them."""
