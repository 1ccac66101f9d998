"""What people did to the master outside the group's own cells is named, and the file that has it is kept."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from cedg_excel.excel_facts import a1
from cedg_excel.master.edits import was_saved_elsewhere
from tests.conftest import RATED, SENT, Cedg
from tests.helpers.office import Input, Office
from tests.master.conftest import edit, in_group_cell

KEPT = (
    "The previous master had been changed outside the group's own cells. The new one does not have these changes; "
    "the file that has them is kept as {}:"
)


def notes_sheet(book: Any) -> None:
    sheet = book.create_sheet("Lead notes")
    sheet.append(["Ask", "Jane"])
    sheet.append(["by", "May"])


def note(book: Any) -> None:
    book["Summary"]["B3"].comment = Comment("Ring NHS no. 943 476 5919", "A lead")


def chart(book: Any) -> None:
    added = BarChart()
    added.add_data(Reference(book["Summary"], min_col=4, max_col=8, min_row=6, max_row=8), titles_from_data=True)
    book["Returns"].add_chart(added, "D20")


def picture(book: Any) -> None:
    file = BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "png")
    book["Summary"].add_image(SheetImage(file), "J4")


def typed_over(book: Any) -> None:
    (cell,) = (row[0] for row in book["Data kpis"].iter_rows(min_col=5, max_col=5) if row[0].value == 17)
    cell.value = 18


EDITS = {
    "own sheet": (notes_sheet, ['The sheet "Lead notes" was added (4 cells).']),
    "sheet deleted": (lambda book: book.remove(book["Versions"]), ['The sheet "Versions" was deleted.']),
    "typed beside a table": (lambda book: book["Summary"].__setitem__("N3", "Ask Jane"), ['Summary!N3: "Ask Jane" was added.']),
    "typed below a table": (
        lambda book: book["Data group"].cell(book["Data group"].max_row + 3, 2, "See minutes"),
        ['Data group!B4: "See minutes" was added.'],
    ),
    "typed over a page": (
        lambda book: book["Summary"].__setitem__("A1", "Our plan"), ['Summary!A1: "A small plan" was changed to "Our plan".'],
    ),
    "typed over a data table": (typed_over, ['Data kpis!E2: "17" was changed to "18".']),
    "typed over the store": (
        lambda book: book["Store decisions"].__setitem__("D1", "?"), ['Store decisions!D1: "?" was added.'],
    ),
    "cleared": (lambda book: book["Summary"].__setitem__("A1", None), ['Summary!A1: "A small plan" was deleted.']),
    "personal data": (
        lambda book: book["Summary"].__setitem__("N3", "943 476 5919 is missing"), ['Summary!N3: "[NHS number] is missing" was added.'],
    ),
    "formula": (lambda book: book["Summary"].__setitem__("N3", "=SUM(C7:C8)"), ['Summary!N3: "=SUM(C7:C8)" was added.']),
    "typed over a formula": (
        lambda book: book["Objective 2"].__setitem__("H6", "G"),
        ['Objective 2!H6: "=IF(IF(TRIM(INDEX($M:$M,ROW()))="","Green",TRIM(INDEX($M:$M,ROW())))="Red","R",…" was changed to "G".'],
    ),
    "note": (note, ['Summary!B3: a note was added: "Ring NHS no. [NHS number]".']),
    "chart": (chart, ["Returns!D20: a chart was added."]),
    "picture": (picture, ["Summary!J4: a picture was added."]),
    "row inserted": (lambda book: book["Returns"].insert_rows(5), ["Returns: row 5 was inserted."]),
    "row deleted": (
        lambda book: book["Data actions"].delete_rows(3), ['Data actions: row 3 was deleted ("2019-20-Q3 | north | 2 | 2.3 | Red'],
    ),
    "column inserted": (lambda book: book["Data returns"].insert_cols(2), ["Data returns: column B was inserted."]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_what_people_did_is_named_and_kept(cedg: Cedg, round_folder: Path, name: str) -> None:
    change, expected = EDITS[name]
    master = round_folder / "master.xlsx"
    written = master.read_bytes()
    edit(master, change)
    edited = master.read_bytes()
    merged = cedg("merge", folder=round_folder)
    lines = merged.out.splitlines()
    start = lines.index(KEPT.format("master.edited.xlsx"))
    for line, sentence in zip(lines[start + 1 :], expected, strict=True):
        assert line.strip().startswith(sentence)
    assert merged.status == 0
    assert (round_folder / "master.edited.xlsx").read_bytes() == edited
    assert master.read_bytes() == written


def test_as_json(cedg: Cedg, round_folder: Path) -> None:
    edit(round_folder / "master.xlsx", lambda book: book["Summary"].__setitem__("N3", "Ask Jane"))
    assert cedg("merge", "--format", "json", folder=round_folder).json()["edits"] == {
        "kept_as": "master.edited.xlsx",
        "changes": [{
            "kind": "added", "sheet": "Summary", "cell": "N3", "after": "Ask Jane", "before": None,
            "sentence": 'Summary!N3: "Ask Jane" was added.',
        }],
    }  # fmt: skip
    assert cedg("merge", "--format", "json", folder=round_folder).json()["edits"] == {"kept_as": None, "changes": []}


def test_withdraw_names_and_keeps_it_too(cedg: Cedg, round_folder: Path) -> None:
    edit(round_folder / "master.xlsx", notes_sheet)
    lines = cedg("withdraw", "north", "2019-20-Q3", folder=round_folder).out.splitlines()
    assert lines[1:] == [KEPT.format("master.edited.xlsx"), '  The sheet "Lead notes" was added (4 cells).']


def test_many_edits_are_ten_lines_and_a_number(cedg: Cedg, round_folder: Path) -> None:
    def change(book: Any) -> None:
        for number in range(1, 26):
            book["Summary"].cell(number, 20 + number, "x")

    edit(round_folder / "master.xlsx", change)
    lines = cedg("merge", folder=round_folder).out.splitlines()
    start = lines.index(KEPT.format("master.edited.xlsx"))
    assert [line.strip() for line in lines[start + 1 :]] == [
        *(f'Summary!{a1(n, 20 + n)}: "x" was added.' for n in range(1, 11)),
        "and 15 more.",
    ]


def test_each_edited_master_is_kept_once(cedg: Cedg, round_folder: Path) -> None:
    master = round_folder / "master.xlsx"
    versions = []
    for text in ("first", "second", "first"):
        edit(master, lambda book, text=text: book["Summary"].__setitem__("N3", text))
        # The same content again, not only the same text: a file that somebody copied back.
        if versions and text == "first":
            master.write_bytes(versions[0])
        versions.append(master.read_bytes())
        assert f'Summary!N3: "{text}" was added.' in cedg("merge", folder=round_folder).out
    assert (round_folder / "master.edited.xlsx").read_bytes() == versions[0]
    assert (round_folder / "master.edited-2.xlsx").read_bytes() == versions[1]
    assert not (round_folder / "master.edited-3.xlsx").exists()


def nothing(_book: Any) -> None:
    pass


@pytest.mark.parametrize("change", [nothing, in_group_cell("2.3", 13, "Blue"), in_group_cell("2.3", 14, "Agreed\nin May")])
def test_saving_it_and_the_groups_own_cells_are_no_edits(cedg: Cedg, round_folder: Path, change: Callable[[Any], None]) -> None:
    edit(round_folder / "master.xlsx", change)
    assert was_saved_elsewhere((round_folder / "master.xlsx").read_bytes())
    assert "had been changed" not in cedg("merge", folder=round_folder).out
    assert not list(round_folder.glob("*.edited*"))


def test_a_master_as_this_program_wrote_it_is_not_compared(
    cedg: Cedg, round_folder: Path, send: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether anybody saved it costs a millisecond; comparing it takes as long as the merge."""

    def refused(*_arguments: object) -> None:
        raise AssertionError("It was compared.")

    monkeypatch.setattr("cedg_excel.master.master_file.edits_of", refused)
    send("n2.xlsx", "north", {**RATED, "kpi/K2.1/value": 20}, when=SENT.replace(hour=12))
    assert cedg("merge", folder=round_folder).status == 0


