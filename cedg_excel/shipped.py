"""The plans and samples that travel with the program, in its wheel or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
_HOMES = (_HERE / "shipped", _HERE.parent)


def shipped(folder: str) -> Path:
    """`shipped("workbook")` is the folder of the plans, `shipped("samples")` that of the sample returns."""
    return next((home / folder for home in _HOMES if (home / folder).is_dir()), _HOMES[0] / folder)


def shipped_plans() -> dict[str, Path]:
    """The plans by name: `rotherham-2019-2022`."""
    return {path.stem: path for path in sorted(shipped("workbook").glob("*.toml"))}
