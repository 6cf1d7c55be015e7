"""The FIX 4.4 edge: QuickFIX's acceptor, text in and out. The only user of quickfix in the venue.

It turns messages into commands and events into messages, and knows nothing of books, risk or the
journal.
"""
