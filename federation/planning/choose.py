"""The choice among sites: the fewest further requests, the nearest, the fewest fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from federation.planning.sites import FETCH_PRICE, Site

__all__ = ["cheapest"]


def cheapest(sites: Iterable[Site], popularity: Mapping[str, int] | None = None) -> Site:
    """The site to use; of equals, one in the subgraph that most fields could use."""
    best: Site | None = None
    best_rank: tuple[int, int, int, int] | None = None
    for site in sites:
        popular = popularity.get(site.stand.graph, 0) if popularity else 0
        price = site.price()
        rank = (price // FETCH_PRICE, site.level, price, -popular)
        if best_rank is None or rank < best_rank:
            best, best_rank = site, rank
    assert best is not None  # noqa: S101 - callers have made sure that there is a site
    return best
