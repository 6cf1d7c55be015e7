"""What is read from the journal, the trail and the ledger."""
