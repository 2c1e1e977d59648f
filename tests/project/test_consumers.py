"""Uses of the contract by others: TypeScript clients, Redocly and Spectral."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from code_contract import Contract, ContractError, default_path, load
from code_contract.docs import render
from mock_server import MockServer
from tests import npm
from tests.npm import call, tool
from tests.paths import DATA

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where npm has installed the consumers, at the versions that package.json pins."""
    return npm.project(HERE / "consumers", tmp_path_factory)


@pytest.fixture(scope="module")
def bundle(folder: Path, contract: Contract) -> Path:
    path = folder / "openapi.json"
    path.write_text(render(contract, "openapi"), encoding="utf-8")
    return path


def compiled(folder: Path, source: str, name: str = "client.ts") -> subprocess.CompletedProcess[str]:
    (folder / name).write_text(source, encoding="utf-8")
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom")
    return call(folder, tool(folder, "tsc"), *options, name)


@pytest.fixture(scope="module")
def types(folder: Path, bundle: Path) -> Path:
    """The types that openapi-typescript makes of the bundle."""
    done = call(folder, tool(folder, "openapi-typescript"), bundle.name, "-o", "contract.d.ts")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "contract.d.ts"


@pytest.mark.usefixtures("types")
def test_a_fixture_in_typescript_is_a_discriminated_union(folder: Path) -> None:
    """succFlag tells a captcha from an error, and a fixture has exactly the fields of the contract."""
    source = (HERE / "consumers" / "fixtures.ts").read_text("utf-8")
    done = compiled(folder, source, "fixtures.ts")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "@ts-expect-error" in source


@pytest.mark.usefixtures("types")
def test_a_typescript_client_compiles_and_calls_the_mock(folder: Path, mock: MockServer) -> None:
    """Its types come from the bundle; what the contract does not have does not compile."""
    source = (HERE / "consumers" / "client.ts").read_text("utf-8")
    for right, wrong in (("captcha.uuid", "captcha.token"), ('"/code"', '"/cod"')):
        done = compiled(folder, source.replace(right, wrong))
        assert done.returncode != 0
        assert wrong.strip('"').removeprefix("captcha.") in done.stdout
    done = compiled(folder, source)
    assert done.returncode == 0, done.stdout + done.stderr
    done = call(folder, "node", "client.js", mock.base_url)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["uuid"] == mock.requests[-1].uuid
    assert answer["img"].startswith("data:image/png;base64,iVBOR")
    assert mock.requests[-1].violations == []


REAL = (
    "@readme/oas-examples/3.0/json/petstore.json",
    "@readme/oas-examples/3.0/json/star-trek.json",
    "@readme/oas-examples/3.1/json/readme.json",
    "@readme/oas-examples/3.1/json/train-travel.json",
    "@scalar/galaxy/dist/3.1.json",
)


def test_our_own_types_compile_strictly(folder: Path, contract: Contract) -> None:
    """Those of real documents, of the documents of the tests, and of our contract, with which the client compiles."""
    own = folder / "own"
    own.mkdir()
    documents = [*(folder / "node_modules" / each for each in REAL), *DATA.glob("*.yaml"), DATA / "things.json"]
    for number, path in enumerate(documents):
        with contextlib.suppress(ContractError):
            (own / f"document{number}.d.ts").write_text(render(load(path), "typescript"), encoding="utf-8")
    assert len(list(own.iterdir())) > len(REAL) + 4
    (own / "contract.d.ts").write_text(render(contract, "typescript"), encoding="utf-8")
    for name in ("client.ts", "fixtures.ts"):
        shutil.copy(HERE / "consumers" / name, own)
    wrong = 'import type { Pet } from "./document0.js";\nexport const pet: Pet = { name: 7 };\n'
    (own / "wrong.ts").write_text(wrong, encoding="utf-8")
    names = sorted(str(each.relative_to(folder)) for each in own.iterdir())
    options = ("--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom")
    done = call(folder, tool(folder, "tsc"), *options, *names)
    errors = [line for line in done.stdout.splitlines() if "error TS" in line]
    assert [line.partition("(")[0] for line in errors] == ["own/wrong.ts"], errors


def test_redocly_accepts_the_bundle_and_prints_it(folder: Path, bundle: Path) -> None:
    """`lint` finds no error, and does in a broken one; `build-docs` prints the operation."""
    redocly = tool(folder, "redocly")
    done = call(folder, redocly, "lint", "--format", "json", bundle.name)
    assert done.returncode == 0, done.stdout + done.stderr
    broken = folder / "broken.json"
    document = json.loads(bundle.read_text("utf-8"))
    document["components"]["parameters"]["Source"].pop("in")
    broken.write_text(json.dumps(document), encoding="utf-8")
    assert call(folder, redocly, "lint", broken.name).returncode != 0
    done = call(folder, redocly, "build-docs", bundle.name, "-o", "docs.html")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Get a captcha" in (folder / "docs.html").read_text("utf-8")


def test_spectral_finds_no_error(folder: Path) -> None:
    """By its rules for OpenAPI, in openapi.yaml as it is written; in a broken copy it does."""
    spectral = tool(folder, "spectral")
    text = default_path().read_text("utf-8")
    for name, written, wanted in (
        ("right.yaml", text, 0),
        ("wrong.yaml", text.replace("operationId: getCode", "operationId: 7"), 1),
    ):
        (folder / name).write_text(written, encoding="utf-8")
        done = call(folder, spectral, "lint", "--ruleset", "spectral.yaml", "--fail-severity", "error", name)
        assert done.returncode == wanted, done.stdout + done.stderr
