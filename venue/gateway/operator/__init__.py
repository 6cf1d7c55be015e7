"""Operators over HTTP: what the command line's desk shows and does, for users of the venue itself.

Asks trading by the admin socket, in the operator's own name, and reads what the command line reads.
Decides nothing: who may do what is trading's to say (decision 0048).
"""
