"""Check of the built documentation site: python tests/site.py FOLDER. Its environment has nothing else of the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Page(HTMLParser):
    """The language, the anchors and the links of a page."""

    path: Path
    language: str | None = None
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "html":
            self.language = found.get("lang")
        self.anchors |= {value for name in ("id", "name") if (value := found.get(name))}
        self.links += [value for name in ("href", "src") if (value := found.get(name))]


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence for each defect of the site."""
    pages = {path: Page(path) for path in sorted(root.rglob("*.html")) if path.name != "404.html"}
    for path, page in pages.items():
        name = path.relative_to(root)
        language = "zh" if name.parts[0] == "zh" else "en"
        if name.name == "index.html" and page.language != language:
            yield f"{name}: language {page.language}, not {language}"
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                yield f"{name}: {link} leads nowhere"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{name}: {link} has no such anchor"
    indexed = json.loads((root / "search" / "search_index.json").read_text("utf-8"))["docs"]
    for prefix, word in (("guide/", "check"), ("reference/", "img-is-a-png"), ("zh/", "接口约定")):
        if not any(entry["location"].startswith(prefix) and word in _plain(entry["text"]) for entry in indexed):
            yield f"the search does not find {word} below {prefix}"


def _plain(text: str) -> str:
    return text.replace("\u200b", "")


if __name__ == "__main__":
    found = list(problems(Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "every link of the site leads to a page and an anchor")
    sys.exit(bool(found))
