"""SkyPortal (Fritz is one): candidates with annotations, thumbnails and comments, each once.

`posts` is what can be sent, `steps` the requests it takes, `client` sends one, `ledger` remembers
what was taken, and `sink` goes from one to the other until everything is there exactly once.
"""
