"""What trading has done with traced orders, found in what it records anyway.

The process `tracer` makes spans of it; `venue explain --trace` prints it. Both read the journal,
the log of FIX messages and the times of batches. Trading knows neither.
"""
