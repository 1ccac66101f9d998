"""What a command and a button do alike: make the copies, check the returns, merge them. Returns what there is to say; says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cedg_excel.copy_names import copy_stem
from cedg_excel.errors import CannotRead, CannotWrite
from cedg_excel.excel.gate import sha256_of
from cedg_excel.files import remove_file, replace_file
from cedg_excel.findings import Finding
from cedg_excel.form.rules import BY_CODE
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_returns
from cedg_excel.round.folder import Round, files_in
from cedg_excel.round.outcomes import CheckRun, MergeRun, Outcome, Outcomes, TemplateRun
from cedg_excel.round.overwrite import refuse_among_copies, refuse_among_returns, refuse_overwrite
from cedg_excel.round.passwords import all_passwords, passwords_for
from cedg_excel.round.process_pool import reading_pool
from cedg_excel.round.progress import NO_PROGRESS_BAR, Progress

if TYPE_CHECKING:
    from cedg_excel.checking.check import Checked
    from cedg_excel.master.merge import Merged

# What pandas is needed for is imported where it is used: other processes read the returns while it loads.

_SENT_BACK = (".xlsx", ".txt")

Item = TypeVar("Item")


def run_template(
    here: Round, period: str | None = None, agencies: Sequence[str] = (), folder: Path | None = None, source: Path | None = None,
    encrypt: bool = False, password: str | None = None, watch: Progress = NO_PROGRESS_BAR,
) -> TemplateRun:  # fmt: skip
    """
    Write the copies of a period, filled in from `source` or else the round's own master.

    Encrypted with the password given, or else with each agency's own. Raises CannotRead, CannotWrite, PlanError.
    """
    from cedg_excel.copies.issue import copies_filled_in, write_copies

    when = here.period(period)
    if source and not source.is_file():
        raise CannotRead(f"There is no master at {source}. Check the name given with --from.")
    source, folder, ids = source or _own_master(here), folder or here.outbox(when), here.agencies(agencies)
    refuse_among_returns(folder, here)
    if password and not encrypt:
        raise CannotWrite("--password is for encrypted copies only. Add --encrypt, or leave it out; nothing was written.")
    known = all_passwords([password] if password else [], here.passwords, here.plan)
    if typed := copies_filled_in(here.plan, when, ids, folder, source, known):
        names = ", ".join(path.name for path in typed)
        raise CannotWrite(f"{folder} has copies that are filled in: {names}. Move them to {here.returns} if they are returns, "
                          "or delete them, and run this again; nothing was written.")  # fmt: skip
    passwords, new = passwords_for(ids, password, here.passwords, here.plan) if encrypt else ({}, 0)
    number, filled = write_copies(here.plan, when, watch.each(ids, "Writing copies", len(ids)), folder, source, passwords)
    return TemplateRun(when, folder, number, filled, source, _secrecy(password, new, here) if encrypt else "")


def run_check(
    here: Round, files: Sequence[Path] = (), feedback: Path | None = None, passwords: Sequence[str] = (),
    watch: Progress = NO_PROGRESS_BAR,
) -> CheckRun:  # fmt: skip
    """Check these files, or else the round's returns, and write what goes back to each agency. Raises CannotRead, CannotWrite."""
    paths = files_in(files, here.returns)
    folder = feedback or (here.feedback if here.is_folder else None)
    if folder:
        refuse_among_returns(folder, here)
        refuse_among_copies(folder, here)
    checked = read_and_check(paths, here, passwords, watch)
    written = _write_feedback(checked, here, folder, paths, watch) if folder else 0
    each = (Outcome(path, item.returned, item.status, item.findings) for path, item in zip(paths, checked, strict=True))
    return CheckRun(Outcomes(tuple(each)), folder, written)


def run_merge(
    here: Round, files: Sequence[Path] = (), into: Path | None = None, show: str | None = None, strict: bool = False,
    prefer: Sequence[Path] = (), passwords: Sequence[str] = (), release: Path | None = None, narrative: bool = False,
    watch: Progress = NO_PROGRESS_BAR,
) -> MergeRun:  # fmt: skip
    """
    Merge these files, or else the round's returns, into the master; its pages show the period `show`.

    `release` is written as well, with the words of each objective if `narrative`. Raises CannotRead, CannotWrite,
    MasterInUse, NotAMaster, PlanError, TooBig; the master is then as it was, unless only the release cannot be written.
    """
    master = into or here.master
    chosen = _chosen(prefer)
    paths = [path for path in files_in(files, here.returns) if path.resolve() != master.resolve()]
    paths += [path for path in prefer if path not in paths]
    if release:
        _spare_from_release(release, here, paths, master)
    period = here.period(show).id if show else None
    with reading(paths, here, passwords, watch) as returns:
        from cedg_excel.checking.check import check
        from cedg_excel.master.accounting import count_cells
        from cedg_excel.master.group_entries import masked_entry_refs
        from cedg_excel.master.master_file import master_lock, previous_master, write_master
        from cedg_excel.master.merge import merge
        from cedg_excel.master.read_workbook import read_master

        if release:
            refuse_overwrite(release, here, paths, previous_master(master))

        with master_lock(master):
            held = read_master(master, here.plan.about.id)
            checked = check(returns, here.plan)
            with watch.busy(f"Merging {len(checked):,} returns", len(checked)):
                merged = merge(checked, here.plan, held, strict=strict, prefer=chosen, show=period)
            cells = count_cells(checked, merged)
            with watch.busy(f"Writing {master.name}", len(checked)):
                changed = write_master(merged, master)
    if release:
        from cedg_excel.master.release import release_bytes

        try:
            replace_file(release, release_bytes(merged, narrative))
        except CannotWrite as error:
            why = str(error).partition("; nothing was changed")[0]
            raise CannotWrite(f"{master} is written, but its release is not: {why}.") from error
    each = (Outcome(path, item.returned, *_outcome(item, merged)) for path, item in zip(paths, checked, strict=True))
    kept = previous_master(master) if changed and len(held.files) else None
    return MergeRun(Outcomes(tuple(each)), master, cells, changed, kept, release, masked_entry_refs(merged))


