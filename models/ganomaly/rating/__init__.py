"""How like a survey's images are those of simulations? What ``skysift rate`` reports.

Sets of images are scored (``sets``), joined with what is known of their galaxies (``catalogue``),
and compared (``comparison``, with ``distances``, ``kernel``, ``matching``); ``mock`` observes
simulations as the survey would have. ``views``, ``correlations``, ``latent`` and ``probes`` look
further. ``rate`` puts the report together, ``show`` draws it and ``page`` makes one file of it.
"""
