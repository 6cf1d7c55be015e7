"""Metrics and health of all processes, read from outside of them.

`look` reads what the processes show and /proc; `servers` asks NATS and PostgreSQL; `verdict` says
who is healthy and who is ready; `samples` makes numbers of it, as `catalog` names them; `process`
serves them. No process of the venue speaks HTTP for it or waits for who asks
(docs/OBSERVABILITY.md).
"""
