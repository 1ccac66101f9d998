"""
Measure speed and memory: `python tests/benchmark.py [--quick] [--json FILE]` prints a table in Markdown.

Each figure is a ratio of two measurements taken in turn in the same run (A B A B ...), because machines differ, and so does their load.
Nothing here is a test: pytest only checks that it runs.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import openpyxl
import pandas as pd
import python_calamine

from cedg_excel.checking.check import check
from cedg_excel.copies.template import template_bytes
from cedg_excel.excel import row_cache
from cedg_excel.excel.gate import Opened, open_file
from cedg_excel.excel.grid import read_grids
from cedg_excel.excel.sheet_details import details_by_title
from cedg_excel.excel.workbook_info import workbook_info
from cedg_excel.form.layout import layout_for
from cedg_excel.garbage_collection import THRESHOLDS
from cedg_excel.master.merge import merge
from cedg_excel.master.workbook import master_bytes
from cedg_excel.plan.model import Plan
from cedg_excel.planfiles.plan_file import load_plan
from cedg_excel.returns.read import read_return, read_returns
from cedg_excel.round.process_pool import available_processors
from cedg_excel.shipped import shipped_plans
from tests.helpers.filled import filled_returns

PLAN = "rotherham-2019-2022"
IMPORTS = "import pandas, pandera.pandas, openpyxl"
LIBRARIES = ("openpyxl", "python-calamine", "pandas", "pandera", "pydantic", "typer")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: files in a batch, in a small batch, in each of a series of batches; and how often."""

    few: int
    batch: int
    merged: int
    scale: tuple[int, ...]
    rounds: int
    slow: int
    """How many files are read with pandas, which is slow."""


CALAMINE = "calamine reading the values of the same files"
BY_CALAMINE = """
import sys, pathlib, python_calamine
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
"""

FULL = Size(few=20, batch=200, merged=20, scale=(10, 100, 1000, 5000), rounds=9, slow=20)
QUICK = Size(few=8, batch=48, merged=20, scale=(10, 50, 200), rounds=3, slow=6)
SMOKE = Size(few=2, batch=4, merged=3, scale=(2, 4), rounds=1, slow=2)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the median of the ratios of its rounds, the least and the greatest, and the medians of both sides."""

    work: str
    against: str
    reach: str
    ratio: float
    least: float
    most: float
    ours: float
    theirs: float
    unit: str
    reached: bool


def row(work: str, against: str, unit: str, pairs: Sequence[tuple[float, float]], *, at_most: float = 0, at_least: float = 0) -> Row:
    """The row for pairs of measurements, ours first. `at_least` is for how many times faster we are."""
    ratios = [theirs / ours if at_least else ours / theirs for ours, theirs in pairs]
    middle = statistics.median(ratios)
    reach = f"≥ {at_least:g} × faster" if at_least else f"≤ {at_most:g} ×" if at_most else ""
    reached = middle >= at_least if at_least else not at_most or middle <= at_most
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Row(work, against, reach, middle, min(ratios), max(ratios), ours, theirs, unit, reached)


def milliseconds(work: Callable[[], Any]) -> float:
    """Elapsed time in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


# In this process


def in_turn(rounds: int, ours: Callable[[], Any], files: int, theirs: Callable[[], Any], their_files: int) -> list[tuple[float, float]]:
    """Ours, theirs, ours, theirs ...: milliseconds for each file. The first of each only warms up."""
    pairs = [(milliseconds(ours) / files, milliseconds(theirs) / their_files) for _ in range(rounds + 1)]
    return pairs[1:]


def reading(plan: Plan, paths: list[Path], size: Size) -> list[Row]:
    """
    One more return in a batch, in one process.

    The layout of an agency's form, and the details of its rows besides their values, are cached for all of its returns. They are in the
    cache in the first two rows, which measure one more return; the cache is cleared before each turn in the third, where nearly every
    return has a new form.
    """

    def ours() -> None:
        check(read_returns(paths, plan), plan)

    def ours_uncached() -> None:
        layout_for.cache_clear()
        row_cache.clear_cache()
        ours()

    def with_calamine() -> None:
        for path in paths:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python()

    def with_pandas() -> None:
        for path in paths[: size.slow]:
            pd.read_excel(path, sheet_name=None, engine="openpyxl")

    work = f"read and check one more return, in a batch of {len(paths)}"
    fast = in_turn(size.rounds, ours, len(paths), with_calamine, len(paths))
    slow = in_turn(min(3, size.rounds), ours, len(paths), with_pandas, size.slow)
    uncached = in_turn(min(3, size.rounds), ours_uncached, len(paths), with_calamine, len(paths))
    forms = min(len(paths), len(plan.periods) * len(plan.agencies))
    return [
        row(work, CALAMINE, "ms a file", fast, at_most=4),
        row(work, "pandas.read_excel with openpyxl, all sheets", "ms a file", slow, at_least=8),
        row(f"the same, with {forms} layouts to calculate first", CALAMINE, "ms a file", uncached),
    ]


