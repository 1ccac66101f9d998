"""Changed forms: tabs, rows, columns and texts that differ from the copy as it was issued."""

from __future__ import annotations

from datetime import date

from making.copies import Copy, copy_row, swap_columns, swap_rows
from making.defect import CRIME, EVIDENCE, RATING, ChangeCopy, Defect, put
from making.zips import Parts, relate
from openpyxl.comments import Comment
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.external_link import ExternalLink
from openpyxl.workbook.external_link.external import ExternalBook, ExternalSheetNames

from cedg_excel.form.model import Value
from cedg_excel.tab_names import COVER


def _delete_sheet(title: str) -> ChangeCopy:
    def delete(copy: Copy) -> None:
        del copy.workbook[title]

    return delete


def _copy_sheet(copy: Copy, title: str = "Objective 4 (2)") -> None:
    sheet = copy.workbook.copy_worksheet(copy.sheet(4))
    sheet.title = title
    sheet.protection.sheet = True  # as Excel does, and openpyxl does not


def _copy_and_rename_sheet(copy: Copy) -> None:
    _copy_sheet(copy, "Objective 4 new")
    copy.sheet(4).title = "Objective 4 old"


def _rename_sheet(copy: Copy) -> None:
    copy.sheet(4).title = "Crime"


def _swap_names(copy: Copy) -> None:
    copy.sheet(4).title, copy.sheet(6).title = "Objective 6 ", "Objective 4"
    copy.workbook["Objective 6 "].title = "Objective 6"


def _capital_heading(copy: Copy) -> None:
    copy.sheet(4).cell(copy.head(4, "actions"), 9).value = "REMEDIAL ACTION"


def _without_dropdown(copy: Copy) -> None:
    """Remove the dropdown of a rating, as an ordinary paste over the cell does."""
    rating = copy.cell(RATING).coordinate
    lists = copy.sheet(4).data_validations.dataValidation
    for validation in lists:
        validation.sqref.ranges = {part for part in validation.sqref.ranges if rating not in part}
    copy.sheet(4).data_validations.dataValidation = [validation for validation in lists if validation.sqref.ranges]


def _add_sheet(copy: Copy) -> None:
    sheet = copy.workbook.create_sheet("Our notes")
    sheet["A1"] = "Invented: figures of our own."


def _retype_heading(copy: Copy) -> None:
    heading = copy.sheet(4).cell(copy.head(4, "actions"), 9)
    heading.value = "What we will do"


def _clear_head(copy: Copy) -> None:
    sheet, row = copy.sheet(4), copy.head(4, "actions")
    for column in range(2, sheet.max_column + 1):
        sheet.cell(row, column).value = None


def _move_column(copy: Copy) -> None:
    head = copy.head(4, "actions")
    swap_columns(copy.sheet(4), 5, 6, range(head, copy.row("4.4") + 1))


def _move_row(copy: Copy) -> None:
    """Cut a row of the table and paste it below everything else."""
    sheet, row = copy.sheet(4), copy.row("4.3")
    copy_row(sheet, row, sheet.max_row + 3)
    for cell in sheet[row]:
        cell.value = None


def _repeat_row(copy: Copy) -> None:
    sheet = copy.sheet(4)
    copy_row(sheet, copy.row("4.3"), copy.row("4.4") + 1)


def _move_table(copy: Copy) -> None:
    """Cut the whole KPI table and paste it below everything else."""
    sheet = copy.sheet(4)
    rows, down = range(copy.head(4, "kpis"), copy.row("K4.16") + 1), sheet.max_row
    for row in rows:
        copy_row(sheet, row, row + down)
        for cell in sheet[row]:
            cell.value = None


def _ref(value: Value) -> ChangeCopy:
    """Retype the ref of 4.3."""

    def retype(copy: Copy) -> None:
        copy.sheet(4).cell(copy.row("4.3"), 1).value = value

    return retype


def _swap_refs(copy: Copy) -> None:
    """Swap two refs, as sorting only the first column does."""
    sheet, first, second = copy.sheet(4), copy.row("4.1"), copy.row("4.3")
    sheet.cell(first, 1).value, sheet.cell(second, 1).value = "4.3", "4.1"


def _retype_question(copy: Copy) -> None:
    answer = copy.cell("cover/completed_by")
    copy.workbook[COVER].cell(answer.row, answer.column - 1).value = "Filled in by"


