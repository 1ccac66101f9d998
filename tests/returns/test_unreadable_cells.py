"""What the reading library would misread, or fail on, is an error at the cell and never a value; the rest of the form is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cedg_excel.plan.model import Plan
from tests.conftest import checked
from tests.helpers.mutations import with_shared_strings
from tests.helpers.zips import Parts, parts_of, zipped
from tests.returns.altered import TAB, Edit, Read, answers, on_tab, reported, rewrite, sheet_of, values

EVIDENCE, COMMENCED, FIGURE, RATING = "G8", "C8", "C13", "H8"
KEYS = {
    EVIDENCE: "action/2.3/evidence", COMMENCED: "action/2.3/date_commenced", FIGURE: "kpi/K2.1/value", RATING: "action/2.3/rating",
}  # fmt: skip


@pytest.fixture
def read_shared(filled: bytes, small: Plan, tmp_path: Path) -> Callable[[Edit], Any]:
    """As `read`, of a copy with its texts in shared strings."""

    def returned(edit: Edit) -> Any:
        parts = parts_of(with_shared_strings(filled))
        edit(parts)
        (tmp_path / "return.xlsx").write_bytes(zipped(parts))
        return checked(small, tmp_path / "return.xlsx")[0]

    return returned


@pytest.mark.parametrize("index", [" 5 ", "+5", "5x", "-7", "5.0", "5\n", "5e0", "0x5", "99999", "4294967296", "1" * 30, "x", "&#x661;"])
def test_a_number_of_a_shared_text_that_is_not_plain(read_shared: Callable[[Edit], Any], index: str) -> None:
    """calamine reads it as 0, so that the evidence would be the first text of the workbook."""
    item = read_shared(lambda parts: rewrite(parts, EVIDENCE, f' t="s"><v>{index}</v>'))
    assert reported(item) == [on_tab("UNREADABLE_VALUE", EVIDENCE)]
    assert values(item) == answers([KEYS[EVIDENCE]])


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (FIGURE, "<v>1e400</v>"), (FIGURE, "<v>-1e400</v>"), (FIGURE, "<v>NaN</v>"), (FIGURE, "<v>INF</v>"), (FIGURE, "<v>infinity</v>"),
        (FIGURE, "<v>0x10</v>"), (FIGURE, "<v>1,5</v>"), (FIGURE, "<v>1_000</v>"), (FIGURE, "<v>12 3</v>"), (FIGURE, "<v>x</v>"),
        (FIGURE, "<v>1</v><v>2</v>"), (FIGURE, "<v>1</v><is><t>2</t></is>"), (FIGURE, "<v>&#x663;</v>"),
        (COMMENCED, "<v>-1e16</v>"), (COMMENCED, "<v>x</v>"), (EVIDENCE, "<v>inf</v>"),
        (FIGURE, ' t="b"><v>true</v>'), (FIGURE, ' t="b"><v>2</v>'), (FIGURE, ' t="b"><v> 1 </v>'), (FIGURE, ' t="b"><v>TRUE</v>'),
        (EVIDENCE, ' t="b"><v>yes</v>'),
        (EVIDENCE, "<is><t>Minutes</t></is>"), (EVIDENCE, ' t="str"><is><t>Minutes</t></is>'), (EVIDENCE, ' t="n"><is><t>M</t></is>'),
        (EVIDENCE, ' t="s"><is><t>Minutes</t></is>'), (EVIDENCE, ' t="inlineStr"><v>Minutes</v>'), (EVIDENCE, ' t="x"><v>Minutes</v>'),
        (EVIDENCE, ' t="S"><v>0</v>'), (EVIDENCE, ' t="inlineStr"><is><t>Min</t></is><is><t>utes</t></is>'),
        (COMMENCED, ' t="d"><v>2019-10-31T23:00:00Z</v>'), (COMMENCED, ' t="d"><v>2019-11-01T00:00:00+01:00</v>'),
        (COMMENCED, ' t="d"><v>01/11/2019</v>'), (COMMENCED, ' t="d"><v>43770</v>'),
        (RATING, ' t="s"><v>Blue</v>'),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_for_certain(read: Read, cell: str, written: str) -> None:
    """Held back at its cell; every other answer is read."""
    item = read(edit=lambda parts: rewrite(parts, cell, written))
    found = [text for text in reported(item) if "UNREADABLE_VALUE" in text]
    assert found == [on_tab("UNREADABLE_VALUE", cell)]
    assert values(item) == answers([KEYS[cell]])


@pytest.mark.parametrize("style", ["99999", "-1", "1.0", " 5 ", "+5", "x", "4294967296"])
def test_a_style_that_does_not_exist(read: Read, style: str) -> None:
    """Without its style a day is a number, and a text of digits is one too. A text needs no style."""

    def edit(parts: Parts) -> None:
        name, sheet = sheet_of(parts, TAB)
        for cell in (COMMENCED, EVIDENCE):
            sheet, times = re.subn(rf'(<c r="{cell}") s="\d+"', rf'\1 s="{style}"', sheet)
            assert times == 1
        parts[name] = sheet.encode()

    item = read(edit=edit)
    assert reported(item) == [on_tab("UNREADABLE_VALUE", COMMENCED)]
    assert values(item) == answers([KEYS[COMMENCED]])


def doubled(cell: str, text: str) -> Edit:
    """The cell twice, the second time with another text."""

    def edit(parts: Parts) -> None:
        name, sheet = sheet_of(parts, TAB)
        found = re.search(rf'<c r="{cell}".*?</c>', sheet)
        assert found
        parts[name] = sheet.replace(found[0], found[0] + re.sub(r"<t>.*?</t>", f"<t>{text}</t>", found[0])).encode()

    return edit


def test_a_cell_that_appears_twice(read: Read) -> None:
    """Programs differ in which of the two they show; both are in the finding."""
    item = read(edit=doubled(EVIDENCE, "Other"))
    assert reported(item) == [on_tab("UNREADABLE_VALUE", EVIDENCE)]
    assert item.findings[0].value == "Minutes / Other"
    assert values(item) == answers([KEYS[EVIDENCE]])


def test_personal_data_is_masked_in_what_cannot_be_read(read: Read) -> None:
    item = read(edit=doubled(EVIDENCE, "NHS number 943 476 5919"))
    assert "5919" not in str([finding.value for finding in item.findings]) + str(item.returned)


def test_a_cell_in_the_row_of_another(read: Read) -> None:
    """The row says 8 and the cell G20: one of the two is wrong."""

    def edit(parts: Parts) -> None:
        name, sheet = sheet_of(parts, TAB)
        parts[name] = sheet.replace(f'<c r="{EVIDENCE}"', '<c r="G20"').encode()

    item = read(edit=edit)
    assert reported(item)
    assert "Minutes" not in set(values(item).values())


def test_an_unknown_text_under_a_ref_is_not_read_as_the_ref(read_shared: Callable[[Edit], Any]) -> None:
    item = read_shared(lambda parts: rewrite(parts, "A8", ' t="s"><v>-1</v>'))
    assert on_tab("ROW_MISSING") in reported(item)
    assert values(item) == answers(["action/2.3/*"])


def test_a_large_negative_number_is_a_number(read: Read) -> None:
    """Only a date so far back makes calamine fail."""
    item = read(edit=lambda parts: rewrite(parts, FIGURE, "<v>-1e16</v>"))
    assert reported(item) == [on_tab("NEGATIVE", FIGURE)]
