"""Tabs that were renamed, swapped, hidden, copied or added."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from cedg_excel.copies.template import build_template
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.tab_names import COVER as COVER_TAB
from tests.conftest import PERIOD, SENT, checked
from tests.returns.altered import TAB, Read, Tamper, answers, reported, values


def copied(book: Workbook) -> None:
    book.copy_worksheet(book[TAB])["G8"] = "Other minutes"


def renamed(old: str, new: str) -> Tamper:
    return lambda book: setattr(book[old], "title", new)


def state(sheet: str, value: str) -> Tamper:
    return lambda book: setattr(book[sheet], "sheet_state", value)


OBJECTIVE = ["action/*", "kpi/*", "narrative/*"]


@pytest.mark.parametrize(
    ("tamper", "findings", "unread"),
    [
        pytest.param(renamed(TAB, "Ours"), ["Ours SHEET_RENAMED"], [], id="renamed"),
        pytest.param(renamed(TAB, "OBJECTIVE 2 "), ["OBJECTIVE 2  SHEET_RENAMED"], [], id="renamed in case and spaces only"),
        pytest.param(renamed(COVER_TAB, "Front"), ["Front SHEET_RENAMED"], [], id="the Cover renamed"),
        pytest.param(renamed("Reference", "Lists"), ["Lists SHEET_RENAMED"], [], id="a tab without questions renamed"),
        pytest.param(lambda b: b.remove(b[TAB]), ["SHEET_MISSING"], OBJECTIVE, id="deleted"),
        pytest.param(lambda b: b.remove(b[COVER_TAB]), ["SHEET_MISSING"], ["cover/*"],
                     id="the Cover deleted: the properties still name the agency"),
        pytest.param(copied, [f"{TAB} Copy SHEET_ADDED"], [], id="copied: the one with our name counts"),
        pytest.param(
            lambda b: (copied(b), renamed(TAB, "Ours")(b)), ["SHEET_UNCLEAR"], OBJECTIVE, id="copied and renamed: neither is used",
        ),
        pytest.param(lambda b: b.create_sheet("Notes", 0), ["Notes SHEET_ADDED"], [], id="added in front"),
        pytest.param(lambda b: b.move_sheet(TAB, 2), [], [], id="reordered"),
        pytest.param(state(TAB, "hidden"), [f"{TAB} HIDDEN_SHEET"], [], id="hidden"),
        pytest.param(
            state(TAB, "veryHidden"), [f"{TAB} HIDDEN_SHEET"], (), id="very hidden: Excel does not even list it",
        ),
    ],
)  # fmt: skip
def test_tabs(read: Read, tamper: Tamper, findings: list[str], unread: list[str]) -> None:
    item = read(tamper)
    assert reported(item) == findings
    assert values(item) == answers(unread)


def test_two_renamed_tabs_are_distinguished_by_their_refs(plan: Plan, tmp_path: Path) -> None:
    """Tabs of a plan share most of their words; no two share a ref."""
    agency, given = "south-yorkshire-police", {}
    for _, _, item in layout_for(plan, agency, PERIOD).fields():
        if item.kind == "rating":
            given[item.key] = "Red" if item.key < "action/3" else "Green"
    book = build_template(plan, agency, PERIOD, values=given)
    for number in range(1, 7):
        book[f"Objective {number}"].title = f"Part {7 - number}"
    path = tmp_path / "return.xlsx"
    path.write_bytes(to_bytes(book, SENT))
    (item,) = checked(plan, path)
    assert sorted((f.where, f.value) for f in item.findings if f.code == "SHEET_RENAMED") == [
        (f"Part {7 - number}", f"Objective {number}") for number in range(6, 0, -1)
    ]
    assert {key: value for key, value in values(item).items() if key in given} == given


def test_a_hidden_tab_from_an_add_in_leaves_the_return_clean(read: Read) -> None:
    """The cache may have any size and any hidden content; only its presence is reported."""

    def tamper(book: Workbook) -> None:
        cache = book.create_sheet("_com.example.cache")
        cache["A1"], cache["XFD1048576"] = "2.3", "cedg | small | 1 | south | 2019-20-Q3 | 0123456789ab"
        cache["A2"].comment = Comment("cached", "An add-in")
        cache.row_dimensions[2].hidden = True
        cache.sheet_state = "veryHidden"

    item = read(tamper)
    assert (reported(item), item.status) == (["_com.example.cache ADDIN_SHEET"], "clean")
    assert values(item) == answers()
