"""Wallet events: each line of the ledger on a member's account, told once on NATS, from the ledger.

May know the ledger's tables and JetStream. Must never book, nor tell a line before it is committed.
"""
