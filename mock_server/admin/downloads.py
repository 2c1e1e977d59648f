"""The contract as TypeScript types, as an .http file and as a Postman collection, with the URL of this mock."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, request

from mock_server.core.mock import Mock


def add_downloads(admin: Blueprint, mock: Mock) -> None:
    """Add the routes of the downloads to the blueprint of the admin API."""

    # The formats are imported on the first request, as the admin API is often not used.
    @cache
    def types() -> str:
        from code_contract.docs.typescript import render_types

        return render_types(mock.contract)

    @admin.get("/contract.d.ts")
    def contract_types() -> Response:
        return _download(types(), "text/plain", "contract.d.ts")

    @admin.get("/requests.http")
    def http_file() -> Response:
        from code_contract.docs.http_file import render_http

        return _download(render_http(mock.contract, base_url(mock)), "text/plain", "requests.http")

    @admin.get("/postman.json")
    def postman_collection() -> Response:
        from code_contract.docs.postman import render_postman

        text = render_postman(mock.contract, base_url(mock))
        return _download(text, "application/json", "postman_collection.json")


def base_url(mock: Mock) -> str:
    """Return the URL of the operations, at the host that the current request names."""
    # The access policy has allowed this Host; headers of a proxy could be anybody's.
    return f"{request.scheme}://{request.headers['Host']}{mock.base_path}"


def _download(text: str, media_type: str, name: str) -> Response:
    response = Response(text.encode("utf-8", "backslashreplace"), content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
