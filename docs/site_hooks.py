"""Hooks of MkDocs for the documentation site: the Chinese half of it, and links to files outside docs/."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
CHINESE = "zh/"
_LINK = re.compile(r"(\]\()([^)#\s:]+)(#[^)\s]*)?(?=\))")


def on_config(config: Any) -> Any:
    """Add guides that the configuration does not order, and the Chinese pages in the order of the English ones."""
    guides = next(section["Guides"] for section in config.nav if "Guides" in section)
    names = sorted(f"guide/{path.name}" for path in DOCS.glob("guide/*.md"))
    guides += [name for name in names if name not in guides]
    config.nav.append(
        {
            "中文": [
                {"首页": f"{CHINESE}index.md"},
                {"指南": [name for each in guides if (DOCS / (name := f"{CHINESE}{each}")).is_file()]},
                {"参考": [{"条款": f"{CHINESE}reference/clauses.md"}, {"故障": f"{CHINESE}reference/faults.md"}]},
            ]
        }
    )
    return config


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """Keep the tabs of both languages, of which each page has those of its own; the first is the home page."""
    *english, chinese = nav.items
    config.extra["tabs"] = {"en": english, "zh": chinese.children}
    for each in chinese.children:
        each.parent = None
    return nav


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Lead relative links that leave docs/, which work on GitHub, to the repository."""
    folder = posixpath.dirname(page.file.src_uri)

    def absolute(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", folder, found[2]))
        # Also what stays in docs/, but is no page: sources, and pages for other generators.
        is_on_site = target.startswith("docs/") and files.get_file_from_path(target.removeprefix("docs/"))
        return found[0] if is_on_site else f"{found[1]}{config.extra['repository']}/blob/main/{target}{found[3] or ''}"

    return _LINK.sub(absolute, markdown)


def on_page_context(context: dict[str, Any], page: Any, config: Any, nav: Any) -> dict[str, Any]:
    """Show menus and search in the language of the page, and lead to the same page in the other one."""
    path = page.file.src_uri
    is_chinese = path.startswith(CHINESE)
    config.theme["language"] = "zh" if is_chinese else "en"
    nav.items = config.extra["tabs"][config.theme["language"]]
    nav.homepage = nav.items[0]
    english = path.removeprefix(CHINESE)
    for each, prefix in zip(config.extra["alternate"], ("", CHINESE), strict=True):
        is_there = (DOCS / prefix / english).is_file()
        name = re.sub(r"(^|/)index$", r"\1", english.removesuffix(".md")) if is_there else ""
        each["link"] = f"{prefix}{name}".rstrip("/") + "/" if prefix or name else "./"
    return context
