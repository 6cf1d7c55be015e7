"""Alerts and confirmations of members: made from events, delivered where each member chose.

limits and order_totals count, watch makes alerts, all three pure. channels and store keep, delivery
and senders go out, worker is the sink.
"""
