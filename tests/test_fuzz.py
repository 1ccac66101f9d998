"""
Hundreds of damaged returns: no exception, no long wait, little memory, and no wrong value without a finding.

One run is 150 files and takes about 25 seconds; `CEDG_LONG=1 pytest tests/test_fuzz.py -s` makes 2,000, takes some minutes and prints
figures. The files are the same in every run; `CEDG_SEED=7` makes others. A file that fails is named `<number>-<mutation>-...`,
and `damaged(number)` makes it again.
"""

from __future__ import annotations

import itertools
import math
import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest
from openpyxl.utils.escape import unescape

from cedg_excel.checking.check import Checked
from cedg_excel.master.merge import merge
from cedg_excel.master.read_workbook import read_table
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.write_workbook import plan_bytes
from cedg_excel.returns.model import Entry
from cedg_excel.text import is_blank, squeeze
from tests.conftest import RATED, Fill, checked
from tests.helpers.fuzz_child import MERGED, MIB, Result
from tests.helpers.mutations import MUTATIONS, SHEET, with_shared_strings
from tests.helpers.places import SAMPLES
from tests.helpers.zips import parts_of, zipped

LONG = os.environ.get("CEDG_LONG") == "1"
SEED = os.environ.get("CEDG_SEED", "0")
FILES = 2000 if LONG else 150
MOST_SECONDS, MOST_MEMORY = 5.0, 500 * MIB
BASES = ("south-yorkshire-police_2019-20-Q3", "rmbc-childrens-services_2019-20-Q3", "barnardos_2019-20-Q4", "rdash_2019-20-Q4")
OTHERS = ("rmbc-early-help_2019-20-Q3", "rotherham-yot_2019-20-Q3", "rscp_2019-20-Q4")
"""Good returns of other agencies, which the damaged ones must not affect."""

Cells = Mapping[tuple[str, str], Any]
Readings = tuple[list[Result], dict[str, Cells | None]]
"""What the program read from each file, and what openpyxl read; None where it could not open the file."""


BRIEF = {**os.environ, "RUST_BACKTRACE": "0"}


def sample(name: str) -> Path:
    return SAMPLES / name.partition("_")[2] / f"{name}.xlsx"


@cache
def base(number: int) -> tuple[str, bytes]:
    """The good return that a file is made from: with its texts in the cells, or in shared strings."""
    name = BASES[number % len(BASES)]
    data = sample(name).read_bytes()
    return name, with_shared_strings(data) if number // len(BASES) % 2 else data


def damaged(number: int) -> tuple[str, bytes]:
    """File `number` of the run: its name and its bytes."""
    mutate, rng = MUTATIONS[number % len(MUTATIONS)], Random(f"{SEED}/{number}")  # noqa: S311 the same files in every run
    agency, data = base(rng.randrange(2 * len(BASES)))
    for _ in range(rng.choice((1, 1, 1, 2))):
        try:
            data = mutate(rng, data)
        except Exception:  # after the first damage there may be nothing left to change
            break
    return f"{number:04}-{mutate.__name__.strip('_')}-{agency}.xlsx", data


