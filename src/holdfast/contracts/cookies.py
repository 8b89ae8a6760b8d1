"""What our cookies are called beyond this machine: with the prefix `__Host-`, which browsers take over TLS only, from
this host only (RFC 6265bis, section 4.1.3.2); with `__Secure-` those of one address alone, whose path has to stay. The
banks know the plain names; whoever ends TLS changes them.
"""

OURS = "hf_"
PREFIX = "__Host-"
BOUND, BOUND_PREFIX = ("hf_receipt",), "__Secure-"
"""Cookies of one address alone, which keep their path."""


def outward(set_cookie: str) -> str:
    """A Set-Cookie line of ours as it goes out over TLS: prefixed, Secure, for the whole site; others as they are."""
    pair, *attributes = (part.strip() for part in set_cookie.split(";"))
    if not pair.startswith(OURS):
        return set_cookie
    if pair.partition("=")[0] in BOUND:
        kept = [one for one in attributes if one.partition("=")[0].lower() not in ("domain", "secure")]
        return "; ".join((BOUND_PREFIX + pair, *kept, "Secure"))
    kept = [one for one in attributes if one.partition("=")[0].lower() not in ("path", "domain", "secure")]
    return "; ".join((PREFIX + pair, *kept, "Path=/", "Secure"))


def inward(cookie: str) -> str:
    """A Cookie line as the banks read it: ours without their prefix. One of our names without it was not set by us over
    TLS, and is left out."""
    kept = []
    for pair in (part.strip() for part in cookie.split(";")):
        if pair.startswith(PREFIX + OURS):
            kept.append(pair.removeprefix(PREFIX))
        elif pair.startswith(tuple(f"{BOUND_PREFIX}{one}=" for one in BOUND)):
            kept.append(pair.removeprefix(BOUND_PREFIX))
        elif not pair.startswith(OURS):
            kept.append(pair)
    return "; ".join(kept)
