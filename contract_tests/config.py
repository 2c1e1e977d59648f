"""The settings of a project: `[tool.code-contract]` in its pyproject.toml, or code-contract.toml.

code-contract.toml and files of other names may have the keys at their top level.

[tool.code-contract]
base_url = "https://staging.example.com/api/v1"
samples = 64
spec = "openapi.yaml"
overlay = ["clauses.yaml"]
headers = { Authorization = "Bearer ${STAGING_TOKEN}" }
values = { petId = 42 }
auth = { api_key = "${PET_STORE_KEY}" }

[[tool.code-contract.waivers]]
clause = "charset-is-stated"
reason = "the gateway drops it; ticket 4711"
expires = 2027-03-31
"""

from __future__ import annotations

import datetime
import difflib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from code_contract import Contract
from code_contract.examples import HEADER_NAME
from contract_tests.arguments import check_field_value, parse_header
from contract_tests.settings import OPTIONS, SettingsError, Waiver

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = "code-contract"
NAMES = ("code-contract.toml", "pyproject.toml")
"""The files that are searched for, in this order in each folder."""
DEFAULT = Path(NAMES[0])
"""The file that is created if there is none."""
_TYPES: dict[str, type] = {name: option.kind for name, option in OPTIONS.items()} | {
    "base_url": str,
    "auth": dict,
    "headers": dict,
    "values": dict,
    "waivers": list,
    "spec": str,
    "overlay": list,
}
_TYPE_NAMES = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}
_TYPE_NAMES |= {dict: "a table", list: "an array of tables"}
_CONFIDENTIAL = {"auth", "base_url", "headers", "proxy", "source"}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def find() -> Path | None:
    """Return the nearest file of settings in the working directory or above it, None if there is none.

    That is a code-contract.toml, or a pyproject.toml that has the table.
    """
    try:
        start = Path.cwd()
    except OSError:  # it was deleted
        return None
    for folder in (start, *start.parents):
        for name in NAMES:
            path = folder / name
            if path.is_file() and _table(path) is not None:
                return path
    return None


def documents(path: Path | None) -> dict[str, Any]:
    """Return the files that `spec` and `overlay` of a TOML file name, from its folder. Raises SettingsError."""
    table = (path and _table(path)) or {}
    found: dict[str, Any] = {}
    if path is not None and "spec" in table:
        found["spec"] = _file(path, "spec", table["spec"])
    if path is not None and "overlay" in table:
        if not isinstance(table["overlay"], list):
            raise SettingsError(f"{path.name}: overlay is {table['overlay']!r:.60}; use an array of file names")
        found["overlay"] = tuple(_file(path, "overlay", each) for each in table["overlay"])
    return found


def _file(path: Path, key: str, name: object) -> Path:
    if not isinstance(name, str):
        raise SettingsError(f"{path.name}: {key} is {name!r:.60}; use the name of a file")
    return path.parent / name


def read(path: Path, contract: Contract, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read the settings of a TOML file.

    Args:
        path: A pyproject.toml, or a file of another name, which may have the keys at its top level.
        contract: The contract whose clauses waivers may name.
        environment: The variables that `${NAME}` in the value of a header refers to.

    Returns:
        Values by the field names of `Settings`, with `base_url` as it is written.

    Raises:
        SettingsError: The file cannot be read, or a key or value is invalid.
        UnknownNameError: A waiver names a clause that does not exist.
    """
    table = _table(path)
    if table is None:
        raise SettingsError(f"{str(path)!r} has no table [tool.{TABLE}]; add it, or use another file")
    for key, value in table.items():
        if key not in _TYPES:
            near = difflib.get_close_matches(key, _TYPES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known settings: {', '.join(sorted(_TYPES))}"
            raise SettingsError(f"{path.name}: unknown setting {key!r}; {hint}")
        kind = _TYPES[key]
        if not isinstance(value, (int, float) if kind is float else kind) or (
            isinstance(value, bool) and kind is not bool
        ):
            # A header given as text, or a value in the wrong place, may be a secret.
            shown = "of the wrong type" if key in _CONFIDENTIAL else f"{value!r:.60}"
            raise SettingsError(f"{path.name}: {key} is {shown}; use {_TYPE_NAMES[kind]}")
    found = {key: value for key, value in table.items() if key not in ("spec", "overlay")}
    if "headers" in found:
        found["headers"] = tuple(_header(path, name, value, environment) for name, value in found["headers"].items())
    if "auth" in found:
        found["auth"] = tuple(_auth(path, name, value, environment) for name, value in found["auth"].items())
    if "values" in found:
        found["values"] = tuple(_value(path, name, value) for name, value in found["values"].items())
    if "waivers" in found:
        found["waivers"] = tuple(_waiver(path, entry, contract) for entry in found["waivers"])
    return found


def _table(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be read: {error.strerror}; use another file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{str(path)!r} is not valid TOML: {error}") from None
    tool = document.get("tool", {})
    found = tool.get(TABLE) if isinstance(tool, dict) else None
    if found is None and path.name != "pyproject.toml":
        found = document
    if found is not None and not isinstance(found, dict):
        raise SettingsError(f"{path.name}: [tool.{TABLE}] is not a table")
    return found


def _header(path: Path, name: str, value: object, environment: Mapping[str, str]) -> tuple[str, str]:
    if not HEADER_NAME.fullmatch(name):
        raise SettingsError(f"{path.name}: a header has an invalid name; write headers = {{ Name = 'value' }}")
    return parse_header(f"{name}: " + _substituted(path, f"the header {name}", value, environment))


def _auth(path: Path, name: str, value: object, environment: Mapping[str, str]) -> tuple[str, str]:
    label = f"auth of {name}"
    credentials = _substituted(path, label, value, environment)
    check_field_value(credentials, f"{path.name}: {label}")
    return name, credentials


def _value(path: Path, name: str, value: object) -> tuple[str, str]:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise SettingsError(f"{path.name}: the value of {name} is {value!r:.40}; use a string or a number")
    return name, str(value)


def _substituted(path: Path, label: str, value: object, environment: Mapping[str, str]) -> str:
    """A confidential text with the values of environment variables."""
    if not isinstance(value, str):
        raise SettingsError(f"{path.name}: {label} is not a string; use one such as '${{TOKEN}}'")
    missing = [each for each in _VARIABLE.findall(value) if each not in environment]
    if missing:
        raise SettingsError(f"{path.name}: {label} needs the environment variable {missing[0]}; set it")
    return _VARIABLE.sub(lambda match: environment[match[1]], value)


def _waiver(path: Path, entry: object, contract: Contract) -> Waiver:
    if not isinstance(entry, dict) or set(entry) != {"clause", "reason", "expires"}:
        raise SettingsError(f"{path.name}: a waiver needs exactly clause, reason and expires")
    expires = entry["expires"]
    if isinstance(expires, str):
        try:
            expires = datetime.date.fromisoformat(expires)
        except ValueError:
            expires = None
    if isinstance(expires, datetime.datetime) or not isinstance(expires, datetime.date):
        raise SettingsError(f"{path.name}: expires is {entry['expires']!r:.40}; use a date such as 2027-03-31")
    if not isinstance(entry["reason"], str) or not entry["reason"].strip():
        raise SettingsError(f"{path.name}: the waiver of {entry['clause']!r:.60} has no reason; add one")
    return Waiver(contract.clause(str(entry["clause"])).id, entry["reason"], expires)
