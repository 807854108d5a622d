"""Codes to read aloud, and secrets for private links."""

import secrets

# No vowels, so no words; none of 0 O 1 I L 5 S 8 B 2 Z that are misread from a screen.
CODE_ALPHABET = "3479CDFGHJKMNPQRTVWX"
CODE_LENGTH = 6


def new_code() -> str:
    """A code to read aloud and type on a phone: 20⁶ = 64 million of them."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def new_secret() -> str:
    """What makes a link private: 128 bits."""
    return secrets.token_urlsafe(16)
