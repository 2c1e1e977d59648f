"""Certificates of a mock that serves HTTPS: given ones, or one that is made for this run."""

from __future__ import annotations

import shutil
import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path

NAMES = ("localhost", "127.0.0.1", "::1")
"""The names of every certificate that is made."""
_WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104 - addresses that no certificate can name


class TlsError(ValueError):
    """A certificate cannot be used. The message names the file and the reason."""


class Certificate:
    """A certificate with its chain and its key, as PEM files.

    Args:
        certificate: The file of the certificate and its chain.
        key: The file of the key, not encrypted; by default the same file.

    Attributes:
        authority: The file of the authority to trust if the certificate was made, or None. It exists until `close`.

    Raises:
        TlsError: The files cannot be read, or are not a certificate and its key.
    """

    authority: Path | None = None

    def __init__(self, certificate: Path, key: Path | None = None) -> None:
        self.certificate, self.key = certificate, key or certificate
        self._folder: str | None = None
        for path in (self.certificate, self.key):
            try:
                path.open("rb").close()
            except OSError as error:
                raise TlsError(f"{str(path)!r} cannot be read: {error.strerror}") from None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # Without the function, OpenSSL would ask for the password of an encrypted key on the terminal.
            context.load_cert_chain(self.certificate, self.key, lambda: "")
        except (ssl.SSLError, ValueError) as error:
            if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
                raise TlsError(f"the key {str(self.key)!r} does not belong to {str(self.certificate)!r}") from None
            files = str(self.certificate) if key is None else f"{self.certificate}, {self.key}"
            raise TlsError(f"{files!r}: not a certificate and its key in PEM, not encrypted") from None

    @classmethod
    def made_for(cls, names: Iterable[str]) -> Certificate:
        """Make a certificate of an authority of its own, for NAMES and further names and addresses.

        Raises:
            ModuleNotFoundError: trustme, of the extra `tls`, is not installed.
            TlsError: A name is not valid.
        """
        import trustme  # of the extra tls

        further = [each.strip("[]") for each in names]
        every = dict.fromkeys((*NAMES, *(each for each in further if each not in _WILDCARDS)))
        try:
            authority = trustme.CA(organization_name="code-contract mock")
            issued = authority.issue_cert(*every, common_name="code-contract mock")
        except ValueError as error:
            raise TlsError(f"no certificate can be made for {', '.join(every)}: {error}") from None
        folder = tempfile.mkdtemp(prefix="code-contract-tls-")
        try:
            path = Path(folder, "mock.pem")
            path.touch(mode=0o600)
            issued.private_key_and_cert_chain_pem.write_to_path(str(path))
            found = cls(path)
            found._folder, found.authority = folder, Path(folder, "authority.pem")
            authority.cert_pem.write_to_path(str(found.authority))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return found

    def close(self) -> None:
        """Remove the files of a certificate that was made."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
