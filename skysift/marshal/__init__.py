"""The page where people see candidates and label them.

Alerts are read from folders: the topics of a job or of a subscriber, or raw packets. Questions and
answers stand in an active-learning ledger; the page is a `Desk` of it for each labeller. Nothing is
fetched from anywhere, and nothing is remembered but in the ledger.
"""
