"""The page at /__mock/ and Swagger UI at /__mock/docs/. They need no build step and load nothing from other hosts."""

from __future__ import annotations

import json
from importlib.resources import files

from flask import Blueprint, Response, render_template, request
from flask_swagger_ui import get_swaggerui_blueprint

from code_contract import Contract
from mock_server.admin import ADMIN_PREFIX

LANGUAGES = ("en", "zh")

_HERE = files("mock_server.admin.ui")
_WORDS: dict[str, list[str]] = json.loads(_HERE.joinpath("words.json").read_text(encoding="utf-8"))
_TYPES = {"page.js": "text/javascript; charset=utf-8", "page.css": "text/css; charset=utf-8"}
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
_CSP_LOCKDOWN = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Swagger UI has an inline script and inline styles.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src *; "
)


def add_page(admin: Blueprint, contract: Contract) -> None:
    """Add the page and its script and style sheet to the blueprint of the admin API.

    Args:
        admin: The blueprint.
        contract: The contract, whose title the page shows.
    """
    admin.template_folder = "ui"

    def page() -> Response:
        lang = request.accept_languages.best_match(LANGUAGES, default="en")
        words = {name: each[LANGUAGES.index(lang)] for name, each in _WORDS.items()}
        title = contract.document["info"].get("x-i18n-zh", {}).get("title") if lang == "zh" else None
        text = render_template(
            "index.html", lang=lang, words=words, title=title or contract.title, version=contract.version
        )
        return _with_security_headers(Response(text, content_type="text/html; charset=utf-8"), _POLICY)

    def file(name: str) -> Response:
        return _with_security_headers(Response(_HERE.joinpath(name).read_bytes(), content_type=_TYPES[name]), _POLICY)

    admin.add_url_rule("/", "page", page)
    for name in _TYPES:
        admin.add_url_rule(f"/{name}", name.replace(".", "_"), file, defaults={"name": name})


def swagger_ui(contract: Contract) -> Blueprint:
    """Return Swagger UI for the contract and the admin API."""
    documents = [
        {"name": contract.title, "url": "/openapi.json"},
        {"name": f"{ADMIN_PREFIX}/", "url": f"{ADMIN_PREFIX}/openapi.json"},
    ]
    # Without validatorUrl, Swagger UI sends the document to a public validator.
    config = {"app_name": contract.title, "urls": documents, "validatorUrl": None, "oauth2RedirectUrl": ""}
    docs: Blueprint = get_swaggerui_blueprint(
        f"{ADMIN_PREFIX}/docs", "/openapi.json", config, blueprint_name="mock_docs"
    )
    docs.after_request(lambda response: _with_security_headers(response, _DOCS_POLICY))
    return docs


def _with_security_headers(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy + _CSP_LOCKDOWN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response