@pytest.mark.parametrize("history", [True, False], ids=["history", "rebuilt"])
def test_without_its_history_the_master_is_rebuilt_from_its_store(cedg: Cedg, round_folder: Path, history: bool) -> None:
    edit(round_folder / "master.xlsx", typed_over)
    if not history:
        shutil.rmtree(round_folder / "history")
    assert 'Data kpis!E2: "17" was changed to "18".' in cedg("merge", folder=round_folder).out


def test_a_change_of_the_plan_is_no_edit(cedg: Cedg, round_folder: Path) -> None:
    """Rebuilt with the new plan, every page would differ from the master as it was written."""
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, "Blue"))
    plan = round_folder / "plan.toml"
    plan.write_text(plan.read_text("utf-8").replace("Review training", "Review all training"), "utf-8")
    assert "had been changed" not in cedg("merge", folder=round_folder).out


def test_a_file_that_cannot_be_compared_is_kept(cedg: Cedg, round_folder: Path) -> None:
    master = round_folder / "master.xlsx"
    with zipfile.ZipFile(master, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    lines = cedg("merge", folder=round_folder).out.splitlines()
    assert lines[-1] == "  It could not be compared with what this program wrote: This workbook contains macros. A copy never does."
    assert (round_folder / "master.edited.xlsx").exists()


def test_a_column_inserted_in_a_page_does_not_move_the_groups_entries(cedg: Cedg, round_folder: Path) -> None:
    """Read by position, the column before it would count as the group's rating."""
    edit(round_folder / "master.xlsx", in_group_cell("2.3", 13, "Blue"))
    edit(round_folder / "master.xlsx", lambda book: book["Objective 2"].insert_cols(9))
    assert "Objective 2: column I was inserted." in cedg("merge", folder=round_folder).out
    rows = cedg("data", "--table", "group", "--format", "json", folder=round_folder).json()
    assert [(row["ref"], row["rating"], row["note"]) for row in rows] == [("2.3", "Blue", None)]


@pytest.mark.office
def test_opening_and_saving_in_libreoffice_is_no_edit(cedg: Cedg, round_folder: Path, office: Office, tmp_path: Path) -> None:
    master = round_folder / "master.xlsx"
    shutil.move(office.recalculate(master, tmp_path / "saved.xlsx"), master)
    assert was_saved_elsewhere(master.read_bytes())
    assert "had been changed" not in cedg("merge", folder=round_folder).out


@pytest.mark.office
def test_what_was_typed_in_libreoffice_is_named(cedg: Cedg, round_folder: Path, office: Office, tmp_path: Path) -> None:
    master = round_folder / "master.xlsx"
    page = openpyxl.load_workbook(master)["Objective 2"]
    row = next(cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value == "2.3")
    cells = [
        Input("Objective 2", f"N{row}", "text", "Agreed"),
        Input("Summary", "N3", "text", "Ask Jane"),
        Input("Data kpis", "E2", "number", 18),
    ]
    shutil.move(office.fill(master, tmp_path / "saved.xlsx", cells), master)
    lines = cedg("merge", folder=round_folder).out.splitlines()
    assert lines[-2:] == ['  Summary!N3: "Ask Jane" was added.', '  Data kpis!E2: "17" was changed to "18".']
    rows = cedg("data", "--table", "group", "--format", "json", folder=round_folder).json()
    assert [(row["ref"], row["note"]) for row in rows] == [("2.3", "Agreed")]
