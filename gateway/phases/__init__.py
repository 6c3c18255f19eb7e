"""The steps a request takes, one file each; `gateway.pipeline` says in which order."""
