"""Load on a venue over FIX: what is sent when, how long the answers take, and a picture of it.

`mix`, `flow`, `schedule`, `quantiles`, `outcome` and `picture` are pure; `session` and
`client` hold the sockets. Knows FIX and instruments only, never the venue's inside.
"""
