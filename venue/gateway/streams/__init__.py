"""The gateway's WebSocket, /v1/stream: channels that begin with a snapshot and go on in numbers.

`messages` and `requests` are what is said, `feed` numbers what a channel says and remembers the end
of it, `public`, `private` and `wallet` make what is said of news from the hub, `outbox` is what
waits for one reader, `socket` is a connection, `streams` has all of it.
"""
