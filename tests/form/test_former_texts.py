"""A copy issued by an earlier version of the program comes back with that version's sentences, and nobody changed them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl

from cedg_excel.form.former_texts import FORMER_TEXTS
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.text import plain_text
from tests.conftest import PERIOD, RATED, Fill, checked

ISSUED = Path(__file__).with_name("texts-issued.txt")
"""Every text of the form's own that any version has written into the small plan's copy: lines are added here, never removed."""


def texts_of_the_form(plan: Plan) -> set[str]:
    """The form's own texts in a copy, without numbers and dates."""
    layout = layout_for(plan, "north", PERIOD)
    cells = (cell for sheet in layout.sheets for cell in sheet.cells() if cell.is_form_text and isinstance(cell.value, str))
    return {plain_text(cell.value) for cell in cells if "cedg |" not in str(cell.value)}


def test_every_text_that_was_ever_issued_is_recognised(small: Plan) -> None:
    issued, now = set(ISSUED.read_text("utf-8").splitlines()), texts_of_the_form(small)
    assert issued - now - FORMER_TEXTS == set(), "put the old texts into form/former_texts.py"
    assert now - issued == set(), "add the new texts to tests/form/texts-issued.txt"


def test_a_sentence_of_an_earlier_version_is_no_finding_and_any_other_is(fill: Fill, small: Plan) -> None:
    path = fill(RATED)
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    book["Cover"]["A8"] = "1. Work through the Objective tabs. Only the pale yellow cells are yours; Tab takes you to the next one."
    book["Cover"]["A9"] = "2. Do as you like."
    book.save(path)
    (item,) = checked(small, path)
    assert [(f.code, f.where) for f in item.findings if f.code == "LOCKED_CHANGED"] == [("LOCKED_CHANGED", "Cover!A9")]
