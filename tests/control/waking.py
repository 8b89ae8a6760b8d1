"""What lies outside and takes pages: an SMS gateway and a browser's push service, each a real server on this machine."""

import base64
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Taker:
    """Takes what is posted, and answers as it is set to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 201
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taker.taken.append((self.path, {name.lower(): one for name, one in self.headers.items()}, body))
                self.send_response(taker.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Gateway(Taker):
    """An SMS gateway as Apprise's `json` speaks to it."""

    @property
    def url(self) -> str:
        return f"json://:s3cret@127.0.0.1:{self.port}/send/{{phone}}"

    def texts(self) -> list[tuple[str, str]]:
        """Numbers and words, in the order in which they came."""
        return [
            (path.rpartition("/")[2].replace("%2B", "+"), json.loads(body)["message"]) for path, _, body in self.taken
        ]


class Browser(Taker):
    """A browser's subscription with its push service: opens what was sealed for it (RFC 8291, RFC 8188)."""

    def __init__(self) -> None:
        super().__init__()
        self.private, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/push/of-this-browser"

    def form(self, number: int, **other: str) -> dict[str, str]:
        """What the page's script sends."""
        said = {"endpoint": self.endpoint, "p256dh": b64(self.point), "auth": b64(self.secret), "key": str(number)}
        return {**said, "name": "my phone", **other}

    def messages(self) -> list[dict[str, Any]]:
        """What was pushed, opened."""
        return [json.loads(self.open(body)) for _, _, body in self.taken]

    def open(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        first = HKDF(SHA256(), 32, self.secret, b"WebPush: info\0" + self.point + sender).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(first)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(first)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1] == 2  # the last record
        return plain[:-1]


def claims_of(authorization: str) -> tuple[dict[str, Any], str]:
    """What a VAPID header says and by which key, its signature checked (RFC 8292, RFC 7515)."""
    scheme, _, rest = authorization.partition(" ")
    told = dict(one.strip().split("=", 1) for one in rest.split(","))
    signed, _, signature = told["t"].rpartition(".")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(told["k"]))
    both = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(both, signed.encode(), ec.ECDSA(SHA256()))
    assert scheme == "vapid"
    claims: dict[str, Any] = json.loads(unb64(signed.partition(".")[2]))
    return claims, told["k"]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
