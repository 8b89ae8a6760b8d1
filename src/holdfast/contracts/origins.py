"""May this request change something? Decided from Origin and Sec-Fetch-Site, without a token.

One rule for both banks and the console: what changes something and carries cookies must come from the
site itself. The table CASES is run by each building's tests.
"""

OTHER_SITE = "This form was sent from another site, so nothing was done. Open our page and try again."
NO_SITE = "Your browser does not say which site this form came from, so nothing was done. Try another browser."
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def cross_site_reason(
    method: str, has_cookies: bool, origin: str | None, fetch_site: str | None, own_origin: str
) -> str | None:
    """None when the request may go on, otherwise the reason in words.

    own_origin is scheme://host:port of the front door as customers write it.
    """
    if method.upper() in SAFE_METHODS or not has_cookies:
        return None
    if fetch_site is not None:
        if fetch_site == "same-origin":
            return None
        return OTHER_SITE
    if origin is not None:
        if origin == own_origin:
            return None
        return OTHER_SITE
    return NO_SITE


CASES: tuple[tuple[str, bool, str | None, str | None, bool], ...] = (
    ("GET", True, "https://evil.example", "cross-site", True),
    ("POST", True, "OWN", None, True),
    ("POST", True, "OWN", "same-origin", True),
    ("POST", True, None, "same-origin", True),
    ("POST", False, None, None, True),
    ("POST", True, None, None, False),
    ("POST", True, "null", None, False),
    ("POST", True, "https://evil.example", None, False),
    ("POST", True, "https://evil.example", "cross-site", False),
    ("POST", True, "OWN", "same-site", False),
    ("POST", True, "OWN", "none", False),
    ("PUT", True, "https://evil.example", None, False),
    ("DELETE", True, None, "cross-site", False),
)
"""(method, has cookies, Origin, Sec-Fetch-Site, allowed); OWN stands for the door's own origin."""
