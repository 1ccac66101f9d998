"""The master as leads and other programs open it."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from cedg_excel.errors import CannotRead, CannotWrite, MasterInUse, NotAMaster, TooBig
from cedg_excel.excel.page import split_to_fit
from cedg_excel.master.master_file import master_lock, previous_master, write_master
from cedg_excel.master.merge import merge
from cedg_excel.master.merged import Merged
from cedg_excel.master.read_workbook import read_master, read_table
from cedg_excel.master.store import STORE
from cedg_excel.master.tables import COLUMNS
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.ratings import RATINGS, WORST_FIRST
from tests.conftest import PERIOD, RATED, Cedg, Fill, checked
from tests.helpers.inspection import faults, leaks
from tests.helpers.places import SMALL
from tests.helpers.zips import parts_of

LONG = "Evidence that goes on. " * 400


@pytest.fixture
def result(fill: Fill, small: Plan) -> Merged:
    """Two returns, with text that looks like formulas and text longer than any row can show."""
    north = {
        **RATED, "action/2.3/rating": "Green", "action/2.3/evidence": LONG, "action/2.4/evidence": '=HYPERLINK("http://example.org")',
        "action/2.1/evidence": "@SUM(A1)", "narrative/2/impact": "-1+1", "kpi/K2.1/comment": "+44", "kpi/K2.1/value": 3,
    }  # fmt: skip
    south = {"action/2.1/rating": "Blue", "action/2.3/rating": "Amber", "action/2.3/remedial_action": "New lead", "kpi/K2.1/value": 4}
    return merge(checked(small, fill(north), fill(south, agency="south")), small)


@pytest.fixture
def book(result: Merged) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(master_bytes(result)))


def test_excel_has_nothing_to_repair_and_nothing_is_hidden(result: Merged) -> None:
    data = master_bytes(result)
    assert (faults(data), leaks(data)) == ([], [])


def test_text_is_never_a_formula(result: Merged) -> None:
    """The only formulas are our own, in the four narrow columns that follow the group's rating."""
    book = openpyxl.load_workbook(BytesIO(master_bytes(result)))
    formulas = {(sheet.title, cell.column) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    assert formulas == {("Objective 2", column) for column in (8, 9, 10, 11)}


def test_tabs(book: openpyxl.Workbook) -> None:
    data = [f"Data {name}" for name in COLUMNS] + [f"Store {name}" for name in STORE]
    assert book.sheetnames == ["Summary", "Objective 2", "Returns", "Findings", "Versions", *data]


def test_pages_are_locked_and_data_sheets_are_not(book: openpyxl.Workbook) -> None:
    """A locked sheet cannot be sorted, pivoted or queried."""
    assert {sheet.title for sheet in book if sheet.protection.sheet} == {"Summary", "Objective 2", "Returns", "Findings", "Versions"}


@pytest.fixture
def shown(result: Merged) -> openpyxl.Workbook:
    """The same with the results of its formulas, as Protected View and phones show it."""
    return openpyxl.load_workbook(BytesIO(master_bytes(result)), data_only=True)


def lines(book: openpyxl.Workbook, ref: str) -> list[list[object]]:
    """An action's line on its page, and its agencies' lines under it."""
    rows = [[cell.value for cell in row] for row in book["Objective 2"].iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] == ref)
    end = next(n for n in range(start + 1, len(rows)) if rows[n][0] is not None or not any(rows[n]))
    return rows[start:end]


def test_action_shows_the_overall_rating_and_each_agency_under_it(shown: openpyxl.Workbook) -> None:
    action, *agencies = lines(shown, "2.3")
    assert action[7:12] == [None, "A", None, None, "Amber\n2 of 2 rated"]
    assert [(row[3], row[7:11], row[11]) for row in agencies if "continued" not in str(row[3])] == [
        ("North Agency", [None, None, "G", None], "Green"),
        ("South Agency", [None, "A", None, None], "Amber"),
    ]


def test_rating_is_filled_with_its_colour(book: openpyxl.Workbook) -> None:
    cells = [cell for row in book["Objective 2"].iter_rows(min_col=8, max_col=11) for cell in row if cell.value in ("R", "A", "G", "B")]
    letters = {rating.letter: rating.fill for rating in RATINGS}
    rated = [cell for cell in cells if cell.fill.fgColor.rgb[-6:] != "1F3A5F"]
    assert len(rated) == 5  # the agencies'; those of the actions follow their formulas
    assert all(cell.fill.fgColor.rgb[-6:] == letters[cell.value] for cell in rated)


