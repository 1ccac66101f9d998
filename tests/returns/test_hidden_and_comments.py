"""What only the XML shows: comments, hidden rows and columns, filters, protection."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.comments import Comment

from tests.helpers.zips import Parts
from tests.returns.altered import TAB, Read, answers, on_tab, reported, sheet_of, values


def test_comments_are_reported_with_their_text(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        book[TAB]["G8"].comment = Comment("See the\nfile", "An officer")
        book[TAB]["Z99"].comment = Comment("Beside", "An officer")

    item = read(tamper)
    assert [(f.where, f.code, f.value) for f in item.findings] == [
        (f"{TAB}!G8", "COMMENT", "See the file"), (f"{TAB}!Z99", "COMMENT", "Beside"),
    ]  # fmt: skip
    assert values(item) == answers()


def test_a_comment_thread_is_reported_in_full_and_only_once(read: Read) -> None:
    """Excel 365 stores a thread as several comments, and as one plain comment for older programs."""
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    thread = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="G8" id="{1}"><text>Is this right?</text></threadedComment>'
        '<threadedComment ref="G8" id="{2}" parentId="{1}"><text>Yes, it is.</text></threadedComment></ThreadedComments>'
    )

    def edit(parts: Parts) -> None:
        name, _ = sheet_of(parts, TAB)
        rels = f"xl/worksheets/_rels/{name.rpartition('/')[2]}.rels"
        relation = f'<Relationship Id="rIdT" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
        parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())
        parts["xl/threadedComments/threadedComment1.xml"] = thread.encode()

    item = read(lambda book: setattr(book[TAB]["G8"], "comment", Comment("[Threaded comment] Your version ...", "tc")), edit)
    assert [(f.where, f.code, f.value) for f in item.findings] == [(f"{TAB}!G8", "COMMENT", "Is this right? / Yes, it is.")]


def test_hidden_rows_and_columns_are_read_and_reported(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        for row in (8, 400):
            book[TAB].row_dimensions[row].hidden = True
        for column in ("D", "ZZ"):
            book[TAB].column_dimensions[column].hidden = True

    item = read(tamper)
    assert reported(item) == [on_tab("HIDDEN_ROWS")]
    assert [name in str(item.findings[0].value) for name in ("rows 8", "400", "columns D", "ZZ")] == [True, False, True, False]
    assert values(item) == answers()


def test_rows_hidden_by_a_filter_are_read_and_the_return_is_clean(read: Read) -> None:
    def tamper(book: Workbook) -> None:
        book[TAB].auto_filter.ref = "A6:J10"
        book[TAB].row_dimensions[9].hidden = True

    item = read(tamper)
    assert (reported(item), item.status) == ([on_tab("FILTERED_ROWS")], "clean")
    assert values(item) == answers()


def test_removed_protection_is_reported(read: Read) -> None:
    item = read(lambda book: (setattr(book[TAB].protection, "sheet", False), book.create_sheet("Notes")))
    assert [(f.where, f.code, f.value) for f in item.findings] == [
        ("Notes", "SHEET_ADDED", None), ("", "PROTECTION_REMOVED", TAB),
    ]  # fmt: skip
