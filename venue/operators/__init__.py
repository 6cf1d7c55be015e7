"""Who may operate the venue, and what: identities, roles, and the entrance of the admin socket.

May know the domain, the admin socket's types, and how passwords are kept. Decides before anything
of the venue is asked; must never let a request through whose asker it does not know.
"""
