"""How often Python looks for rings of objects that nothing else refers to."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 50)
"""
Its own setting, every 700 new objects, is for programs that run for days; while a batch is read the search takes a sixth of the
time and finds next to nothing.
"""


@contextmanager
def infrequent_gc() -> Iterator[None]:
    """Look seldom for as long as this lasts."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
