"""
Every file that is sent out contains what it should and nothing else: no hidden part, no trace of its author, no other agency's text.

The demo's own files, and those made from returns with content hidden on purpose. Takes about 15 seconds. `CEDG_LONG=1` hides
them in a return of every agency, not in one.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from typer.testing import CliRunner

from cedg_excel.cli.app import app
from cedg_excel.copies.feedback import feedback_on
from cedg_excel.copies.template import build_template, template_bytes
from cedg_excel.excel.save import to_bytes
from cedg_excel.form.layout import layout_for
from cedg_excel.plan.model import Plan
from cedg_excel.returns.read import read_return
from cedg_excel.tab_names import PLEASE_FIX
from tests.conftest import SENT, checked
from tests.helpers.places import SAMPLES
from tests.helpers.zips import parts_of, zipped

LONG = os.environ.get("CEDG_LONG") == "1"
FIRST, SECOND, NEXT = "2019-20-Q3", "2019-20-Q4", "2020-21-Q1"
POLICE = "south-yorkshire-police"

PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom)\.xml|xl/(workbook|styles|sharedStrings)\.xml|xl/theme/theme1\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/(_rels/)?sheet\d+\.xml(\.rels)?|xl/tables/table\d+\.xml"
    r"|xl/charts/chart\d+\.xml|xl/drawings/(_rels/)?drawing\d+\.xml(\.rels)?|xl/comments/comment\d+\.xml|xl/drawings/commentsDrawing\d+\.vml"
)
"""Every part that our workbooks may have. Any other, such as custom XML, pivot caches, connections and printers, is not ours."""

TRACES = re.compile(
    rb"xml:base|absPath|printerSettings|file:/|/home/|/root/|/tmp/|/work/|[^A-Za-z][A-Za-z]:\\|TargetMode|mailto:"
    rb"|<(?:dc:creator|cp:lastModifiedBy|Company|Manager|HyperlinkBase|Application|cp:category|dc:description|cp:keywords)\b[^>]*>[^<]"
    rb"|[Vv]eryHidden|state=\"hidden\"|\bhidden=\"(?:1|true)\"|zeroHeight=\"1\"|pivotCache|<connection|externalReference|<!--|openpyxl"
)
"""What reveals where and by whom a file was made, what cannot be seen, and what comes from other files."""


def text_of(data: bytes) -> str:
    """Every text and attribute of a file, as people and programs read it, in whatever way it is written."""
    if not data.startswith(b"PK"):
        return data.decode("utf-8")
    found = []
    for name, part in parts_of(data).items():
        found.append(name)
        for element in ElementTree.fromstring(part).iter():  # every part of ours is XML
            found += [element.text or "", element.tail or "", *element.attrib.values()]
    return "\n".join(found)


def faults(data: bytes) -> list[str]:
    """What should not be in a workbook that is sent out."""
    parts = parts_of(data)
    found = [f"part {name}" for name in parts if not PARTS.fullmatch(name)]
    found += [f"{match[0]!r} in {name}" for name, part in parts.items() for match in TRACES.finditer(part) if not name.endswith(".vml")]
    book = openpyxl.load_workbook(BytesIO(data))
    found += [f"name {name}" for name, item in book.defined_names.items() if item.hidden or re.search(r"\[|#REF", item.attr_text)]
    for sheet in book:
        found += [f"row {sheet.title}!{row}" for row, item in sheet.row_dimensions.items() if item.hidden or item.height == 0]
        found += [f"column {sheet.title}!{column}" for column, item in sheet.column_dimensions.items() if item.hidden or item.width == 0]
        for row in sheet.iter_rows():
            found += [f"comment {sheet.title}!{cell.coordinate}" for cell in row if cell.comment and not ours(cell.comment)]
    with zipfile.ZipFile(BytesIO(data)) as package:
        found += [f"time or comment of {item.filename}" for item in package.infolist() if item.comment or item.date_time[0] != 1980]
        found += ["a comment on the zip"] if package.comment else []
    return found


def ours(comment: Comment) -> bool:
    return comment.author in ("", "cedg", "None", PLEASE_FIX) and comment.text.startswith(f"{PLEASE_FIX}: ")


STAYS = ("plan.toml", "control.xlsm", ".master.xlsx.lock")


def outgoing_files(folder: Path) -> list[Path]:
    """Everything in a round folder except the plan, the control workbook and the returns."""
    return sorted(
        path for path in folder.rglob("*")
        if path.is_file() and "returns" not in path.relative_to(folder).parts and path.name not in STAYS
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder, with the copies to send back of its returns, reminders, and the copies of the quarter after."""
    folder = tmp_path_factory.mktemp("demo") / "round"
    run(folder.parent, "demo", "round")
    run(folder, "check")
    run(folder, "template", "--period", NEXT)
    run(folder, "status", "--period", NEXT, "--chase", "reminders")
    return folder


