"""Challenges are pure functions of (secret, uuid), and a seed makes uuids repeatable."""

from __future__ import annotations

import itertools
import operator
import re
import threading

import pytest

from mock_server.captcha.challenge import SYMBOL_COUNT, UuidSource, derive, secret_from_seed

OPERATIONS = {"+": operator.add, "-": operator.sub, "×": operator.mul}

MANY = [derive(b"secret", str(number)) for number in range(2000)]


def test_same_secret_and_uuid_give_the_same_challenge() -> None:
    """A challenge depends on the secret and the uuid only: derived again, it is equal."""
    assert derive(b"secret", "some uuid") == derive(b"secret", "some uuid")


def test_challenges_are_those_of_every_release() -> None:
    """A secret and a seed give the same challenges in every release: a recorded run survives an upgrade."""
    assert [derive(b"secret", uuid).question for uuid in "abc"] == ["7-6=?", "7×0=?", "7×4=?"]
    assert next(UuidSource("seed")) == "94e07de4ca8a4b6eb702617c478be67f"


def test_another_secret_gives_other_challenges() -> None:
    """Uuids do not reveal the answers, which change with the secret."""
    others = [derive(b"another secret", each.uuid) for each in MANY]
    same = sum(ours.question == theirs.question for ours, theirs in zip(MANY, others, strict=True))
    assert same < len(MANY) / 50
    assert all(ours.entropy != theirs.entropy for ours, theirs in zip(MANY, others, strict=True))


def test_answer_matches_the_question() -> None:
    """The answer computed from the question alone is the challenge's, and not negative."""
    for challenge in MANY:
        found = re.fullmatch(r"(\d)([-+×])(\d)=\?", challenge.question)
        assert found, challenge.question
        left, sign, right = found.groups()
        assert challenge.answer == OPERATIONS[sign](int(left), int(right)) >= 0


def test_questions_fit_into_pictures() -> None:
    """Every question has as many symbols as a picture has places."""
    assert {len(challenge.question) for challenge in MANY} == {SYMBOL_COUNT}


def test_every_calculation_occurs() -> None:
    """Each digit occurs on each side of each operator; no operator is rare."""
    signs = [challenge.question[1] for challenge in MANY]
    assert {(sign, side, digit) for sign in "+-×" for side in (0, 2) for digit in "0123456789"} == {
        (each.question[1], side, each.question[side]) for each in MANY for side in (0, 2)
    }
    assert all(signs.count(sign) > len(MANY) / 4 for sign in OPERATIONS)


@pytest.mark.parametrize(
    "uuid",
    ["", "00", "验证识别码", "\ud800", "x" * 100_000],
    ids=["empty", "short", "Chinese", "lone surrogate", "long"],
)
def test_any_text_is_a_uuid(uuid: str) -> None:
    """Any text, also one that is not a uuid, has a challenge."""
    assert derive(b"", uuid).answer in range(82)


def test_challenge_repr_hides_the_entropy() -> None:
    """The repr of a challenge has its uuid, question and answer."""
    challenge = derive(b"secret", "u")
    assert repr(challenge) == (f"Challenge(uuid='u', question='{challenge.question}', answer={challenge.answer})")


@pytest.mark.parametrize("seed", [None, "seed"], ids=["no seed", "seed"])
def test_uuids_have_the_form_of_the_sample(seed: str | None) -> None:
    """Uuids are 32 lower-case hex digits of a version 4 UUID, as the document's sample is."""
    for uuid in itertools.islice(UuidSource(seed), 100):
        assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", uuid)


def test_a_seed_repeats_its_uuids() -> None:
    """A seed gives the same uuids in the same order; two seeds have none in common."""
    once, again, other = (list(itertools.islice(UuidSource(seed), 100)) for seed in ("seed", "seed", "seed2"))
    assert once == again
    assert not set(once) & set(other)


def test_uuids_without_a_seed_do_not_repeat() -> None:
    """Two sources without a seed have nothing in common."""
    assert len({uuid for _ in range(2) for uuid in itertools.islice(UuidSource(), 1000)}) == 2000


@pytest.mark.parametrize("seed", [None, "seed"], ids=["no seed", "seed"])
def test_threads_share_a_source(seed: str | None) -> None:
    """Eight threads at once get 8,000 different uuids; with a seed, its first 8,000."""
    source, drawn, start = UuidSource(seed), [], threading.Barrier(8)

    def draw() -> None:
        start.wait()
        drawn.append(list(itertools.islice(source, 1000)))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = {uuid for each in drawn for uuid in each}
    assert len(given) == 8000
    if seed is not None:
        assert given == set(itertools.islice(UuidSource(seed), 8000))


def test_secret_of_a_seed_is_repeatable() -> None:
    """A seed has one secret, of 32 bytes; another seed has another; no uuid reveals it."""
    secret = secret_from_seed("seed")
    assert secret == secret_from_seed("seed") != secret_from_seed("seed2")
    assert len(secret) == 32
    assert secret.hex()[:12] not in {u[:12] for u in itertools.islice(UuidSource("seed"), 1000)}
