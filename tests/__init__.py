"""Tests: mirror venue/ and cli/; FixClient is the broker that is not QuickFIX."""