def run(folder: Path, *words: str) -> None:
    """Run a command in a folder; findings are not a failure."""
    with chdir(folder):
        result = CliRunner().invoke(app, list(words))
    assert result.exit_code in (0, 1), result.output


def own_texts(paths: Iterable[Path], plan: Plan) -> dict[str, set[str]]:
    """
    The texts in each agency's returns that no other agency has written, where they are long enough to be distinguished.

    The samples' answers all differ; a text that two agencies gave belongs to neither, and the words of a list are the form's.
    """
    texts_by_agency: dict[str, set[str]] = {agency.id: set() for agency in plan.agencies}
    for path in paths:
        returned = read_return(path, plan)
        assert returned.stamp is not None
        entries = (returned.entries or {}).values()
        texts = [str(entry.value) for entry in entries if isinstance(entry.value, str) and entry.field.kind == "text"]
        texts_by_agency[returned.stamp.agency] |= {text for text in texts if len(text) > 8}
    return {
        agency: {text for text in texts if not any(text in other for name, other in texts_by_agency.items() if name != agency)}
        for agency, texts in texts_by_agency.items()
    }


def owner(path: Path, plan: Plan) -> str | None:
    """Whose file it is: copies, copies to send back and reminders are named for their agency."""
    return next((agency.id for agency in plan.agencies if path.name.startswith((f"{agency.id}_", f"{agency.id}."))), None)


def test_outgoing_workbooks_have_no_hidden_content_and_no_author(demo: Path) -> None:
    books = [path for path in outgoing_files(demo) if path.suffix == ".xlsx"]
    assert {path.name for path in books} >= {"master.xlsx", "master.previous.xlsx", f"{POLICE}_{NEXT}.xlsx"}
    assert [path for path in books if "feedback" in path.parts]
    assert {path.name: faults(path.read_bytes()) for path in books if faults(path.read_bytes())} == {}


def test_no_agency_receives_another_agencys_text(demo: Path, plan: Plan) -> None:
    """Neither in its copy, nor in the one sent back, nor in the e-mail that goes with it."""
    texts_by_agency = own_texts((demo / "returns").rglob("*.xlsx"), plan)
    assert sum(len(texts) for texts in texts_by_agency.values()) > 100
    assert all(texts_by_agency.values()), "an agency without its own texts tests nothing"
    seen = 0
    for path in outgoing_files(demo):
        whose = owner(path, plan)
        if whose is None:
            continue
        text = text_of(path.read_bytes())
        found = {agency: [word for word in words if word in text] for agency, words in texts_by_agency.items()}
        seen += len(found.pop(whose))
        assert {agency: words for agency, words in found.items() if words} == {}, path
    assert seen > 100, "an agency's own words are in its own copies, so the search would find another's"


