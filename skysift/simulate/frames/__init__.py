"""Whole survey frames with comets in them, and the truth, made from a seed.

``DIR`` of ``skysift simulate frames --output DIR`` holds ::

    sci/YYYY/MMDD/ffffff/<id>_sciimg.fits                    science frame, HDU 0
    sci/YYYY/MMDD/ffffff/<id>_scimrefdiffimg.fits.fz         difference frame, fpack, HDU 1
    ref/fff/field<field>/<filter>/ccdNN/qN/ztf_<field>_<filter>_cNN_qN_refimg.fits
                                                             its reference, on its own grid, HDU 0
    truth/<id>.json                                          written last: the frame is whole
    frames.csv                                               a row a frame (`truth.FRAME_COLUMNS`)
    truth.csv                                                a row a source (`truth.TRUTH_COLUMNS`)
    manifest.json                                            seed, settings, versions

as ZTF's archive names and lays them (`skysift.alerts.frame_name`), so that the folder may be served
over HTTP in its place. ``<id>`` is ``ztf_<YYYYMMDDffffff>_<field>_<zg|zr|zi>_c<01..16>_o_q<1..4>``.
Arrays are (rows, columns) float32 in DN, NaN where there are no data; `x` is the column and `y` the
row, counted from 0 at the centre of the first pixel. What of it is not real is said in
docs/simulated-frames.md.
"""

from __future__ import annotations

from skysift.alerts.frame_name import FrameName
from skysift.simulate.frames.frame import Frame, make_frames
from skysift.simulate.frames.produce import write_frames
from skysift.simulate.frames.settings import COMETS, FULL, Settings

__all__ = ["COMETS", "FULL", "Frame", "FrameName", "Settings", "make_frames", "write_frames"]
