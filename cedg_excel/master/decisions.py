"""What was decided about single files, by options of `merge` and by `withdraw`. The store remembers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cedg_excel.errors import CannotRead
from cedg_excel.master.store import STORE, Store, object_frame, row_tuples

STRICT, PREFERRED, PASSED_OVER, WITHDRAWN, COMBINED = "strict", "preferred", "passed over", "withdrawn", "combined"
"""
Decisions about a file: held back whole because it has errors; to be used; not to be used because another was preferred; taken out;
and to be combined with the others of its agency and period that have the same decision.
"""

Place = tuple[str, str]
"""An agency and a period, by id."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The SHA-256 of the files with each decision."""

    shas: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, decision: str) -> frozenset[str]:
        """The files with this decision."""
        return self.shas.get(decision, frozenset())


def decisions_in(store: Store) -> Decisions:
    """The decisions that a store remembers."""
    found: dict[str, set[str]] = defaultdict(set)
    for sha, decision in row_tuples(store.decisions):
        found[decision].add(sha)
    return Decisions({decision: frozenset(shas) for decision, shas in found.items()})


def with_strict(store: Store, read: Iterable[str], with_errors: Iterable[str]) -> Store:
    """The store with the files of this run held back that have errors. Whether a whole return is held back is decided at each reading."""
    read = set(read)
    kept = {(sha, decision) for sha, decision in row_tuples(store.decisions) if decision != STRICT or sha not in read}
    return _with_decisions(store, kept | {(sha, STRICT) for sha in with_errors})


def with_preferred(store: Store, sha: str) -> Store:
    """
    The store with one file to be used, whatever came later. Every other file of its agency and period is passed over; one that comes
    later still supersedes it.

    Raises CannotRead when it is not a return that could be read.
    """
    place = _readable_place(store, sha, "--prefer")
    others = [other for other in files_of(store, place) if other != sha]
    return _decide(store, place, {(sha, PREFERRED)} | {(other, PASSED_OVER) for other in others})


def with_combined(store: Store, shas: Sequence[str]) -> Store:
    """
    The store with these two files to be combined, the answers of the later one first.

    Raises CannotRead when they are not two different returns of the same agency and period.
    """
    places = {_readable_place(store, sha, "--combine") for sha in shas}
    if len(places) > 1:
        named = " and ".join(f"{agency}, {period}" for agency, period in sorted(places))
        raise CannotRead(f"--combine needs two returns of the same agency and period, and these are of {named}. Nothing was changed.")
    if len(set(shas)) < 2:
        raise CannotRead("--combine needs two different returns, and these are the same. Nothing was changed.")
    (place,) = places
    others = [other for other in files_of(store, place) if other not in shas]
    return _decide(store, place, {(sha, COMBINED) for sha in shas} | {(other, PASSED_OVER) for other in others})


def with_withdrawn(store: Store, place: Place, shas: Iterable[str]) -> Store:
    """The store without these files of an agency and period. What had been passed over for them counts again."""
    files = set(files_of(store, place))
    kept = {(sha, decision) for sha, decision in row_tuples(store.decisions) if sha not in files or decision not in (PASSED_OVER, COMBINED)}
    return _with_decisions(store, kept | {(sha, WITHDRAWN) for sha in shas})


def without_withdrawn(store: Store, shas: Iterable[str]) -> Store:
    """The store with these files taken in again."""
    gone = {(sha, WITHDRAWN) for sha in shas}
    return _with_decisions(store, {row for row in row_tuples(store.decisions) if row not in gone})


def files_of(store: Store, place: Place) -> list[str]:
    """The SHA-256 of every file of an agency and period."""
    return [sha for sha, _, agency, period, *_ in row_tuples(store.files) if (agency, period) == place]


def _readable_place(store: Store, sha: str, option: str) -> Place:
    for known, name, agency, period, _, _, cells in row_tuples(store.files):
        if known == sha:
            if cells is None:
                raise CannotRead(f"{name} could not be read, so {option} cannot use it. Run cedg check on it; nothing was changed.")
            return agency, period
    raise CannotRead(f"A file given with {option} is not a return that could be read. Run cedg check on it; nothing was changed.")


def _decide(store: Store, place: Place, new: set[tuple[str, str]]) -> Store:
    """The store with new decisions about the files of an agency and period, instead of those before."""
    files = set(files_of(store, place))
    named = {sha for sha, decision in new if decision != PASSED_OVER}
    dropped = (PREFERRED, PASSED_OVER, COMBINED)
    kept = {
        (sha, decision) for sha, decision in row_tuples(store.decisions)
        if sha not in files or (decision not in dropped and not (decision == WITHDRAWN and sha in named))
    }  # fmt: skip
    return _with_decisions(store, kept | new)


def _with_decisions(store: Store, rows: set[tuple[str, str]]) -> Store:
    return replace(store, decisions=object_frame(STORE["decisions"], sorted(rows)))
