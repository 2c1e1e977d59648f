"""The settings of a project: `[tool.code-contract]` in its pyproject.toml, or a file of its own.

[tool.code-contract]
base_url = "https://staging.example.com/api/v1"
samples = 64
headers = { Authorization = "Bearer ${STAGING_TOKEN}" }

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
from contract_tests.settings import SettingsError, Waiver, parse_header

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = "code-contract"
_SETTING_TYPES: dict[str, tuple[type, ...]] = {
    "base_url": (str,),
    "source": (str,),
    "headers": (dict,),
    "samples": (int,),
    "concurrency": (int,),
    "timeout": (int, float),
    "deadline": (int, float),
    "strict": (bool,),
    "ca_bundle": (str,),
    "docs_url": (str,),
    "waivers": (list,),
}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def find(start: Path) -> Path | None:
    """The nearest pyproject.toml at or above `start` that has our table."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file() and _table(path) is not None:
            return path
    return None


def read(path: Path, contract: Contract, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The settings in `path` under the names of Settings, `base_url` as it is written.

    A file that is not named pyproject.toml may hold the keys at its top. Raises SettingsError, UnknownNameError for a
    waiver of a clause that is not there.
    """
    table = _table(path)
    if table is None:
        raise SettingsError(f"{str(path)!r} has no table [tool.{TABLE}]; add it, or name another file")
    for key, value in table.items():
        if key not in _SETTING_TYPES:
            near = difflib.get_close_matches(key, _SETTING_TYPES, n=1)
            cure = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(_SETTING_TYPES)}"
            raise SettingsError(f"{path.name}: there is no setting {key!r}; {cure}")
        if not isinstance(value, _SETTING_TYPES[key]) or (isinstance(value, bool) and bool not in _SETTING_TYPES[key]):
            raise SettingsError(f"{path.name}: {key} is {value!r:.60}; give a {_SETTING_TYPES[key][0].__name__}")
    found = dict(table)
    if "headers" in found:
        found["headers"] = tuple(_header(path, name, value, environment) for name, value in found["headers"].items())
    if "waivers" in found:
        found["waivers"] = tuple(_waiver(path, entry, contract) for entry in found["waivers"])
    return found


def _table(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be read: {error.strerror}; name another file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{str(path)!r} is not TOML: {error}; mend it there") from None
    tool = document.get("tool", {})
    found = tool.get(TABLE) if isinstance(tool, dict) else None
    if found is None and path.name != "pyproject.toml":
        found = document
    if found is not None and not isinstance(found, dict):
        raise SettingsError(f"{path.name}: [tool.{TABLE}] is no table; write it as one")
    return found


def _header(path: Path, name: str, value: object, environment: Mapping[str, str]) -> tuple[str, str]:
    if not isinstance(value, str):
        raise SettingsError(f"{path.name}: the header {name} is no text; give one, such as '${{TOKEN}}'")
    missing = [each for each in _VARIABLE.findall(value) if each not in environment]
    if missing:
        raise SettingsError(f"{path.name}: the header {name} needs {missing[0]} from the environment; set it")
    return parse_header(f"{name}: " + _VARIABLE.sub(lambda match: environment[match[1]], value))


def _waiver(path: Path, entry: object, contract: Contract) -> Waiver:
    if not isinstance(entry, dict) or set(entry) != {"clause", "reason", "expires"}:
        raise SettingsError(f"{path.name}: a waiver has a clause, a reason and an expires; write the three")
    expires = entry["expires"]
    if isinstance(expires, str):
        try:
            expires = datetime.date.fromisoformat(expires)
        except ValueError:
            expires = None
    if isinstance(expires, datetime.datetime) or not isinstance(expires, datetime.date):
        raise SettingsError(f"{path.name}: expires is {entry['expires']!r:.40}; give a date such as 2027-03-31")
    if not isinstance(entry["reason"], str) or not entry["reason"].strip():
        raise SettingsError(f"{path.name}: the waiver of {entry['clause']!r:.60} has no reason; write one")
    return Waiver(contract.clause(str(entry["clause"])).id, entry["reason"], expires)
