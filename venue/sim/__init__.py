"""Simulated counterparties: FIX initiators with seeded behaviours. May import domain only."""