def _title(value: str | None) -> ChangeCopy:
    """Retype the title of 4.3."""

    def retype(copy: Copy) -> None:
        copy.sheet(4).cell(copy.row("4.3"), 2).value = value

    return retype


def _merge(copy: Copy) -> None:
    sheet, column = copy.sheet(4), copy.cell(EVIDENCE).column_letter
    sheet.merge_cells(f"{column}{copy.row('4.1')}:{column}{copy.row('4.3')}")


def _hide_row(copy: Copy) -> None:
    copy.sheet(4).row_dimensions[copy.row("4.3")].hidden = True


def _hide_column(copy: Copy) -> None:
    copy.sheet(4).column_dimensions["I"].hidden = True


def _filter(copy: Copy) -> None:
    sheet = copy.sheet(4)
    sheet.auto_filter.ref = f"A{copy.head(4, 'actions')}:I{copy.row('4.4')}"
    _hide_row(copy)


def _hide_sheet(copy: Copy) -> None:
    copy.sheet(6).sheet_state = "hidden"


def _hidden_cache(copy: Copy) -> None:
    sheet = copy.workbook.create_sheet("_addin_cache")
    sheet["A1"] = "Invented: what an add-in keeps."
    sheet.sheet_state = "veryHidden"


def _comment(copy: Copy) -> None:
    copy.cell(EVIDENCE).comment = Comment("Invented: do you mean prosecutions or convictions?", "Sample Officer H")


def _threaded_comment(parts: Parts, copy: Copy) -> None:
    """Write a comment as Excel 365 does: the comment itself in one part, and a copy for older programs in another."""
    address = copy.cell(EVIDENCE).coordinate
    kind, name = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", "threadedComments/threadedComment1.xml"
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    text = f'<threadedComment ref="{address}" id="{{0}}"><text>Invented: is this up to date?</text></threadedComment>'
    parts[f"xl/{name}"] = f'<ThreadedComments xmlns="{space}">{text}</ThreadedComments>'.encode()
    relate(parts, copy.part(CRIME), "rIdThread", kind, f"/xl/{name}")


def _stand_in_comment(copy: Copy) -> None:
    words = "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; however, any edits to it will get "
    words += "removed if the file is opened in a newer version of Excel.\n\nComment:\n    Invented: is this up to date?"
    copy.cell(EVIDENCE).comment = Comment(words, "tc={0}")


def _unprotect(copy: Copy) -> None:
    copy.sheet(4).protection.sheet = False


def link(copy: Copy) -> None:
    """Add a link to another workbook, such as a pasted formula leaves behind."""
    names = ExternalSheetNames(sheetName=["Figures"])
    link = ExternalLink(externalBook=ExternalBook(sheetNames=names, id="rId1"))
    link.file_link = Relationship(type="externalLinkPath", Target="figures.xlsx", TargetMode="External")
    copy.workbook._external_links.append(link)


