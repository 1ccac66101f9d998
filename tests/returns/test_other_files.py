"""What else lies in a folder of returns: it is skipped or named for what it is, and never stops the returns beside it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cedg_excel.checking.check import Checked
from cedg_excel.plan.model import Plan
from cedg_excel.returns.file_names import file_names, is_system_file, shown_name
from cedg_excel.round.folder import find_returns
from tests.conftest import RATED, Cedg, Fill, checked
from tests.helpers.mails import PNG, eml
from tests.helpers.outlook import compound_file, msg, outlook_attachment
from tests.helpers.places import SAMPLES, SMALL
from tests.helpers.zips import zipped

OLE_WORD = compound_file({"WordDocument": bytes(5000), "1Table": b"x"})
OLE_SLIDES = compound_file({"PowerPoint Document": b"x"})
LOCKED = compound_file({"EncryptionInfo": b"x", "EncryptedPackage": b"x"})
OLD_EXCEL = compound_file({"Workbook": bytes(5000)})
DOCX = zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<w/>"})
PPTX = zipped({"[Content_Types].xml": b"<a/>", "ppt/presentation.xml": b"<p/>"})
ODT = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"})
NUMBERS = zipped({"Index/Document.iwa": b"x", "preview.jpg": b"x"})
HTML = b"\xef\xbb\xbf<!DOCTYPE HTML><html><table><tr><td>1.1</td></tr></table></html>"

KINDS: tuple[tuple[str, bytes, str], ...] = (
    ("scan.pdf", b"%PDF-1.4\n%%EOF", "a PDF"),
    ("scan", b"%PDF-1.4\n%%EOF", "a PDF"),
    ("scan.doc", b"%PDF-1.4\n%%EOF", "a PDF"),
    ("scan-cut-off.pdf", b"PDF", "a PDF"),
    ("screenshot.png", PNG, "a picture"),
    ("photo.heic", bytes(4) + b"ftypheic", "a picture"),
    ("photo.jpg", b"", "a picture"),
    ("film.mp4", bytes(4) + b"ftypisom", "a video or sound recording"),
    ("minutes.docx", DOCX, "a Word document"),
    ("minutes-with-password.docx", LOCKED, "a Word document"),
    ("minutes.doc", OLE_WORD, "a Word document"),
    ("minutes", OLE_WORD, "a Word document"),
    ("minutes.odt", ODT, "a Word document"),
    ("slides.pptx", PPTX, "a PowerPoint presentation"),
    ("slides.ppt", OLE_SLIDES, "a PowerPoint presentation"),
    ("notes.txt", b"chase the others", "a text file"),
    ("notes", "chase the others – today".encode(), "a text file"),
    ("notes.bin", bytes(range(256)), "a file of another kind"),
    ("return.csv", b"Ref,BRAG\r\n2.3,Blue\r\n", "a CSV file"),
    ("page.html", HTML, "a web page"),
    ("export.xls", HTML, "a web page"),
    ("return.numbers", NUMBERS, "a Numbers, Pages or Keynote document"),
    ("cut-off.numbers", b"PK\x03\x04", "a Numbers, Pages or Keynote document"),
    ("return.xlsx.crdownload", b"PK\x03\x04", "an unfinished download"),
    ("return.xlsx.part", b"", "an unfinished download"),
    ("returns.rar", b"Rar!\x1a\x07\x00", "an archive of another kind than .zip"),
    ("returns.7z", b"7z\xbc\xaf\x27\x1c", "an archive of another kind than .zip"),
    ("letter.rtf", b"{\\rtf1}", "a rich-text document"),
    ("officer.vcf", b"BEGIN:VCARD", "a contact card"),
    ("meeting.ics", b"BEGIN:VCALENDAR", "a calendar entry"),
    ("mails.mbox", b"From x\r\n", "a whole mail folder in one file"),
    ("mails.pst", b"!BDN", "an Outlook data file"),
)
"""A name, a content, and what the file is said to be."""


@pytest.fixture
def read(small: Plan, tmp_path: Path) -> Callable[[str, bytes], Checked]:
    def one(name: str, content: bytes) -> Checked:
        path = tmp_path / name
        path.write_bytes(content)
        (item,) = checked(small, path)
        return item

    return one


@pytest.mark.parametrize(("name", "content", "kind"), KINDS, ids=[name for name, _, _ in KINDS])
def test_what_is_not_a_return_is_named_for_what_it_is(read: Callable[[str, bytes], Checked], name: str, content: bytes, kind: str) -> None:
    item = read(name, content)
    (finding,) = item.findings
    assert (finding.code, finding.severity, item.status) == ("NOT_A_RETURN", "warning", "skipped")
    assert finding.message.startswith(f"This is {kind}, ") and "ask for the copy itself" in finding.fix


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("return.xlsx", HTML, "NOT_A_WORKBOOK", "a web page and not an Excel workbook"),
        ("return.xlsx", DOCX, "NOT_A_WORKBOOK", "a Word document and not an Excel workbook"),
        ("return.xlsx", b"%PDF-1.4", "NOT_A_WORKBOOK", "a PDF and not an Excel workbook"),
        ("return.xlsx", b"hello", "NOT_A_WORKBOOK", "This is not an Excel workbook"),
        ("return.xls", OLD_EXCEL, "OLD_FORMAT", "an old Excel workbook"),
        ("return", OLD_EXCEL, "OLD_FORMAT", "an old Excel workbook"),
        ("return", b"PK\x03\x04", "DAMAGED", "damaged"),
        ("return.xlsx", b"", "EMPTY_FILE", "empty"),
        ("return", b"", "EMPTY_FILE", "empty"),
    ],
)
def test_what_was_meant_to_be_a_copy_is_an_error(
    read: Callable[[str, bytes], Checked], name: str, content: bytes, code: str, words: str
) -> None:
    item = read(name, content)
    (finding,) = item.findings
    assert (finding.code, finding.severity, item.status) == (code, "error", "rejected") and words in finding.message


def test_a_placeholder_of_a_cloud_folder_says_how_to_get_the_file(read: Callable[[str, bytes], Checked]) -> None:
    (finding,) = read("return.xlsx", b"").findings
    assert "make it available offline" in finding.fix


def test_a_word_document_with_a_workbook_inside_is_a_word_document(read: Callable[[str, bytes], Checked]) -> None:
    """The name of the workbook's stream is in the file as well."""
    embedded = compound_file({"WordDocument": b"x", "ObjectPool": {"_1": {"Workbook": b"x"}}})
    assert read("minutes.doc", embedded).findings[0].code == "NOT_A_RETURN"
    message = compound_file({"Workbook": b"x", "MBD1": {"__substg1.0_0037001F": b"x", "__properties_version1.0": b"x"}})
    assert read("return.xls", message).findings[0].code == "OLD_FORMAT"


