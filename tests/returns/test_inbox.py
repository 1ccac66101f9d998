"""E-mails and zip files in the inbox: the copies attached to them are read like bare files, in memory and within bounds."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from cedg_excel.checking.check import Checked
from cedg_excel.excel.encryption import Passwords, encrypt
from cedg_excel.excel.gate import MAX_FILE, MIB
from cedg_excel.master.merge import Merged, merge
from cedg_excel.plan.model import Plan
from cedg_excel.returns import contents
from cedg_excel.returns.model import Return
from cedg_excel.returns.read import read_returns
from tests.conftest import RATED, Cedg, Fill, checked, plan_with
from tests.helpers.mails import PNG, eml, mail, raw_eml, signed, with_signature
from tests.helpers.outlook import msg, outlook_attachment, outlook_message
from tests.helpers.places import SAMPLES, SMALL
from tests.helpers.zips import zipped

Inbox = Callable[..., list[Checked]]


@pytest.fixture
def inbox(tmp_path: Path, small: Plan) -> Inbox:
    """Check files given by name and content, in this order."""

    def read(**files: bytes) -> list[Checked]:
        folder = tmp_path / "inbox"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return checked(small, *(folder / name for name in files))

    return read


@pytest.fixture
def good(fill: Fill) -> bytes:
    """A return of north, without mistakes."""
    return fill(RATED, name="good.xlsx").read_bytes()


def summary(items: list[Checked]) -> list[str]:
    """`["reply.eml/return.xlsx clean"]`, with the codes of warnings and errors, if any, in place of `clean`."""
    codes = [[finding.code for finding in item.findings if finding.severity != "info"] for item in items]
    return [f"{item.returned.file} {' '.join(found) or item.status}" for item, found in zip(items, codes, strict=True)]


# Twelve e-mails


def quoted(data: bytes) -> bytes:
    return raw_eml(
        ['Content-Type: application/octet-stream; name="=?utf-8?Q?R=C3=BCckmeldung_north.xlsx?="', "Content-Transfer-Encoding: base64"],
        base64.encodebytes(data).decode(),
    )


def continued(data: bytes) -> bytes:
    return raw_eml(
        ["Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
         "Content-Disposition: attachment; filename*0*=utf-8''Q3%20return; filename*1*=%20%E2%80%93%20final.xlsx"],
        base64.encodebytes(data).decode(),
    )  # fmt: skip


def without_name(data: bytes) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return raw_eml([f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"], base64.encodebytes(data).decode())


def forwarded_in_msg(data: bytes) -> bytes:
    inner = outlook_message(outlook_attachment("return.xlsx", data), embedded=True)
    return msg(outlook_attachment("RE: Q3 return", inner))


def msg_with_signature(data: bytes) -> bytes:
    logo = outlook_attachment("image001.png", PNG, content_id="image001.png@01D5")
    return msg(logo, outlook_attachment("return.xlsx", data), outlook_attachment("chart", PNG, hidden=True))


TWELVE: tuple[tuple[str, Callable[[bytes], bytes], str], ...] = (
    ("plain.eml", lambda data: eml(("return.xlsx", data)), "plain.eml/return.xlsx"),
    ("forwarded.eml", lambda data: eml(mail(("return.xlsx", data))), "forwarded.eml/forwarded message.eml/return.xlsx"),
    ("zipped.eml", lambda data: eml(("all.zip", zipped({"return.xlsx": data}))), "zipped.eml/all.zip/return.xlsx"),
    ("signature.eml", lambda data: with_signature(("return.xlsx", data)), "signature.eml/return.xlsx"),
    ("winmail.eml", lambda data: eml(("winmail.dat", b"\x78\x9f\x3e\x22\x01"), ("return.xlsx", data)), "winmail.eml/return.xlsx"),
    ("outlook.msg", lambda data: msg(outlook_attachment("return.xlsx", data)), "outlook.msg/return.xlsx"),
    ("outlook-forwarded.msg", forwarded_in_msg, "outlook-forwarded.msg/RE: Q3 return/return.xlsx"),
    ("outlook-signature", msg_with_signature, "outlook-signature/return.xlsx"),
    ("encoded-name.eml", quoted, "encoded-name.eml/Rückmeldung north.xlsx"),
    ("long-name.eml", continued, "long-name.eml/Q3 return – final.xlsx"),
    ("no-name", without_name, "no-name/attachment.xlsx"),
    ("mails.zip", lambda data: zipped({"mails/reply.eml": eml(("return.xlsx", data))}), "mails.zip/reply.eml/return.xlsx"),
)
"""The name of a saved e-mail, what it is made of, and how the return in it is shown."""


def rows_of(merged: Merged) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without what depends on the name of the file, in an order that does not either."""
    found = {}
    for name, table in merged.tables.items():
        rows = [{key: value for key, value in row.items() if key not in ("file", "source_file")} for row in table.to_dict("records")]
        found[name] = sorted(rows, key=repr)
    return found


