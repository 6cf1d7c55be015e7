"""An electronic trading venue that speaks FIX 4.4.

The way of one order, each stage a file:

    fix/application.py    fromApp: QuickFIX hands over a message
    fix/decode.py         decode: text to a command
    sequencer/inbox.py    put: it waits for its place in the order of things
    sequencer/sequencer.py  run_batch: at most 256 inputs are taken together
    engine/engine.py      apply: command to events; risk/pre_trade.py, then book/order_book.py
    fix/encode.py         reports: events to text
    sequencer/writer.py   append: commands and events on disk, one fdatasync a batch
    fix/sender.py         send: only now do the reports leave

From the journal the events go on: dropcopy/publisher.py to JetStream, and from there to
clearing/worker.py (the ledger), audit/worker.py (the trail) and marketdata/worker.py (md.*).
app.py wires all of it.
"""

__version__ = "0.1.0"
