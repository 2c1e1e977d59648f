"""Every sentence that a Chinese reader is shown exists in Chinese, and keeps the rules of tests/chinese.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from code_contract import Contract, load, pictures
from code_contract.derived import DerivedClause
from code_contract.docs import read_generator_comment, render
from mock_server import FAULTS
from mock_server.faults import applicable
from tests.chinese import english_sentences, text_of, violations
from tests.paths import ROOT

Pair = tuple[str, str]

TRANSLATED = ("summary", "description", "x-assumption")
"""The keys of OpenAPI and of ours whose sentence has a translation in `x-i18n-zh`."""


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, but not the translations and the bodies of examples."""
    if isinstance(node, dict):
        yield node
        for key, each in node.items():
            yield from nodes(each) if key not in ("x-i18n-zh", "value") else ()
    elif isinstance(node, list):
        for each in node:
            yield from nodes(each)


def clause_texts(contract: Contract) -> Iterator[Pair]:
    """Yield the sentences of the clauses, and of the assumptions on which they rest."""
    for each in contract.clauses.values():
        yield each.text, each.zh
        if each.basis == "assumption":
            yield str(each.source), each.source_zh


def node_texts(contract: Contract) -> Iterator[Pair]:
    """Yield the summaries, descriptions and assumptions of the document."""
    for node in nodes(contract.document):
        zh = node.get("x-i18n-zh", {})
        for key in TRANSLATED:
            # A scenario has its `zh` beside its summary.
            if isinstance(node.get(key), str):
                yield " ".join(node[key].split()), zh.get(key.removeprefix("x-"), node.get("zh", ""))


def fault_texts(contract: Contract) -> Iterator[Pair]:
    """Yield the sentences of the faults."""
    yield from ((each.text, each.zh) for each in applicable(contract))


@pytest.mark.parametrize("texts", [clause_texts, node_texts, fault_texts], ids=lambda each: each.__name__)
def test_no_sentence_of_the_contract_lacks_chinese(texts: Any) -> None:
    """Clauses, assumptions, summaries, descriptions, scenarios and faults: none is missing, none is a copy."""
    found = list(texts(load()))
    scenarios = {each.summary for each in load().scenarios.values()}
    # The Chinese of a scenario is a label for a list, without a full stop.
    wrong = {zh or en: rules for en, zh in found if (rules := violations(zh, "" if en in scenarios else en))}
    assert len(found) > 10
    assert wrong == {}


def test_every_fault_of_the_catalogue_has_a_sentence_of_its_own() -> None:
    """No two faults have the same Chinese, as no two have the same English."""
    assert {each.name: rules for each in FAULTS.values() if (rules := violations(each.zh, each.text))} == {}
    assert len({each.zh for each in FAULTS.values()}) == len({each.text for each in FAULTS.values()})


def test_clauses_of_pictures_have_chinese() -> None:
    """Those of marked pictures of other documents too."""
    texts = [(each["text"], each["zh"]) for each in pictures.entries() if "text" in each]
    assert {zh: rules for en, zh in texts if (rules := violations(zh, en))} == {}


def test_derived_clauses_and_faults_have_chinese() -> None:
    """The sentences that follow from a document; names of it stand in them as they are."""
    contract = load(ROOT / "tests/data/world.yaml")
    derived = [each for each in contract.clauses.values() if isinstance(each, DerivedClause)]
    texts = [(each.text, each.zh) for each in derived]
    texts += [(each.text, each.zh) for each in applicable(contract) if each.name not in FAULTS]
    assert len(texts) > 20
    # A field path such as body.name, or a method and path, may touch punctuation.
    assert {zh: rules for en, zh in texts if (rules := violations(zh, en))} == {}


@pytest.mark.parametrize("form", ["vuepress", "markdown", "html"])
def test_the_chinese_reference_has_no_english_sentence(form: str) -> None:
    """The page of the packaged contract; its comment names format and language for `docs --check`."""
    page = render(load(), form, "zh")
    assert english_sentences(text_of(page) if form == "html" else page) == []
    assert read_generator_comment(page) == (form, "zh")


def test_a_document_without_chinese_keeps_its_own_text() -> None:
    """The labels are Chinese, the descriptions those of the document."""
    contract = load(ROOT / "tests/data/world.yaml")
    assert "请求参数" in (page := render(contract, "markdown", "zh"))
    assert contract.title in page


def test_the_rules_find_violations() -> None:
    """Each rule rejects a text that violates it."""
    assert violations("图片不是PNG。") == ["no space between Chinese and Latin"]
    assert violations("图片,不是 PNG。") == ["half-width punctuation"]
    assert violations("ＰＮＧ 图片。") == ["full-width Latin"]
    assert violations("A picture.", "A picture.") == ["no Chinese", "a copy of the English", "another end"]
    assert english_sentences("图片 the picture is not a valid one 结束") == ["the picture is not a valid one"]
    assert english_sentences("`the picture is not a valid one`") == []