def test_twelve_saved_emails_give_the_same_master_as_the_bare_files(plan: Plan, tmp_path: Path) -> None:
    bare = sorted((SAMPLES / "2019-20-Q3").glob("*.xlsx"))
    paths = []
    for path, (name, packed, _) in zip(bare, TWELVE, strict=True):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(packed(path.read_bytes()))
    wanted = merge(checked(plan, *bare), plan)
    received = checked(plan, *paths)
    found = merge([item for item in received if not item.returned.rejected], plan)
    assert rows_of(found) == rows_of(wanted)
    assert [item.returned.file for item in received if item.returned.entries] == [shown for _, _, shown in TWELVE]
    assert [item.returned.file for item in received if item.returned.rejected] == ["winmail.eml/winmail.dat"]


def test_several_attachments_are_several_returns(inbox: Inbox, fill: Fill, good: bytes) -> None:
    south = fill({}, agency="south", name="s.xlsx").read_bytes()
    pdf = ("minutes.pdf", b"%PDF-1.7 ...")
    items = inbox(**{"both.eml": eml(("return.xlsx", good), ("return.xlsx", south), pdf)})
    assert summary(items)[0::2] == ["both.eml/return.xlsx clean", "both.eml/minutes.pdf NOT_A_RETURN"]
    assert items[1].returned.file == "both.eml/return (2).xlsx" and items[1].returned.stamp and items[1].returned.stamp.agency == "south"


def test_two_files_in_a_zip_are_told_apart_by_their_folder(inbox: Inbox, good: bytes) -> None:
    items = inbox(**{"all.zip": zipped({"a/return.xlsx": good, "late\\return.xlsx": good, "b/other.xlsx": good})})
    assert summary(items) == ["all.zip/a/return.xlsx clean", "all.zip/late/return.xlsx clean", "all.zip/other.xlsx clean"]


def test_the_same_copy_bare_and_by_email_is_the_same_return(inbox: Inbox, good: bytes, small: Plan) -> None:
    items = inbox(**{"return.xlsx": good, "reply.eml": eml(("return.xlsx", good)), "reply.msg": msg(outlook_attachment("r.xlsx", good))})
    assert len({item.returned.sha256 for item in items}) == 1
    merged = merge(items, small)
    assert [row["status"] for row in merged.tables["returns"].to_dict("records")].count("accepted") == 1
    backwards = merge(items[::-1], small)
    assert all(merged.tables[name].equals(backwards.tables[name]) for name in merged.tables)


def test_one_copy_that_came_in_two_ways_gives_one_master_in_any_order(small: Plan, tmp_path: Path, good: bytes) -> None:
    """Only one of the two has a warning about its sender."""
    plan = with_addresses(small, {"north": "team@north.example"})
    bare, reply = tmp_path / "a.xlsx", tmp_path / "b.eml"
    bare.write_bytes(good)
    reply.write_bytes(eml(("return.xlsx", good), sender="officer@elsewhere.example"))
    one, other = merge(checked(plan, bare, reply), plan), merge(checked(plan, reply, bare), plan)
    assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)


def test_only_the_name_of_the_copy_itself_says_whose_it_should_be(inbox: Inbox, good: bytes) -> None:
    mails = {
        "south_2019-20-Q3.eml": eml(("return.xlsx", good)),
        "x.eml": eml(("south_2019-20-Q3.xlsx", good)),
        "y.eml": eml(("north_2019-20-Q3.xlsx", good)),
    }
    assert summary(inbox(**mails)) == [
        "south_2019-20-Q3.eml/return.xlsx clean", "x.eml/south_2019-20-Q3.xlsx WRONG_AGENCY", "y.eml/north_2019-20-Q3.xlsx clean",
    ]  # fmt: skip