def test_no_copy_contains_another_agencys_figures(demo: Path, plan: Plan, tmp_path: Path) -> None:
    """Numbers in the samples are too short to be distinguished, so each agency is given figures that nobody else has."""
    folder = tmp_path / "round"
    run(tmp_path, "init", "round")
    marks = {}
    for number, agency in enumerate(plan.agencies, 1):
        fields = [item for _, _, item in layout_for(plan, agency.id, FIRST).fields()]
        figures = {item.key: 700_000_000 + 1000 * number + n for n, item in enumerate(fields) if item.kind == "number"}
        book = build_template(plan, agency.id, FIRST, values=figures)
        (folder / "returns" / f"{agency.id}.xlsx").write_bytes(to_bytes(book, SENT))
        marks[agency.id] = re.compile(rb"\b7000%02d\d\d\d\b" % number)
    run(folder, "merge")
    run(folder, "check")
    run(folder, "template", "--period", SECOND)
    own = 0
    for path in outgoing_files(folder):
        if whose := owner(path, plan):
            text = b"".join(parts_of(path.read_bytes()).values()) if path.suffix == ".xlsx" else path.read_bytes()
            found = {agency for agency, mark in marks.items() if mark.search(text)}
            own += whose in found
            assert found <= {whose}, path
    assert own > 10


def test_contacts_are_in_no_workbook(plan: Plan, tmp_path: Path) -> None:
    """Names and addresses in the plan are only for the reminders."""
    agencies = [a.model_copy(update={"contact": f"Pat {n}Secret", "email": f"{n}secret@example.org"}) for n, a in enumerate(plan.agencies)]
    changed = plan.model_copy(update={"agencies": tuple(agencies)})
    items = checked(changed, *sorted((SAMPLES / SECOND).glob("*.xlsx")))
    sent_back = [feedback for item in items if (feedback := feedback_on(item, changed))]
    assert sent_back
    files = [template_bytes(changed, agency.id, FIRST) for agency in agencies] + [feedback.workbook for feedback in sent_back]
    assert [number for number, data in enumerate(files) if re.search("(?i)[0-9]secret", text_of(data))] == []


# Hidden content in returns


SECRET = "Zq7-hidden"  # noqa: S105 no password
"""Part of every text that is hidden in a return, followed by where it is hidden."""


def hide(book: Workbook) -> None:
    """Hide everything that openpyxl can hide, on a tab of the form and on other tabs."""
    tab = next(sheet for sheet in book if sheet.title.startswith("Objective"))
    for name, state in (("Staff", "hidden"), ("Cache", "veryHidden"), ("Notes", "visible")):
        sheet = book.create_sheet(name)
        sheet["A1"] = f"{SECRET} tab {state}"
        sheet.sheet_state = state
    tab["B60"], tab["AC3"] = f"{SECRET} row", f"{SECRET} column"
    tab.row_dimensions[60].hidden = True
    tab.column_dimensions["AC"].hidden = True
    tab["A1"].comment = Comment(f"{SECRET} comment", f"{SECRET} commenter")
    tab.oddHeader.left.text, tab.oddFooter.right.text = f"{SECRET} header", f"{SECRET} footer"
    tab["AD4"] = 1
    tab["AD4"].number_format = f'"{SECRET} format"0'
    tab["AE4"] = f"{SECRET} cell"
    tab["AE4"].hyperlink = f"https://example.org/{SECRET} target"
    book.defined_names["kept"] = DefinedName("kept", attr_text=f'"{SECRET} name"', hidden=True)
    for name in ("creator", "lastModifiedBy", "title", "subject", "description", "keywords", "category"):
        setattr(book.properties, name, f"{SECRET} {name}")


