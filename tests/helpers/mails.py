"""Writes e-mails as they are sent and saved (.eml). Only for tests."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")

Attached = tuple[str, bytes]
"""The name and the content of an attachment."""


def mail(*attachments: Attached | EmailMessage, sender: str = "officer@example.org", kind: tuple[str, str] = XLSX) -> EmailMessage:
    """An e-mail with these files or messages attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"An Officer <{sender}>", "coordinator@example.org", "Q3 return"
    message["Date"] = "Tue, 14 Jan 2020 10:30:00 +0000"
    message.set_content("Please find attached.\n")
    for attachment in attachments:
        if isinstance(attachment, EmailMessage):
            message.add_attachment(attachment)
        else:
            name, data = attachment
            message.add_attachment(data, maintype=kind[0], subtype=kind[1], filename=name)
    return message


def eml(*attachments: Attached | EmailMessage, sender: str = "officer@example.org", kind: tuple[str, str] = XLSX) -> bytes:
    """The same as a file."""
    return mail(*attachments, sender=sender, kind=kind).as_bytes()


def with_signature(*attachments: Attached) -> bytes:
    """An HTML e-mail with a logo in its text, and another picture that Outlook attached as a file."""
    message = mail(*attachments)
    message.get_payload(0).add_alternative("<p>Please find attached.</p><img src='cid:logo'>", subtype="html")  # type: ignore[union-attr]
    message.attach(_picture("logo.png", "inline", "<logo>"))
    message.attach(_picture("image001.png", "attachment", ""))
    return message.as_bytes()


def _picture(name: str, disposition: str, content_id: str) -> EmailMessage:
    part = EmailMessage()
    part.set_content(PNG, maintype="image", subtype="png", disposition=disposition, filename=name, cid=content_id or None)
    return part


def raw_eml(headers: Sequence[str], body: str, sender: str = "officer@example.org") -> bytes:
    """An e-mail whose only attachment has these headers, word for word."""
    part = "\r\n".join([*headers, "", body])
    head = f"From: {sender}\r\nSubject: Q3 return\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return f"{head}--b\r\nContent-Type: text/plain\r\n\r\nPlease find attached.\r\n--b\r\n{part}\r\n--b--\r\n".encode()


def signed(attachment: bytes) -> bytes:
    """An e-mail in a multipart/signed envelope, with the signature that mail programs attach."""
    envelope = MIMEMultipart("signed", protocol="application/pkcs7-signature")
    envelope["From"], envelope["Subject"] = "officer@example.org", "Q3 return"
    inner = mail(("return.xlsx", attachment))
    envelope.attach(inner)
    signature = MIMEText("MIIB", "plain")
    signature.replace_header("Content-Type", 'application/pkcs7-signature; name="smime.p7s"')
    envelope.attach(signature)
    return envelope.as_bytes()
