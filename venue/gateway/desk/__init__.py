"""The desk in the browser: NiceGUI on the gateway's application, for visitors, traders, operators.

Only this package imports nicegui. It decides nothing and keeps no orders: every act goes through
the API with the user's token, and what is live it hears from the hub.
"""
