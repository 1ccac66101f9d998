"""The same workbook as other programs write it, and its time of saving."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.conftest import SENT
from tests.helpers.zips import Parts
from tests.returns.altered import TAB, Edit, Read, answers, on_tab, reported, rewrite, sheet_of, values


def with_prefix(parts: Parts) -> None:
    """<x:worksheet>, as the Open XML SDK writes it."""
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    for name in parts:
        if name.startswith("xl/worksheets/sheet") or name in ("xl/workbook.xml", "xl/styles.xml"):
            text = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", parts[name].decode())
            parts[name] = text.replace(namespace, namespace.replace("xmlns=", "xmlns:x=")).encode()


def without_addresses(parts: Parts) -> None:
    """Cells one after the other, without addresses; every row is written."""
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(r'<c r="[A-Z]+\d+"', "<c", padded(parts[name].decode())).encode()


def padded(sheet: str) -> str:
    """The sheet with every row written from its first column, without gaps."""

    def whole(match: re.Match[str]) -> str:
        cells = {m[1]: m[0] for m in re.finditer(r'<c r="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>)', match[2], re.DOTALL)}
        last = max(cells, key=lambda letters: (len(letters), letters))
        return match[1] + "".join(cells.get(chr(n), f'<c r="{chr(n)}1"/>') for n in range(65, ord(last) + 1)) + "</row>"

    return re.sub(r"(<row [^>]*>)(<c .*?)</row>", whole, sheet, flags=re.DOTALL)


def with_shared_strings(parts: Parts) -> None:
    """Every text once, in the shared-strings part, as Excel writes them; some in several runs of formatted text."""
    texts: list[str] = []

    def shared(match: re.Match[str]) -> str:
        texts.append(match[3])
        return f'<c r="{match[1]}"{match[2]} t="s"><v>{len(texts) - 1}</v></c>'

    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            pattern = r'<c r="([A-Z]+\d+)"( s="\d+")? t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
            parts[name] = re.sub(pattern, shared, parts[name].decode(), flags=re.DOTALL).encode()
    assert len(texts) > 50
    space = 't xml:space="preserve"'
    items = [
        f"<si><r><{space}>{text[:3]}</t></r><r><rPr><b/></rPr><{space}>{text[3:]}</t></r></si>"
        if number % 2 and "&" not in text else f"<si><{space}>{text}</t></si>"
        for number, text in enumerate(texts)
    ]  # fmt: skip
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{"".join(items)}</sst>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    rels = "xl/_rels/workbook.xml.rels"
    relation = f'<Relationship Id="rIdS" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())


def without_empty_rows(parts: Parts) -> None:
    """The first five rows are blank and not written, so that calamine's first row is the sixth."""
    name, sheet = sheet_of(parts, TAB)
    parts[name] = re.sub(r'<row r="[1-5]" .*?</row>', "", sheet, flags=re.DOTALL).encode()


def with_a_list_from_excel_2010(parts: Parts) -> None:
    """Extensions at the end of a sheet contain formulas too, which belong to no cell."""
    name, _ = sheet_of(parts, TAB)
    with_prefix(parts)
    extension = (
        '<x:extLst><x:ext xmlns:x14="a" xmlns:xm="b"><x14:conditionalFormatting><x14:cfRule><xm:f>[1]Sheet1!A1</xm:f></x14:cfRule>'
        "<xm:sqref>H8</xm:sqref></x14:conditionalFormatting></x:ext></x:extLst></x:worksheet>"
    )
    parts[name] = parts[name].replace(b"</x:worksheet>", extension.encode())


@pytest.mark.parametrize(
    "edit", [with_prefix, without_addresses, with_shared_strings, with_a_list_from_excel_2010], ids=lambda edit: edit.__name__
)
def test_other_ways_of_writing_give_the_same_answers(read: Read, edit: Edit) -> None:
    item = read(edit=edit)
    assert reported(item) == []
    assert values(item) == answers()


def test_formulas_are_found_in_every_way_of_writing(read: Read) -> None:
    """The pass over the XML and calamine must agree on the address of each cell."""
    for edit in (with_prefix, without_addresses, with_shared_strings):

        def both(parts: Parts, edit: Edit = edit) -> None:
            rewrite(parts, "C13", "<f>3+4</f><v>7</v>")
            rewrite(parts, "H9", ' t="e"><v>#N/A</v>')
            edit(parts)

        assert reported(read(edit=both)) == [on_tab("ERROR_VALUE", "H9"), on_tab("FORMULA_USED", "C13")], edit.__name__


def test_addresses_count_rows_that_are_not_written(read: Read) -> None:
    item = read(edit=without_empty_rows)
    assert reported(item) == [on_tab("LOCKED_CHANGED", f"A{row}") for row in (1, 2, 3, 4)]
    assert values(item) == answers()
    assert item.returned.entries and item.returned.entries["action/2.3/rating"].place.cell == "H8"


def test_time_of_saving(read: Read) -> None:
    assert read().returned.modified == SENT


@pytest.mark.parametrize(
    ("written", "modified"),
    [
        ("2020-01-14T10:30:00+01:00", datetime(2020, 1, 14, 9, 30, tzinfo=UTC)),
        ("2020-01-14", datetime(2020, 1, 14, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-02T00:00:00Z", None),
        ("2319-01-14T10:30:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_time_of_saving_as_other_programs_write_it(read: Read, written: str, modified: datetime | None) -> None:
    def edit(parts: Parts) -> None:
        name = "docProps/core.xml"
        parts[name] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + written.encode(), parts[name])

    item = read(edit=edit)
    assert item.returned.modified == modified
    assert values(item) == answers()
