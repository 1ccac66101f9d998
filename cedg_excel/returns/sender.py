"""Whether an e-mail came from the agency whose return is attached to it, as far as the plan's addresses tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from cedg_excel.form.rules import BY_CODE
from cedg_excel.plan.model import Plan
from cedg_excel.returns.inbox import Received
from cedg_excel.returns.model import Return

_PUBLIC = re.compile(
    r"(gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|btinternet|sky|talktalk|virginmedia|proton|protonmail"
    r"|gmx|mail)\.(com|co\.uk|uk|ie|net|me|ch|de|fr)"
)
"""Domains at which anybody can have an address, so that only the whole address tells who it is."""


def with_sender(received: Received, plan: Plan) -> Return:
    """The Return, with a warning when it came by e-mail from an address that the plan does not list for its agency."""
    returned, stamp = received.returned, received.returned.stamp
    if stamp is None or not (domain := unlisted_sender(received.senders, stamp.agency, plan)):
        return returned
    finding = BY_CODE["SENDER"].finding(returned.file, value=domain, other=plan.agency_by_id[stamp.agency].name)
    return replace(returned, findings=tuple(sorted((*returned.findings, finding), key=lambda item: item.order)))


def unlisted_sender(senders: Iterable[str], agency_id: str, plan: Plan) -> str:
    """
    The domain of the last sender when none of the senders is the agency; empty when one is, or when the plan has no address for it.

    `senders` are addresses in lower case: of the e-mail, then of each e-mail attached to the one before. An address at the agency's
    own domain is the agency's, unless the plan lists it for another agency.
    """
    senders = [sender for sender in senders if sender]
    listed = _addresses(plan.agency_by_id[agency_id].email)
    if not listed or not senders:
        return ""
    others = {address for agency in plan.agencies if agency.id != agency_id for address in _addresses(agency.email)} - set(listed)
    if any(_is_from(sender, listed, others) for sender in senders):
        return ""
    return _domain(senders[-1])


def _addresses(text: str) -> list[str]:
    return [address.lower() for address in re.findall(r"[^\s,;<>]+@[^\s,;<>]+", text)]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(".")


def _is_from(sender: str, listed: list[str], others: set[str]) -> bool:
    return sender in listed or (sender not in others and any(_same_organisation(_domain(sender), _domain(own)) for own in listed))


def _same_organisation(domain: str, own: str) -> bool:
    """Whether two domains are one organisation's: the same, or one within the other, and not open to everybody."""
    if _PUBLIC.fullmatch(own) or _PUBLIC.fullmatch(domain):
        return False
    return domain == own or domain.endswith(f".{own}") or own.endswith(f".{domain}")
