"""The clearing's address: a signed pacs.008 file, each line booked once."""

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from holdfast.bank.books import keyring
from holdfast.bank.payments.clearing import take_file
from holdfast.contracts.errors import BadFile, BadToken
from holdfast.contracts.routes import FILE_BYTES_MAX

CLEARING_HEADER = "Holdfast-Clearing"


@require_POST
def clearing_file(request: HttpRequest) -> HttpResponse:
    """Take a file: 200 with counts, 400 when it is not valid, 403 when the clearing did not sign it."""
    raw = request.body
    if len(raw) > FILE_BYTES_MAX:
        return JsonResponse({"error": f"the file is larger than {FILE_BYTES_MAX} bytes; split it"}, status=400)
    signed = keyring().verify("clearing-file", request.headers.get(CLEARING_HEADER, ""), by={"clearing"})
    if signed.get("sha256") != hashlib.sha256(raw).hexdigest():
        raise BadToken("the clearing signed another file")
    try:
        taken = take_file(raw)
    except BadFile as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(
        {
            "message_id": taken.message_id,
            "lines": taken.lines,
            "accepted": taken.accepted,
            "already": taken.already,
            "suspended": taken.suspended,
            "bank": "primary",
        }
    )
