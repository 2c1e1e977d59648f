"""A source that is documented in a header, the query or a cookie is probed for its absence there."""

from __future__ import annotations

from pathlib import Path

import pytest

from code_contract import Contract, load
from contract_tests.verdict import Outcome, Verdict
from tests.conftest import checked

CONTRACT = """
openapi: 3.1.0
info: {title: Source, version: 1.0.0}
x-sections: [{id: access, title: Access, zh: 来源}]
paths:
  /code:
    get:
      parameters:
        - {name: lang, in: query, schema: {type: string}, example: zh}
        - {name: theme, in: cookie, schema: {type: string}, example: dark}
        - name: Source
          in: LOCATION
          required: true
          schema: {type: string}
          example: PC
          x-source: true
          x-clauses:
            - {id: source-is-required, section: access, level: must, origin: implied, text: A source is required.}
      responses:
        '200':
          description: Success.
          content: {application/json: {schema: {type: object}, example: {ok: true}}}
"""


def verdict(contract: Contract, *faults: str) -> Verdict:
    """Return the verdict on the clause of the source."""
    (found,) = checked(contract, *faults, samples=2, only=frozenset({"source-is-required"})).verdicts
    return found


@pytest.mark.parametrize("location", ["header", "query", "cookie"])
def test_a_source_is_probed_for_its_absence(tmp_path: Path, location: str) -> None:
    """The mock rejects a request without the source; with the fault `source-ignored` the clause fails."""
    path = tmp_path / "source.yaml"
    path.write_text(CONTRACT.replace("LOCATION", location), encoding="utf-8")
    contract = load(path)
    passed = verdict(contract)
    assert (passed.status, passed.checked) == (Outcome.PASSED, 1)
    failed = verdict(contract, "source-ignored")
    assert failed.status is Outcome.FAILED
    request = failed.findings[0].exchange.request
    headers = dict(request.headers)
    assert "Source" not in f"{request.url} {headers}"
    assert "lang=zh" in request.url
    assert "theme=dark" in headers["Cookie"]
