"""Load on a venue over FIX: what is sent when, how long the answers take, and a picture of it.

`mix`, `flow`, `schedule`, `task`, `quantiles`, `outcome` and `picture` are pure. `native` is the
load client in C, `program` builds it and `native_client` runs it; `client` and `session` are the
one in Python. Knows FIX and instruments only, never the venue's inside.
"""
