"""Parts of a TLS context that depend on the platform or on files of the user."""

from __future__ import annotations

import ssl
import sys

from contract_tests.settings import SettingsError


def has_native_store() -> bool:
    """Return True if the trust store of the system is no file that OpenSSL reads."""
    return sys.platform in ("darwin", "win32")


def load_client_certificate(context: ssl.SSLContext, cert: str, cert_key: str | None) -> None:
    """Load a client certificate.

    Args:
        context: The TLS context that is to present it.
        cert: Path of a PEM file with the certificate, and with its key unless `cert_key` has it.
        cert_key: Path of a PEM file with the key.

    Raises:
        SettingsError: A file cannot be read, or has no certificate with its key, unencrypted.
    """
    names = cert if cert_key is None else f"{cert}, {cert_key}"
    try:
        # Without a password, OpenSSL would ask for that of an encrypted key on the terminal.
        context.load_cert_chain(cert, cert_key, password=" ")  # noqa: S106
    except OSError as error:
        reason = (
            "no certificate in PEM with its key, unencrypted" if isinstance(error, ssl.SSLError) else error.strerror
        )
        raise SettingsError(f"the client certificate {names!r} cannot be used: {reason}") from None
