"""
The steps of a round, for the commands and the buttons alike: write the copies, check the returns, merge them.

They return what there is to report; printing it is for the caller. What needs pandas is imported where it is used:
the processes of the pool read the returns while it loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cedg_excel.errors import CannotRead, CannotWrite
from cedg_excel.files import replace_file
from cedg_excel.findings import Finding
from cedg_excel.round.folder import RoundFolder, find_returns
from cedg_excel.round.named_returns import files_named, hashes_named
from cedg_excel.round.options import CheckOptions, MergeOptions, TemplateOptions
from cedg_excel.round.outcomes import CheckResult, MergeResult, Outcome, Outcomes, TemplateResult
from cedg_excel.round.overwrite import refuse_inside_outbox, refuse_inside_returns, refuse_kept_master, refuse_overwrite, resolved
from cedg_excel.round.passwords import passwords_to_encrypt, passwords_to_open
from cedg_excel.round.progress import NO_PROGRESS, Progress
from cedg_excel.round.reading import open_returns, read_and_check
from cedg_excel.round.send_back import write_copies_to_send_back

if TYPE_CHECKING:
    from cedg_excel.checking.check import Checked
    from cedg_excel.master.merged import Merged
    from cedg_excel.master.second_master import TakenEntries
    from cedg_excel.master.store import Store


def run_template(round_folder: RoundFolder, options: TemplateOptions, progress: Progress = NO_PROGRESS) -> TemplateResult:
    """
    Write the copies of a period, filled in from a master; encrypted with one password, or with each agency's own.

    Raises CannotRead, CannotWrite, PlanError.
    """
    from cedg_excel.copies.issue import write_copies

    plan, period = round_folder.plan, round_folder.select_period(options.period)
    if options.master and not options.master.is_file():
        raise CannotRead(f"There is no master at {options.master}. Check the name given with --from.")
    master, folder = options.master or round_folder.own_master, options.folder or round_folder.copies_folder(period)
    agency_ids = round_folder.select_asked(options.agencies, period)
    refuse_inside_returns(folder, round_folder)
    if options.password and not options.encrypt:
        raise CannotWrite("--password is for encrypted copies only. Add --encrypt, or leave it out; nothing was written.")
    _refuse_filled_in(round_folder, options, folder, master)
    passwords, note = _passwords_and_note(round_folder, options, agency_ids) if options.encrypt else ({}, "")
    round_folder.keep_plan()
    tracked = progress.track(agency_ids, "Writing copies", len(agency_ids))
    number, prefilled = write_copies(plan, period, tracked, folder, master, passwords)
    return TemplateResult(period, folder, number, prefilled, master, note)


def _refuse_filled_in(round_folder: RoundFolder, options: TemplateOptions, folder: Path, master: Path | None) -> None:
    """Raises CannotWrite when somebody has typed answers into a copy that would be written again."""
    from cedg_excel.copies.issue import copies_filled_in

    period = round_folder.select_period(options.period)
    agency_ids = round_folder.select_asked(options.agencies, period)
    passwords = passwords_to_open([options.password] if options.password else [], round_folder.passwords_file, round_folder.plan)
    if filled_in := copies_filled_in(round_folder.plan, period, agency_ids, folder, master, passwords):
        names = ", ".join(path.name for path in filled_in)
        raise CannotWrite(f"{folder} has copies that are filled in: {names}. Move them to {round_folder.returns_folder} if they are "
                          "returns, or delete them, and run this again; nothing was written.")  # fmt: skip


def _passwords_and_note(round_folder: RoundFolder, options: TemplateOptions, agency_ids: Sequence[str]) -> tuple[dict[str, str], str]:
    """The password of each agency's copy, by id, and a sentence that says where the passwords are."""
    path = round_folder.passwords_file
    passwords, new = passwords_to_encrypt(agency_ids, options.password, path, round_folder.plan)
    which = "with the password given" if options.password else f"each with its agency's password in {path}"
    created = f"{new} of the passwords {'is' if new == 1 else 'are'} new. " if new else ""
    return passwords, f"The copies are encrypted, {which}. {created}Give the password by telephone, not in the e-mail with the copy."


def run_check(round_folder: RoundFolder, options: CheckOptions, progress: Progress = NO_PROGRESS) -> CheckResult:
    """Check the files, and write what goes back to each agency. Raises CannotRead, CannotWrite."""
    paths = find_returns(options.files, round_folder.returns_folder)
    folder = options.feedback_folder or (round_folder.feedback_folder if round_folder.has_own_plan else None)
    if folder:
        refuse_inside_returns(folder, round_folder)
        refuse_inside_outbox(folder, round_folder)
    checked = read_and_check(paths, round_folder, options.passwords, progress)
    from cedg_excel.copies.latest import together  # loads pandas, which the pool need not wait for

    checked = together(checked, round_folder.plan)
    written = write_copies_to_send_back(checked, round_folder, folder, paths, progress) if folder else 0
    outcomes = (Outcome(item.returned, item.status, item.findings) for item in checked)
    return CheckResult(Outcomes(tuple(outcomes)), folder, written)


