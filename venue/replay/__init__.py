"""What is read from a journal: the state at a start, snapshots, old reports, answers to questions.

Knows the journal, the engine and the sequencer's session state; never writes an event.
"""
