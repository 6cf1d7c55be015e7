"""The journal: the one record of the venue. Frames of records in segments; reading and verifying.

May import domain only. Writing is the sequencer's alone (venue/sequencer/writer.py).
"""
