"""The gateway: REST and WebSocket in front of the venue, for people without a FIX engine.

Its only way in is FIX, as an ordinary session of each member; its only ways out are NATS and what
clearing has booked. It may be away: trading does not know it.
"""
