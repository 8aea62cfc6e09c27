"""Proofs that only this server can make: of a log-in, and that a form came from its own page."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

SHORTEST_TOKEN = 16
"""Characters of a token; shorter ones can be guessed."""

GROUPS, GROUP_LENGTH = 5, 5
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of a token made here: none looks like another, since somebody types it on a phone."""

PROOF = re.compile(r"[\w-]{16,64}\.[0-9a-f]{64}")


class Secrecy:
    """A token that people log in with, and a key that follows from it.

    Parameters
    ----------
    token : str, optional
        Without one nobody need log in, and the key is drawn anew at each start.

    Raises
    ------
    ValueError
        If the token is shorter than `SHORTEST_TOKEN`.
    """

    def __init__(self, token: str | None = None) -> None:
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise ValueError(
                f"a token must have {SHORTEST_TOKEN} characters or more. Got: {len(token)}"
            )
        self._token = None if token is None else token.encode()
        self._key = hashlib.sha256(self._token or secrets.token_bytes(32)).digest()

    @property
    def wants_login(self) -> bool:
        """Tell whether people must log in."""
        return self._token is not None

    def is_token(self, typed: str) -> bool:
        """Compare what somebody typed with the token, in a time that tells nothing."""
        return self._token is not None and hmac.compare_digest(typed.strip().encode(), self._token)

    def new_session(self) -> str:
        """Make the proof of a log-in."""
        nonce = secrets.token_urlsafe(24)
        return f"{nonce}.{self._sign('session', nonce)}"

    def is_session(self, proof: str) -> bool:
        """Tell whether a proof of a log-in was made here, or under the same token."""
        if not PROOF.fullmatch(proof):
            return False
        nonce, _, signature = proof.rpartition(".")
        return hmac.compare_digest(signature, self._sign("session", nonce))

    def form_token(self, browser: str) -> str:
        """Make what every form of a page carries, for one browser."""
        return self._sign("form", browser)

    def is_form_token(self, token: str, browser: str) -> bool:
        """Tell whether a form came from a page that this browser was given."""
        return hmac.compare_digest(token.encode(), self.form_token(browser).encode())

    def _sign(self, purpose: str, what: str) -> str:
        return hmac.new(self._key, f"{purpose}:{what}".encode(), "sha256").hexdigest()


def new_token() -> str:
    """Draw a token of 124 bits that can be typed: letters and digits in groups."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
