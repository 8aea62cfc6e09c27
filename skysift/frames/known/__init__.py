"""Which known comets and asteroids are near a detection.

``Catalogue.read([...])`` reads orbits of the Minor Planet Center, and ``match_table(table,
catalogue)`` fills the columns ``known_*`` from them, offline. ``online.check_table(table,
services)`` asks services on the web for ``x_match_mpc`` and ``x_match_skybot``. Both run on the
driver, outside any UDF.
"""