def test_text_too_long_for_one_row_continues_in_the_next(book: openpyxl.Workbook) -> None:
    parts = [str(row[6]) for row in lines(book, "2.3") if str(row[3]).startswith("North")]
    assert len(parts) > 1
    assert "".join(parts) == LONG
    assert all((item.height or 0) <= 409 for item in book["Objective 2"].row_dimensions.values())


@pytest.mark.parametrize("text", ["", "word", "a b " * 50, "x" * 500, "line\n" * 40])
def test_portions_of_a_text_join_to_the_whole_text(text: str) -> None:
    pieces = split_to_fit(text, lambda piece: len(piece) <= 60)
    assert "".join(pieces) == text
    assert all(len(piece) <= 60 for piece in pieces)


def test_agency_that_has_not_answered_is_shown_with_its_earlier_rating(fill: Fill, small: Plan) -> None:
    first = fill({"action/2.1/rating": "Red", "action/2.3/rating": "Red"}, agency="south")
    second = fill(RATED, period="2019-20-Q4")
    book = openpyxl.load_workbook(BytesIO(master_bytes(merge(checked(small, first, second), small))))
    assert lines(book, "2.1")[1][11] == "Not returned (Red in Q3 2019-20)"


def test_kpi_table_adds_up_by_quarter(book: openpyxl.Workbook) -> None:
    total, north, south = lines(book, "K2.1")[:3]
    assert (total[2], north[1:3], south[1:3]) == (7, ["North Agency", 3], ["South Agency", 4])


def test_write_keeps_the_previous_master_and_does_not_rewrite_an_equal_one(result: Merged, tmp_path: Path, small: Plan, fill: Fill) -> None:
    path = tmp_path / "master.xlsx"
    assert write_master(result, path)
    assert not write_master(result, path)
    assert not previous_master(path).exists()
    first = path.read_bytes()
    assert write_master(merge(checked(small, fill(RATED, period="2019-20-Q4")), small, result.store), path)
    assert previous_master(path).read_bytes() == first
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".cedg")] == []


@pytest.mark.parametrize("mark", ["~$master.xlsx", ".~lock.master.xlsx#"])
def test_master_open_elsewhere_gives_one_sentence(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).touch()
    with pytest.raises(MasterInUse, match=r"open in another program\. Close it"), master_lock(tmp_path / "master.xlsx"):
        raise AssertionError("the master was not guarded")


def test_second_merge_waits_and_then_stops_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cedg_excel.master.master_file.LOCK_SECONDS", 0.1)
    with FileLock(tmp_path / ".master.xlsx.lock"), pytest.raises(MasterInUse, match="Another merge"), master_lock(tmp_path / "master.xlsx"):
        raise AssertionError("two merges at once")


def test_folder_that_cannot_be_written_gives_one_sentence(result: Merged, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="nothing was changed"):
        write_master(result, tmp_path / "file" / "master.xlsx")


def test_workbook_that_is_not_a_master_is_refused(tmp_path: Path, fill: Fill, result: Merged) -> None:
    text = tmp_path / "text.xlsx"
    text.write_text("x")
    mine = tmp_path / "mine.xlsx"
    mine.write_bytes(master_bytes(result))
    with pytest.raises(NotAMaster, match=r"text\.xlsx is not a readable workbook"):
        read_master(text)
    with pytest.raises(NotAMaster, match="another plan"):
        read_master(mine, "other-plan")
    with pytest.raises(NotAMaster):
        read_table(fill(RATED), "actions")
    with pytest.raises(CannotRead, match="There is no master"):
        read_table(tmp_path / "none.xlsx", "actions")


