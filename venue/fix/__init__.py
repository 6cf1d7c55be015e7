"""The FIX 4.4 edge: QuickFIX's acceptor, text in and out. The only user of quickfix in the venue.

Turns messages into commands and events into messages; knows nothing of books, risk or the journal.
"""
