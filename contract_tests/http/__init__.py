"""HTTP exchanges: a client with limits of time and size, transport errors, and the record of an exchange.

The law of this folder: it sends and records, and checks nothing. Nothing that a target sends raises an exception,
exceeds the deadline, or is kept beyond the limits.
"""
