"""Labels of the pages in English and Chinese, and the choice between the languages."""

from __future__ import annotations

from code_contract.docs.fields import LocalizedText

LABELS = {
    "address": LocalizedText("Address", "接口地址"),
    "and": LocalizedText("and", "与"),
    "assumed": LocalizedText("Assumed", "假定"),
    "authentication": LocalizedText("Authentication required", "需要鉴权"),
    "body": LocalizedText("Body", "请求体"),
    "body_required": LocalizedText("required", "必填"),
    "callback": LocalizedText("Callback", "回调"),
    "clause": LocalizedText("Clause", "条款"),
    "clauses": LocalizedText("Clauses", "条款"),
    "content_type": LocalizedText("Content type", "文本类型"),
    "deprecated": LocalizedText("deprecated", "已弃用"),
    "description": LocalizedText("Meaning", "说明"),
    "details": LocalizedText("Details", "详情"),
    "document": LocalizedText("Quoted from the document", "原文"),
    "example": LocalizedText("Example", "示例值"),
    "examples": LocalizedText("Examples", "响应示例"),
    "field": LocalizedText("Field", "属性名"),
    "generated": LocalizedText(
        "Generated from the contract by code-contract docs: format {0}, language {1}."
        " Edit the contract, not this page.",
        "本页根据接口约定生成，请修改接口约定，不要修改本页（code-contract docs: format={0}, language={1}）。",
    ),
    "headers": LocalizedText("Headers", "响应头"),
    "in_cookie": LocalizedText("cookie", "Cookie"),
    "in_header": LocalizedText("header", "请求头"),
    "in_path": LocalizedText("path", "路径"),
    "in_query": LocalizedText("query", "查询参数"),
    "in_querystring": LocalizedText("querystring", "查询字符串"),
    "level": LocalizedText("Level", "级别"),
    "level_info": LocalizedText("INFO", "信息"),
    "level_must": LocalizedText("MUST", "必须"),
    "level_should": LocalizedText("SHOULD", "应当"),
    "limits": LocalizedText("Limits", "约束"),
    "location": LocalizedText("In", "位置"),
    "meaning": LocalizedText("Meaning", "参数名称"),
    "name": LocalizedText("Name", "名称"),
    "no": LocalizedText("no", "否"),
    "no_body": LocalizedText("No body.", "无响应体。"),
    "no_operations": LocalizedText("The document has no operations.", "文档没有接口。"),
    "nothing": LocalizedText("No parameters.", "无"),
    "optional": LocalizedText("optional", "可选"),
    "or": LocalizedText("or", "或"),
    "or_null": LocalizedText("or null", "或 null"),
    "origin": LocalizedText("Origin", "出处"),
    "origin_assumption": LocalizedText("assumption", "假定"),
    "origin_document": LocalizedText("document", "文档"),
    "origin_implied": LocalizedText("implied", "用途"),
    "origin_rfc": LocalizedText("rfc", "标准"),
    "picture": LocalizedText("Picture of this example", "示例图片"),
    "readOnly": LocalizedText("read-only", "只读"),
    "request": LocalizedText("Request", "请求参数"),
    "required": LocalizedText("Required", "是否必填"),
    "requirement": LocalizedText("Requirement", "要求"),
    "response": LocalizedText("Response", "响应"),
    "schemas": LocalizedText("Schemas", "数据结构"),
    "scopes": LocalizedText("Scopes", "权限范围"),
    "search": LocalizedText("Search this page", "页内搜索"),
    "security": LocalizedText("Authentication", "鉴权方式"),
    "servers": LocalizedText("Servers", "服务地址"),
    "source": LocalizedText("Source", "依据"),
    "type": LocalizedText("Type", "类型"),
    "version": LocalizedText("Version", "版本"),
    "webhook": LocalizedText("Webhook", "Webhook"),
    "writeOnly": LocalizedText("write-only", "只写"),
    "yes": LocalizedText("yes", "是"),
}


def localized(text: LocalizedText | str, lang: str) -> tuple[str, str]:
    """Return the English and the Chinese of a text, or of the label of a key, that a page in `lang` shows.

    If a text is missing in that language, the other one is shown.
    """
    text = LABELS[text] if isinstance(text, str) else text
    if lang == "en":
        return (text.en, "") if text.en else ("", text.zh)
    if lang == "zh":
        return ("", text.zh) if text.zh else (text.en, "")
    return text.en, text.zh if text.zh != text.en else ""


def requirement_label(text: LocalizedText) -> LocalizedText:
    """Return the label of the line that states if a request must send this header."""
    return LocalizedText(f"{text.en} required", f"需要{text.zh or text.en}")


def label_text(text: LocalizedText | str, lang: str) -> str:
    """Return a text, or the label of a key, as a single line."""
    return " · ".join(filter(None, localized(text, lang)))
