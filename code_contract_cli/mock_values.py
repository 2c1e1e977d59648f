"""The values of options of `code-contract mock`. Each function raises click.UsageError for one that is not valid."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path

import click

from code_contract.durations import parse_duration
from mock_server.admin import ADMIN_PREFIX
from mock_server.server.tls import Certificate


def certificate(made: bool, path: Path | None, key: Path | None, names: Sequence[str]) -> Certificate | None:
    """Return the certificate of --tls, --tls-cert and --tls-key, None without them; `names` are those of a made one."""
    if path is not None:
        return Certificate(path, key)
    if key is not None:
        raise click.UsageError("--tls-key needs --tls-cert; omit it for a certificate made for this run (--tls)")
    return Certificate.made_for(names) if made else None


def duration(text: str) -> float:
    """Return the seconds of --captcha-ttl."""
    seconds = parse_duration(text)
    if not seconds:
        raise click.UsageError(f"--captcha-ttl {text!r} is not a valid duration; use one such as 90s, 10m or 2h")
    return seconds


def base_path(text: str) -> str:
    """Return a base path without the trailing slash."""
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise click.UsageError(f"--base-path {text!r} is not a valid path; use one such as /api/v1")
    if path.startswith(ADMIN_PREFIX):
        raise click.UsageError(f"--base-path {text!r} is reserved for the admin API; choose another")
    return path


def is_loopback(host: str) -> bool:
    """Return True if only this machine reaches a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
