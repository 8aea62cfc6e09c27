"""Measurements of skysift against the ways people do the same today; see README.md here.

Each ``bench_NAME.py`` has one function ``run``, which measures, checks that both sides gave the
same answer, and returns the rows of a table.
"""
