"""From which network a request came, as far as limits look: the address, of IPv6 the first 64 bits: one home's."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

IPV6_HOST_BITS = 64


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """`198.51.100.7` or `2001:db8:0:1::`; "" for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> IPV6_HOST_BITS << IPV6_HOST_BITS))
