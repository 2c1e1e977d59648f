"""Faults of the document: fields that are missing, of the wrong type or of the wrong value.

No field name is typed here: the field to change is the location of the violated clause in the contract.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from code_contract.pointers import value_at
from mock_server.faults.model import Effect, Fault, RequestContext, Stage, after
from mock_server.response import ResponseDraft, delete_at, set_at

REPEATED_ID = "00000000000000000000000000000000"


def _missing(context: RequestContext, draft: ResponseDraft) -> None:
    delete_at(draft.document, context.target_path)


def _set(value: Any) -> Effect:
    return lambda context, draft: set_at(draft.document, context.target_path, value)


def _map_field(change: Callable[[Any], Any]) -> Effect:
    """Replaces the value of the field by what `change` returns for it."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        set_at(draft.document, context.target_path, change(value_at(draft.document, context.target_path)))

    return effect


def _in_array(context: RequestContext, draft: ResponseDraft) -> None:
    draft.document = [draft.document]


def _extra_field(context: RequestContext, draft: ResponseDraft) -> None:
    set_at(draft.document, (*context.target_path, "extra"), "undocumented")


def _sequential_uuid(context: RequestContext, draft: ResponseDraft) -> None:
    draft.uuid = f"{context.number + 1:032x}"


def _repeated_uuid(context: RequestContext, draft: ResponseDraft) -> None:
    if context.number % 5 == 4:
        set_at(draft.document, context.target_path, REPEATED_ID)


def _cyclic_uuid(context: RequestContext, draft: ResponseDraft) -> None:
    draft.uuid = hashlib.md5(b"%d" % (context.number % 40), usedforsecurity=False).hexdigest()


def _copy_from_success(context: RequestContext, draft: ResponseDraft) -> None:
    """Gives an error response the value that the success example has at the location of the clause."""
    example = context.operation.success_example
    set_at(draft.document, context.target_path, value_at(example and example.value, context.target_path))


def _field(name: str, breaks: str, effect: Effect, text: str, zh: str) -> Fault:
    return Fault(name, breaks, Stage.DOCUMENT, effect, text, zh)


# fmt: off
FAULTS = (
    _field("envelope-in-array", "envelope-is-an-object", _in_array, "wraps the envelope in an array", "将响应结果放入数组"),
    _field("succ-flag-missing", "succ-flag-is-present", _missing, "omits the result flag", "省略结果标识"),
    _field("succ-flag-string", "succ-flag-is-a-boolean", _map_field(lambda v: str(v).lower()), "sends the result flag as a string", "结果标识为字符串"),
    _field("succ-flag-number", "succ-flag-is-a-boolean", _map_field(int), "sends the result flag as 1", "结果标识为数字 1"),
    _field("code-missing", "code-is-present", _missing, "omits the business code", "省略业务代码"),
    _field("code-string", "code-is-an-integer", _map_field(str), "sends the business code as a string", "业务代码为字符串"),
    _field("code-fraction", "code-is-an-integer", _map_field(lambda v: v + 0.5), "sends a business code with a fraction", "发送带小数的业务代码"),
    _field("code-zero", "code-is-200-on-success", _set(0), "sends success responses with business code 0", "成功响应的业务代码为 0"),
    _field("data-array", "data-is-an-object", _map_field(lambda v: [v]), "wraps the data in an array", "将业务数据放入数组"),
    _field("data-string", "data-is-an-object", _map_field(str), "sends the data as a string", "业务数据为字符串"),
    _field("data-missing", "data-is-given-on-success", _missing, "omits the data of success responses", "成功响应省略业务数据"),
    _field("data-null", "data-is-given-on-success", _set(None), "sends success responses with null data", "成功响应的业务数据为 null"),
    _field("msg-number", "msg-is-a-string-or-null", _set(0), "sends the message as a number", "结果提示为数字"),
    _field("msg-object", "msg-is-a-string-or-null", _set({}), "sends the message as an object", "结果提示为对象"),
    _field("uuid-missing", "uuid-is-present", _missing, "omits the captcha id", "省略验证识别码"),
    _field("uuid-null", "uuid-is-a-string", _set(None), "sends null as the captcha id", "验证识别码为 null"),
    _field("uuid-number", "uuid-is-a-string", _map_field(lambda v: int(v, 16) % 10**9), "sends the captcha id as a number", "验证识别码为数字"),
    _field("uuid-empty", "uuid-is-not-empty", _set(""), "sends an empty captcha id", "发送空的验证识别码"),
    _field("img-missing", "img-is-present", _missing, "omits the picture", "省略验证码图片"),
    _field("img-missing-after-40", "img-is-present", after(40, _missing), "omits the picture from the 41st request on", "从第 41 个请求起省略验证码图片"),
    _field("img-null", "img-is-a-string", _set(None), "sends null as the picture", "验证码图片为 null"),
    _field("img-array", "img-is-a-string", _map_field(lambda v: [v]), "sends the picture in an array", "将验证码图片放入数组"),
    Fault("uuid-constant", "uuid-is-unique", Stage.DOCUMENT, _set(REPEATED_ID), "sends the same captcha id in every response", "每个响应都发送相同的验证识别码"),
    Fault("uuid-repeats", "uuid-is-unique", Stage.DOCUMENT, _repeated_uuid, "sends the same captcha id in one response in five", "每五个响应中有一个发送相同的验证识别码"),
    Fault("uuid-cycles", "uuid-is-unique", Stage.UUID, _cyclic_uuid, "sends the first 40 captcha ids again and again", "循环发送最初的 40 个验证识别码"),
    Fault("uuid-counts", "uuid-is-not-a-counter", Stage.UUID, _sequential_uuid, "sends sequential captcha ids", "发送连续的验证识别码"),
    Fault("envelope-extra", "envelope-adds-nothing", Stage.DOCUMENT, _extra_field, "adds an undocumented field to the envelope", "在响应结果中添加文档未规定的属性"),
    Fault("data-extra", "data-adds-nothing", Stage.DOCUMENT, _extra_field, "adds an undocumented field to the data", "在业务数据中添加文档未规定的属性"),
    Fault("error-with-success-code", "error-code-differs", Stage.ERROR, _copy_from_success, "sends error responses with the success code", "错误响应使用成功时的业务代码"),
    Fault("error-with-data", "error-carries-no-data", Stage.ERROR, _copy_from_success, "sends error responses with a captcha", "错误响应带有验证码"),
    Fault("error-without-message", "error-has-a-message", Stage.ERROR, _copy_from_success, "sends error responses without a message", "错误响应不带结果提示"),
)
# fmt: on
