"""What the officer sees in a cell is what is read: number formats, struck-through text, links, pictures in cells, bullets."""

from __future__ import annotations

import copy
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from cedg_excel.copies.feedback import feedback_on
from cedg_excel.plan.model import Plan
from tests.helpers.zips import Parts
from tests.returns.altered import TAB, Read, Tamper, answers, on_tab, put, reported, rewrite, values

FIGURE, EVIDENCE, RATING, START = "kpi/K2.1/value", "action/2.3/evidence", "action/2.3/rating", "action/2.3/date_commenced"
CELLS = {"C13": FIGURE, "G8": EVIDENCE, "H8": RATING, "C8": START}


def pasted(cell: str, value: Any, number_format: str) -> Tamper:
    def tamper(book: Workbook) -> None:
        target = book[TAB][cell]
        target._style = copy.copy(target._style)
        put(cell, value, number_format=number_format)(book)

    return tamper


@pytest.mark.parametrize(
    ("number", "number_format", "code", "value"),
    [
        (1, "0%", "SHOWN_OTHERWISE", None),
        (5, '"<"0', "SHOWN_OTHERWISE", None),
        (1, '0"0"', "SHOWN_OTHERWISE", None),
        (12345, "#,##0,", "SHOWN_OTHERWISE", None),
        (5, '0" thousand"', "SHOWN_OTHERWISE", None),
        (5, '"under "0', "SHOWN_OTHERWISE", None),
        (5, '"n/a"', "SHOWN_OTHERWISE", None),
        (5, ";;;", "SHOWN_OTHERWISE", None),
        (3, '[<5]"<5";0', "SHOWN_OTHERWISE", None),
        (7, '[<5]"<5";0', "", 7),
        (7, '0" children"', "SHOWN_WITH_WORDS", 7),
        (0, "0%", "SHOWN_WITH_WORDS", 0),
        (7, "# ?/?", "FORMAT_NOT_FOLLOWED", 7),
        (1234, '"£"#,##0.00', "", 1234),
        (0, '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-', "", 0),
        (7, "[Red]0", "", 7),
    ],
)
def test_a_figure_is_the_number_that_is_seen(read: Read, number: float, number_format: str, code: str, value: float | None) -> None:
    """100% typed in a count is stored as 1: neither of the two is taken."""
    item = read(pasted("C13", number, number_format))
    assert reported(item) == ([on_tab(code, "C13")] if code else [])
    assert values(item) == answers([FIGURE]) | ({FIGURE: value} if value is not None else {})


def test_the_finding_shows_both_numbers(read: Read, small: Plan) -> None:
    item = read(pasted("C13", 1, "0%"))
    assert (item.findings[0].value, item.findings[0].held_back) == ("100%", True)
    assert "look like 100%" in item.findings[0].message and "the number in it is 1." in item.findings[0].message


@pytest.mark.parametrize(
    ("typed", "number_format", "text"),
    [
        (0.75, "0%", "75%"), (1234.5, '"£"#,##0.00', "£1,234.50"), (12345, "0000000", "0012345"), (0.125, "0.00%", "12.50%"),
        (date(2019, 12, 3), "mmm-yy", "Dec-19"), (datetime(2019, 12, 3, 14, 5), "d mmmm yyyy", "3 December 2019"),
        (0.1 + 0.2, "General", "0.3"), (7, "General", "7"), (0.75, "[Blue]0%", "75%"),
    ],
)  # fmt: skip
def test_numbers_among_words_are_read_as_displayed(read: Read, typed: Any, number_format: str, text: str) -> None:
    item = read(pasted("G8", typed, number_format))
    assert reported(item) == []
    assert values(item) == answers() | {EVIDENCE: text}


def test_a_number_among_words_in_a_format_that_cannot_be_followed(read: Read) -> None:
    item = read(pasted("G8", 0.5, "# ?/?"))
    assert (reported(item), values(item)[EVIDENCE]) == ([on_tab("FORMAT_NOT_FOLLOWED", "G8")], "0.5")


@pytest.mark.parametrize(
    ("typed", "number_format", "code", "value"),
    [
        (datetime(2019, 8, 1, 10, 30), "dd/mm/yyyy", "", date(2019, 8, 1)),
        (datetime(2019, 8, 1, 10, 30), "dd/mm/yyyy hh:mm", "UNREADABLE_DATE", None),
        (date(2019, 8, 1), "d mmmm yyyy", "", date(2019, 8, 1)),
        (date(2019, 8, 1), "mmm-yy", "DATE_PARTLY_SHOWN", date(2019, 8, 1)),
        (date(2019, 8, 1), "d-mmm", "DATE_PARTLY_SHOWN", date(2019, 8, 1)),
    ],
)
def test_a_date_is_the_day_that_is_seen(read: Read, typed: Any, number_format: str, code: str, value: date | None) -> None:
    item = read(pasted("C8", typed, number_format))
    assert reported(item) == ([on_tab(code, "C8")] if code else [])
    assert values(item) == answers([START]) | ({START: value} if value else {})


# Struck through

STRUCK = InlineFont(strike=True)


def struck(*cells: str) -> Tamper:
    def tamper(book: Workbook) -> None:
        for cell in cells:
            book[TAB][cell].font = Font(strike=True)

    return tamper


def rich(cell: str, *runs: Any) -> Tamper:
    return lambda book: book[TAB].__setitem__(cell, CellRichText(*runs))


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_struck_through_as_a_whole_is_withdrawn(read: Read, cell: str) -> None:
    item = read(struck(cell))
    assert [f"{finding.where} {finding.code} {finding.held_back}" for finding in item.findings] == [f"{on_tab('STRUCK_OUT', cell)} True"]
    assert values(item) == answers([CELLS[cell]])


