"""The words of the pages for reading, in both languages, and which of them a page speaks."""

from __future__ import annotations

from code_contract.docs.schemas import LocalizedText

LABELS = {
    "address": LocalizedText("Address", "接口地址"),
    "answers": LocalizedText("Answers", "响应示例"),
    "assumed": LocalizedText("Assumed", "假定"),
    "authentication": LocalizedText("Authentication needed", "需要鉴权"),
    "clause": LocalizedText("Clause", "条款"),
    "clauses": LocalizedText("Clauses", "条款"),
    "content_type": LocalizedText("Content type", "文本类型"),
    "document": LocalizedText("Words of the document", "原文"),
    "example": LocalizedText("Example", "示例值"),
    "field": LocalizedText("Field", "属性名"),
    "level": LocalizedText("Level", "级别"),
    "limits": LocalizedText("Limits", "约束"),
    "location": LocalizedText("In", "位置"),
    "meaning": LocalizedText("Meaning", "参数名称"),
    "no": LocalizedText("no", "否"),
    "nothing": LocalizedText("A call brings nothing.", "无"),
    "or_null": LocalizedText("or null", "或 null"),
    "origin": LocalizedText("Origin", "出处"),
    "picture": LocalizedText("The picture of this sample", "示例图片"),
    "request": LocalizedText("Request", "请求参数"),
    "required": LocalizedText("Required", "是否必填"),
    "response": LocalizedText("Response", "响应"),
    "search": LocalizedText("Search this page", "页内搜索"),
    "sentence": LocalizedText("Sentence", "内容"),
    "source": LocalizedText("Source", "依据"),
    "type": LocalizedText("Type", "类型"),
    "version": LocalizedText("Version", "版本"),
    "yes": LocalizedText("yes", "是"),
}


def localized(text: LocalizedText, lang: str) -> tuple[str, str]:
    """What a page in `lang` says of `text`: English, Chinese, or both; the other where one is missing."""
    if lang == "en":
        return (text.en, "") if text.en else ("", text.zh)
    if lang == "zh":
        return ("", text.zh) if text.zh else (text.en, "")
    return text.en, text.zh if text.zh != text.en else ""


def requirement_label(text: LocalizedText) -> LocalizedText:
    """The label of the line that tells whether a call must bring this."""
    return LocalizedText(f"{text.en} needed", f"需要{text.zh or text.en}")


def label_text(text: LocalizedText | str, lang: str) -> str:
    """The same as one line; a string is the key of a word above."""
    return " · ".join(filter(None, localized(LABELS[text] if isinstance(text, str) else text, lang)))
