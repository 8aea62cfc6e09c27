"""What is in a frame: the columns of ``truth.csv`` and ``frames.csv``."""

from __future__ import annotations

import pyarrow as pa

KINDS = (
    "comet", "asteroid", "streak", "transient", "variable", "blend", "galaxy", "ghost",
    "satellite", "cosmic_ray",
)  # fmt: skip
"""Kinds of source. Only comets are comets; the others are what may be taken for one."""

TRUTH_COLUMNS = pa.schema(
    {
        "id": pa.string(),  # of the frame
        "object": pa.string(),  # the same in all frames that show it
        "kind": pa.string(),  # one of KINDS
        "x": pa.float64(),  # column at mid-exposure, from 0 [px]: a comet's nucleus
        "y": pa.float64(),  # row [px]
        "ra": pa.float64(),  # of that pixel by the frame's own WCS, J2000 [deg]
        "dec": pa.float64(),
        "mag": pa.float64(),  # all its light, in the frame's filter [mag]
        "snr": pa.float64(),  # of a matched filter in the difference frame
        "extent_snr": pa.float64(),  # of what is left when the best point source is taken away
        "blocked": pa.float64(),  # share of its light on pixels that are saturated or without data
        "half_light": pa.float64(),  # radius with half of the light, without seeing [arcsec]
        "coma_radius": pa.float64(),  # see `coma_glow` [arcsec]; comets only, as the seven below
        "nucleus": pa.float64(),  # share of the light that is a point
        "dust_angle": pa.float64(),  # of the dust tail, from north through east [deg]
        "dust_length": pa.float64(),  # where it has faded by a factor e [arcsec]
        "dust_share": pa.float64(),  # of the light
        "ion_angle": pa.float64(),
        "ion_length": pa.float64(),
        "ion_share": pa.float64(),
        "rate": pa.float64(),  # of motion [arcsec/min]; for asteroids and streaks too
        "rate_angle": pa.float64(),  # from north through east [deg]
    }
)
"""A row a source; NaN where a column means nothing for the kind."""

FRAME_COLUMNS = pa.schema(
    {
        "id": pa.string(),
        "jd": pa.float64(),  # shutter opened
        "exptime": pa.float64(),  # [s]
        "fid": pa.int64(),  # 1 g, 2 r, 3 i
        "field": pa.int64(),
        "ccd": pa.int64(),
        "quadrant": pa.int64(),
        "ra": pa.float64(),  # of the centre [deg]
        "dec": pa.float64(),
        "latitude": pa.float64(),  # galactic, of the centre [deg]
        "stars": pa.int64(),  # drawn on the frame
        "seeing": pa.float64(),  # full width at half maximum, at the centre [arcsec]
        "sky": pa.float64(),  # level [DN]
        "zeropoint": pa.float64(),  # magnitude of one DN
        "maglim": pa.float64(),  # 5 sigma, point source, perfect PSF fit
        "comets": pa.int64(),
        "science": pa.string(),  # paths from the folder
        "difference": pa.string(),
        "reference": pa.string(),
    }
)
"""A row a frame."""
