"""Active learning: what to label next, and the memory of what was answered.

The room knows no model by name. A query is a strategy (how much would a label of this row teach?)
and a selector (which of the useful rows make a batch?); both are pure functions of arrays, found
by their names. Questions and answers stand in a ledger, finished rounds in folders that nobody
changes, and `loop` turns one into the other with a learner that the caller brings.
"""
