"""A contract with a hostile text in every place that takes text, and the texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS = {
    "script": "</script><script>window.pwned=1</script>",
    "handler": "\"'><img src=x onerror=window.pwned=1><svg/onload=window.pwned=1>",
    "url": "javascript:window.pwned=1 [x](javascript:window.pwned=1) <javascript:window.pwned=1>",
    "template": "{{7*7}} {% print 7*7 %} ${7*7} {{constructor.constructor('window.pwned=1')()}}",
    "lines": "a\r\nX-Injected: 1\r\n\r\n<b>b</b>\n---\n# c\u2028d\u2029e",
    "fence": "```\n</code></pre>--> *c* | d ` e \\",
    "terminal": "\x1b]0;pwned\x07\x1b[31m\x1b[2J\x9b1m\x08\x7f",
    "bidi": "\u202eetihw\u202c \u2066a\u2069 \u200fb",
    "nul": "a\x00b",
}
"""Texts by the context that they break out of."""


def document(text: str) -> dict[str, Any]:
    """An OpenAPI document that is valid whatever the text is."""
    zh = {"title": text, "name": text, "summary": text, "description": text, "example": text}
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "x-i18n-zh": zh,
        "x-assumption": text,
        "required": [text],
        "properties": {text: {"type": "string", "title": text, "description": text, "x-i18n-zh": zh, "default": text}},
        "x-clauses": [_clause("body-is-hostile", text)],
    }
    value = {text: text}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": text,
            "summary": text,
            "description": text,
            "version": text,
            "contact": {"name": text},
            "license": {"name": text},
            "x-i18n-zh": zh,
            "x-document": {"title": text, "tags": [text], text: text},
        },
        "servers": [{"url": "/", "description": text}],
        "tags": [{"name": text, "description": text, "externalDocs": {"url": text, "description": text}}],
        "externalDocs": {"url": text, "description": text},
        "x-sections": [{"id": "operation", "title": text, "zh": text}],
        "x-clauses": [_clause("answer-is-hostile", text)],
        "paths": {
            "/a": {
                "post": {
                    "operationId": "send",
                    "tags": [text],
                    "summary": text,
                    "description": text,
                    "externalDocs": {"url": text, "description": text},
                    "x-i18n-zh": zh,
                    "parameters": [
                        {
                            "name": text,
                            "in": "query",
                            "required": True,
                            "description": text,
                            "example": text,
                            "x-i18n-zh": zh,
                            "x-assumption": text,
                            "schema": {"type": "string", "enum": [text], "default": text},
                        },
                    ],
                    "requestBody": {
                        "description": text,
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/A"}, "example": value}
                        },
                    },
                    "responses": {
                        "200": {
                            "description": text,
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": "#/components/schemas/A"},
                                    "examples": {text: {"summary": text, "description": text, "value": value}},
                                }
                            },
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {"A": schema},
            "examples": {"hostile": {"summary": text, "description": text, "value": value, "x-status": 400}},
            "x-scenarios": {text: {"summary": text, "zh": text, "example": "hostile"}},
        },
    }


def write(folder: Path, text: str) -> Path:
    """The document as a file."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document(text)), encoding="utf-8")
    return path


def _clause(name: str, text: str) -> dict[str, Any]:
    clause = {"id": name, "section": "operation", "level": "must", "origin": "document"}
    return clause | {"quotes": [text], "source": text, "text": text}
