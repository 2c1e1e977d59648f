"""Faults of the demands on clients: requests that HTTP permits, and that the mock rejects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mock_server.faults.model import Effect, Fault, RequestContext, Stage
from mock_server.response import ResponseDraft

Condition = Callable[[Mapping[str, str]], bool]
"""Decides on the headers of a request, names in lower case."""

CLIENTS, OTHER_ORIGINS = "real-clients-are-served", "other-origins-may-call"


def _rejects(condition: Condition, status: int) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        if condition(context.headers):
            draft.status, draft.body = status, b""

    return effect


def _origin_is_own(headers: Mapping[str, str]) -> bool:
    return headers.get("origin", "").partition("://")[2] == headers.get("host")


def _fault(name: str, condition: Condition, status: int, text: str, zh: str, breaks: str = CLIENTS) -> Fault:
    return Fault(name, breaks, Stage.SUCCESS, _rejects(condition, status), text, zh)


# fmt: off
FAULTS = (
    _fault("lower-case-charset-rejected", lambda h: "charset=utf-8" in h.get("content-type", ""), 415, "responds 415 to a charset in lower case", "字符集为小写时返回 415"),
    _fault("upper-case-charset-rejected", lambda h: "charset=UTF-8" in h.get("content-type", ""), 415, "responds 415 to a charset in upper case", "字符集为大写时返回 415"),
    _fault("space-before-charset-rejected", lambda h: "; charset" in h.get("content-type", ""), 415, "responds 415 to a space before the charset", "字符集前有空格时返回 415"),
    _fault("several-media-types-rejected", lambda h: h.get("accept") == "application/json, text/plain, */*", 406, "responds 406 to an Accept header with several media types", "Accept 头含有多个媒体类型时返回 406"),
    _fault("accept-required", lambda h: "accept" not in h, 406, "responds 406 to a request without an Accept header", "请求没有 Accept 头时返回 406"),
    _fault("length-required", lambda h: "content-length" not in h and "transfer-encoding" not in h, 411, "responds 411 to a request without a body and without Content-Length", "请求既没有请求体也没有 Content-Length 时返回 411"),
    _fault("trace-context-rejected", lambda h: "traceparent" in h, 400, "responds 400 to a traceparent header", "请求带有 traceparent 头时返回 400"),
    _fault("forwarded-request-redirected", lambda h: "x-forwarded-proto" in h, 302, "redirects requests that a gateway forwards", "重定向由网关转发的请求"),
    _fault("own-origin-rejected", _origin_is_own, 403, "responds 403 to a page of its own origin", "对同源页面返回 403"),
    _fault("several-languages-rejected", lambda h: "," in h.get("accept-language", ""), 500, "responds 500 to an Accept-Language header with several languages", "Accept-Language 头含有多种语言时返回 500"),
    _fault("browsers-rejected", lambda h: "sec-fetch-site" in h and "referer" in h, 403, "responds 403 to requests with both Sec-Fetch-Site and Referer", "请求同时带有 Sec-Fetch-Site 和 Referer 时返回 403"),
    _fault("other-origins-rejected", lambda h: "origin" in h and not _origin_is_own(h), 403, "responds 403 to a page of another origin", "对其他源的页面返回 403", OTHER_ORIGINS),
)
# fmt: on
