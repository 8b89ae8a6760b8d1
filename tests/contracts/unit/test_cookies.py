"""What our cookies are called beyond this machine."""

import pytest

from holdfast.contracts.cookies import inward, outward

pytestmark = pytest.mark.demand("G1")


def test_our_cookies_go_out_for_this_host_only_and_others_as_they_are():
    assert outward("hf_bank=a=b; Path=/login; Domain=x; HttpOnly") == "__Host-hf_bank=a=b; HttpOnly; Path=/; Secure"
    bound = "__Secure-hf_receipt=a; HttpOnly; Path=/receipt/1; Secure"
    assert outward("hf_receipt=a; HttpOnly; Path=/receipt/1; Domain=x") == bound
    assert outward("other=1; Path=/x") == "other=1; Path=/x"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("__Host-hf_bank=a; b=2", "hf_bank=a; b=2"),
        ("hf_bank=planted; __Host-hf_bank=a", "hf_bank=a"),
        ("hf_bank=planted", ""),
        (
            "__Secure-hf_receipt=a; hf_receipt=planted; __Secure-hf_bank=planted",
            "hf_receipt=a; __Secure-hf_bank=planted",
        ),
        ("", ""),
    ],
)
def test_a_cookie_of_our_name_that_we_did_not_set_over_tls_is_not_read(sent, read):
    assert inward(sent) == read
