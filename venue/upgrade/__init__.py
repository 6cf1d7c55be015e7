"""`venue upgrade --check`: which formats lie there, and what the next start makes of each.

`format` is what is told of a store; `journal`, `files` and `servers` look at them; `check` asks
all. Looks only: nothing is changed, nothing is started.
"""