def run_child(what: str, folder: Path, *names: str) -> Iterator[Result]:
    """The result of every file, also of one that ends the process. `names` are of commands, where there are any."""
    # Not with -m: pickled objects would then have a module name that is unknown here.
    words = [sys.executable, "-c", f"import sys; from tests.helpers.fuzz_child import main; main({what!r}, *sys.argv[1:])", folder, *names]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        last = ""
        try:
            while True:
                result = pickle.load(child.stdout)  # noqa: S301 our own process wrote it
                last = result.file
                yield result
        except EOFError:
            pass
    if child.returncode != 0:
        yield Result(f"the file after {last}", None, f"the process ended with status {child.returncode}", 0, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The damaged files, in one folder."""
    target = tmp_path_factory.mktemp("damaged")
    for number in range(FILES):
        name, data = damaged(number)
        (target / name).write_bytes(data)
    return target


@pytest.fixture(scope="module")
def readings(folder: Path) -> Readings:
    """What the program read from each file, and what openpyxl read."""
    with ThreadPoolExecutor(2) as pool:
        ours, theirs = (pool.submit(lambda what: list(run_child(what, folder)), what) for what in ("ours", "theirs"))
        return ours.result(), {result.file: result.outcome for result in theirs.result()}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Checked, Cells]]:
    """The same two readings of the returns before they were damaged."""
    target = tmp_path_factory.mktemp("good")
    for name in BASES:
        (target / f"{name}.xlsx").write_bytes(sample(name).read_bytes())
    ours, theirs = (list(run_child(what, target)) for what in ("ours", "theirs"))
    return {mine.file.removesuffix(".xlsx"): (mine.outcome, other.outcome) for mine, other in zip(ours, theirs, strict=True)}


def test_every_file_is_read_or_refused_quickly_and_with_little_memory(readings: Readings) -> None:
    results, theirs = readings
    print(figures(results, theirs))
    assert {result.file: result.failure for result in results if result.failure} == {}
    assert len(results) == FILES
    assert {result.file: round(result.seconds, 1) for result in results if result.seconds > MOST_SECONDS} == {}
    assert {result.file: result.peak // MIB for result in results if result.peak > MOST_MEMORY} == {}


def figures(results: list[Result], theirs: dict[str, Cells | None]) -> str:
    """The figures that a long run prints."""
    statuses = Counter(result.outcome.status for result in results if result.outcome)
    refusals = Counter(
        f.code for r in results if r.outcome and r.outcome.status == "rejected" for f in r.outcome.findings if not f.place.sheet
    )
    slow = sorted(results, key=lambda result: -result.seconds)[:3]
    grown = [(b.peak, b.file) for a, b in itertools.pairwise(results) if b.peak > a.peak + 5 * MIB]
    return "\n".join((
        "", f"{len(results)} files: {dict(statuses)}", f"refused: {dict(refusals)}",
        f"openpyxl opened {sum(cells is not None for cells in theirs.values())}",
        "slowest: " + ", ".join(f"{result.file} {result.seconds:.2f} s" for result in slow),
        f"most memory {max(result.peak for result in results) // MIB} MB; it grew at "
        + ", ".join(f"{name} ({size // MIB} MB)" for size, name in grown[-4:]),
    ))  # fmt: skip


def both_read(readings: Readings) -> Iterator[tuple[str, Checked, Cells, list[Entry]]]:
    """Every file that both could open, with its entries that have no finding."""
    results, theirs = readings
    for result in results:
        cells, item = theirs.get(result.file), result.outcome
        if item is not None and item.returned.entries is not None and cells is not None:
            with_findings = {finding.key for finding in item.findings} | {finding.where for finding in item.findings}
            yield result.file, item, cells, [e for key, e in item.returned.entries.items() if not {key, address(e)} & with_findings]


def test_no_wrong_value_is_read_without_a_finding(readings: Readings, folder: Path, good: dict[str, tuple[Checked, Cells]]) -> None:
    """
    Each value is what openpyxl reads at the same address, or a finding says that something is wrong there.

    openpyxl finds no tab whose part has its name in another case. The values of such a tab are those of the good return.
    """
    compared, wrong = 0, []
    for file, _, cells, entries in both_read(readings):
        before, tabs = good[original(file)][0].returned.entries or {}, {tab for tab, _ in cells}
        for entry in entries:
            other = cells.get((entry.place.sheet, entry.place.cell)) if entry.place.sheet in tabs else before[entry.field.key].raw
            compared += entry.raw is not None
            if other != MERGED and not alike(entry.raw, other) and not left_out_by_openpyxl(folder / file, entry, other):
                wrong.append(f"{file} {address(entry)}: {entry.raw!r}, and openpyxl says {other!r}")
    print(f"{compared} values compared with openpyxl's")
    assert compared > FILES
    assert wrong == []


def left_out_by_openpyxl(file: Path, entry: Entry, other: Any) -> bool:
    """Whether openpyxl left out a text that is in the cell: it reads such a text only from cells of type inlineStr."""
    if other is not None or not isinstance(entry.raw, str):
        return False
    cell = f'<c r="{entry.place.cell}"[^>]*><is>(?:(?!</c>).)*{re.escape(escape(entry.raw))}'.encode()
    return any(re.search(cell, part) for name, part in parts_of(file.read_bytes()).items() if SHEET.fullmatch(name))


def test_no_value_changes_that_did_not_change_in_the_file(readings: Readings, folder: Path, good: dict[str, tuple[Checked, Cells]]) -> None:
    """A value differs from the good return's only where openpyxl sees a difference too, or where there is a finding."""
    wrong = []
    for file, _, cells, entries in both_read(readings):
        before, seen = good[original(file)]
        for entry in entries:
            was, other = before.returned.entries[entry.field.key], cells.get((entry.place.sheet, entry.place.cell))  # type: ignore[index]
            same = alike(other, seen.get((was.place.sheet, was.place.cell)))
            if entry.value != was.value and same and not left_out_by_openpyxl(folder / file, entry, other):
                wrong.append(f"{file} {address(entry)}: {entry.value!r} was {was.value!r}")
    assert wrong == []


def test_unread_answers_and_files_have_findings(readings: Readings, good: dict[str, tuple[Checked, Cells]]) -> None:
    """A question that is missing from the form, and a file from which nothing was read, have findings."""
    silent = {}
    for item in (result.outcome for result in readings[0] if result.outcome):
        before = good[original(item.returned.file)][0].returned
        missing = set(before.entries or {}) - set(item.returned.entries or {})
        if not item.findings if item.returned.entries is None else missing and not item.has_errors and item.returned.stamp == before.stamp:
            silent[item.returned.file] = sorted(missing)
    assert silent == {}


def original(file: str) -> str:
    """`0017-swap_parts-rdash_2019-20-Q4.xlsx` was made from `rdash_2019-20-Q4`."""
    return file.split("-", 2)[2].removesuffix(".xlsx")


def address(entry: Entry) -> str:
    return f"{entry.place.sheet}!{entry.place.cell}"


def alike(ours: Any, theirs: Any) -> bool:
    """Whether two programs read the same: 7 and 7.0, a day and midnight, a text with either kind of line break."""
    if is_blank(ours) or is_blank(theirs):
        return is_blank(ours) and is_blank(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, date) and isinstance(theirs, date):
        return instant(ours) == instant(theirs)
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-12)
    # openpyxl leaves `_x0042_` as it is stored, and Excel shows it as B.
    return type(ours) is type(theirs) and squeeze(str(ours)) in (squeeze(str(theirs)), squeeze(unescape(str(theirs))))