FORM_DEFECTS = (
    Defect("sheet-deleted", "SHEET_MISSING", "The tab Objective 4 was deleted.", change_copy=_delete_sheet(CRIME)),
    Defect("cover-deleted", "SHEET_MISSING", "The Cover was deleted; the stamp in the properties still shows whose copy it is.",
           change_copy=_delete_sheet(COVER)),
    Defect("sheet-copied-and-renamed", "SHEET_UNCLEAR", "Objective 4 was copied, and both tabs have new names.",
           change_copy=_copy_and_rename_sheet),
    Defect("sheet-renamed", "SHEET_RENAMED", "Objective 4 was renamed Crime.", change_copy=_rename_sheet),
    Defect("sheet-names-swapped", "SHEET_RENAMED", "Objective 4 and Objective 6 have each other's names.", change_copy=_swap_names),
    Defect("sheet-copied", "SHEET_ADDED", "Objective 4 was copied; the tab with that name is read.", change_copy=_copy_sheet),
    Defect("sheet-added", "SHEET_ADDED", "A tab for the agency's own notes was added.", change_copy=_add_sheet),
    Defect("headings-cleared", "HEADINGS_MISSING", "The heading row of a table was cleared.", change_copy=_clear_head),
    Defect("heading-row-deleted", "HEADINGS_MISSING", "The heading row of a table was deleted.",
           change_copy=lambda copy: copy.sheet(4).delete_rows(copy.head(4, "actions"))),
    Defect("heading-retyped", "COLUMN_MISSING", "The heading Remedial action was retyped.", change_copy=_retype_heading),
    Defect("column-deleted", "COLUMN_MISSING", "The column Remedial action was deleted.",
           change_copy=lambda copy: copy.sheet(4).delete_cols(9)),
    Defect("columns-swapped", "COLUMN_MOVED", "Target date and Date achieved were swapped.", change_copy=_move_column),
    Defect("column-inserted", "COLUMN_MOVED", "A column was inserted before Date commenced.",
           change_copy=lambda copy: copy.sheet(4).insert_cols(3)),
    Defect("row-deleted", "ROW_MISSING", "The row of 4.3 was deleted.",
           change_copy=lambda copy: copy.sheet(4).delete_rows(copy.row("4.3"))),
    Defect("cover-question-retyped", "ROW_MISSING", "On the Cover, Completed by was retyped.", change_copy=_retype_question),
    Defect("refs-swapped", "REF_MISPLACED", "The refs 4.1 and 4.3 were swapped, but not the rest of their rows.", change_copy=_swap_refs),
    Defect("ref-is-a-date", "ROW_MISSING", "The ref 4.3 was turned into the fourth of March.", change_copy=_ref(date(2020, 3, 4))),
    Defect("ref-is-a-number", "", "The ref 4.3 is a number and not a text.", change_copy=_ref(4.3)),
    Defect("row-repeated", "ROW_REPEATED", "The row of 4.3 appears twice.", change_copy=_repeat_row),
    Defect("row-inserted", "ROW_MOVED", "A blank row was inserted above 4.3.",
           change_copy=lambda copy: copy.sheet(4).insert_rows(copy.row("4.3"))),
    Defect("rows-sorted", "ROW_MOVED", "The actions were sorted in reverse order.",
           change_copy=lambda copy: swap_rows(copy.sheet(4), copy.row("4.1"), copy.row("4.4"))),
    Defect("row-moved", "ROW_MOVED", "The row of 4.3 was cut and pasted below everything else.", change_copy=_move_row),
    Defect("table-moved", "ROW_MOVED", "The KPI table was cut and pasted below everything else.", change_copy=_move_table),
    Defect("title-changed", "LOCKED_CHANGED", "The title of 4.3 was retyped.", change_copy=_title("Show that we disrupt exploitation")),
    Defect("heading-in-capitals", "LOCKED_CHANGED", "The heading Remedial action was retyped in upper case.", change_copy=_capital_heading),
    Defect("title-cleared", "LOCKED_CHANGED", "The title of 4.3 was cleared.", change_copy=_title(None)),
    Defect("stray-text", "OUTSIDE_FORM", "A note was typed below the tables.",
           change_copy=put(CRIME, "B40", "Invented: see our own report.")),
    Defect("stray-number-far-right", "OUTSIDE_FORM", "A number was typed far to the right.", change_copy=put(CRIME, "AZ9", 17)),
    Defect("rating-where-none-is-asked", "OUTSIDE_FORM", "A date for an action to which the agency only contributes evidence.",
           change_copy=lambda copy: put(CRIME, f"F{copy.row('4.4')}", date(2019, 12, 2))(copy)),
    Defect("cells-merged", "MERGED_CELLS", "The evidence cells of 4.1 to 4.3 were merged into one.", change_copy=_merge),
    Defect("sheet-hidden", "HIDDEN_SHEET", "The tab Objective 6 is hidden.", change_copy=_hide_sheet),
    Defect("row-hidden", "HIDDEN_ROWS", "The row of 4.3 is hidden.", change_copy=_hide_row),
    Defect("column-hidden", "HIDDEN_ROWS", "The column Remedial action is hidden.", change_copy=_hide_column),
    Defect("rows-filtered", "FILTERED_ROWS", "A filter hides the row of 4.3.", change_copy=_filter),
    Defect("addin-sheet", "ADDIN_SHEET", "An add-in left a sheet that Excel itself does not show.", change_copy=_hidden_cache),
    Defect("comment", "COMMENT", "A cell has a note.", change_copy=_comment),
    Defect("comment-of-excel-365", "COMMENT", "A comment of Excel 365, with its copy for older programs.",
           change_copy=_stand_in_comment, change_parts=_threaded_comment),
    Defect("dropdown-gone", "DROPDOWN_GONE", "The dropdown of a rating was lost when something was pasted over it.",
           change_copy=_without_dropdown),
    Defect("protection-removed", "PROTECTION_REMOVED", "Objective 4 is no longer protected.", change_copy=_unprotect),
    Defect("link-left-behind", "LINKS", "A link to another workbook that no cell uses.", change_copy=link),
)  # fmt: skip
