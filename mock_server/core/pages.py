"""Pages: the part of a list that a request asks for, and the fields that say which part it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from code_contract import FieldPath, Operation
from code_contract.merging import types
from mock_server.core.places import items_of, normalized, properties

DEFAULT_SIZE = 10
"""Items of a page, if neither the request nor the document says how many."""
MAX_PAGE_NUMBER = 10**9

_SIZES = (
    *("limit", "perpage", "pagesize", "size", "top", "first", "take", "maxresults", "maxitems", "pagelimit"),
    *("resultsperpage", "itemsperpage"),
)
_NUMBERS = ("page", "pagenumber", "pageno", "pageindex", "currentpage", "p")
_OFFSETS = ("offset", "skip", "startindex", "pageoffset", "startat")
_CURSORS = (
    *(
        "cursor",
        "after",
        "startingafter",
        "startafter",
        "pagetoken",
        "nexttoken",
        "continuation",
        "marker",
        "pageafter",
    ),
    *("nextpagetoken", "continuationtoken", "pagecursor", "nextcursor"),
)
_TOTALS = ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrecords", "totalsize", "xtotal")
_HOLDERS = ("meta", "metadata", "pagination", "pageinfo", "paging", "page", "links", "cursors", "pageable")
"""Names of objects with fields about the page."""


def is_about_pages(name: str) -> bool:
    """Return True for the normalized name of a parameter that asks for a page."""
    return name in (*_SIZES, *_NUMBERS, *_OFFSETS, *_CURSORS)


@dataclass(frozen=True)
class Page:
    """A page of a list.

    Attributes:
        start: The number of its first item, counted from 0.
        size: The most items that it has.
        total: The items of the list.
        first_number: The number of the first page.
        names: The names of the parameters that ask for a page, a position and an item, as the client writes them.
        is_asked: True if the request asks for a page.
    """

    start: int
    size: int
    total: int
    first_number: int = 1
    names: tuple[str, str, str] = ("", "", "")
    is_asked: bool = False

    @property
    def end(self) -> int:
        """The number of the item after its last one."""
        return min(self.start + self.size, self.total)

    @property
    def has_more(self) -> bool:
        """True if items follow."""
        return self.start < self.end < self.total

    @property
    def count(self) -> int:
        """The pages of the list."""
        return -(-self.total // self.size) if self.size else 0

    @property
    def number(self) -> int:
        """The number of the page."""
        return self.first_number + (self.start // self.size if self.size else 0)


def find_page(operation: Operation, query: str, ids: Sequence[str], max_items: float) -> Page:
    """Return the page that a request asks for.

    Args:
        operation: The operation, whose parameters have defaults.
        query: The query of the request.
        ids: The ids of the items.
        max_items: The most items that the response may have.
    """
    documented = {normalized(each.name): each for each in operation.parameters if each.location == "query"}
    sent = {normalized(name): (name, text) for name, text in parse_qsl(query)}

    def named(names: Sequence[str]) -> str:
        return next((each for each in names if each in sent), next((each for each in names if each in documented), ""))

    def value(name: str) -> Any:
        stated = documented[name].schema.get("default") if name in documented else None
        return sent[name][1] if name in sent else stated

    size_name, page_name, offset_name, cursor_name = map(named, (_SIZES, _NUMBERS, _OFFSETS, _CURSORS))
    is_paged = bool(page_name or offset_name or cursor_name)
    size = _number(value(size_name))
    if size is None:
        size = min(DEFAULT_SIZE, _maximum(documented, size_name)) if is_paged else len(ids)
    size = int(min(size, _maximum(documented, size_name), max_items))
    start, first = _number(value(offset_name)) or 0, 1
    if page_name:
        schema = documented[page_name].schema if page_name in documented else {}
        first = 0 if 0 in (schema.get("minimum"), schema.get("default")) else 1
        number = _number(value(page_name))
        start = start if number is None else max(number - first, 0) * size
    after = str(value(cursor_name) or "")
    if after in ids:
        start = ids.index(after) + 1
    elif after:
        start = _number(after) or 0
    names = tuple(
        sent[each][0] if each in sent else documented[each].name if each in documented else ""
        for each in (page_name, offset_name, cursor_name)
    )
    asked = {size_name, page_name, offset_name, cursor_name} & sent.keys()
    return Page(start, size, len(ids), first, (names[0], names[1], names[2]), bool(asked))


def _number(text: Any) -> int | None:
    with suppress(ValueError, TypeError):
        return min(max(int(text), 0), MAX_PAGE_NUMBER)
    return None


def _maximum(documented: Mapping[str, Any], name: str) -> int:
    found = documented[name].schema.get("maximum") if name in documented else None
    return int(found) if isinstance(found, (int, float)) and found > 0 else MAX_PAGE_NUMBER


def link(page: Page, path: str, query: str, ids: Sequence[str], step: int) -> str | None:
    """Return the reference to the next (step 1) or the previous (-1) page, None if there is none."""
    if (not page.has_more) if step > 0 else (page.start == 0 or page.start - page.size >= page.total):
        return None
    by_page, by_offset, by_cursor = page.names
    if by_page or not (by_offset or by_cursor):
        changed = (by_page or "page", str(page.number + step))
    elif by_offset:
        changed = (by_offset, str(max(page.start + step * page.size, 0)))
    elif step > 0:
        changed = (by_cursor, ids[page.end - 1])
    else:
        return None
    pairs = [each for each in parse_qsl(query, keep_blank_values=True) if each[0] != changed[0]]
    return f"{quote(path, errors='surrogatepass')}?{urlencode([*pairs, changed], errors='surrogatepass')}"


def fields(
    schema: Any, page: Page, place: FieldPath, path: str, query: str, ids: Sequence[str]
) -> Iterator[tuple[FieldPath, list[Any]]]:
    """Yield the places in a body that say which page it is, each with the values that do, the best first.

    Args:
        schema: The schema of the body.
        page: The page.
        place: The place of the list.
        path: The path of the request.
        query: Its query.
        ids: The ids of all items.
    """
    level: list[tuple[FieldPath, Any]] = [((), schema)]
    for depth in range(3):
        below = [((*at, name), each) for at, holder in level for name, each in properties(holder).items()]
        names = {normalized(at[-1]) for at, _ in below}
        for at, each in below:
            if items_of(each) is None and not properties(each):
                values = list(_values(normalized(at[-1]), types(each), page, names, (path, query, ids)))
                if values:
                    yield at, values
        level = [
            (at, each) for at, each in below if depth < 2 and (normalized(at[-1]) in _HOLDERS or at == place[: len(at)])
        ]


def _values(
    name: str, kinds: Sequence[str], page: Page, beside: set[str], request: tuple[str, str, Sequence[str]]
) -> Iterator[Any]:
    """Yield the values that a field of this name may have."""
    size, ids = page.end - page.start if page.start < page.end else 0, request[2]
    has_total = bool(beside & set(_TOTALS))
    if name in _TOTALS:
        yield page.total
    elif name in ("count", "numberofelements", "itemcount", "returned"):
        yield page.total if name == "count" and not has_total else size
    elif name in _SIZES and "boolean" not in kinds and (name != "first" or "integer" in kinds):
        yield page.size
    elif name in ("totalpages", "lastpage", "pages", "pagestotal", "pagecount") and "boolean" not in kinds:
        yield page.count
    elif name in _NUMBERS or (name == "number" and "totalpages" in beside):
        yield page.number
    elif name in _OFFSETS:
        yield page.start
    elif name in ("hasmore", "hasnext", "hasnextpage", "more", "ismore", "istruncated"):
        yield page.has_more
    elif name in ("hasprevious", "hasprev", "haspreviouspage", "hasprevpage"):
        yield page.start > 0
    elif name in ("first", "last", "isfirst", "islast", "empty") and "boolean" in kinds:
        yield {"f": page.start == 0, "l": not page.has_more, "e": not size}[name.removeprefix("is")[0]]
    elif name in ("next", "nextpage", "nexturl", "nextlink", "nextpageurl"):
        yield from _link_values(page, request, 1)
    elif name in ("previous", "prev", "previouspage", "prevpage", "previousurl", "prevurl", "prevpageurl"):
        yield from _link_values(page, request, -1)
    elif name in ("endcursor", *_CURSORS):
        yield from [ids[page.end - 1], page.end] if page.has_more else [None, ""]


def _link_values(page: Page, request: tuple[str, str, Sequence[str]], step: int) -> Iterator[Any]:
    path, query, ids = request
    found = link(page, path, query, ids, step)
    if found is None:
        yield from (None, "")
        return
    yield from (found, f"https://api.example.com{found}", page.number + step)


def headers(page: Page, path: str, query: str, ids: Sequence[str]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return the values of headers that say which page it is, by name in lower case."""
    steps = (("next", 1), ("prev", -1))
    links = ((name, link(page, path, query, ids, step)) for name, step in steps)
    text = ", ".join(f'<{found}>; rel="{name}"' for name, found in links if found)
    totals = ("x-total", "x-total-count", "total-count", "x-pagination-total-count", "total")
    return (
        ("link", (text or f'<{quote(path, errors="surrogatepass")}>; rel="first"',)),
        *((name, (page.total,)) for name in totals),
        *((name, (page.count,)) for name in ("x-total-pages", "x-pagination-page-count", "x-page-count")),
        *((name, (page.number,)) for name in ("x-page", "x-pagination-current-page")),
        *((name, (page.size,)) for name in ("x-per-page", "x-pagination-per-page")),
        *((name, (page.number + 1,) if page.has_more else ("",)) for name in ("x-next-page",)),
    )
