"""Downloads of the admin API: types, .http file and Postman collection, with the URL of the mock."""

from __future__ import annotations

import requests

from code_contract import Contract
from code_contract.docs import render
from code_contract.docs.http_file import render_http
from code_contract.docs.postman import render_postman
from mock_server import MockServer


def test_the_contract_is_downloaded_in_the_formats_of_the_docs(mock: MockServer, contract: Contract) -> None:
    """They are those of `code-contract docs`, and the requests go to this mock."""
    admin = f"{mock.root_url}/__mock"
    for name, wanted in (
        ("contract.d.ts", render(contract, "typescript")),
        ("requests.http", render_http(contract, mock.base_url)),
        ("postman.json", render_postman(contract, mock.base_url)),
    ):
        response = requests.get(f"{admin}/{name}", timeout=10)
        assert response.text == wanted
        assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert mock.base_url in response.text
