"""The words of the pages for reading, in both languages, and which of them a page speaks."""

from __future__ import annotations

from contract.reference.schemas import Text

WORDS = {
    "address": Text("Address", "接口地址"),
    "answers": Text("Answers", "响应示例"),
    "assumed": Text("Assumed", "假定"),
    "authentication": Text("Authentication needed", "需要鉴权"),
    "clause": Text("Clause", "条款"),
    "clauses": Text("Clauses", "条款"),
    "content_type": Text("Content type", "文本类型"),
    "document": Text("Words of the document", "原文"),
    "example": Text("Example", "示例值"),
    "field": Text("Field", "属性名"),
    "level": Text("Level", "级别"),
    "limits": Text("Limits", "约束"),
    "location": Text("In", "位置"),
    "meaning": Text("Meaning", "参数名称"),
    "no": Text("no", "否"),
    "nothing": Text("A call brings nothing.", "无"),
    "or_null": Text("or null", "或 null"),
    "origin": Text("Origin", "出处"),
    "picture": Text("The picture of this sample", "示例图片"),
    "request": Text("Request", "请求参数"),
    "required": Text("Required", "是否必填"),
    "response": Text("Response", "响应"),
    "search": Text("Search this page", "页内搜索"),
    "sentence": Text("Sentence", "内容"),
    "source": Text("Source", "依据"),
    "type": Text("Type", "类型"),
    "version": Text("Version", "版本"),
    "yes": Text("yes", "是"),
}


def chosen(text: Text, lang: str) -> tuple[str, str]:
    """What a page in `lang` says of `text`: English, Chinese, or both; the other where one is missing."""
    if lang == "en":
        return (text.en, "") if text.en else ("", text.zh)
    if lang == "zh":
        return ("", text.zh) if text.zh else (text.en, "")
    return text.en, text.zh if text.zh != text.en else ""


def needed(text: Text) -> Text:
    """The label of the line that tells whether a call must bring this."""
    return Text(f"{text.en} needed", f"需要{text.zh or text.en}")


def say(text: Text | str, lang: str) -> str:
    """The same as one line; a string is the key of a word above."""
    return " · ".join(filter(None, chosen(WORDS[text] if isinstance(text, str) else text, lang)))
