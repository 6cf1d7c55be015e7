"""An electronic trading venue that speaks FIX 4.4.

The way of one order, each stage a file:

    fix/arrivals.py       poll: which connections have sent something
    fix/reader.py         take: bytes to whole, checked messages (fix/frame.py)
    fix/traffic.py        show: past QuickFIX if surely valid, else QuickFIX lets it pass
    fix/decode.py         decode: text to a command
    sequencer/inbox.py    put: it waits for its place in the order of things
    sequencer/sequencer.py  run_batch: at most 256 inputs are taken together
    engine/engine.py      apply: command to events; engine/trading/entry.py, risk/pre_trade.py,
                          engine/trading/placing.py, book/order_book.py
    fix/encode.py         reports: events to text
    sequencer/writer.py   append: commands and events on disk, one fdatasync a batch
    fix/sender.py         send: only now do the reports leave

From the journal the events go on: bus/publisher.py to JetStream, and from there to
clearing/worker.py (the ledger), audit/worker.py (the trail), marketdata/worker.py (md.*),
dropcopy/worker.py (drop.*) and notify/worker.py (alert.*, mail, webhooks). app.py wires trading;
processes.py has all processes.
"""

from venue import compiled_core, lean_imports

__version__ = "0.2.0"

compiled_core.use()  # before anything of the core is imported
lean_imports.use()