def template(plan: Plan, size: Size) -> Row:
    """One agency's copy, with nothing cached from another."""
    period = plan.periods[min(2, len(plan.periods) - 1)].id
    agencies = [agency.id for agency in plan.agencies][: max(2, size.rounds)]
    pairs = []
    for agency in agencies:
        layout_for.cache_clear()
        copies: list[bytes] = []
        ours = milliseconds(lambda agency=agency, copies=copies: copies.append(template_bytes(plan, agency, period)))
        theirs = milliseconds(lambda copies=copies: openpyxl.load_workbook(io.BytesIO(copies[0])).save(io.BytesIO()))
        pairs.append((ours, theirs))
    return row("one agency's template", "openpyxl load and save of that same file", "ms", pairs[1:], at_most=1.5)


def stages(plan: Plan, paths: list[Path]) -> dict[str, float]:
    """How long each stage takes, in milliseconds for each return, in one process."""
    took: dict[str, float] = {}
    layout_for.cache_clear()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        kept: list[Any] = []
        took[name] = milliseconds(lambda: kept.append(work())) / len(paths)
        return kept[0]

    opened = timed("gate", lambda: [open_file(path) for path in paths])
    _parts(timed, opened)
    owners = [item.stamp for path in paths if (item := read_return(path, plan)).stamp]
    layout_for.cache_clear()
    timed("layouts", lambda: [layout_for(plan, stamp.agency, stamp.period) for stamp in owners])
    whole = milliseconds(lambda: [read_return(path, plan) for path in paths]) / len(paths)
    # The layouts are in the cache here, but not yet what each of them caches for reading.
    took["align and entries"] = max(0.0, whole - sum(took.values()) + took["layouts"])
    returns = list(read_returns(paths, plan))
    checked = timed("check", lambda: check(returns, plan))
    merged = timed("merge", lambda: merge(checked, plan))
    timed("write the master", lambda: master_bytes(merged))
    return took


def _parts(timed: Callable[[str, Callable[[], Any]], Any], opened: list[Opened]) -> None:
    """The steps of reading that look at the file alone."""
    books = timed("workbook info", lambda: [workbook_info(item.parts) for item in opened])
    marks = timed("sheet details", lambda: [details_by_title(item.parts, book) for item, book in zip(opened, books, strict=True)])
    timed("calamine and grids", lambda: [read_grids(*each) for each in zip(opened, books, marks, strict=True)])


# In separate processes

_LAUNCH = """
import json, os, sys, time
out = open(os.devnull, "w")
start = time.perf_counter()
if hasattr(os, "wait4"):
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
    _, status, used = os.wait4(child, 0)
    ended, unit = os.waitstatus_to_exitcode(status), 1024 if sys.platform == "linux" else 1024 * 1024
    memory = used.ru_maxrss / unit
else:
    import subprocess
    ended, memory = subprocess.run(sys.argv[1:], stdout=out).returncode, float("nan")
print(json.dumps([ended, (time.perf_counter() - start) * 1000, memory]))
"""
"""A small process between this one and what is measured: the memory of a child includes that of the process that started it."""


def process(*arguments: str) -> tuple[float, float]:
    """Milliseconds of a whole Python process, and the most memory that it or any process it started held, in MiB (ru_maxrss)."""
    here = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[1]))
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, sys.executable, *arguments]
    ended, took, memory = json.loads(subprocess.run(launch, env=here, capture_output=True, check=True, text=True).stdout)
    if ended not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)} ended with {ended}")
    return took, memory


def merging(folder: Path, master: Path) -> tuple[float, float]:
    """A whole `cedg merge` into a new master."""
    master.unlink(missing_ok=True)
    return process("-m", "cedg_excel", "merge", "--plan", PLAN, "--into", str(master), str(folder))


def one_more(few: Path, many: Path, rounds: int) -> Row:
    """How much longer a large batch takes than a small one on all processors, for each file that it is larger by."""
    numbers = len(list(few.iterdir())), len(list(many.iterdir()))

    def each(*command: str) -> float:
        small, large = (process(*command, str(folder))[0] for folder in (few, many))
        return (large - small) / (numbers[1] - numbers[0])

    pairs = [(each("-m", "cedg_excel", "check", "--plan", PLAN), each("-c", BY_CALAMINE)) for _ in range(rounds)]
    return row(f"the same by `cedg check`, {numbers[1]} returns compared with {numbers[0]}", CALAMINE, "ms a file", pairs)


def whole(work: str, against: str, ours: Callable[[], tuple[float, float]], code: str, rounds: int, at_most: float) -> Row:
    """Two whole processes in turn."""
    pairs = [(ours()[0], process("-c", code)[0]) for _ in range(rounds)]
    return row(work, f'`python -c "{against}"`', "ms", pairs, at_most=at_most)


