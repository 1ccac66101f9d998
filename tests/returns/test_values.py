"""What is in an input cell: formulas, errors, dates, numbers, texts and ratings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cedg_excel.plan.model import Plan
from tests.helpers.zips import Parts
from tests.returns.altered import ANSWERS, Read, Tamper, answers, on_tab, put, reported, rewrite, values


@pytest.mark.parametrize(
    ("cell", "written", "code", "value"),
    [
        ("C13", "<f>3+4</f><v>7</v>", "FORMULA_USED", 7),
        ("C13", "<f>3+4</f>", "FORMULA_NO_VALUE", None),
        ("C13", "<f>3+4</f><v></v>", "FORMULA_NO_VALUE", None),
        ("C13", "<f>[1]Sheet1!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>'[1]Our sheet'!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>'C:\\x\\[Our book.xlsx]It''s'!$A$1</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", "<f>[1]!Total</f><v>7</v>", "FORMULA_EXTERNAL", None),
        ("C13", '<f t="shared" ref="C13:C14" si="0">[1]Sheet1!A1</f><v>7</v>', "FORMULA_EXTERNAL", None),
        ("C13", "<f>SUM(Table1[Count])+Cover!A1</f><v>7</v>", "FORMULA_USED", 7),
        ("C13", '<f>LEN("[1]Sheet1!A1")</f><v>7</v>', "FORMULA_USED", 7),
        ("C8", "<f>TODAY()</f><v>43800</v>", "FORMULA_USED", date(2019, 12, 1)),
        ("G8", ' t="str"><f>"a"</f><v>=HYPERLINK("x")</v>', "FORMULA_USED", '=HYPERLINK("x")'),
        ("G8", ' t="str"><f>""</f><v></v>', "FORMULA_NO_VALUE", None),
        ("H8", ' t="str"><f>A1</f><v>Purple</v>', "UNKNOWN_RATING", None),
        ("C13", ' t="e"><f>1/0</f><v>#DIV/0!</v>', "ERROR_VALUE", None),
        ("C13", ' t="e"><v>#N/A</v>', "ERROR_VALUE", None),
        ("C8", ' t="e"><v>#VALUE!</v>', "ERROR_VALUE", None),
        ("G8", ' t="e"><v>#NAME?</v>', "ERROR_VALUE", None),
        ("H8", ' t="e"><v>#REF!</v>', "ERROR_VALUE", None),
        ("C13", "<v>NaN</v>", "UNREADABLE_VALUE", None),
        ("C13", "<v>1e999</v>", "UNREADABLE_VALUE", None),
        ("C8", "<v>1e300</v>", "UNREADABLE_DATE", None),
    ],
)
def test_formulas_and_errors(read: Read, cell: str, written: str, code: str, value: Any) -> None:
    key = {"C13": "kpi/K2.1/value", "C8": "action/2.3/date_commenced", "G8": "action/2.3/evidence", "H8": "action/2.3/rating"}[cell]
    item = read(edit=lambda parts: rewrite(parts, cell, written))
    assert [text for text in reported(item) if cell in text] == [on_tab(code, cell)]
    assert values(item) == answers([key]) | ({key: value} if value is not None else {})


def test_formula_filled_down_from_an_external_one_is_external(read: Read) -> None:
    """Excel writes a formula that was filled down once; the cells below only refer to it."""

    def edit(parts: Parts) -> None:
        rewrite(parts, "C13", '<f t="shared" ref="C13:C15" si="4">[1]Sheet1!A1</f><v>7</v>')
        rewrite(parts, "C15", '<f t="shared" si="4"/><v>8</v>')

    item = read(edit=edit)
    assert reported(item) == [on_tab("FORMULA_EXTERNAL", "C13"), on_tab("FORMULA_EXTERNAL", "C15")]
    assert values(item) == answers(["kpi/K2.1/value", "kpi/K2.3/value"])


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        (date(2020, 1, 14), "", date(2020, 1, 14)),
        ("14/01/2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        (" 14.1.2020\u00a0", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("14th January 2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("14-Jan-2020", "DATE_AS_TEXT", date(2020, 1, 14)),
        ("2020-01-14", "DATE_AS_TEXT", date(2020, 1, 14)),
        (43844, "DATE_AS_NUMBER", date(2020, 1, 14)),
        ("43844", "UNREADABLE_DATE", None),
        ("14/01/20", "UNREADABLE_DATE", None),
        ("01/14/2020", "UNREADABLE_DATE", None),
        ("31/02/2020", "UNREADABLE_DATE", None),
        ("January 2020", "UNREADABLE_DATE", None),
        ("ongoing", "UNREADABLE_DATE", None),
        (datetime(2020, 1, 14, 10, 30), "", date(2020, 1, 14)),
        (43844.4375, "DATE_AS_NUMBER", date(2020, 1, 14)),
        ("\u202a14\u00ad/01/２０２０\u202c", "DATE_AS_TEXT", date(2020, 1, 14)),
        (0.5, "UNREADABLE_DATE", None),
        (7, "UNREADABLE_DATE", None),
        (-1, "UNREADABLE_DATE", None),
        (True, "UNREADABLE_DATE", None),
    ],
)
def test_dates(read: Read, typed: Any, code: str, value: date | None) -> None:
    item = read(put("E8", typed, number_format="dd/mm/yyyy" if isinstance(typed, date) else "General"))
    assert reported(item) == ([on_tab(code, "E8")] if code else [])
    assert values(item) == answers(["action/2.3/target_date"]) | ({"action/2.3/target_date": value} if value else {})


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        (0, "", 0),
        (1200.0, "", 1200),
        ("1,200", "NUMBER_AS_TEXT", 1200),
        (" 7\u00a0", "NUMBER_AS_TEXT", 7),
        ("１\u200b2", "NUMBER_AS_TEXT", 12),
        ("1,2", "NOT_A_NUMBER", None),
        ("7%", "NOT_A_NUMBER", None),
        ("£7", "NOT_A_NUMBER", None),
        ("12 people", "NOT_A_NUMBER", None),
        ("1e3", "NOT_A_NUMBER", None),
        ("9" * 400, "NOT_A_NUMBER", None),
        (True, "NOT_A_NUMBER", None),
        (False, "NOT_A_NUMBER", None),
        (date(2020, 1, 14), "NOT_A_NUMBER", None),
    ],
)
def test_numbers(read: Read, typed: Any, code: str, value: float | None) -> None:
    item = read(put("C13", typed))
    assert reported(item) == ([on_tab(code, "C13")] if code else [])
    assert values(item) == answers(["kpi/K2.1/value"]) | ({"kpi/K2.1/value": value} if value is not None else {})


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (7, "7"), (7.0, "7"), (12.5, "12.5"), (True, "TRUE"), (date(2020, 1, 14), "2020-01-14"),
        ("=1+1", "=1+1"), ("@SUM(A1)", "@SUM(A1)"),
        ("  two  spaces ", "  two  spaces "), ("“quoted”", "“quoted”"), ("a\nb\tc", "a\nb\tc"), ("👩‍👧 ok", "👩‍👧 ok"),
    ],
)  # fmt: skip
def test_anything_typed_into_a_text_cell_is_text(small: Plan, read: Read, typed: Any, value: str) -> None:
    def tamper(book: Workbook) -> None:
        put("I8", typed)(book)

    item = read(tamper)
    assert reported(item) == []
    assert values(item) == answers(["action/2.3/remedial_action"]) | {"action/2.3/remedial_action": value}


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [
        ("Blue", "", "Blue"), (" blue\u00a0", "RATING_RETYPED", "Blue"), ("BLUE", "RATING_RETYPED", "Blue"),
        ("Bl\u00adue", "RATING_RETYPED", "Blue"),
        ("B", "UNKNOWN_RATING", None), ("Blue/Green", "UNKNOWN_RATING", None), ("Bluе", "UNKNOWN_RATING", None),
        (1, "UNKNOWN_RATING", None), (True, "UNKNOWN_RATING", None), (date(2020, 1, 1), "UNKNOWN_RATING", None),
    ],
)  # fmt: skip
def test_ratings(read: Read, typed: Any, code: str, value: str | None) -> None:
    item = read(put("H8", typed))
    assert reported(item) == ([on_tab(code, "H8")] if code else [])
    assert values(item) == answers(["action/2.3/rating"]) | ({"action/2.3/rating": value} if value else {})


def days_from_1904(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904


def without_date_formats(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, datetime):
                    cell.value = (cell.value - book.epoch).days
                    cell.number_format = "General"


DATES = [key for key, value in ANSWERS.items() if isinstance(value, date)]


def test_dates_counted_from_1904(read: Read) -> None:
    item = read(days_from_1904)
    assert reported(item) == []
    assert values(item) == answers()


@pytest.mark.parametrize("first", [lambda book: book, days_from_1904], ids=["from 1900", "from 1904"])
def test_dates_that_lost_their_format(read: Read, first: Tamper) -> None:
    """A program that drops styles leaves plain numbers, counted from the workbook's first day; the form's own dates are not reported."""
    item = read(lambda book: (first(book), without_date_formats(book)))
    assert sorted(f.key for f in item.findings if f.code == "DATE_AS_NUMBER" and f.key) == sorted(DATES)
    assert [text for text in reported(item) if "DATE_AS_NUMBER" not in text] == []
    assert values(item) == answers()


def test_a_changed_settled_date_is_reported(read: Read) -> None:
    """E10 is the 30th of November; one day more is another date, as a number too."""
    assert reported(read(put("E10", 43_800, number_format="General"))) == [on_tab("LOCKED_CHANGED", "E10")]


def test_dates_written_as_iso_text(read: Read) -> None:
    """As strict workbooks store them."""
    item = read(edit=lambda parts: rewrite(parts, "C8", ' t="d"><v>2019-08-01</v>'))
    assert reported(item) == []
    assert values(item) == answers()
