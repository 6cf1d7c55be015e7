"""Margin: what each account has to be covered with, from balances, prices and rules. Pure.

It stands apart: nothing else of clearing knows it, and without [margin] nobody asks it.
"""
