"""Ed25519 keys of the buildings and the signed tokens they exchange."""

from holdfast.signing.keyring import Keyring, create_key, load_keyring, mark_of

__all__ = ["Keyring", "create_key", "load_keyring", "mark_of"]