def instant(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time())


@pytest.mark.parametrize("command", ["check", "merge"])
def test_the_commands_accept_a_whole_folder_of_damaged_files(folder: Path, tmp_path: Path, command: str) -> None:
    """Exit status 0 or 1, every file named once, nothing but findings printed."""
    to = ["--feedback", tmp_path / "feedback"] if command == "check" else ["--into", tmp_path / "master.xlsx"]
    files = sorted(folder.iterdir())[: None if LONG else 60]
    words = [sys.executable, "-m", "cedg_excel", command, *files, "--plan", "rotherham-2019-2022", *to]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env=BRIEF)
    assert (without_panics(ended.stderr), ended.returncode) == ("", 1)
    lines = ended.stdout.splitlines()
    # A zip file with a copy in it is named with the copy: `return.xlsx/return.xlsx: accepted`.
    named = [line.partition(": ")[0].partition("/")[0] for line in lines if ": " in line]
    assert [name for name in dict.fromkeys(named) if name in {f.name for f in files}] == [f.name for f in files]


OF_RETURNS = ("map", "plan check", "data", "status", "reconcile")
OF_MASTERS = ("data", "status", "reconcile", *(("closure", "rollover", "withdraw", "merge into") if LONG else ()))
"""The commands that open any workbook, and those that read on when it is a master."""