def test_limits_of_excel_are_checked(result: Merged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cedg_excel.excel.table_rows.MAX_ROWS", 5)
    with pytest.raises(TooBig, match="more than an Excel sheet can hold"):
        master_bytes(result)


def test_data_tables_are_named_excel_tables(book: openpyxl.Workbook) -> None:
    assert {name for sheet in book for name in sheet.tables} == {f"data_{name}" for name in COLUMNS} | {f"store_{name}" for name in STORE}
    assert [c.value for c in book["Data actions"][1]] == list(COLUMNS["actions"])


def test_period_shown_is_the_latest_returned(fill: Fill, small: Plan) -> None:
    both = merge(checked(small, fill(RATED), fill(RATED, period="2019-20-Q4")), small)
    assert both.period == "2019-20-Q4"
    assert merge(checked(small, fill(RATED)), small).period == PERIOD
    assert merge([], small).period is None


# The summary


@pytest.fixture
def two_quarters(fill: Fill, small: Plan) -> openpyxl.Workbook:
    """2.3 gets worse, 2.4 better and past its target, 2.5 stays; south has not answered in the second quarter."""
    first = {**RATED, "action/2.3/rating": "Green", "action/2.4/rating": "Amber", "action/2.4/remedial_action": "x", "kpi/K2.1/value": 10}
    second = {**RATED, "action/2.4/rating": "Green", "action/2.4/target_date": date(2020, 3, 30), "kpi/K2.1/value": 14}
    kpis = tuple(k.model_copy(update={"good": "down", "target": 5}) if k.ref == "K2.1" else k for k in small.kpis)
    plan = small.model_copy(update={"kpis": kpis})
    south = {"action/2.1/rating": "Blue", "action/2.3/rating": "Green"}
    paths = [fill(first), fill(south, agency="south"), fill(second, period="2019-20-Q4")]
    return openpyxl.load_workbook(BytesIO(master_bytes(merge(checked(plan, *paths), plan))))


def below(book: openpyxl.Workbook, heading: str) -> list[list[object]]:
    """The rows of the Summary under a heading, up to the next blank one."""
    rows = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    start = next(n for n, row in enumerate(rows) if str(row[0]).startswith(heading))
    end = next((n for n in range(start + 1, len(rows)) if rows[n][0] is None), len(rows))
    return rows[start + 1 : end]


def test_summary_lists_changed_ratings_worst_first(two_quarters: openpyxl.Workbook) -> None:
    assert [row[:3] for row in below(two_quarters, "Ratings that have changed since Q3 2019-20")] == [
        ["2.3 Review training", "▼ worse: Green to Red (1 of 2 agencies)", "Red ‡"],
        ["2.4 Run a campaign", "Amber to Green (resting on an answer with an error)", "Green †"],
    ]


def test_summary_lists_overdue_actions(two_quarters: openpyxl.Workbook) -> None:
    """2.5's date is settled in the plan; a date has passed when it is before the period's end."""
    assert [row[:3] for row in below(two_quarters, "Overdue")] == [
        ["2.5 Agree a protocol", "North Agency, by 30 November 2019: 122 days late", "Red"],
        ["2.4 Run a campaign", "North Agency, by 30 March 2020: 1 day late", "Green †"],
        ["2 unfinished actions have no target date, and so cannot be overdue: 2.1, 2.3.", None, None],
    ]


def test_summary_lists_who_has_answered_and_each_agencys_worst_rating(two_quarters: openpyxl.Workbook) -> None:
    assert [row[:3] for row in below(two_quarters, "Each agency")[1:]] == [
        ["North Agency", "Received", "Red"], ["South Agency", "Not received", "Not rated"],
    ]  # fmt: skip
    assert two_quarters["Summary"]["A3"].value == (
        "1 of 2 agencies have answered; no cell is held back; 1 answer with an error is shown and counted as typed. "
        "See Returns and Findings."
    )


def test_summary_shows_the_trend_of_each_kpi(two_quarters: openpyxl.Workbook) -> None:
    assert [row[:5] for row in below(two_quarters, "Key performance")[2:]] == [
        ["K2.1 Referrals", "the same 1 of 2 agencies: 10 → 14 since Q3 2019-20", "14 ‡", "1 of 2", "5 missed by 9"],
    ]


def test_objective_page_shows_how_a_rating_has_changed(two_quarters: openpyxl.Workbook) -> None:
    assert lines(two_quarters, "2.3")[0][11] == "Red so far ‡\n1 of 2 rated\n▼ worse: Green to Red (1 of 2 agencies)"


def test_chart_has_the_colours_of_the_ratings_and_a_text_description(result: Merged) -> None:
    parts = parts_of(master_bytes(result))
    assert b'descr="Stacked bars: how many actions' in parts["xl/drawings/drawing1.xml"]
    chart = parts["xl/charts/chart1.xml"].decode()
    assert [chart.find(rating.fill) > 0 for rating in WORST_FIRST] == [True] * 4


# What the group writes


def type_into(path: Path, cells: dict[tuple[str, str], str | None]) -> None:
    """Write into a page of the master as the coordinator does: by ref and heading, or by the label of the agreed words."""
    book = openpyxl.load_workbook(path)
    sheet = book["Objective 2"]
    columns = {cell.value: cell.column for cell in sheet[5]}
    for (what, heading), text in cells.items():
        label = 2 if heading == "" else 1
        row = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, label).value == what)
        cell = sheet.cell(row, columns.get(heading, 7))
        cell.value = text
        if text:
            cell.data_type = "s"
    book.save(path)


