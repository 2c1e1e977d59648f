"""Handing the settings of `code-contract load` over to the locustfile, in an environment variable.

Options of Locust would show secrets in the process list, and a master would send them to its workers unencrypted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from code_contract import Contract, load
from contract_tests.base_url import parse_base_url
from contract_tests.settings import Settings, Waiver

VARIABLE = "CODE_CONTRACT_LOAD"
"""Name of the environment variable; its value is JSON."""

_PAIRS = ("headers", "values", "auth")
_FIELDS = (*_PAIRS, "source", "timeout", "allow_writes", "strict", "ca_bundle", "cert", "cert_key", "insecure", "proxy")


def dump(settings: Settings, spec: Path | None, overlays: Sequence[Path] = ()) -> str:
    """Return the value of the variable for these settings and the file of the contract, None for the packaged one."""
    document = {"spec": spec and str(spec.resolve()), "overlays": [str(each.resolve()) for each in overlays]}
    values = {name: getattr(settings, name) for name in _FIELDS}
    waivers = [(each.clause, each.reason, each.expires.isoformat()) for each in settings.waivers]
    return json.dumps({**document, "settings": values, "waivers": waivers})


def parse(text: str | None, base_url: str) -> tuple[Contract, Settings]:
    """Return the contract and the settings for a value of the variable, None for the defaults.

    Args:
        text: The return value of `dump`, or None.
        base_url: The base URL of the target, as Locust has it.

    Raises:
        ContractError: The contract is invalid.
        SettingsError: The base URL is invalid.
    """
    given = json.loads(text) if text else {"spec": None, "overlays": [], "settings": {}, "waivers": []}
    contract = load(given["spec"], overlays=given["overlays"])
    if not text:
        return contract, Settings.from_options(contract, base_url, {})
    values = given["settings"]
    values |= {key: tuple((name, value) for name, value in values[key]) for key in _PAIRS}
    values["waivers"] = tuple(Waiver(clause, why, date.fromisoformat(until)) for clause, why, until in given["waivers"])
    return contract, Settings(parse_base_url(base_url, contract)[0], **values)
