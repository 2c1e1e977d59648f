"""The VuePress page renders as the source document does, in VuePress 1.9 with the theme vdoing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract
from code_contract.docs import render
from tests import npm
from tests.paths import DATA, ROOT

PACKAGES = [
    "@vuepress/markdown@1.9.10",
    "vuepress-plugin-container@2.1.5",
    "vuepress-theme-vdoing@1.12.9",
    # They import these without declaring them.
    "@vue/component-compiler-utils@3",
    "lru-cache@5",
]


def rendered(folder: Path, *paths: Path) -> list[dict[str, Any]]:
    """The front matter and the template of each page, as VuePress renders them with the containers of vdoing."""
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, DATA / "vuepress.cjs", folder, *paths], capture_output=True, text=True, check=True, timeout=60
    )
    # The theme logs to stdout before.
    result = json.loads(done.stdout[done.stdout.index('{"containers"') :])
    assert result["containers"] == 10
    pages: list[dict[str, Any]] = result["pages"]
    return pages


@pytest.mark.slow
def test_the_page_renders_as_the_source_document(contract: Contract, tmp_path: Path) -> None:
    """Front matter and template are equal, the generator comment aside; a changed fact makes them differ.

    A template is all that VuePress compiles of a page. The whole build, with webpack, takes a minute and a half.
    """
    npm.install(tmp_path, *PACKAGES)
    printed, changed = tmp_path / "printed.md", tmp_path / "changed.md"
    page = render(contract, "vuepress")
    printed.write_text(page, encoding="utf-8")
    changed.write_text(
        page.replace("| 业务代码 | code | Integer | 是 |", "| 业务代码 | code | Integer | 否 |"), "utf-8"
    )
    source, ours, other = rendered(tmp_path, ROOT / "docs" / "document.md", printed, changed)
    assert ours["matter"] == source["matter"]
    html = re.sub(r"^<!--.*?-->\n", "", ours["html"])
    assert html == source["html"]
    assert "<details" in html
    assert '<Badge text="是"' in html
    assert other["html"] != ours["html"]
