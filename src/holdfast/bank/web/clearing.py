"""The clearing's addresses: a signed pacs.008 file, each line booked once, and wages that employers send."""

import hashlib
import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from holdfast.bank.books import keyring
from holdfast.bank.files.incoming import take_payroll
from holdfast.bank.files.results import as_pain002
from holdfast.bank.payments.clearing import Taken, take_file
from holdfast.bank.web.words import writings
from holdfast.contracts.errors import BadFile, BadToken
from holdfast.contracts.routes import FILE_BYTES_MAX
from holdfast.contracts.status_report import Original, make_pacs002, refuse_file

CLEARING_HEADER = "Holdfast-Clearing"
XML = "application/xml"


@require_POST
def clearing_file(request: HttpRequest) -> HttpResponse:
    """Take a file: 200 with counts, 400 when it is not valid, 403 when the clearing did not sign it. Asked for XML, it
    answers with a pacs.002 instead."""
    raw = _signed_body(request, "clearing-file")
    as_xml = XML in request.headers.get("Accept", "")
    try:
        taken = _take(raw)
    except BadFile as error:
        return _refused(error, "pacs.008.001.08") if as_xml else JsonResponse({"error": str(error)}, status=400)
    return _answer(taken, as_xml)


@require_POST
def payroll_file(request: HttpRequest) -> HttpResponse:
    """Take an employer's wages: a pain.002 with how they stand now (200), or why nothing was taken (400)."""
    raw = _signed_body(request, "payroll-file")
    try:
        file, lines = take_payroll(raw)
    except BadFile as error:
        return _refused(error, "pain.001.001.09")
    return HttpResponse(as_pain002(file, lines, writings()["en"]), content_type=f"{XML}; charset=utf-8")


def _signed_body(request: HttpRequest, purpose: str) -> bytes:
    """The body, which the clearing signed; raises BadToken."""
    raw = request.body
    signed = keyring().verify(purpose, request.headers.get(CLEARING_HEADER, ""), by={"clearing"})
    if signed.get("sha256") != hashlib.sha256(raw).hexdigest():
        raise BadToken("the clearing signed another file")
    return raw


def _take(raw: bytes) -> Taken:
    if len(raw) > FILE_BYTES_MAX:
        raise BadFile(f"the file is larger than {FILE_BYTES_MAX} bytes; split it", "too_large")
    return take_file(raw)


def _answer(taken: Taken, as_xml: bool) -> HttpResponse:
    if as_xml:
        body = make_pacs002(_ident(), timezone.now(), taken.original, taken.statuses)
        return HttpResponse(body, content_type=f"{XML}; charset=utf-8")
    return JsonResponse(
        {
            "message_id": taken.original.message_id,
            "lines": taken.lines,
            "accepted": taken.accepted,
            "already": taken.already,
            "suspended": taken.suspended,
            "bank": "primary",
        }
    )


def _refused(error: BadFile, version: str) -> HttpResponse:
    """What refuses the whole file; which one is not known of what cannot be read."""
    body = refuse_file(_ident(), timezone.now(), Original("", version), error.kind, str(error))
    return HttpResponse(body, content_type=f"{XML}; charset=utf-8", status=400)


def _ident() -> str:
    return f"HF{uuid.uuid4().hex[:30]}"
