"""Housekeeping: compresses what is closed, removes what is too old, and measures what is on disk.

May know the files of all stores and [retention]. Runs beside the replica, at low priority. Changes
nothing that anybody still writes to.
"""
