"""Run federation cases: `make conformance CASES=DIR`.

A folder of cases holds a folder a suite: `supergraph.graphql`, `subgraphs.json` (a list of `name`,
`sdl`, `url`) and `tests.json` (a list of `id`, `query`, `variables`, `expected`, where `expected`
has `data`, compared without the order of keys, and `errors: true` where an error is expected).

Two things are checked: that composing the subgraphs yields the supergraph, and that the engine
answers each query as expected. What the subgraphs hold is not part of such a folder: it is derived
from the expected answers, and subgraphs that know just that are served over HTTP. They refuse what
no correct gateway asks of them.
"""
