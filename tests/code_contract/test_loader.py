"""The contract states what the source document states, and ambiguous documents are rejected."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from code_contract import Contract, ContractError, UnknownNameError, default_path, load, loader, validation
from tests.paths import ROOT

DOCUMENT = ROOT / "docs" / "document.md"


def document_facts() -> list[str]:
    """Every header line and every table row of the document, as the contract quotes them."""
    facts = []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        line = re.sub(r'<Badge text="([^"]*)"[^>]*/>', r"\1", line).strip()
        if line.startswith(("- ", "::: details ")) and "：" in line:
            facts.append(line.removeprefix("::: details").removeprefix("-").strip())
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if (cells[0] != "参数名称" and not set("".join(cells)) <= set("-: ")) or set(cells) == {"-"}:
                facts.append(" | ".join(cells).strip())
    return facts


@pytest.mark.parametrize("fact", document_facts())
def test_every_line_of_the_document_is_quoted_by_a_clause(contract: Contract, fact: str) -> None:
    """Each header line and table row of the document stands among the words of some clause."""
    words = {word.strip() for clause in contract.clauses.values() for word in clause.quotes}
    assert fact in words or f"{fact} |" in {word + " |" for word in words}


def test_the_document_has_facts() -> None:
    """The reader of the document finds its five header lines and seven rows."""
    assert len(document_facts()) == 12


def test_the_front_matter_is_kept(contract: Contract) -> None:
    """The document's front matter stands in info.x-document."""
    matter = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8").split("---")[1])
    kept = contract.document["info"]["x-document"]
    assert {**matter, "date": str(matter["date"])} == kept


def test_the_sample_is_the_documents(contract: Contract) -> None:
    """The example `captcha` is the document's own sample, byte for byte of the picture."""
    text = DOCUMENT.read_text(encoding="utf-8")
    value = contract.example("captcha").value
    sample = yaml.safe_load(text[text.index("{\n") : text.rindex("}") + 1])
    assert value == sample


def test_required_fields_follow_the_tables(contract: Contract) -> None:
    """是否必填 of the tables is what the schemas require."""
    envelope = contract.document["components"]["schemas"]["Envelope"]
    for name, schema in envelope["properties"].items():
        required = schema["x-quote"].split("|")[3].strip() == "是"
        assert (name in envelope["required"]) is required, name


def test_a_clause_knows_its_line(contract: Contract) -> None:
    """The line of a clause is that of its id in the file."""
    lines = contract.path.read_text(encoding="utf-8").splitlines()
    for clause in contract.clauses.values():
        assert f"id: {clause.id}" in lines[clause.line - 1]


def test_an_unknown_clause_gets_a_suggestion(contract: Contract) -> None:
    """The message for a misspelled id names the nearest one."""
    with pytest.raises(UnknownNameError, match="did you mean 'img-is-a-png'"):
        contract.clause("img-is-a-pmg")