def test_a_signed_email_is_read(inbox: Inbox, good: bytes) -> None:
    assert summary(inbox(**{"signed.eml": signed(good)})) == ["signed.eml/return.xlsx clean"]


def test_an_attached_message_may_be_encoded(inbox: Inbox, good: bytes) -> None:
    """The standard forbids it, and some servers do it."""
    inner = base64.encodebytes(eml(("return.xlsx", good))).decode()
    outer = raw_eml(["Content-Type: message/rfc822; name=fwd.eml", "Content-Transfer-Encoding: base64"], inner)
    assert summary(inbox(**{"outer.eml": outer})) == ["outer.eml/fwd.eml/return.xlsx clean"]


def test_a_workbook_shown_inline_is_read_and_other_inline_files_are_ignored(inbox: Inbox, good: bytes) -> None:
    """Apple's Mail marks every attachment as inline."""
    message = mail()
    for name, data in (("return.xlsx", good), ("scan.pdf", b"%PDF-1.4"), ("logo.png", PNG)):
        part = EmailMessage()
        part.set_content(data, maintype="application", subtype="octet-stream", disposition="inline", filename=name)
        message.make_mixed() if not message.is_multipart() else None
        message.attach(part)
    assert summary(inbox(**{"apple.eml": message.as_bytes()})) == ["apple.eml/return.xlsx clean"]


# Who sent it


def with_addresses(plan: Plan, addresses: dict[str, str]) -> Plan:
    return plan_with(plan, agency=[item.model_copy(update={"email": addresses.get(item.id, "")}) for item in plan.agencies])


@pytest.mark.parametrize(
    ("sender", "warned"),
    [
        pytest.param("north@police.example", False, id="the address in the plan"),
        pytest.param("North@POLICE.example", False, id="in other capitals"),
        pytest.param("officer@police.example", False, id="a colleague"),
        pytest.param("officer@mail.police.example", False, id="a part of the same organisation"),
        pytest.param("officer@notpolice.example", True, id="a name that only ends alike"),
        pytest.param("somebody@gmail.com", True, id="a private address"),
        pytest.param("south@police.example", True, id="the address of another agency at the same organisation"),
        pytest.param("", False, id="not known"),
    ],
)
@pytest.mark.parametrize("kind", ["eml", "msg"])
def test_a_sender_that_the_plan_does_not_list(small: Plan, tmp_path: Path, good: bytes, kind: str, sender: str, warned: bool) -> None:
    listed = {"north": "north@police.example", "south": "south@police.example"}
    plan = with_addresses(small, listed)
    path = tmp_path / f"reply.{kind}"
    attached = outlook_attachment("return.xlsx", good)
    path.write_bytes(eml(("return.xlsx", good), sender=sender) if kind == "eml" else msg(attached, sender=sender))
    (item,) = checked(plan, path)
    found = [finding for finding in item.findings if finding.code == "SENDER"]
    assert bool(found) is warned
    assert not any(sender in str(finding.as_dict()) for finding in found), "an address is personal: only its domain is shown"


def test_a_public_domain_is_no_organisation(small: Plan, tmp_path: Path, good: bytes) -> None:
    plan = with_addresses(small, {"north": "north@gmail.com", "south": "south@gmail.com"})
    path = tmp_path / "reply.eml"
    for sender, codes in (("north@gmail.com", []), ("somebody@gmail.com", ["SENDER"])):
        path.write_bytes(eml(("return.xlsx", good), sender=sender))
        assert [finding.code for item in checked(plan, path) for finding in item.findings] == codes


def test_a_return_that_was_forwarded_is_from_the_first_sender(small: Plan, tmp_path: Path, good: bytes) -> None:
    plan = with_addresses(small, {"north": "team@north.example"})
    path = tmp_path / "reply.eml"
    path.write_bytes(eml(mail(("return.xlsx", good), sender="officer@north.example"), sender="colleague@council.example"))
    assert [finding.code for item in checked(plan, path) for finding in item.findings] == []


# Passwords