WRITTEN: dict[tuple[str, str], str | None] = {
    ("2.3", "Group rating"): "Blue", ("2.3", "Coordinator's note"): "=agreed on 3 May", ("Impact", ""): "Families\nsay so",
}  # fmt: skip


@pytest.fixture
def master(result: Merged, tmp_path: Path) -> Path:
    path = tmp_path / "master.xlsx"
    write_master(result, path)
    type_into(path, WRITTEN)
    return path


def test_only_the_groups_cells_are_unlocked(book: openpyxl.Workbook) -> None:
    free = {(cell.row, cell.column) for row in book["Objective 2"].iter_rows() for cell in row if not cell.protection.locked}
    assert {column for _, column in free} == {7, 13, 14}
    assert len(free) == 4 * 2 + 3
    assert not [c for name in ("Summary", "Returns", "Findings") for row in book[name].iter_rows() for c in row if not c.protection.locked]


def test_group_rating_replaces_the_agencies_rating_and_is_marked(master: Path, small: Plan) -> None:
    again = merge([], small, read_master(master, "small"))
    page = openpyxl.load_workbook(BytesIO(master_bytes(again)), data_only=True)
    assert lines(page, "2.3")[0][7:14] == [
        None, None, None, "B", "Blue\nthe group's own; by the agencies: Amber\n2 of 2 rated", "Blue", "=agreed on 3 May",
    ]  # fmt: skip
    assert list(again.tables["group"].itertuples(index=False, name=None)) == [(PERIOD, "2.3", "Blue", "=agreed on 3 May")]
    assert page["Summary"]["G7"].value == 2  # Blue: 2.1 by its agency and 2.3 by the group


def test_the_groups_entries_are_kept_by_every_merge(master: Path, small: Plan, fill: Fill) -> None:
    write_master(merge(checked(small, fill(RATED, period="2019-20-Q4")), small, read_master(master, "small")), master)
    assert lines(openpyxl.load_workbook(master), "2.3")[0][12:14] == [None, None], "each period has its own entries"
    page = openpyxl.load_workbook(BytesIO(master_bytes(merge([], small, read_master(master, "small"), show=PERIOD))))
    assert lines(page, "2.3")[0][12:14] == ["Blue", "=agreed on 3 May"]
    assert "Families\nsay so" in [cell.value for row in page["Objective 2"].iter_rows() for cell in row]


def test_personal_data_is_removed_from_the_groups_entries(master: Path, small: Plan) -> None:
    """The group's text goes into the closure report and the release; its own telephone number may stay."""
    type_into(master, {("2.3", "Coordinator's note"): "seen: 943 476 5919", ("Impact", ""): "Ring 01709 382121"})
    write_master(merge([], small, read_master(master, "small")), master)
    again = read_master(master, "small")
    assert list(merge([], small, again).tables["group"]["note"]) == ["seen: [NHS number]"]
    parts = parts_of(master.read_bytes())
    assert [name for name, part in parts.items() if b"943 476 5919" in part] == []
    assert [name for name, part in parts.items() if b"01709 382121" in part]


def test_removed_personal_data_is_reported(master: Path, fill: Fill, cedg: Cedg) -> None:
    type_into(master, {("2.3", "Coordinator's note"): "born 12/03/2008", ("2.4", "Coordinator's note"): "Agreed in May"})
    output = cedg("merge", fill(RATED), "--plan", SMALL, "--into", master).out
    assert "The group's own text on 2.3 contained something that could identify a child. It was removed: please read" in output
    type_into(master, {("2.3", "Coordinator's note"): "Agreed"})
    output = cedg("merge", fill(RATED), "--plan", SMALL, "--into", master).out
    assert "identify a child" not in output


def test_the_groups_entries_are_kept_when_an_action_leaves_the_plan(master: Path, small: Plan) -> None:
    without = small.model_copy(update={"actions": tuple(a for a in small.actions if a.ref != "2.3")})
    write_master(merge([], without, read_master(master, "small")), master)
    assert list(merge([], without, read_master(master, "small")).tables["group"]["note"]) == ["=agreed on 3 May"]


def test_a_cleared_entry_is_deleted(master: Path, small: Plan) -> None:
    write_master(merge([], small, read_master(master, "small")), master)
    type_into(master, dict.fromkeys(WRITTEN))
    assert len(read_master(master, "small").group) == 0
