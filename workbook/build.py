"""
Build the workbooks of this folder from the plan and the sample returns: `python workbook/build.py`.

The same bytes come out each time; a test compares the committed files with them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OPENPYXL_LXML"] = "False"  # openpyxl reads this when it is imported; with lxml it writes the same content as different bytes
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from cedg_excel.checking.check import check  # noqa: E402  after the setting above
from cedg_excel.copies.template import template_bytes  # noqa: E402
from cedg_excel.master.merge import merge  # noqa: E402
from cedg_excel.master.workbook import master_bytes  # noqa: E402
from cedg_excel.planfiles.plan_file import load_plan  # noqa: E402
from cedg_excel.planfiles.write_workbook import plan_bytes  # noqa: E402
from cedg_excel.returns.read import read_returns  # noqa: E402
from cedg_excel.round.demo import sample_plan  # noqa: E402

AGENCY, PERIOD = "south-yorkshire-police", "2019-20-Q3"


def workbooks() -> dict[str, bytes]:
    """Every workbook of this folder, by name."""
    plan, sample = load_plan(HERE / "rotherham-2019-2022.toml"), sample_plan()
    returns = sorted((ROOT / "samples").glob("20*/*.xlsx"))
    return {
        "rotherham-2019-2022.xlsx": plan_bytes(plan),
        "example-copy.xlsx": template_bytes(sample, AGENCY, PERIOD),
        "example-master.xlsx": master_bytes(merge(check(read_returns(returns, sample), sample), sample)),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, content in workbooks().items():
        (folder / name).write_bytes(content)