@pytest.mark.parametrize(
    ("runs", "text", "code"),
    [
        (("We closed ", TextBlock(STRUCK, "25"), " 31 networks."), "We closed 31 networks.", "STRUCK_PART"),
        ((TextBlock(STRUCK, "Planned."), " Done."), "Done.", "STRUCK_PART"),
        (("Done", TextBlock(STRUCK, " on Friday"), "."), "Done.", "STRUCK_PART"),
        (("All ", TextBlock(InlineFont(b=True), "done")), "All done", ""),
        (("All ", TextBlock(InlineFont(strike=False), "done")), "All done", ""),
        ((TextBlock(STRUCK, "All "), TextBlock(STRUCK, "done")), None, "STRUCK_OUT"),
    ],
)
@pytest.mark.parametrize("shared", [False, True], ids=["in the cell", "among the shared texts"])
def test_a_part_that_is_struck_through_is_left_out_and_named(read: Read, runs: Any, text: str | None, code: str, shared: bool) -> None:
    item = read(rich("G8", *runs), edit=share_text if shared else None)
    assert reported(item) == ([on_tab(code, "G8")] if code else [])
    assert values(item).get(EVIDENCE) == text


def share_text(parts: Parts) -> None:
    """Move the text of G8 to the shared texts, as Excel writes it; the row cache then sees only a number."""
    sheet = next(p.decode() for n, p in parts.items() if n.startswith("xl/worksheets/sheet") and b'r="G8"' in p and b"<r>" in p)
    content = sheet.split('<c r="G8"')[1].split("<is>")[1].split("</is>")[0]
    texts = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>First</t></si><si/><si>{content}</si></sst>'
    parts["xl/sharedStrings.xml"] = texts.encode()
    rewrite(parts, "G8", ' t="s"><v>2</v>')


def test_a_struck_figure_among_digits_is_held_back(read: Read) -> None:
    item = read(rich("C13", TextBlock(STRUCK, "12"), " 15"))
    assert (reported(item), values(item)) == ([on_tab("STRUCK_OUT", "C13")], answers([FIGURE]))


def test_what_is_struck_through_does_not_come_back_as_an_answer(read: Read, small: Plan) -> None:
    """The copy that is sent back has the words that hold, and leaves out the rating."""
    item = read(lambda book: (struck("H8")(book), rich("G8", "closed ", TextBlock(STRUCK, "25"), " 31")(book)))
    feedback = feedback_on(item, small)
    assert feedback is not None
    sheet = openpyxl.load_workbook(BytesIO(feedback.workbook))[TAB]
    assert (sheet["G8"].value, sheet["H8"].value) == ("closed 31", None)


# Links


@pytest.mark.parametrize(
    ("text", "target", "code", "value"),
    [
        ("click here", "https://example.org/a%20b.pdf", "LINK_KEPT", "click here (https://example.org/a%20b.pdf)"),
        ("https://example.org/log", "https://example.org/log/", "", "https://example.org/log"),
        ("Our log", "file:///S:/Team/log.xlsx", "LINK_LEFT_OUT", "Our log"),
        ("Our log", "javascript:alert(1)", "LINK_LEFT_OUT", "Our log"),
        ("Our log", "#'Objective 2'!A1", "", "Our log"),
        ("ask us", "https://example.org/943 476 5919", "NHS_NUMBER", None),
    ],
)
def test_the_address_of_a_link_is_kept_beside_its_text(read: Read, text: str, target: str, code: str, value: str | None) -> None:
    def tamper(book: Workbook) -> None:
        book[TAB]["G8"] = text
        book[TAB]["G8"].hyperlink = target

    item = read(tamper)
    assert reported(item) == ([on_tab(code, "G8")] if code else [])
    assert values(item) == answers([EVIDENCE]) | ({EVIDENCE: value} if value else {})


def test_a_formula_that_links_keeps_its_address_and_stays_a_finding(read: Read) -> None:
    written = ' t="str"><f>HYPERLINK("https://example.org/log","See log")</f><v>See log</v>'
    item = read(edit=lambda parts: rewrite(parts, "G8", written))
    assert reported(item) == [on_tab("FORMULA_USED", "G8")]
    assert values(item) == answers() | {EVIDENCE: "See log (https://example.org/log)"}


# Pictures in cells, bullets, marks of direction


@pytest.mark.parametrize(
    ("structure", "code"),
    [(None, "PICTURE_IN_CELL"), (b'<s t="_localImage"/>', "PICTURE_IN_CELL"), (b'<s t="_linkedentity2core"/>', "ERROR_VALUE")],
    ids=["not said", "a picture", "a data card"],
)
def test_a_picture_in_a_cell_is_not_called_a_wrong_formula(read: Read, structure: bytes | None, code: str) -> None:
    def edit(parts: Parts) -> None:
        rewrite(parts, "G8", ' t="e" vm="1"><v>#VALUE!</v>')
        if structure:
            parts["xl/richData/rdrichvaluestructure.xml"] = structure

    item = read(edit=edit)
    assert reported(item) == [on_tab(code, "G8")]
    assert values(item) == answers([EVIDENCE])


def test_bullets_of_word_can_be_seen_and_marks_of_direction_are_not_passed_on(read: Read) -> None:
    item = read(put("G8", "\uf0b7 First\n\uf0fc Done\n\u202eeht\u202c end"))
    assert (reported(item), values(item)) == ([], answers() | {EVIDENCE: "• First\n✓ Done\neht end"})