@pytest.mark.parametrize(
    "packed", [lambda d: eml(("north_2019-20-Q3.xlsx", d)), lambda d: msg(outlook_attachment("north_2019-20-Q3.xlsx", d))]
)
def test_an_attachment_with_a_password_is_opened_like_a_bare_file(
    small: Plan, tmp_path: Path, good: bytes, packed: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "reply"
    path.write_bytes(packed(encrypt(good, "sesame")))

    def codes(passwords: Passwords) -> list[str]:
        return [finding.code for item in read_returns([path], small, passwords=passwords) for finding in item.findings]

    assert codes(Passwords()) == ["ENCRYPTED"]
    assert codes(Passwords(("wrong",))) == ["WRONG_PASSWORD"]
    assert codes(Passwords((), {"south": "wrong", "north": "sesame"})) == []


def test_passwords_are_tried_by_the_name_of_the_attachment(
    small: Plan, tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    monkeypatch.setattr("cedg_excel.excel.gate.decrypt", lambda _data, passwords: tried.append(passwords))
    path = tmp_path / "south_2019-20-Q3.eml"
    path.write_bytes(eml(("north_2019-20-Q3.xlsx", encrypt(good, "sesame"))))
    list(read_returns([path], small, passwords=Passwords((), {"south": "s", "north": "n"})))
    assert tried == [["n", "s"]]


# What cannot be read: a true sentence for each, and nothing stops the others


def damaged_msg(data: bytes) -> bytes:
    """A saved message whose directory is found nowhere."""
    return data[:48] + b"\xf0\xff\xff\xff" + data[52:]


def encrypted_zip(data: bytes) -> bytes:
    """A zip file whose directory says that its files have a password."""
    forged = bytearray(zipped({"return.xlsx": data}))
    forged[forged.index(b"PK\x01\x02") + 8] |= 1
    return bytes(forged)


def lying_zip(data: bytes) -> bytes:
    """A zip file that says that it unpacks to ten bytes."""
    forged = bytearray(zipped({"return.xlsx": data}))
    at = forged.index(b"PK\x01\x02")
    forged[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(forged)


def bomb(_data: bytes) -> bytes:
    return zipped({f"{number}.xlsx": bytes(15 * MIB) for number in range(6)}, level=9)


def linked_in_eml(_data: bytes) -> bytes:
    return raw_eml(["Content-Type: message/external-body; access-type=URL; URL=x; name=return.xlsx"], "")


CANNOT: tuple[tuple[str, Callable[[bytes], bytes], list[str]], ...] = (
    ("stump.msg", lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ["stump.msg MAIL_DAMAGED"]),
    ("text.msg", lambda _: b"hello", ["text.msg MAIL_DAMAGED"]),
    ("stump.eml", lambda _: b"hello", ["stump.eml MAIL_DAMAGED"]),
    ("empty.eml", lambda _: b"", ["empty.eml EMPTY_FILE"]),
    ("cut.eml", lambda data: eml(("a.xlsx", data))[:300], ["cut.eml MAIL_DAMAGED"]),
    ("cut-in-attachment.eml", lambda data: eml(("a.xlsx", data))[:-9000],
     ["cut-in-attachment.eml/a.xlsx DAMAGED", "cut-in-attachment.eml MAIL_CUT_OFF"]),
    ("cut-after-one.eml", lambda data: eml(("a.xlsx", data)).rpartition(b"\n--")[0],
     ["cut-after-one.eml/a.xlsx clean", "cut-after-one.eml MAIL_CUT_OFF"]),
    ("damaged-attachment.eml", lambda _: eml(("a.xlsx", b"PK\x03\x04")), ["damaged-attachment.eml/a.xlsx DAMAGED"]),
    ("no-attachment.eml", lambda _: eml(), ["no-attachment.eml NO_WORKBOOK"]),
    ("no-attachment.msg", lambda _: msg(), ["no-attachment.msg NO_WORKBOOK"]),
    ("empty.zip", lambda _: zipped({}), ["empty.zip NO_WORKBOOK"]),
    ("damaged.zip", lambda data: zipped({"a.xlsx": data})[:-30], ["damaged.zip ZIP_DAMAGED"]),
    ("text.zip", lambda _: b"hello", ["text.zip ZIP_DAMAGED"]),
    ("password.zip", encrypted_zip, ["password.zip/return.xlsx ZIP_ENCRYPTED"]),
    ("lying.zip", lying_zip, ["lying.zip/return.xlsx ZIP_DAMAGED"]),
    ("bomb.zip", bomb, ["bomb.zip MAIL_TOO_LARGE"]),
    ("one-too-large.zip", lambda data: zipped({"a.xlsx": bytes(MAX_FILE + 1), "b.xlsx": data}, level=9),
     ["one-too-large.zip/a.xlsx TOO_LARGE", "one-too-large.zip/b.xlsx clean"]),
    ("too-many.zip", lambda _: zipped({f"{number}.xlsx": b"" for number in range(600)}), ["too-many.zip MAIL_TOO_LARGE"]),
    ("too-many-parts.eml", lambda _: eml(("a.xlsx", b"x")) + b"\n--b\n" * 300_000, ["too-many-parts.eml MAIL_TOO_LARGE"]),
    ("too-many-headers.eml", lambda _: b"From: a@b.example\n" + b"A: b\n" * 300_000, ["too-many-headers.eml MAIL_TOO_LARGE"]),
    ("parts-in-parts.eml", lambda _: b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(900)),
     ["parts-in-parts.eml MAIL_TOO_LARGE"]),
    ("too-deep.zip", lambda data: zipped({"a.zip": zipped({"b.eml": eml(("c.xlsx", data))}), "e.xlsx": data}),
     ["too-deep.zip/a.zip/b.eml NESTED_TOO_DEEP", "too-deep.zip/e.xlsx clean"]),
    ("link.eml", linked_in_eml, ["link.eml/return.xlsx LINKED_ATTACHMENT"]),
    ("link.msg", lambda _: msg(outlook_attachment("return.xlsx", b"", method=7)), ["link.msg/return.xlsx LINKED_ATTACHMENT"]),
    ("sealed.eml", lambda _: eml(("smime.p7m", b"0\x82")), ["sealed.eml/smime.p7m MAIL_PACKED"]),
    ("rights.eml", lambda _: eml(("message.rpmsg", b"v")), ["rights.eml/message.rpmsg MAIL_PACKED"]),
    ("winmail.dat", lambda _: b"\x78\x9f\x3e\x22\x01", ["winmail.dat MAIL_PACKED"]),
    ("renamed.zip", lambda data: data, ["renamed.zip clean"]),
    ("renamed.txt", lambda data: data, ["renamed.txt clean"]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "packed", "wanted"), CANNOT, ids=[name for name, _, _ in CANNOT])
def test_each_is_said_to_be_what_it_is(inbox: Inbox, good: bytes, name: str, packed: Callable[[bytes], bytes], wanted: list[str]) -> None:
    items = inbox(**{name: packed(good), "good.xlsx": good})
    assert summary(items) == [*wanted, "good.xlsx clean"]
    for finding in (finding for item in items for finding in item.findings):
        assert finding.message and finding.fix and "{" not in finding.message + finding.fix


def test_a_damaged_email_with_an_encrypted_attachment_is_not_taken_for_a_workbook(small: Plan, tmp_path: Path, good: bytes) -> None:
    """The marks of the attachment are in the file as well; no password was tried on it."""
    path = tmp_path / "reply.msg"
    whole = msg(outlook_attachment("return.xlsx", encrypt(good, "sesame")))
    for data in (damaged_msg(whole), whole[: len(whole) // 2]):
        path.write_bytes(data)
        for passwords in (Passwords(), Passwords(("wrong",))):
            (item,) = read_returns([path], small, passwords=passwords)
            (finding,) = item.findings
            assert finding.code == "MAIL_DAMAGED" and "e-mail" in finding.message and "password" in finding.fix


def test_a_message_saved_by_outlook_is_never_an_encrypted_workbook_for_other_commands(tmp_path: Path, good: bytes, cedg: Cedg) -> None:
    path = tmp_path / "reply.msg"
    path.write_bytes(msg(outlook_attachment("return.xlsx", encrypt(good, "sesame"))))
    completed = cedg("plan", "check", path)
    assert completed.status == 2 and "password" not in completed.err


def test_what_is_read_at_all_has_a_limit(inbox: Inbox, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cedg_excel.returns.inbox.MAX_CONTAINER", 50_000)
    large = {"a.eml": eml(("a.bin", bytes(60_000))), "b.pdf": b"%PDF-1.7" + bytes(60_000), "c.xlsx": bytes(60_000), "d.mp4": bytes(60_000)}
    assert summary(inbox(**large)) == ["a.eml MAIL_TOO_LARGE", "b.pdf NOT_A_RETURN", "c.xlsx TOO_LARGE", "d.mp4 NOT_A_RETURN"]


def test_the_same_sectors_cannot_be_read_again_and_again(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an OLE file many attachments may be one and the same bytes."""
    monkeypatch.setattr(contents, "MAX_UNPACKED", 100_000)
    message = msg(*[outlook_attachment(f"{number}.bin", bytes(30_000)) for number in range(5)])
    assert summary(inbox(**{"many.msg": message})) == ["many.msg MAIL_TOO_LARGE"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/return.xlsx", "return.xlsx"),
        ("C:\\Users\\x\\return.xlsx", "return.xlsx"),
        ("..", "attachment"),
        ("a\x1b[2Jb.xlsx", "a\ufffd[2Jb.xlsx"),
        ("xslx.\u202ereturn", "xslx.return"),
        ("943 476 5919.xlsx", "[NHS number].xlsx"),
        ("x" * 300 + ".xlsx", "x" * 145 + "….xlsx"),
    ],
)
def test_a_name_is_only_a_name(inbox: Inbox, good: bytes, name: str, shown: str, tmp_path: Path) -> None:
    """Whatever it contains, nothing is written, and no terminal or workbook is confused by it."""
    before = sorted(tmp_path.rglob("*"))
    (item,) = inbox(**{"mail.msg": msg(outlook_attachment(name, good))})
    assert item.returned.file == f"mail.msg/{shown}"
    assert set(tmp_path.rglob("*")) - set(before) == {tmp_path / "inbox", tmp_path / "inbox" / "mail.msg"}


def test_system_files_in_a_zip_are_skipped_without_a_word(inbox: Inbox, good: bytes) -> None:
    names = ("__MACOSX/._return.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "~$return.xlsx", "x.lnk", ".git/a.xlsx")
    assert summary(inbox(**{"all.zip": zipped({**dict.fromkeys(names, b"x"), "return.xlsx": good})})) == ["all.zip/return.xlsx clean"]


def test_damaged_emails_never_end_in_an_exception(small: Plan, tmp_path: Path, good: bytes) -> None:
    whole = [forwarded_in_msg(good), msg_with_signature(good), with_signature(("a.xlsx", good)), zipped({"a.eml": eml(("b.xlsx", good))})]
    paths = []
    for number, data in enumerate(whole):
        for step in range(40):
            at = step * len(data) // 40
            paths.append(tmp_path / f"{number}-{step}")
            paths[-1].write_bytes(data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :] if step % 2 else data[:at])
    assert all(isinstance(item, Return) for item in read_returns(paths, small))


# In a round


def test_a_return_from_an_email_goes_through_every_command(tmp_path: Path, cedg: Cedg, fill: Fill) -> None:
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    wrong = fill({**RATED, "action/2.3/rating": "Blue"}, name="x.xlsx").read_bytes()
    (folder / "returns" / "reply.msg").write_bytes(msg(outlook_attachment("return.xlsx", wrong)))
    (folder / "returns" / "notes.txt").write_text("chase south")
    first = cedg("check", "--format", "json", folder=folder)
    assert first.status == 1 and {row["file"]: row["status"] for row in first.json()["files"]} == {
        "notes.txt": "skipped", "reply.msg/return.xlsx": "findings",
    }  # fmt: skip
    assert sorted(path.name for path in (folder / "feedback").iterdir()) == ["north_2019-20-Q3.txt", "north_2019-20-Q3.xlsx"]
    assert cedg("merge", folder=folder).status == 1
    assert [row["file"] for row in cedg("status", "--format", "json", folder=folder).json()] == ["reply.msg/return.xlsx", None]
    assert cedg("reconcile", folder=folder).status == 0
    (folder / "returns" / "reply.msg").unlink()
    fill(RATED, name="y.xlsx").rename(folder / "returns" / "y.xlsx")
    assert cedg("check", folder=folder).status == 0, "notes.txt is no error"


def test_an_encrypted_attachment_is_sent_back_encrypted(tmp_path: Path, cedg: Cedg, fill: Fill) -> None:
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    wrong = fill({**RATED, "action/2.3/rating": "Blue"}, name="x.xlsx").read_bytes()
    (folder / "returns" / "reply.eml").write_bytes(eml(("return.xlsx", encrypt(wrong, "sesame"))))
    cedg("check", "--password", "sesame", folder=folder)
    assert (folder / "feedback" / "north_2019-20-Q3.xlsx").read_bytes().startswith(b"\xd0\xcf\x11\xe0")


def test_an_attachment_can_be_preferred(tmp_path: Path, cedg: Cedg, fill: Fill) -> None:
    folder = tmp_path / "round"
    cedg("init", folder, "--plan", SMALL)
    for name, words in (("one", "First"), ("two", "Second")):
        data = fill({**RATED, "action/2.3/evidence": words}, name="x.xlsx").read_bytes()
        (folder / "returns" / f"{name}.eml").write_bytes(eml(("return.xlsx", data)))
    assert cedg("merge", folder=folder).status == 1, "neither is later"
    named = cedg("merge", "--prefer", "returns/two.eml/return.xlsx", folder=folder)
    rows = cedg("data", "--table", "actions", "--format", "json", folder=folder).json()
    assert named.status == 0 and {row["evidence"] for row in rows} >= {"Second"}
    assert cedg("merge", "--prefer", "returns/two.eml", folder=folder).status == 0
    for wrong, sentence in (
        ("returns/two.eml/x.xlsx", "There is no x.xlsx in returns/two.eml."),
        ("returns/x", "There is no file returns/x."),
    ):
        refused = cedg("merge", "--prefer", wrong, folder=folder)
        assert refused.status == 2 and refused.err.startswith(sentence)


def test_map_takes_a_copy_out_of_an_email(tmp_path: Path, cedg: Cedg, good: bytes) -> None:
    one, none, two, stump = (tmp_path / f"{name}.eml" for name in ("one", "none", "two", "stump"))
    one.write_bytes(eml(("return.xlsx", good), ("scan.pdf", b"%PDF-1.4")))
    none.write_bytes(eml())
    two.write_bytes(eml(("a.xlsx", good), ("b.xlsx", good)))
    stump.write_bytes(b"hello")
    mapped = cedg("map", one, "--format", "json")
    assert mapped.status == 0 and "action/2.3/rating" in {cell["key"] for cell in mapped.json()}
    sentences = {
        none: "none.eml: There is no workbook in this e-mail.",
        two: "two.eml contains several workbooks: two.eml/a.xlsx, two.eml/b",
    }
    for path, sentence in {**sentences, stump: "stump.eml: This e-mail is damaged or incomplete"}.items():
        refused = cedg("map", path)
        assert refused.status == 2 and refused.err.startswith(sentence) and refused.err.count("\n") == 1


def test_an_email_is_read_in_any_executor(small: Plan, tmp_path: Path, good: bytes) -> None:
    from concurrent.futures import ThreadPoolExecutor

    paths = []
    for number in range(20):
        paths.append(tmp_path / f"{number:02}.eml")
        paths[-1].write_bytes(eml(("return.xlsx", good), ("scan.pdf", b"%PDF-1.4")))
    with ThreadPoolExecutor(2) as executor:
        there = list(read_returns(paths, small, executor))
    here = list(read_returns(paths, small))
    assert here == there and [item.path for item in there] == [path for path in paths for _ in range(2)]


def test_a_zip_that_is_opened_twice_is_the_same(inbox: Inbox, good: bytes) -> None:
    """Reading depends on nothing but the file: two runs give one and the same master."""
    first, second = (inbox(**{"all.zip": zipped({"a.zip": zipped({"x.xlsx": good}), "y.eml": b"hello"})}) for _ in range(2))
    assert [replace(item.returned) for item in first] == [replace(item.returned) for item in second]
    assert len({item.returned.sha256 for item in first}) == 2
    with zipfile.ZipFile(BytesIO(zipped({"x.xlsx": good}))) as archive:
        assert archive.namelist() == ["x.xlsx"]