REJECTED = {
    "remote ref": ("$ref: '#/components/parameters/Source'", "$ref: 'https://example.com/x.yaml#/Source'", "points outside the folder"),
    "file ref": ("$ref: '#/components/parameters/Source'", "$ref: 'other.yaml#/Source'", "other.yaml cannot be read"),
    "dangling ref": ("$ref: '#/components/parameters/Source'", "$ref: '#/components/parameters/Sauce'", "unresolved \\$ref"),
    "dangling ref of a default": ("状态码。}\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/CaptchaEnvelope'}", "状态码。}\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/Nowhere'}", "unresolved \\$ref"),
    "remote ref of a field named value": ("        uuid:\n          type: string\n          minLength: 1\n", "        value: {$ref: 'https://example.com/x.yaml#/Source'}\n        uuid:\n          type: string\n          minLength: 1\n", "points outside the folder"),
    "status is not a number": ("x-status: 503", "x-status: soon", "maintenance/x-status: x-status of the example 'maintenance' is 'soon'; use an integer from 200 to 599"),
    "status out of range": ("x-status: 503", "x-status: 700", "maintenance/x-status: x-status of the example 'maintenance' is 700"),
    "headers are not text": ("x-headers: {Retry-After: '120'}", "x-headers: {Retry-After: 120}", "maintenance/x-headers/Retry-After: Retry-After of x-headers is 120; use a string"),
    "header injection": ("x-headers: {Retry-After: '120'}", 'x-headers: {Retry-After: "1\\r\\nX: y"}', "Retry-After of x-headers is '1"),
    "scenario of an unknown example": ("example: rate-limited}", "example: rate-limit}", "unknown example 'rate-limit'"),
    "scenario without summary": ("slow: {summary: 'The captcha arrives after five seconds.', ", "slow: {", "the scenario 'slow' has no summary; add summary"),
    "scenario delay too long": ("delay: 5}", "delay: 500}", "slow/delay: delay of the scenario 'slow' is 500; use seconds from 0 to 60"),
    "scenario every 0th": ("every_nth: 3}", "every_nth: 0}", "every_nth of the scenario 'flaky' is 0; use an integer of at least 1"),
    "key twice": ("      operationId: getCode\n", "      operationId: getCode\n      operationId: getCode\n", "is repeated on line"),
    "key is not a string": ("        '200':", "        200:", "the key 200 on line \\d+ is not a string"),
    "date": ("date: '2022-09-09 14:26:03'", "date: 2022-09-09 14:26:03", "is not a JSON value"),
    "unknown level": ("level: must", "level: shall", "unknown level 'shall' of the clause 'answer-arrives'"),
    "unknown origin": ("origin: implied", "origin: taste", "unknown origin 'taste'"),
    "unknown section": ("section: operation", "section: nowhere", "unknown section 'nowhere'"),
    "unknown keyword": ("keywords: [minLength]", "keywords: [maxLength]", "keyword 'maxLength' of 'uuid-is-not-empty'"),
    "unknown field": ("    text: The body is encoded in UTF-8.", "    text: The body is encoded in UTF-8.\n    severity: 1", "/x-clauses/11: unknown clause key 'severity'"),
    "misspelled clause key": ("limits: {seconds: 1}", "limit: {seconds: 1}", "unknown clause key 'limit'; did you mean 'limits'"),
    "misspelled scenario key": ("delay: 5}", "dealy: 5}", "slow: unknown scenario key 'dealy'; did you mean 'delay'"),
    "id twice": ("id: body-is-utf-8", "id: body-is-json", "is repeated; the first is at"),
    "id is not a proposition": ("id: body-is-utf-8", "id: '8259'", "/id: id of the clause '8259' is '8259'; use a proposition in-lower-case-words"),
    "no source": ("    source: RFC 8259 §2\n", "", "the clause 'body-is-json' has no source; add source"),
    "broken example": ("succFlag: true\n        code: 200", "succFlag: 1\n        code: 200", "example 'captcha' violates its schema"),
    "bad type": ("type: boolean", "type: bool", "type is 'bool', which is not valid"),
    "other version": ("openapi: 3.1.0", "openapi: 4.0.0", "is not supported; use OpenAPI 3.0, 3.1 or 3.2"),
    "not YAML": ("openapi: 3.1.0", "openapi: [", "is not YAML"),
    "unused clause": ("  schemas:\n", "  schemas:\n    Idle: {type: object, x-clauses: [{id: idle-is-idle, section: data, level: info, origin: implied, text: x}]}\n", "Idle/x-clauses: no operation uses the node of these clauses"),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_an_ambiguous_document_is_rejected(edited: Callable[[str, str], Path], name: str) -> None:
    """The error is one sentence with location and hint."""
    old, new, message = REJECTED[name]
    with pytest.raises(ContractError, match=message) as caught:
        load(edited(old, new), strict=True)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["unknown level", "dangling ref", "bad type", "key twice"])
def test_the_pointer_leads_to_the_defect(edited: Callable[[str, str], Path], name: str) -> None:
    """The JSON pointer of the error names a node of the document."""
    old, new, _ = REJECTED[name]
    with pytest.raises(ContractError) as caught:
        load(edited(old, new), strict=True)
    assert caught.value.pointer.startswith("/")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and a binary file are rejected by name."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x01\x02")
    (tmp_path / "deep.yaml").write_text("[" * 5000, encoding="utf-8")
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    for path in (tmp_path / "none.yaml", tmp_path, *sorted(tmp_path.glob("*.yaml"))):
        with pytest.raises(ContractError, match=re.escape(path.name)):
            load(path)


def test_a_ref_in_an_example_value_is_data(edited: Callable[[str, str], Path]) -> None:
    """`$ref` within an example's value is data."""
    loaded = load(edited("value: {succFlag: false, code: 500, msg: 获取验证码失败, data: null}", "value: {succFlag: false, code: 500, msg: 'x', data: null, extra: {$ref: 'http://x', a: 1}}"))  # fmt: skip
    assert loaded.example("refused").value["extra"] == {"$ref": "http://x", "a": 1}


def test_the_packaged_contract_is_validated_here() -> None:
    """The packaged contract is valid, and its digest is current, so load() can trust it."""
    digest = hashlib.sha256(default_path().read_bytes()).hexdigest()
    assert digest == loader.PACKAGED_DIGEST, f"openapi.yaml has changed; set PACKAGED_DIGEST to {digest!r}"
    contract = load()
    problems = list(contract.problems)
    validation.require_valid(contract.document, problems)
    validation.checked_examples(contract.operations, problems, has_hidden=True)
    assert problems == []


def test_only_the_packaged_contract_skips_validation(tmp_path: Path) -> None:
    """A copy with one more byte is validated when it is loaded."""
    seen: list[str] = []
    copy = tmp_path / "openapi.yaml"
    copy.write_bytes(default_path().read_bytes() + b"\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "checked_examples", lambda operations, *_: seen.append("examples") or operations)
        patch.setattr(validation, "require_valid", lambda document, _: seen.append("openapi"))
        load()
        assert seen == []
        load(copy)
        assert seen == ["examples"]
        load(copy, strict=True)
    assert seen == ["examples", "examples", "openapi"]
