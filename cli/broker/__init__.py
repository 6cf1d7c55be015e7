"""What a member does: orders and FIX messages by hand, and the load client."""
