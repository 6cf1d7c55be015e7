"""What members and back offices get on paper and in files: from the ledger, never the engine.

May know the ledger's tables and the calendar. Read-only. Each document says as of which event.
"""
