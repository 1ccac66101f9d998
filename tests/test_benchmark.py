"""The benchmark runs and gives every figure; their size is not tested. Takes ten seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROWS = {
    "read and check one more return": {"calamine reading the values of the same files", "pandas.read_excel with openpyxl, all sheets"},
    "the same, with 4 layouts to calculate first": {"calamine reading the values of the same files"},
    "`cedg merge` of 3 returns, whole process": {'`python -c "import pandas, pandera.pandas, openpyxl"`'},
    "`cedg merge` of 2 returns, for each": {"the import line"},
    "`cedg merge` of 4 returns, for each": {"the import line"},
    "peak memory, `cedg merge` of 2 returns": {"the import line"},
    "peak memory, `cedg merge` of 4 returns": {"the import line"},
    "one agency's template": {"openpyxl load and save of that same file"},
    "`cedg --help`": {'`python -c "import typer"`'},
}
"""Every figure, and what it is compared with."""


def test_benchmark_gives_every_figure(tmp_path: Path) -> None:
    program, figures = Path(__file__).with_name("benchmark.py"), tmp_path / "figures.json"
    table = subprocess.run([sys.executable, str(program), "--smoke", "--json", str(figures)], check=True, capture_output=True, text=True)
    found = json.loads(figures.read_text(encoding="utf-8"))
    rows: dict[str, set[str]] = {}
    for row in found["rows"]:
        rows.setdefault(row["work"].partition(", in a batch")[0], set()).add(row["against"])
        assert 0 < row["least"] <= row["ratio"] <= row["most"]
        assert row["work"] in table.stdout
    assert rows == ROWS
    assert all(took > 0 for took in found["stages"].values())
    assert found["machine"]["processors"] >= 1
