"""Adapters: how what skysift found gets to services of others; a folder a service.

An adapter takes plain dataclasses and speaks one service's language. It knows nothing of streams,
frames or models: who calls it brings what is to be sent.
"""
