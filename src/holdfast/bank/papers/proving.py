"""What is signed of a paper, and the last line by which each kind of file carries it."""

import io
from dataclasses import replace

import segno

from holdfast.bank.books import installation, keyring
from holdfast.contracts.papers import ADDRESS, PURPOSE, Paper, digest_of
from holdfast.contracts.statement import SEPARATORS, quoted


def address_of(paper: Paper) -> str:
    """The address at which what is printed can be checked by anybody who has it."""
    return f"{installation().door_origin}{ADDRESS}?proof={_token(paper)}"


def code_of(address: str) -> str:
    """The address as a QR code, an SVG picture without a frame."""
    out = io.BytesIO()
    segno.make(address, micro=False, error="l").save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()


def with_note(table: bytes, paper: Paper, words: str, language: str) -> bytes:
    """A CSV table with one row more: words, which say `{address}`, as one cell."""
    token = _token(replace(paper, digest=digest_of(table)))
    address = f"{installation().door_origin}{ADDRESS}?proof={token}"
    return table + (quoted(words.format(address=address), SEPARATORS[language][0]) + "\r\n").encode()


def with_instruction(document: bytes, paper: Paper) -> bytes:
    """An XML document with a processing instruction behind its root, which readers pass over."""
    document = document.rstrip() + b"\n"
    return document + f"<?holdfast-proof {_token(replace(paper, digest=digest_of(document)))}?>\n".encode()


def with_comment(pdf: bytes, paper: Paper) -> bytes:
    """A PDF with a comment behind its end, where readers look no more."""
    pdf = pdf.rstrip() + b"\n"
    return pdf + f"%holdfast-proof {_token(replace(paper, digest=digest_of(pdf)))}\n".encode()


def _token(paper: Paper) -> str:
    return keyring().sign(PURPOSE, paper.to_payload())