def hide_in_zip(parts: dict[str, bytes]) -> None:
    """Add what can only be seen in the zip."""
    parts["customXml/item1.xml"] = f"<a>{SECRET} custom</a>".encode()
    parts["docProps/app.xml"] = f"<Properties><Company>{SECRET} company</Company><Manager>{SECRET} manager</Manager></Properties>".encode()
    parts["xl/externalLinks/externalLink1.xml"] = f"<externalLink><v>{SECRET} link</v></externalLink>".encode()
    parts["xl/printerSettings/printerSettings1.bin"] = f"{SECRET} printer".encode()
    parts["xl/media/image1.png"] = f"{SECRET} picture".encode()
    parts["xl/pivotCache/pivotCacheDefinition1.xml"] = f"<a>{SECRET} pivot</a>".encode()
    parts["xl/connections.xml"] = f"<a>{SECRET} connection</a>".encode()
    name = next(part for part in parts if part.startswith("xl/worksheets/sheet2"))
    parts[name] = parts[name].replace(b"</worksheet>", f"<!-- {SECRET} remark --></worksheet>".encode())


REPORTED = {"row", "column", "cell", "comment"}
"""What the tool itself reports: text that was typed outside the form, and comments, in findings. Tabs are named, not quoted."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Path:
    """A round folder made from returns with something hidden in every possible place."""
    folder = tmp_path_factory.mktemp("hostile") / "round"
    run(folder.parent, "init", "round")
    for path in sorted((SAMPLES / FIRST).glob("*.xlsx")):
        data = path.read_bytes()
        if LONG or path.name.startswith(POLICE):
            book = openpyxl.load_workbook(BytesIO(data))
            hide(book)
            out = BytesIO()
            book.save(out)
            parts = parts_of(out.getvalue())
            hide_in_zip(parts)
            data = zipped(parts)
        (folder / "returns" / path.name).write_bytes(data)
    run(folder, "merge")
    run(folder, "check")
    run(folder, "template", "--period", SECOND)
    return folder


def test_hidden_content_in_a_return_is_reported(hostile: Path, plan: Plan) -> None:
    """The return is accepted, so that the tests below are about its content and not about a refused file."""
    returned = read_return(hostile / "returns" / f"{POLICE}_{FIRST}.xlsx", plan)
    assert returned.entries is not None
    assert {finding.code for finding in returned.findings} >= {
        "HIDDEN_SHEET", "ADDIN_SHEET", "SHEET_ADDED", "HIDDEN_ROWS", "OUTSIDE_FORM", "COMMENT", "LINKS", "PICTURE",
    }  # fmt: skip


def secrets(data: bytes) -> set[str]:
    return set(re.findall(rf"{SECRET} ?([a-z]*(?: visible| hidden| veryHidden)?)", text_of(data)))


def test_nothing_hidden_in_a_return_is_sent_out(hostile: Path, plan: Plan) -> None:
    """
    Not in the next copy, and in the one sent back only as a finding: the agency that typed text outside the form sees it again.
    """
    for path in outgoing_files(hostile):
        found = secrets(path.read_bytes())
        if "feedback" in path.parts or path.name.startswith("master"):
            assert found <= REPORTED, path
        else:
            assert found == set(), path
    assert secrets((hostile / "master.xlsx").read_bytes()) == REPORTED


def test_hidden_content_appears_in_the_master_only_as_findings(hostile: Path) -> None:
    book = openpyxl.load_workbook(hostile / "master.xlsx")
    tabs = {sheet.title for sheet in book for row in sheet.values for value in row if SECRET in str(value)}
    assert tabs == {"Findings", "Data findings", "Store notes"}


def test_files_made_from_such_returns_have_no_faults(hostile: Path) -> None:
    books = [path for path in outgoing_files(hostile) if path.suffix == ".xlsx"]
    assert len(books) > 12
    assert {path.name: faults(path.read_bytes()) for path in books if faults(path.read_bytes())} == {}


def test_the_checks_find_every_fault_in_the_hostile_return(hostile: Path) -> None:
    """The hostile return itself breaks every rule that outgoing files keep."""
    found = " ".join(faults((hostile / "returns" / f"{POLICE}_{FIRST}.xlsx").read_bytes()))
    for word in (
        "customXml", "externalLinks", "pivotCache", "connections", "printerSettings", "media", "veryHidden", "<!--", "creator", "Company",
        "row Objective", "column Objective", "comment Objective", "name kept",
    ):  # fmt: skip
        assert word in found, word