def test_workbooks_are_read_whatever_they_are_called(read: Callable[[str, bytes], Checked], fill: Fill) -> None:
    good = fill(RATED, name="good.xlsx").read_bytes()
    for name in ("A1B2C300", "return.dat", "return.xlsx.crdownload", "return.pdf", "return.xls"):
        assert read(name, good).status == "clean", name


# Names


def test_the_systems_own_files_are_skipped_without_a_word(tmp_path: Path) -> None:
    names = ("Thumbs.db", "ehthumbs.db", "desktop.ini", "plan.url", "plan.xlsx - Shortcut.lnk", ".DS_Store", "._return.xlsx", ".hidden")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "x.xlsx").touch()
    for name in (*names, "return.xlsx"):
        (tmp_path / name).touch()
    assert all(map(is_system_file, names)) and find_returns([tmp_path], tmp_path) == [tmp_path / "return.xlsx"]


def test_a_system_file_that_is_named_is_said_to_be_one(tmp_path: Path, small: Plan) -> None:
    (tmp_path / "Thumbs.db").write_bytes(OLE_WORD)
    (item,) = checked(small, tmp_path / "Thumbs.db")
    assert ([finding.code for finding in item.findings], item.status) == (["SYSTEM_FILE"], "skipped")


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ("a.xlsx b.xlsx", "a.xlsx b.xlsx"),
        ("late/a.xlsx b.xlsx", "a.xlsx b.xlsx"),
        ("a.xlsx late/a.xlsx b.xlsx", "a.xlsx late/a.xlsx b.xlsx"),
        ("x/1/a.xlsx x/2/a.xlsx", "1/a.xlsx 2/a.xlsx"),
        ("x/1/a.xlsx y/2/a.xlsx", "x/1/a.xlsx y/2/a.xlsx"),
    ],
)
def test_two_files_of_one_name_are_told_apart_by_their_folder(paths: str, shown: str) -> None:
    assert file_names([Path("returns") / path for path in paths.split()]) == shown.split()


