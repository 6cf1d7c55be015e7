"""The one FIX 4.4 client in Python: of the load client, `venue order`, tests, benches and faults.

`wire` makes and cuts bytes, `message` shows a message as fields, `session` keeps numbers and has no
socket, `client` waits on one. Imports nothing of the venue: its reading is a second opinion.
"""
