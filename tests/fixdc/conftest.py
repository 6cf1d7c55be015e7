"""The desk, for all tests of requests."""

from .desk import desk

__all__ = ["desk"]
