"""Events, commands and FIX messages as text for people."""
