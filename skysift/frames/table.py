"""What is known of a detection: the columns of ``detections.parquet``.

The first sixteen are those that Tails publishes, by its names; the others are ours. What is not
known is null, never a number that stands for it.
"""

from __future__ import annotations

import pyarrow as pa

KNOWN_STATUSES = ("matched", "none", "failed", "not_asked")
"""Of the search for known objects: ``none`` is an answer, ``failed`` is the lack of one."""

PUBLISHED = pa.schema(
    {
        "id": pa.string(),  # of the frame
        "ni": pa.int32(),  # number within the frame, from 0, the best first
        "jd": pa.float64(),  # middle of the exposure, UTC
        "datestr": pa.string(),  # the same as YYYY MM DD.ddddd
        "p": pa.float32(),  # score, calibrated, in [0, 1]
        "x": pa.float64(),  # column of the nucleus, from 0 at the centre of the first pixel
        "y": pa.float64(),  # row
        "ra": pa.float64(),  # by the full WCS, distortion included, ICRS [deg]
        "dec": pa.float64(),  # [deg]
        "radecstr": pa.string(),  # the same as hms and dms
        "tails_v": pa.string(),  # version of the weights
        "sci_ipac_url": pa.string(),  # of the science frame in the archive
        "dif_ipac_url": pa.string(),  # of the difference
        "cutouts": pa.string(),  # name of the npy file with the triplet
        "x_match_mpc": pa.string(),  # what the Minor Planet Center said, JSON; null: not asked
        "x_match_skybot": pa.string(),  # what SkyBoT said, JSON; null: not asked
    }
)

DETECTIONS = pa.schema(
    [
        *PUBLISHED,
        pa.field("candid", pa.string()),  # <id>_<ni>
        pa.field("jd_start", pa.float64()),  # shutter opened, UTC
        pa.field("exptime", pa.float32()),  # [s]
        pa.field("x_err", pa.float32()),  # of x, one sigma [px]; null where the network tells none
        pa.field("y_err", pa.float32()),
        pa.field("radec_err", pa.float32()),  # of each coordinate on the sky, one sigma [arcsec]
        pa.field("mag", pa.float32()),  # of all its light, by the network
        pa.field("size", pa.float32()),  # half-light radius, by the network [arcsec]
        pa.field("magap", pa.float32()),  # within 5 arcsec; null unless it is brighter than nothing
        pa.field("sigmagap", pa.float32()),
        pa.field("magap10", pa.float32()),  # within 10 arcsec
        pa.field("sigmagap10", pa.float32()),
        pa.field("magap15", pa.float32()),  # within 15 arcsec
        pa.field("sigmagap15", pa.float32()),
        pa.field("magcoma", pa.float32()),  # within `coma_radius`
        pa.field("sigmagcoma", pa.float32()),
        pa.field("coma_radius", pa.float32()),  # where the profile meets the noise [arcsec]
        pa.field("limmagap", pa.float32()),  # five sigma of the sky within 5 arcsec, there
        pa.field("badfrac", pa.float32()),  # share of the 5-arcsec aperture without data
        pa.field("filter", pa.string()),  # g, r or i
        pa.field("field", pa.int32()),
        pa.field("ccdid", pa.int32()),  # 1 to 16
        pa.field("qid", pa.int32()),  # 1 to 4
        pa.field("magzp", pa.float32()),  # magnitude of one DN
        pa.field("maglim", pa.float32()),  # of the frame, as its header has it
        pa.field("seeing", pa.float32()),  # full width at half maximum [arcsec]
        pa.field("simulated", pa.bool_()),  # whether the frame's ORIGIN says that it was made up
        pa.field("panel", pa.string()),  # name of the png file
        pa.field("known_status", pa.string()),  # one of KNOWN_STATUSES
        pa.field("known_name", pa.string()),  # the nearest known object
        pa.field("known_offset", pa.float32()),  # of its predicted place [arcsec]
        pa.field("known_mag", pa.float32()),  # predicted
        pa.field("known_source", pa.string()),  # who predicted it
        pa.field("tracklet", pa.string()),  # id; null: linked with nothing
        pa.field("rate", pa.float32()),  # of its motion [arcsec/min]
        pa.field("rate_pa", pa.float32()),  # its direction, from north through east [deg]
    ]
)
"""A row a detection."""
