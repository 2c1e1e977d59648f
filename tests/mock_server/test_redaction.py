"""Secrets in requests: masked in the journal and the log, and in the violations that quote a value."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from code_contract import Contract, load
from mock_server.observability.access_log import as_json, as_text
from mock_server.observability.redaction import MASK, MAX_BODY_CHARS, MAX_HEADER_CHARS, MAX_JSON_BYTES, Redactor
from tests.conftest import GRANTED
from tests.mock_server.test_mock import Serve

SECRET = "s3cret"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

SECRET_NAMES = [
    *("Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "X-CSRF-Token", "X-Amz-Signature", "PHPSESSID"),
    *("pass", "pw", "pwd", "newpwd", "passwd1", "PASSWORD", "passWord", "pAsSwOrD", "user_password", "pass-phrase"),
    *(
        "user[password]",
        "user[pass_word]",
        "user.accessToken",
        "$.data.pin",
        "pin",
        "userPin",
        "pinCode",
        "PIN",
        "pin2",
    ),
    *("otp", "totp", "2fa", "jwt", "idToken", "refresh_tokens", "accesstoken", "accessKey", "access_key", "ACCESS-KEY"),
    *("privateKey", "client_secret", "AccountKey", "sig", "sessionId", "sms_code", "smsCode", "verifyCode", "csrf"),
    *(
        "密码",
        "登录密码",
        "驗證碼",
        "验证码",
        "短信验证码",
        "口令",
        "令牌",
        "密钥",
        "ｐａｓｓｗｏｒｄ",
        "mima",
        "x" * 500 + "_pin",
    ),
]
HARMLESS_NAMES = [
    *(
        "pinned",
        "pinyin",
        "passenger",
        "compass",
        "passed",
        "bypass",
        "passport",
        "spin",
        "opinion",
        "author",
        "authority",
    ),
    *("code", "uuid", "captcha", "captchaCode", "img", "key", "keyboard", "monkey", "secretary", "tokenizer", "signal"),
    *(
        "username",
        "postcode",
        "status_code",
        "Source",
        "Referer",
        "User-Agent",
        "X-Request-Id",
        "Sec-Fetch-Site",
        "Access-Control-Allow-Credentials",
        "账号",
    ),
]


@pytest.mark.parametrize("name", SECRET_NAMES, ids=ascii)
def test_names_of_secrets_in_any_style(name: str) -> None:
    """Camel, snake and kebab case, brackets, dots, digits, full width, English and Chinese."""
    assert Redactor().is_secret(name)


@pytest.mark.parametrize("name", HARMLESS_NAMES, ids=ascii)
def test_names_that_only_resemble_them(name: str) -> None:
    """A short name is secret as a whole word only; the id and the answer of a captcha stay visible."""
    assert not Redactor().is_secret(name)


@pytest.mark.parametrize("name", ["cardNumber", "card_number", "CARD-NUMBER", "user[card.number]", "我的身份证", "a+b"])
def test_further_names(name: str) -> None:
    """They are found in any style, as whole words."""
    redactor = Redactor(["card number", "身份证", "a+b", ""])
    assert redactor.is_secret(name)
    assert not redactor.is_secret("discard_numbering")
    assert not Redactor().is_secret(name)


def test_values_of_secret_names_are_masked() -> None:
    """Other values are kept, up to MAX_HEADER_CHARS."""
    pairs = [("Authorization", SECRET), ("access_token", SECRET), ("Source", "PC"), ("A", "x" * 9999)]
    masked = Redactor().pairs(pairs)
    assert masked[:3] == [("Authorization", MASK), ("access_token", MASK), ("Source", "PC")]
    assert masked[3][1] == "x" * MAX_HEADER_CHARS + "… (truncated from 9999)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"https://a.test/b?token={SECRET}&c=1", "https://a.test/b?token=***&c=1"),
        (f"https://a.test/#access_token={SECRET}&c=1", "https://a.test/#access_token=***&c=1"),
        (f"https://me:{SECRET}@a.test/", "https://***@a.test/"),
        (f"https://me:p@{SECRET}@a.test/", "https://***@a.test/"),
        (f"/next?to=%2Flogin%3Fotp%3D{SECRET}", "/next?to=/login?otp=***"),
        (f"/next?to=%252Flogin%253Fotp%253D{SECRET}", "/next?to=/login?otp=***"),
        (f"/?user%5Bpassword%5D={SECRET}", "/?user%5Bpassword%5D=***"),
        (f"/?%70in={SECRET}", "/?%70in=***"),
        (f"/a;jsessionid={SECRET}?b", "/a;jsessionid=***"),
        (f'{{"pin": "{SECRET}", "a": 1}}', '{"pin": "***", "a": 1}'),
        (f'{{"pin": "{SECRET}', '{"pin": ***'),
        (f"Authorization: Bearer {SECRET}", "Authorization: ***"),
        (f"curl -H 'X: bearer {SECRET}-and-more'", "curl -H 'X: bearer ***'"),
        (f"seen {JWT} there", "seen *** there"),
        ("zh-CN,zh;q=0.9", "zh-CN,zh;q=0.9"),
        ("http://localhost:5173/login?code=7", "http://localhost:5173/login?code=7"),
        ("100% of 5=5", "100% of 5=5"),
    ],
)
def test_secrets_in_a_value_are_masked(value: str, shown: str) -> None:
    """In URLs, encoded or not, in JSON, also cut, in credentials; anything else is shown as it is."""
    redactor = Redactor()
    assert redactor.text(value) == shown
    assert redactor.pairs([("Referer", value), ("q", value)]) == [("Referer", shown), ("q", shown)]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b'{"a":[{"password":"s3cret"}],"b":1}', '{"a": [{"password": "***"}], "b": 1}'),
        (b'{"a" : 1}', '{"a" : 1}'),
        (b'[{"name":"password","value":"s3cret"}]', '[{"name": "password", "value": "***"}]'),
        (b'[{"Key":"otp","Values":["s3cret"],"n":1}]', '[{"Key": "otp", "Values": "***", "n": 1}]'),
        (b'[["password","s3cret"],["a","b"]]', '[["password", "***"], ["a", "b"]]'),
        (b'["Authorization","s3cret","Accept","*/*"]', '["Authorization", "***", "Accept", "*/*"]'),
        (b'{"passw\\u006frd":"s3cret"}', '{"password": "***"}'),
        (b'{"a":"{\\"pin\\":\\"s3cret\\"}"}', '{"a": "{\\"pin\\": \\"***\\"}"}'),
        (b'{"url":"https://a/?token=s3cret"}', '{"url": "https://a/?token=***"}'),
        (b'{"code":"7","uuid":"00"}', '{"code":"7","uuid":"00"}'),
        (b'{"a":{"pin":"s3cret"},"a":1}', MASK),
        (b'{"pin":"s3cret"', MASK),
        ('{"pin":"s3cret"}'.encode("utf-16"), '{"pin": "***"}'),
        ('{"pin":"s3cret"'.encode("utf-16"), MASK),
        (b'{"pin":"s3cret","a":"' + b"x" * MAX_JSON_BYTES + b'"}', MASK),
        (b"password=s3cret", "password=***"),
        (b"code=7&user%5Bpassword%5D=s3cret%20x&uuid=00", "code=7&user%5Bpassword%5D=***&uuid=00"),
        (b"%70assword=s3;c,r'et&a=%41&b", "%70assword=***&a=%41&b"),
        (b"data=%7B%22pin%22%3A%22s3cret%22%7D", 'data={"pin": "***"}'),
        (b"password=s3cret\r\na=b", MASK),
        (b'--b\r\nContent-Disposition: form-data; name="pin"\r\n\r\ns3cret\r\n--b--', MASK),
        (b"<password>s3cret=1</password>", MASK),
        (b"<p&#97;ssword>s3cret</p&#97;ssword>", MASK),
        ("密码是 s3cret".encode("gbk"), MASK),
        (b"\x1f\x8bs3cret", MASK),
        (b"x " * 3000 + b"password: s3cret", MASK),
        (b"plain \xff", "plain \\xff"),
        (b"x" * 99_999, "x" * MAX_BODY_CHARS + "… (truncated from 99999)"),
    ],
)
def test_a_body_is_shown_without_secrets(body: bytes, shown: str) -> None:
    """JSON and forms are masked by name; other text with a secret name is masked as a whole."""
    assert Redactor().body(body) == shown


@pytest.mark.parametrize(
    "unit", [b"x=y", b"a", b"%41", b"eyJ", b"a=1&", b"http://", b"{", b"[", b'\\"', b"\xff", b"-----BEGIN "]
)
def test_redaction_takes_a_bounded_time(unit: bytes) -> None:
    """A request body of the largest size, and of the largest that is parsed, takes a fraction of a second."""
    for size in (MAX_JSON_BYTES - 4, 1024 * 1024):
        for body in (unit * (size // len(unit)), b'["' + unit.replace(b'"', b"") * (size // len(unit)) + b'"]'):
            began = time.process_time()
            Redactor().body(body)
            assert time.process_time() - began < 0.5


def test_no_secret_is_kept_wherever_it_was_sent(serve: Serve, contract: Contract) -> None:
    """Neither the journal, the admin API nor a line of the access log has it, in any format."""
    target = serve(contract, mask=["cardNumber"])
    requests = [
        ("/code?token=s3cret&q=%7B%22pin%22%3A%22s3cret%22%7D&card_number=s3cret", GRANTED, b""),
        ("/code/a;jsessionid=s3cret", {"Referer": "https://me:s3cret@a/?otp=s3cret", "Cookie": "a=s3cret"}, b""),
        ("/code", {"X-Forwarded-Uri": "/?a=%2F%3Fpw%3Ds3cret", "X-Card-Number": "s3cret"}, b'{"CardNumber":"s3cret"}'),
        ("/code", {"Content-Type": "application/x-www-form-urlencoded"}, b"username=u&cardNumber=s3cret&code=7"),
    ]
    for path, headers, body in requests:
        target.send("POST", path, headers, body)
    entries = target.state.journal.entries()
    seen = [target.send("GET", "/__mock/requests").body.decode(), target.send("GET", "/__mock/metrics").body.decode()]
    seen += [line(entry) for entry in entries for line in (as_text, as_json)]
    assert len(entries) == len(requests)
    assert SECRET not in "".join(seen)
    assert "username=u&cardNumber=***&code=7" in seen[0]


def test_a_violation_quotes_no_secret(serve: Serve, tmp_path: Path) -> None:
    """The response and the journal name the violated keyword in place of the value of a secret."""
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n"
        "      parameters:\n        - {name: X-Api-Key, in: header, schema: {type: string, minLength: 40}}\n"
        "        - {name: n, in: query, schema: {type: integer}}\n"
        "      requestBody:\n        content:\n          application/json:\n"
        "            schema: {type: object, properties: {password: {type: string, minLength: 40}}}\n"
        "      responses: {'200': {description: d, content: {application/json: {example: {a: 1}}}}}\n",
        encoding="utf-8",
    )
    target = serve(load(path))
    json_type = {"Content-Type": "application/json"}
    replies = [
        target.send("POST", "/a", {"X-Api-Key": SECRET}),
        target.send("POST", "/a", json_type, json.dumps({"password": SECRET}).encode()),
        target.send("POST", "/a", json_type, json.dumps([{"password": SECRET}]).encode()),
        target.send("POST", "/a?n=x"),
    ]
    assert [reply.status for reply in replies] == [422] * 4
    entries = target.state.journal.entries()
    assert [entry.violations for entry in entries] == [
        ["header parameter X-Api-Key: violates the keyword 'minLength' of its schema"],
        ["body $.password: violates the keyword 'minLength' of its schema"],
        ["body $: violates the keyword 'type' of its schema"],
        ["query parameter n: 'x' is not of type 'integer'"],
    ]
    shown = json.dumps([entry.as_json() for entry in entries]) + str([reply.headers for reply in replies])
    assert SECRET not in shown