def test_a_folder_named_for_a_child_does_not_show_what_identifies_it() -> None:
    paths = [Path("returns/943 476 5919/a.xlsx"), Path("returns/a.xlsx")]
    assert file_names(paths) == ["[NHS number]/a.xlsx", "a.xlsx"]


def test_a_name_that_is_not_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    assert shown_name(os.fsdecode(b"r\xe9turn.xlsx")) == "r\ufffdturn.xlsx"


# A folder with anything in it


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[tuple[Path, set[str]]]:
    """A folder with sixteen odd entries, and how those are named that are not skipped without a word."""
    folder = tmp_path / "returns"
    folder.mkdir()
    (folder / os.fsdecode(b"r\xe9turn\xff.xlsx")).write_bytes(b"hello")
    (folder / "return\nwith a line break\x1b[31m.xlsx").write_bytes(b"hello")
    (folder / "to-itself.xlsx").symlink_to("to-itself.xlsx")
    (folder / "one.xlsx").symlink_to("other.xlsx")
    (folder / "other.xlsx").symlink_to("one.xlsx")
    (folder / "nowhere.xlsx").symlink_to("gone.xlsx")
    (folder / "parent").symlink_to("..")
    (folder / "device.xlsx").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.xlsx")
    (folder / "x.xlsx").mkdir()
    (folder / "empty.eml").mkdir()
    (folder / "return.numbers").mkdir()
    (folder / "return.numbers" / "Index.zip").write_bytes(b"x")
    (folder / "Thumbs.db").mkdir()
    (folder / "empty.xlsx").touch()
    (folder / ("x" * 240 + ".xlsx")).write_bytes(b"hello")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket may have 107 characters
        listening.bind("socket.xlsx")
        os.chdir(here)
        yield folder, {
            "r\ufffdturn\ufffd.xlsx", "return\ufffdwith a line break\ufffd[31m.xlsx", "to-itself.xlsx", "one.xlsx", "other.xlsx",
            "nowhere.xlsx", "parent", "device.xlsx", "pipe.xlsx", "return.numbers", "empty.xlsx", "x" * 145 + "….xlsx", "socket.xlsx",
        }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo") or sys.platform == "darwin", reason="needs the file system of Linux")
def test_sixteen_odd_entries_do_not_stop_twenty_returns(odd: tuple[Path, set[str]]) -> None:
    folder, named = odd
    assert len(list(folder.iterdir())) == 16
    for path in [path for period in ("2019-20-Q3", "2019-20-Q4") for path in sorted((SAMPLES / period).iterdir())][:20]:
        shutil.copy(path, folder / "x.xlsx" if path.name.startswith("r") else folder)
    command = [sys.executable, "-m", "cedg_excel", "merge", "returns", "--plan", "rotherham-2019-2022", "--format", "json"]
    completed = subprocess.run(command, cwd=folder.parent, capture_output=True, timeout=120, check=False)
    assert (completed.stderr, completed.returncode) == (b"", 1)
    rows = json.loads(completed.stdout)["returns"]
    assert sum(row["status"] == "accepted" for row in rows) == 20
    assert {row["file"] for row in rows if row["status"] != "accepted"} == named
    for arguments in (("reconcile", "master.xlsx", "returns"), ("check", "returns"), ("status", "master.xlsx")):
        again = [sys.executable, "-m", "cedg_excel", *arguments, "--plan", "rotherham-2019-2022"]
        done = subprocess.run(again, cwd=folder.parent, capture_output=True, timeout=120, check=False)
        assert (done.stderr, done.returncode) == (b"", 1 if arguments[0] == "check" else 0), arguments


