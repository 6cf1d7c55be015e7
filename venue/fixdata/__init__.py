"""FIX sessions beside trading: market data and drop copies, each a process with its own port.

venue.edge_parts       door, QuickFIX and authentication, as trading has them
venue.fixdata.edge     DataEdge: its sessions' numbers, and what a core sends
venue.fixdata.core     DataCore: what a core has to be
venue.fixdata.numbers  MsgSeqNums that outlive a kill
venue.fixdata.serving  the door and a core in one asyncio loop
venue.fixdata.asked    what trading asks about a session, for an operator; answering: the answer
venue.fixdata.disabled sessions of which an operator lets none log on
"""
