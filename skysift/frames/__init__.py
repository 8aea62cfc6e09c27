"""Frames: the search for comets in whole survey frames; what `skysift frames` does.

A frame is one quadrant of one exposure. It is named by its id (`ids`), fetched from the archive or
found in a folder (`fetch`, `ids`), searched (`search`), and its comets are rows of one table
(`table`), with pictures (`products`). Here survey files, networks and Spark meet, so the room
stands above all of theirs; it knows nothing of simulated frames but their names.
"""