def _spare_from_release(release: Path, here: Round, paths: Sequence[Path], master: Path) -> None:
    """Raises CannotWrite when the release would not open as a workbook, or would stand over something that is needed."""
    if release.resolve() == master.resolve():
        raise CannotWrite(f"{release} is the master itself. Name another file with --release; nothing was changed.")
    if release.suffix.lower() != ".xlsx" or release.is_dir():
        raise CannotWrite(f"{release} is no name for a workbook. Name a file that ends in .xlsx with --release; nothing was changed.")
    refuse_among_returns(release, here)
    refuse_among_copies(release, here)
    refuse_overwrite(release, here, paths)


@contextmanager
def reading(paths: Sequence[Path], here: Round, passwords: Sequence[str], watch: Progress) -> Iterator[Iterable[Return]]:
    """The returns, opened with the passwords given and those of the round. Where other processes read them, they have begun."""
    known = all_passwords(passwords, here.passwords, here.plan)
    with reading_pool(len(paths)) as executor:
        yield watch.each(read_returns(paths, here.plan, executor, known), "Reading returns", len(paths))


def read_and_check(paths: Sequence[Path], here: Round, passwords: Sequence[str], watch: Progress = NO_PROGRESS_BAR) -> list[Checked]:
    """These files with their findings. Raises CannotRead."""
    with reading(paths, here, passwords, watch) as returns:
        from cedg_excel.checking.check import check

        return check(returns, here.plan)


def _secrecy(password: str | None, new: int, here: Round) -> str:
    made = f"{new} of the passwords {'is' if new == 1 else 'are'} new. " if new else ""
    where = "with the password given" if password else f"each with its agency's password in {here.passwords}"
    return f"They are encrypted, {where}. {made}Tell it by telephone, not in the e-mail that carries the copy."


def _own_master(here: Round) -> Path | None:
    return here.master if here.is_folder and here.master.is_file() else None


def _write_feedback(checked: Sequence[Checked], here: Round, folder: Path, paths: Sequence[Path], watch: Progress) -> int:
    """Write a copy to send back for each return that needs one, and take away those of returns that no longer do."""
    from cedg_excel.copies.feedback import feedback_on, latest_of_each
    from cedg_excel.copies.issue import prefills
    from cedg_excel.excel.encryption import encrypted

    past = prefills(here.plan, _own_master(here))
    written = 0
    latest = latest_of_each(checked)
    for agency, period in latest:
        for ending in _SENT_BACK:
            refuse_overwrite(folder / f"{copy_stem(agency, period)}{ending}", here, paths)
    for (agency, period), item in watch.each(latest.items(), "Writing copies to send back", len(latest)):
        workbook, message = (folder / f"{copy_stem(agency, period)}{ending}" for ending in _SENT_BACK)
        if sent_back := feedback_on(item, here.plan, past(agency, period).past):
            password = item.returned.password
            replace_file(workbook, encrypted(sent_back.workbook, password) if password else sent_back.workbook)
            replace_file(message, sent_back.message.encode("utf-8"))
            written += 1
        else:
            remove_file(workbook)
            remove_file(message)
    return written


def _chosen(files: Sequence[Path]) -> list[str]:
    """The SHA-256 of each file preferred."""
    for path in files:
        if not path.is_file():
            raise CannotRead(f"There is no file {path}. Check the name given with --prefer.")
    return [sha256_of(path) for path in files]


def _outcome(item: Checked, merged: Merged) -> tuple[str, tuple[Finding, ...]]:
    """What became of a file in the merge, and what there is still to say about it."""
    if item.returned.skipped:
        return "skipped", item.findings
    status = merged.statuses[item.returned.sha256]
    if status in ("superseded", "withdrawn") or (item.returned.rejected and status != "rejected"):
        return status, ()
    extra = []
    if other := merged.conflicts.get(item.returned.sha256):
        extra.append(BY_CODE["CANNOT_ORDER"].finding(item.returned.file, other=other))
    if status == "held_back":
        extra.append(BY_CODE["STRICT"].finding(item.returned.file))
    return status, (*extra, *item.findings, *merged.consistency_findings.get(item.returned.sha256, ()))
