"""Sentences of the suite in English and Chinese: the catalogue is complete, and values are translated in place."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from contract_tests.message import Message, catalogue, default_language, joined, listed, translate
from tests.chinese import violations
from tests.paths import ROOT

PACKAGE = ROOT / "contract_tests"
TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("templates/*"))
CALLS = {"Message", "joined", "Violation", "broken", "_malformed", "TransportError", "MessageError", "LimitExceeded"}
"""Functions whose constant arguments are sentences."""
NAMES = re.compile(r"[A-Z]{4}|[\W\d]*")
"""Chunks of a picture, and templates without words."""


def constants(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an argument can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from constants(each)
    elif isinstance(node, ast.JoinedStr):
        # One with words is a sentence whose values should be those of a Message.
        parts = (each.value for each in node.values if isinstance(each, ast.Constant))
        yield from (each for each in parts if re.search("[a-z] [a-z]", each))


def sentences(path: Path) -> Iterator[str]:
    """Yield the templates and constant sentences that a module writes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            for each in node.args:
                yield from constants(each)
        if isinstance(node, ast.keyword) and node.arg in ("skip_reason", "reason"):
            yield from constants(node.value)


def texts(path: Path) -> set[str]:
    """The constants of a module."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_sentence_is_in_the_catalogue() -> None:
    """No template and no constant of a violation, an error or a reason lacks its Chinese."""
    used = {
        each for path in PACKAGE.rglob("templates/*") for each in re.findall(r'message\("([^"]+)"', path.read_text())
    }
    assert {each for each in used if re.search("[A-Za-z]", each) and each not in catalogue()} == set()
    missing = {
        (path.name, each)
        for path in PACKAGE.rglob("*.py")
        for each in sentences(path)
        if not NAMES.fullmatch(Formatter().vformat(each, _Blanks(), {})) and each not in catalogue()
    }
    assert missing == set()


class _Blanks(tuple[str, ...]):
    """Arguments of a template, all of them empty."""

    def __getitem__(self, index: object) -> str:  # type: ignore[override]
        return _Blank()


class _Blank(str):
    def __format__(self, spec: str) -> str:
        return ""


def test_every_entry_of_the_catalogue_is_written_somewhere() -> None:
    """No translation outlives its sentence."""
    modules = [*PACKAGE.rglob("*.py"), *(ROOT / "code_contract_cli").glob("*.py")]
    known = set().union(*map(texts, modules))
    nouns = {*known, *re.findall(r'plural\([^"]*"([^"]+)"', TEMPLATES)}
    # Reports make these of a noun, of the name of an outcome or of a headline.
    known |= {f"{{}} {noun}{end}" for noun in nouns for end in ("", "s")} | {each.upper() for each in known}
    assert {each for each in catalogue() if each not in known and f'"{each}"' not in TEMPLATES} == set()


@pytest.mark.parametrize("english", sorted(catalogue()))
def test_a_translation_is_chinese_and_has_the_values(english: str) -> None:
    """It keeps the rules of tests/chinese.py, and names no value that the English does not have."""
    chinese = catalogue()[english]
    count = len([name for _, name, _, _ in Formatter().parse(english) if name is not None])
    indices = [name for _, name, _, _ in Formatter().parse(chinese) if name is not None]
    assert all(not name or int(name) < count for name in indices)
    assert len(indices) <= count
    plain = re.sub(r"\{[^}]*\}", "1", chinese)
    # A template of names and numbers has no Chinese of its own; one may be joined to another at its ends.
    known = {"no Chinese", "a copy of the English", "another end"}
    assert set(violations(plain.strip(), re.sub(r"\{[^}]*\}", "1", english))) <= known


def test_a_message_is_a_string_that_keeps_its_values() -> None:
    """It equals its English text, survives copies, and is translated with the sentences in it."""
    received = Message("{} repeated {}", '"code"', "with different values")
    assert received == '"code" repeated with different values'
    assert translate(received, "zh") == '"code" 重复出现，值不同'
    assert translate(received, "en") == received
    for again in (copy.deepcopy(received), pickle.loads(pickle.dumps(received))):
        assert translate(again, "zh") == translate(received, "zh")


def test_data_stays_as_it_is() -> None:
    """A text that no template has is data; braces in it are no placeholders."""
    assert translate('"a text {} of the target"', "zh") == '"a text {} of the target"'
    assert translate(Message("a string that matches {}", "^{2}$"), "zh") == "匹配 ^{2}$ 的字符串"
    assert translate(joined("{} or {}", ["string", "null", "integer"]), "zh") == "string 或 null 或 integer"
    assert joined("{} or {}", []) == ""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zha_CN"}, "en"),
    ],
    ids=str,
)
def test_the_language_is_that_of_the_environment(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LC_ALL comes before LC_MESSAGES, and that before LANG."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == expected


def test_spaces_stand_between_chinese_and_latin_only() -> None:
    """Values are surrounded by spaces in the Chinese templates; one that is Chinese itself touches the rest."""
    late = Message("no response {}", Message("within {:.3g} s", 2.0))
    assert translate(late, "zh") == "在 2 秒内没有响应"
    assert translate(Message("the pixels of {} again", Message("request {}", 3)), "zh") == "与请求 3 的像素相同"
    assert translate(Message("header {}", "Allow"), "zh") == "响应头 Allow"


def test_a_list_has_the_comma_of_its_language() -> None:
    """Further names than the limit are an ellipsis."""
    names = ["GET /a", "GET /b", "GET /c"]
    assert translate(Message("follows from {}", listed(names)), "zh") == "由 GET /a、GET /b、GET /c 导致"
    assert Message("follows from {}", listed(names, 2)) == "follows from GET /a, GET /b, …"
    assert listed([]) == ""
