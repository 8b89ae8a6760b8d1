"""The file that proves a claim: its kind is told by its content, not by its name; it is kept sealed, in pieces."""

import base64

from holdfast.bank.redress.errors import BadProof
from holdfast.bank.redress.models import Claim, ProofPiece

BYTES_MAX = 3_000_000
PIECE_BYTES = 48_000
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
PDF_END_WITHIN = 2_048
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia")
"""What a PDF does by itself or carries hidden; a receipt needs none of it."""


def kind_of(raw: bytes) -> str:
    """The media type of a file that is taken; raises BadProof for any other. The beginning and the end must fit, so
    that no page or program goes as a picture."""
    if not raw:
        raise BadProof("no_file")
    if len(raw) > BYTES_MAX:
        raise BadProof("too_large")
    if raw.startswith(b"%PDF-") and b"%%EOF" in raw[-PDF_END_WITHIN:]:
        if any(word in raw for word in ACTIVE):
            raise BadProof("active")
        return PDF
    if raw.startswith(b"\xff\xd8\xff") and raw.rstrip(b"\0").endswith(b"\xff\xd9"):
        return JPEG
    if raw.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") and raw.endswith(b"IEND\xaeB`\x82"):
        return PNG
    raise BadProof("kind")


def keep(claim: Claim, raw: bytes) -> None:
    """Store it, in the caller's transaction."""
    ProofPiece.objects.bulk_create(
        [
            ProofPiece(claim=claim, place=place, content=base64.b64encode(raw[start : start + PIECE_BYTES]).decode())
            for place, start in enumerate(range(0, len(raw), PIECE_BYTES))
        ]
    )


def read(claim: Claim) -> bytes:
    """The whole file; empty when it was erased."""
    return b"".join(one.raw for one in ProofPiece.objects.filter(claim=claim).order_by("place"))
