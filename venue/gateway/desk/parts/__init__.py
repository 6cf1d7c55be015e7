"""Parts of pages: each a Python class with its Vue component beside it (desk_*.js).

A part is shown what it shows by a call of `show`, as plain JSON with numbers as exact text; it
emits what the user wants. It knows nothing of the venue.
"""
