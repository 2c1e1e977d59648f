"""Each faulty PNG of the zoo violates exactly its clause, each correct one none; so do the files of PngSuite."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from code_contract import Contract
from contract_tests.engine.session import EvaluationSession
from contract_tests.http.exchange import Exchange, Request
from contract_tests.pictures.png import parse
from contract_tests.pictures.png_animation import animation_problems
from contract_tests.pictures.png_chunks import content_problems, place_problems, refused, transparency_problems
from contract_tests.settings import Settings
from tests import npm
from tests.contract_tests.png_samples import IEND, chunk, png
from tests.contract_tests.png_zoo import CORRECT, FAULTY, GAMA, HEAD, IDAT, actl, fctl, fdat, rgb

PNGSUITE = "node-png@0.4.3"
"""An npm package that ships some files of PngSuite."""


def violated(contract: Contract, picture: bytes) -> set[str]:
    """Return the MUST and SHOULD clauses that fail for a response with this picture."""
    document = json.loads(json.dumps(contract.example("captcha").value))
    document["data"]["img"] = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    headers = (("Content-Type", "application/json;charset=UTF-8"),)
    body = json.dumps(document).encode()
    session = EvaluationSession(contract, Settings("http://x"))
    session.add(Exchange(Request("POST", "http://x/code"), "plain", "getCode", 0, 0.0, 200, headers=headers, body=body))
    return {each.clause.id for each in session.verdicts() if each.failed and each.clause.level != "info"}


@pytest.mark.parametrize("sentence", FAULTY)
def test_a_faulty_picture_violates_its_clause_alone(contract: Contract, sentence: str) -> None:
    """A broken sentence of the specification is reported once."""
    clause, picture = FAULTY[sentence]
    assert violated(contract, picture) == {clause}


@pytest.mark.parametrize("sentence", CORRECT)
def test_an_unusual_picture_violates_nothing(contract: Contract, sentence: str) -> None:
    """Whatever the specification allows is correct."""
    assert violated(contract, CORRECT[sentence]) == set()


@pytest.mark.slow
def test_the_files_of_pngsuite_are_correct(contract: Contract, tmp_path: Path) -> None:
    """The files of PngSuite that an npm package ships violate nothing."""
    npm.install(tmp_path, PNGSUITE)
    files = sorted((tmp_path / "node_modules" / "node-png" / "examples" / "test" / "img").glob("*.png"))
    assert len(files) >= 20
    assert {path.name: clauses for path in files if (clauses := violated(contract, path.read_bytes()))} == {}


BOMB = zlib.compress(bytes(30_000_000))
BOMBS = {
    "texts": rgb(chunk(b"zTXt", b"a\0\0" + BOMB) * 50),
    "blocks": rgb(chunk(b"zTXt", b"a\0\0\x78\1" + b"\0\0\0\xff\xff" * 100_000)),
    "language tag": rgb(chunk(b"iTXt", b"a\0\0\0" + b"a-" * 200_000)),
    "suggested palette": rgb(chunk(b"sPLT", b"a\0\x08" + bytes(600_000))),
    "frames": png(HEAD, actl(990), IDAT, *(fctl(2 * n) + fdat(2 * n + 1) for n in range(990)), IEND),
    "chunks": rgb(GAMA * 9990),
}


@pytest.mark.parametrize("name", BOMBS)
def test_the_chunks_of_a_picture_are_checked_in_bounded_time_and_memory(name: str) -> None:
    """No chunk takes longer than decoding or much more memory than its data."""
    parts = parse(BOMBS[name])
    begun = time.process_time()
    tracemalloc.start()
    try:
        for check in (transparency_problems, animation_problems, place_problems, content_problems, refused):
            assert len(list(check(parts))) < 5
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - begun < 5
