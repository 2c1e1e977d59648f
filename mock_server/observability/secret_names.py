"""The names of secrets, as data. A name is compared in lower case, its words joined by hyphens: `user-pass-word`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

WORDS = (
    *("pass", "pw", "pin", "otp", "totp", "mfa", "2fa", "jwt", "sid", "sig", "csrf", "xsrf", "bearer", "cvv", "cvc"),
    *("mima", "kouling", "lingpai", "miyao", "yzm", "yanzhengma", "duanxinma"),
)
"""Names that are secret as a whole word only: `pin` in `user_pin` and `pinCode`, not in `pinned`."""

PARTS = (
    *("auth(?!or(?!i[sz]))", "cookie", "(?<!access-control-allow-)credential", "session", "sessid"),
    *("signature", "token(?!i[sz])"),
    *("secret(?!ar)", "password", "passwd", "pwd", "passphrase", "passcode", "apikey", "accesskey", "privatekey"),
    *("密码", "密碼", "口令", "令牌", "密钥", "密匙", "秘钥", "密鑰", "私钥", "凭证", "凭据", "会话", "签名"),
    *("验证码", "驗證碼", "校验码", "动态码", "授权码"),
)
"""Regular expressions of names that are secret wherever they occur, also in `accesstoken`; `author` is none,
nor is the header Access-Control-Allow-Credentials."""

COMPOUNDS = {
    "key": ("api", "access", "private", "secret", "account", "subscription", "encryption", "signing", "master", "ssh"),
    "code": ("sms", "verify", "verification", "security", "auth", "activation", "one-time", "phone", "mail", "email"),
}
"""Last words that are secret after one of these: `accessKey`, `sms_code`. Neither `key` nor `code` is by itself:
the answer of a captcha is called `code`, and the journal exists to show it."""

NAMING = frozenset(
    (
        *("name", "key", "field", "header", "param", "parameter", "property", "label", "k", "n", "名称"),
        *("attr", "attribute", "column", "path", "var", "variable"),
    )
)
"""Last words of a name whose value names another value, as in a HAR: {"name": "password", "value": "x"}."""

MAX_NAME_CHARS = 200
"""Characters of a name that are compared."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_A_WORD = re.compile(r"[\W_]+")


def words(name: str) -> str:
    """Return the words of a name in any style, such as `userPassword`, `user[pass_word]`, `User.Pass-Word`."""
    plain = unicodedata.normalize("NFKC", name[-MAX_NAME_CHARS:])
    return _NOT_A_WORD.sub("-", _CAMEL.sub("-", plain)).casefold()


def name_pattern(more: Iterable[str] = ()) -> re.Pattern[str]:
    """Return the pattern that finds the name of a secret in the words of a name.

    Args:
        more: Further names, in any style, each as a sequence of whole words.
    """
    compounds = (f"(?:{'|'.join(first)})-?{last}" for last, first in COMPOUNDS.items())
    further = (re.escape(words(each).strip("-")).replace(r"\-", "-?") for each in more)
    whole = "|".join((*WORDS, *compounds, *filter(None, further)))
    # Digits count as a boundary: `password1`, `pin2`.
    return re.compile(rf"(?<![a-z])(?:{whole})s?(?![a-z])|{'|'.join(PARTS)}")


def is_naming(name: str, value: str = "") -> bool:
    """Return True for `name`, `fields[0][name]`, `field_names`; not if the value has a field of its own after a `;`."""
    return ";" not in value and words(name).strip("-0123456789").rpartition("-")[2].removesuffix("s") in NAMING