def run_merge(round_folder: RoundFolder, options: MergeOptions, progress: Progress = NO_PROGRESS) -> MergeResult:
    """
    Merge the files into the master, and write the release if there is to be one.

    Raises CannotRead, CannotWrite, MasterInUse, NotAMaster, PlanError, TooBig; the master is then as it was, unless only
    the release cannot be written.
    """
    master, release = options.master or round_folder.master, options.release
    named_files = [*files_named(options.prefer, "--prefer"), *files_named(options.combine, "--combine")]
    paths = _files_to_merge(round_folder, options, master, named_files)
    if release:
        _refuse_release(release, round_folder, paths, master)
    period = round_folder.select_period(options.period).id if options.period else None
    versions = round_folder.keep_plan()
    earlier = versions.before(round_folder.plan)
    with open_returns(paths, round_folder, options.passwords, earlier, progress) as returns:
        from cedg_excel.checking.check import check
        from cedg_excel.master.accounting import count_cells
        from cedg_excel.master.group_entries import masked_entry_refs
        from cedg_excel.master.master_file import master_lock, previous_master, replace_master
        from cedg_excel.master.merge import merge

        if release:
            refuse_overwrite(release, round_folder, paths, previous_master(master))

        with master_lock(master):
            held, taken = _held_store(master, options.group_from, round_folder.plan.about.id)
            checked = check(returns, round_folder.plan, earlier)
            preferred = hashes_named(options.prefer, "--prefer", checked)
            combined = hashes_named(options.combine, "--combine", checked)
            with progress.show_step(f"Merging {len(checked):,} returns", len(checked)):
                merged = merge(
                    checked, round_folder.plan, held, strict=options.strict, prefer=preferred, combine=combined, show=period,
                    versions=versions,
                )  # fmt: skip
            cells = count_cells(checked, merged)
            with progress.show_step(f"Writing {master.name}", len(checked)):
                replaced = replace_master(merged, master)
    if release:
        _write_release(release, merged, options.narrative, master)
    known = set(held.files["sha256"])
    outcomes = (Outcome(item.returned, *_status_and_findings(item, merged, known)) for item in checked)
    previous = previous_master(master) if replaced.changed and len(held.files) else None
    return MergeResult(
        Outcomes(tuple(outcomes)), master, cells, replaced.changed, previous, release, masked_entry_refs(merged),
        replaced.edits, replaced.edited_copy, taken,
    )  # fmt: skip


def _held_store(master: Path, group_from: Path | None, plan_id: str) -> tuple[Store, TakenEntries | None]:
    """What the master holds, with the group's cells of a second one where there is one; and what was taken from that."""
    from cedg_excel.master.read_workbook import read_master
    from cedg_excel.master.second_master import read_second_master, take_group_entries

    held = read_master(master, plan_id)
    if group_from is None:
        return held, None
    taken = take_group_entries(held, read_second_master(group_from, plan_id), group_from.name)
    return taken.store, taken


def _files_to_merge(round_folder: RoundFolder, options: MergeOptions, master: Path, named: Sequence[Path]) -> list[Path]:
    """The files without the masters that this run uses, which may lie among them, and with those that an option names."""
    found = find_returns(options.files, round_folder.returns_folder)
    masters = {resolved(path) for path in (master, options.group_from) if path}
    paths = [path for path in found if resolved(path) not in masters]
    return paths + [path for path in named if path not in paths]


def _refuse_release(release: Path, round_folder: RoundFolder, returns: Sequence[Path], master: Path) -> None:
    """Raises CannotWrite when the release would not open as a workbook, or would overwrite something that is needed."""
    if resolved(release) == resolved(master):
        raise CannotWrite(f"{release} is the master itself. Name another file with --release; nothing was changed.")
    if release.suffix.lower() != ".xlsx" or release.is_dir():
        raise CannotWrite(f"The release must be a file that ends in .xlsx, and {release} is not. "
                          "Name another file with --release; nothing was changed.")  # fmt: skip
    refuse_inside_returns(release, round_folder)
    refuse_inside_outbox(release, round_folder)
    refuse_kept_master(release, master)
    refuse_overwrite(release, round_folder, returns)


def _write_release(release: Path, merged: Merged, narrative: bool, master: Path) -> None:
    """Raises CannotWrite; the master has been written by then."""
    from cedg_excel.master.release import release_bytes

    try:
        replace_file(release, release_bytes(merged, narrative))
    except CannotWrite as error:
        raise CannotWrite(f"{master} was written, but its release was not: {error.problem}. {error.remedy}.") from error


def _status_and_findings(item: Checked, merged: Merged, known: set[str]) -> tuple[str, tuple[Finding, ...]]:
    """A file's status after the merge, and the findings that still matter. What the plan has changed since is news once."""
    returned = item.returned
    if returned.skipped:
        return "skipped", item.findings
    status = merged.statuses[returned.sha256]
    if status in ("superseded", "withdrawn") or (returned.rejected and status != "rejected"):
        return status, ()
    own = [finding for finding in merged.remaining(item) if finding.code != "EARLIER_VERSION" or returned.sha256 not in known]
    return status, (*merged.findings.get(returned.sha256, ()), *own)