def scaling(folders: dict[int, Path], master: Path, rounds: int) -> list[Row]:
    """What a return costs in a whole merge as batches grow, and how much memory it takes, both compared with the import line."""
    costs: list[float] = []
    rows = []
    for number, folder in folders.items():
        turns = [(merging(folder, master), process("-c", IMPORTS)) for _ in range(rounds if number <= 200 else min(3, rounds))]
        each = [(ours / number, theirs) for (ours, _), (theirs, _) in turns]
        cost = row(f"`cedg merge` of {number:,} returns, for each", "the import line", "ms", each)
        # Two measurements of the same thing differ by about a tenth.
        rows.append(replace(cost, reach="flat or falling", reached=cost.ratio <= 1.1 * min(costs, default=cost.ratio)))
        costs.append(cost.ratio)
        memory = [(ours, theirs) for (_, ours), (_, theirs) in turns]
        work = f"peak memory, `cedg merge` of {number:,} returns"
        rows.append(row(work, "the import line", "MiB", memory, at_most=3 if number <= 1000 else 0))
    return rows


def measure(size: Size, folder: Path) -> dict[str, Any]:
    """All measurements, in the shape of the JSON file."""
    plan = load_plan(shipped_plans()[PLAN])
    paths = filled_returns(plan, max(size.batch, size.merged, *size.scale), folder / "all")
    folders = {number: _folder(paths[:number], folder / f"of-{number}") for number in (size.few, size.batch, size.merged, *size.scale)}
    master = folder / "master.xlsx"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    rows = [
        *reading(plan, paths[: size.batch], size),
        # Between smaller batches the difference is smaller than that between two measurements of the same thing.
        *([one_more(folders[size.few], folders[size.batch], size.rounds)] if size is FULL else []),
        whole(f"`cedg merge` of {size.merged} returns, whole process", IMPORTS, lambda: merging(folders[size.merged], master),
              IMPORTS, size.rounds, 1.8),
        *scaling({number: folders[number] for number in size.scale}, master, size.rounds),
        template(plan, size),
        whole("`cedg --help`", "import typer", lambda: process("-m", "cedg_excel", "--help"), "import typer", size.rounds, 2),
    ]  # fmt: skip
    sizes = sorted(path.stat().st_size for path in paths)
    return {
        "machine": {
            "python": platform.python_version(), "system": platform.system(), "processors": available_processors(), "load_before": load,
            "load_after": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "libraries": {name: version(name) for name in LIBRARIES},
        },
        "files": {"number": len(paths), "bytes": {"least": sizes[0], "median": sizes[len(sizes) // 2], "most": sizes[-1]}},
        "rounds": size.rounds,
        "rows": [asdict(item) for item in rows],
        "stages": stages(plan, paths[: min(size.batch, 48)]),
    }  # fmt: skip


def _folder(paths: list[Path], folder: Path) -> Path:
    """The same files again under another name, without a second copy of them."""
    folder.mkdir(exist_ok=True)
    for path in paths:
        if not (folder / path.name).exists():
            os.link(path, folder / path.name)
    return folder


def markdown(found: dict[str, Any]) -> str:
    """The tables, as in docs/performance.md."""
    machine, files = found["machine"], found["files"]
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    kilobytes = " / ".join(f"{size / 1024:.0f}" for size in files["bytes"].values())
    lines = [
        f"Python {machine['python']} on {machine['system']}, {machine['processors']} processors, load {machine['load_before']:.1f} before "
        f"and {machine['load_after']:.1f} after; {libraries}." if machine["load_before"] is not None else f"Python {machine['python']}.",
        f"{files['number']:,} filled-in copies of {kilobytes} kB (least / median / most), {found['rounds']} rounds.",
        "",
        "| work | against | reach | median | least to most | ours | theirs | |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for each in (Row(**item) for item in found["rows"]):
        verdict = ("reached" if each.reached else "MISSED") if each.reach else ""
        lines.append(
            f"| {each.work} | {each.against} | {each.reach} | **{each.ratio:.3g} ×** | {each.least:.3g} to {each.most:.3g} "
            f"| {each.ours:.3g} {each.unit} | {each.theirs:.3g} {each.unit} | {verdict} |"
        )
    total = sum(found["stages"].values())
    lines += ["", "| stage, in one process | ms a return | share |", "|---|---|---|"]
    lines += [f"| {name} | {took:.2f} | {took / total:.0%} |" for name, took in found["stages"].items()]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and write the JSON file if one is named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="smaller batches and fewer rounds: under a minute")
    which.add_argument("--smoke", action="store_true", help="a few files, once: only to check that it runs")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    gc.set_threshold(*THRESHOLDS)  # as the command sets it, for both sides
    with tempfile.TemporaryDirectory() as folder:
        found = measure(SMOKE if given.smoke else QUICK if given.quick else FULL, Path(folder))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(markdown(found))


if __name__ == "__main__":
    main()
