"""Recordings as browsers save them, and their verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from code_contract import Contract
from contract_tests.har import reader
from contract_tests.result import Result
from contract_tests.run import check_recording
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome

Verdicts = dict[str, tuple[Outcome, int, int]]


def verdicts(result: Result) -> Verdicts:
    return {v.clause.id: (v.status, v.failed, v.checked) for v in result.verdicts}


def entry(text: str | None, **changes: Any) -> dict[str, Any]:
    """An entry as devtools of Chrome write it: HTTP/2, with a decoded body and its Content-Encoding."""
    content: dict[str, Any] = {"size": len(text or ""), "mimeType": "application/json"}
    if text is not None:
        content["text"] = text
    made: dict[str, Any] = {
        "startedDateTime": "2026-11-24T08:00:00.123Z",
        "time": 12.5,
        "request": {
            "method": "POST",
            "url": "https://api.example.com/v1/code",
            "httpVersion": "h2",
            "cookies": [],
            "headers": [
                {"name": ":authority", "value": "api.example.com"},
                {"name": ":method", "value": "POST"},
                {"name": "source", "value": "PC"},
                {"name": "authorization", "value": "Bearer s3cret"},
            ],
            "queryString": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "h2",
            "cookies": [],
            "headers": [
                {"name": "content-type", "value": "application/json;charset=UTF-8"},
                {"name": "content-encoding", "value": "br"},
            ],
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"blocked": 2.5, "send": 0, "wait": 9, "receive": 1},
    }
    for key, value in changes.items():
        where, _, name = key.partition("__")
        made[where][name] = value
    return made


def third_party(folder: Path, *entries: Any, creator: str = "WebInspector") -> Path:
    path = folder / "browser.har"
    log = {"version": "1.2", "creator": {"name": creator, "version": "537.36"}, "pages": [], "entries": list(entries)}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    return path


def replayed(contract: Contract, path: Path, base_url: str | None = None) -> Result:
    recording = reader.read(path, contract, base_url)
    return check_recording(contract, Settings(base_url=recording.base_url), recording)
