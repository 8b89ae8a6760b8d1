"""The mailbox in a real process: mails come in by SMTP and can be read."""

import json
import os
import random
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from holdfast.settings import Installation, write
from holdfast.signing.onetime import code_at


def _get(installation: Installation, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{installation.mailbox_port}{path}", timeout=3) as answer:
        return str(answer.read().decode())


def _start(installation: Installation) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "PYTHONPATH": "src",
        "HOLDFAST_DATA": str(installation.data),
        "HOLDFAST_POSTBOX_REFUSE": "gone@",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "holdfast.gameday.postbox"],
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data: Path = tmp_path_factory.mktemp("postbox")
    installation = Installation(data=data, port_base=random.randrange(31_000, 32_000, 12))
    write(installation)
    process = _start(installation)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            _get(installation, "/-/health")
            break
        except OSError:
            time.sleep(0.05)
    yield installation
    process.terminate()
    assert process.wait(5) == 0
    assert process.stderr is not None
    process.stderr.close()


def _mail(to: str, subject: str, body: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "bank@holdfast.example", to, subject, f"<{to}>"
    mail.set_content(body)
    mail["Content-Language"] = "nb"
    return mail


def test_mails_come_in_and_are_listed_newest_first_and_by_recipient(box: Installation) -> None:
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=5) as smtp:
        smtp.send_message(_mail("kari@mail.example", "Første", "Hei på deg\n"))
        smtp.send_message(_mail("ola@mail.example", "Andre", "æøå\n"))
    both = json.loads(_get(box, "/mails.json"))
    assert [mail["subject"] for mail in both["mails"]] == ["Andre", "Første"] and both["count"] == 2
    (one,) = json.loads(_get(box, "/mails.json?to=kari"))["mails"]
    assert (one["body"].strip(), one["language"], one["message_id"]) == ("Hei på deg", "nb", "<kari@mail.example>")
    assert "Første" in _get(box, "/?to=kari") and "Andre" not in _get(box, "/?to=kari")
    assert json.loads(_get(box, "/mails.json?to=%25"))["mails"] == []


def test_hostile_mails_are_escaped_on_both_pages(box: Installation) -> None:
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=5) as smtp:
        smtp.send_message(_mail("x@mail.example", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>\n"))
    number = json.loads(_get(box, "/mails.json?to=x@"))["mails"][0]["number"]
    for page in (_get(box, "/?to=%22%3E%3Cscript%3E"), _get(box, "/"), _get(box, f"/mail/{number}")):
        assert "<script" not in page and "<img" not in page


def test_an_address_that_is_gone_is_refused_for_good_and_nothing_is_stored(box: Installation) -> None:
    before = json.loads(_get(box, "/mails.json"))["count"]
    with (
        smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=5) as smtp,
        pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
    ):
        smtp.send_message(_mail("gone@mail.example", "x", "y"))
    assert refused.value.recipients["gone@mail.example"][0] == 550
    assert json.loads(_get(box, "/mails.json"))["count"] == before


def test_a_mail_that_is_not_there_is_a_page_that_says_so(box: Installation) -> None:
    with pytest.raises(urllib.error.HTTPError) as missing:
        _get(box, "/mail/999999")
    assert missing.value.code == 404 and "no such mail" in missing.value.read().decode()
    missing.value.close()


def test_a_busy_port_is_one_clear_sentence(box: Installation) -> None:
    second = _start(box)
    _, words = second.communicate(timeout=10)
    assert second.returncode == 1 and "is busy" in words and words.count("\n") == 1


def test_a_made_up_customers_phone_shows_the_code_that_holds_now(box: Installation) -> None:
    person = {
        "username": "rita",
        "name": "Rita <b>",
        "password": "pass",
        "role": "late-rent",
        "authenticator": "ABCDEFGH",
    }
    folder = box.folder("bank")
    assert "Nobody here" in _get(box, "/phones")
    (folder / "logins.json").write_text(json.dumps([person, {"username": "bo", "name": "Bo", "role": ""}]))
    listing = _get(box, "/phones?name=RITA")
    assert 'href="/phones/rita"' in listing and "<b>" not in listing
    before, page, after = int(time.time() // 30), _get(box, "/phones/rita"), int(time.time() // 30)
    assert any(f'data-code="{code_at("ABCDEFGH", step)}"' in page for step in {before, after})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        _get(box, "/phones/nobody")
