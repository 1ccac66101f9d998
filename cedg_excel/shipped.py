"""The plans and samples that come with the program, in its wheel or next to it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_LOCATIONS = (_PACKAGE / "shipped", _PACKAGE.parent)


def shipped(folder: str) -> Path:
    """A folder that comes with the program: `shipped("workbook")` has the plans, `shipped("samples")` the sample returns."""
    return next((location / folder for location in _LOCATIONS if (location / folder).is_dir()), _LOCATIONS[0] / folder)


def shipped_plans() -> dict[str, Path]:
    """The paths of the plans, by name: `rotherham-2019-2022`."""
    return {path.stem: path for path in sorted(shipped("workbook").glob("*.toml"))}
