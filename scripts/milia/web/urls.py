"""Where things are on the site: the one place that makes addresses."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import PurePosixPath
from urllib.parse import quote, urlencode

from milia.names import BASE

__all__ = ["Urls", "site_map"]


class Urls:
    """Addresses as they are written on the page at `here`: from the root, or relative for a static site.

    >>> Urls("condition/milia").page("site/nose"), Urls("condition/milia", static=True).page("site/nose")
    ('/site/nose', '../site/nose.html')
    """

    def __init__(self, here: str = "", *, static: bool = False, known: Container[str] | None = None) -> None:
        """Remember the page on which addresses stand; `known` are the pages that there are, if not any."""
        self.here, self.static, self._known = here, static, known

    def page(self, path: str = "", **query: str) -> str:
        """Return the address of a page by its path; on a static site, scripts read the query."""
        page = self._relative(f"{path or 'index'}.html") if self.static else "/" + quote(path)
        return page + (f"?{urlencode(query)}" if query else "")

    def file(self, path: str) -> str:
        """Return the address of a file."""
        return self._relative(path) if self.static else "/" + quote(path)

    def thing(self, iri: str) -> str:
        """Return the address of a thing: its page, where there is one here, or else its own address."""
        path = iri.removeprefix(BASE)
        is_here = iri.startswith(BASE) and (self._known is None or path in self._known)
        return self.page(path) if is_here else iri

    @property
    def root(self) -> str:
        """Return what leads from the page to the root of the site."""
        return self._relative("") if self.static else "/"

    def _relative(self, target: str) -> str:
        up = len(PurePosixPath(self.here).parts) - 1
        return quote("../" * max(up, 0) + target)


def site_map(addresses: Iterable[str]) -> str:
    """Return the map of a site for search engines, from the addresses of its pages."""
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    urls = "\n".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{urls}\n</urlset>\n'
