"""Where things are in the repository, for tests in any folder."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
PLANS = ROOT / "tests" / "plans"
SMALL = PLANS / "small.toml"
"""A plan of two agencies and one objective."""
