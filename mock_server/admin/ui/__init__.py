"""The page at /__mock/ and Swagger UI at /__mock/docs/. They need no build step and load nothing from other hosts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template, request, send_from_directory

from code_contract import Contract
from mock_server.admin import ADMIN_PREFIX
from mock_server.reasons import templates

LANGUAGES = ("en", "zh")

_HERE = files("mock_server.admin.ui")
_WORDS: dict[str, Sequence[str]] = json.loads(_HERE.joinpath("words.json").read_text(encoding="utf-8"))
_WORDS |= {f"reason.{code}": texts for code, texts in templates().items()}
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
# The release of Swagger UI in this package. Its own template inserts the configuration into a script without escaping.
_SWAGGER_UI = str(files("flask_swagger_ui").joinpath("dist"))
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI sets styles of elements.
_DOCS_POLICY = _POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


def add_pages(admin: Blueprint, contract: Contract, base_path: str) -> None:
    """Add the page, Swagger UI, and their scripts and style sheets to the blueprint of the admin API.

    Args:
        admin: The blueprint.
        contract: The contract, whose title the pages show.
        base_path: The prefix of the paths of its operations.
    """
    admin.template_folder = "ui"
    scripts = {each.name: each for each in _HERE.iterdir() if _content_type(each.name)}

    def page() -> Response:
        lang = request.accept_languages.best_match(LANGUAGES, default="en")
        words = {name: each[LANGUAGES.index(lang)] for name, each in _WORDS.items()}
        chinese = contract.resolved.get("info", {}).get("x-i18n-zh", {}).get("title")
        return _html(
            _POLICY,
            "index.html",
            lang=lang,
            words=words,
            every={name: dict(zip(LANGUAGES, each, strict=True)) for name, each in _WORDS.items()},
            titles={"en": contract.title, "zh": chinese or contract.title},
            version=contract.version,
            base_path=base_path,
            # A proxy that removes a prefix from the path, or a slash from its end, makes no difference to the page.
            base="" if request.path.endswith("/") else f"{ADMIN_PREFIX.lstrip('/')}/",
        )

    def file(name: str) -> Response:
        return _with_security_headers(Response(scripts[name].read_bytes(), content_type=_content_type(name)), _POLICY)

    def docs() -> Response:
        documents = [
            {"name": contract.title, "url": "../../openapi.json"},
            {"name": f"{ADMIN_PREFIX}/", "url": "../openapi.json"},
        ]
        # Without validatorUrl, Swagger UI sends the document to a public validator.
        config = {"urls": documents, "validatorUrl": None, "deepLinking": True}
        return _html(_DOCS_POLICY, "docs.html", title=contract.title, config=config)

    def docs_file(name: str) -> Response:
        return _with_security_headers(send_from_directory(_SWAGGER_UI, name), _DOCS_POLICY)

    admin.add_url_rule("/", "page", page, strict_slashes=False)
    for name in scripts:
        admin.add_url_rule(f"/{name}", name.replace(".", "_"), file, defaults={"name": name})
    admin.add_url_rule("/docs/", "docs", docs)
    admin.add_url_rule("/docs/<path:name>", "docs_file", docs_file)


def _content_type(name: str) -> str:
    """The media type of a script or a style sheet, "" for other files."""
    return _TYPES.get(name[name.rfind(".") :], "")


def _html(policy: str, template: str, **values: Any) -> Response:
    text = render_template(template, **values)
    return _with_security_headers(Response(text, content_type="text/html; charset=utf-8"), policy)


def _with_security_headers(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-cache"
    return response
