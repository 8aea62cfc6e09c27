"""Views, one a file; each has its `router`."""

from __future__ import annotations

from skysift.marshal.views import (
    answering,
    entrance,
    labels,
    overview,
    pixels,
    question,
    queue,
)

VIEWS = tuple(
    view.router for view in (overview, queue, question, answering, pixels, labels, entrance)
)
