"""What all commands have in common. Knows msgspec only."""

import msgspec


class Command(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=True, gc=False
):
    """Base of all commands."""
