"""The gateway's ways to what operators see and do: the admin socket, files, the command line.

Knows nothing of HTTP's requests; who asks, and what, is `venue.gateway.operator`'s.
"""