def test_an_unreadable_folder_is_an_error_and_the_others_are_read(
    tmp_path: Path, small: Plan, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as root, who may read everything, so the system's refusal is played."""
    (tmp_path / "in" / "locked").mkdir(parents=True)
    fill(RATED, name="in/a.xlsx")
    real = os.scandir

    def scandir(path: object = ".") -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr("os.scandir", scandir)
    items = checked(small, *find_returns([tmp_path / "in"], tmp_path))
    assert [(item.returned.file, item.status) for item in items] == [("a.xlsx", "clean"), ("locked", "rejected")]
    assert items[1].findings[0].code == "UNREADABLE_FOLDER" and "Permission denied" in items[1].findings[0].message


def test_a_file_without_permission_is_an_error(tmp_path: Path, small: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.touch()
    real = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    (item,) = checked(small, path)
    assert item.findings[0].code == "UNREADABLE_FILE"


# As a coordinator's folder looks


def test_a_mail_folder_saved_as_it_was(tmp_path: Path, cedg: Cedg, fill: Fill) -> None:
    """A Windows folder and a mail folder in one: the real returns are read, and everything else is told for what it is."""
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    good, south = (
        fill(RATED, name="n.xlsx").read_bytes(),
        fill({f"action/{ref}/rating": "Red" for ref in ("2.1", "2.3")}, agency="south", name="s.xlsx").read_bytes(),
    )
    files = {
        "A1B2C300": good, "RE Q3 return.zip": zipped({"south_2019-20-Q3.xlsx": south}), "late ones/return.xlsx": good,
        "reply.msg": msg(outlook_attachment("return.xlsx", south)), "damaged.eml": eml(("return.xlsx", b"PK\x03\x04")),
        "stump.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "Thumbs.db": OLE_WORD, "desktop.ini": b"[.ShellClassInfo]", "plan.url": b"[InternetShortcut]", "rscp.xlsx - Shortcut.lnk": b"L",
        ".DS_Store": b"\0", "._return.xlsx": b"\0",
        "scan.pdf": b"%PDF-1.4", "screenshot.png": PNG, "south.csv": b"Ref,BRAG", "notes.txt": b"chase south", "export.xls": HTML,
        "return.numbers": b"PK\x03\x04" + bytes(30), "south.xlsx.crdownload": b"PK\x03\x04",
    }  # fmt: skip
    (folder / "returns" / "late ones").mkdir()
    for name, content in files.items():
        (folder / "returns" / name).write_bytes(content)
    merged = cedg("merge", "--format", "json", folder=folder)
    found = {row["file"]: row["status"] for row in merged.json()["returns"]}
    assert [name for name, status in found.items() if status == "accepted"] == [
        "A1B2C300", "RE Q3 return.zip/south_2019-20-Q3.xlsx", "return.xlsx", "reply.msg/return.xlsx",
    ]  # fmt: skip
    assert [name for name, status in found.items() if status == "rejected"] == ["damaged.eml/return.xlsx", "stump.msg"]
    assert sorted(name for name, status in found.items() if status == "skipped") == [
        "export.xls", "notes.txt", "return.numbers", "scan.pdf", "screenshot.png", "south.csv", "south.xlsx.crdownload",
    ]  # fmt: skip
    assert merged.status == 1, "two copies could not be read"
    for name in ("damaged.eml", "stump.msg"):
        (folder / "returns" / name).unlink()
    assert cedg("check", folder=folder).status == 0
