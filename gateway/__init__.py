"""Wires everything together and serves it over HTTP."""
