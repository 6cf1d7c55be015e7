"""Backup of a data directory, running or not, and its restore into a new one.

May know the files of a data directory and what they hold. Changes nothing in the directory that is
backed up, and never writes over anything.
"""