@pytest.mark.parametrize(
    ("kind", "names", "files"),
    [
        ("return", OF_RETURNS, 2000 if LONG else 40), ("master", OF_MASTERS, 300 if LONG else 20),
        ("plan", ("plan check",), 500 if LONG else 40),
    ],
    ids=["returns", "masters", "plans"],
)  # fmt: skip
def test_every_command_ends_with_a_sentence(tmp_path: Path, undamaged: Undamaged, kind: str, names: tuple[str, ...], files: int) -> None:
    """No traceback from any file, and nothing that takes long: each ends as a command does, or refuses with a sentence."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for number in range(files):
        name, data = damaged(number) if kind == "return" else changed(number, undamaged(kind))
        (folder / name).write_bytes(data)
    results = [*run_child("commands", folder, *names)]
    assert {result.file: result.failure for result in results if result.failure} == {}
    assert len(results) == files
    ended = [(result.file, name, end) for result in results for name, end in result.outcome.items()]
    assert [(file, name) for file, name, end in ended if end.status not in (0, 1) and not (end.status == 2 and end.refusal)] == []
    assert [(file, name, round(end.seconds, 1)) for file, name, end in ended if end.seconds > MOST_SECONDS] == []
    assert {result.file: result.peak // MIB for result in results if result.peak > MOST_MEMORY} == {}


def changed(number: int, data: bytes) -> tuple[str, bytes]:
    """File `number` made from a master or a plan: its name and its bytes."""
    mutate, rng = MUTATIONS[number * 7 % len(MUTATIONS)], Random(f"{SEED}/other/{number}")  # noqa: S311 the same files in every run
    with suppress(Exception):  # it may lack the part that is to be changed
        data = mutate(rng, data)
    return f"{number:04}-{mutate.__name__.strip('_')}.xlsx", data


Undamaged = Callable[[str], bytes]


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Undamaged:
    """A master of three returns, and a plan as a workbook, before they are damaged."""
    master = master_bytes(merge(checked(plan, *map(sample, OTHERS)), plan))
    written = plan_bytes(plan)
    return lambda kind: {"master": master, "plan": written}[kind]


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "a date"])
def test_a_cell_that_would_end_the_process_is_named(tmp_path: Path, undamaged: Undamaged, cell: str) -> None:
    """calamine allocates the whole extent of a sheet, and panics at a date that is too long ago."""
    parts = parts_of(undamaged("master"))
    if cell == "a date":
        day = re.compile(rb'r="([A-Z]+\d+)"[^>]*><v>43\d{3}</v>')
        name, found = next((name, match) for name, part in parts.items() if (match := day.search(part)))
        cell, new = found[1].decode(), found[0].partition(b"<v>")[0] + b"<v>-1e16</v>"
        parts[name] = parts[name].replace(found[0], new, 1)
    else:
        row = f'<row r="1048576"><c r="{cell}"><v>1</v></c></row></sheetData>'
        parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(b"</sheetData>", row.encode())
    (tmp_path / "master.xlsx").write_bytes(zipped(parts))
    (result,) = run_child("commands", tmp_path, "reconcile")
    assert not result.failure
    assert result.outcome["reconcile"].status == 2
    assert f"in {cell} of " in result.outcome["reconcile"].refusal


def test_good_returns_among_damaged_ones_merge_as_if_alone(folder: Path, tmp_path: Path, plan: Plan) -> None:
    """The rows of other agencies are the same to the cell, whatever else is in the folder."""
    others, files = [sample(name) for name in OTHERS], sorted(folder.iterdir())[:: 1 if LONG else 4]
    tables = []
    for batch in (others, [*files, *others]):
        master = tmp_path / f"master-{len(batch)}.xlsx"
        words = [sys.executable, "-m", "cedg_excel", "merge", *batch, "--plan", "rotherham-2019-2022", "--into", master]
        ended = subprocess.run(words, capture_output=True, text=True, check=False, env=BRIEF)
        assert without_panics(ended.stderr) == ""
        agencies = {name.partition("_")[0] for name in OTHERS}
        tables.append({
            name: [row for row in read_table(master, name).itertuples(index=False, name=None) if agencies & set(row)]
            for name in ("actions", "kpis", "narrative", "findings", "changes")
        })  # fmt: skip
    alone, among = tables
    assert alone["actions"]
    assert among == alone


@pytest.mark.parametrize("key", ["action/2.4/evidence", "kpi/K2.1/value"])
def test_a_text_too_long_for_excel_stops_no_other_return(fill: Fill, small: Plan, key: str) -> None:
    """Excel's cells hold 32,767 characters; other programs write more."""
    long = parts_of(fill({**RATED, key: "mark"}).read_bytes())
    path = fill(RATED, name="long.xlsx")
    path.write_bytes(zipped({name: part.replace(b">mark<", b">" + b"x" * 40_000 + b"<") for name, part in long.items()}))
    items = checked(small, path, fill({"action/2.1/rating": "Red", "action/2.3/rating": "Red"}, agency="south"))
    assert items[0].has_errors
    assert master_bytes(merge(items, small))


def without_panics(text: str) -> str:
    """calamine prints its panics even when they are caught; the file is refused anyway."""
    return re.sub(r"\nthread '.*?' .*?panicked at .*\n.*\n(note: .*\n)?", "", text)
