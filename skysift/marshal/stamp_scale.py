"""How large a stamp is on the sky: a bar of some arcsec, to be laid over it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

ARCSEC_PER_PIXEL = {"ztf": 1.01, "lsst": 0.2}
BAR_ARCSEC = {"ztf": 15, "lsst": 2}


def scale_svg(survey: str, shape: tuple[int, int]) -> str:
    """Draw the bar, in the lower left of a drawing that covers the stamp.

    Parameters
    ----------
    survey : str
        ``ztf`` or ``lsst``, by which the size of a pixel is known.
    shape : tuple of int
        Rows and columns of the stamp; units of the drawing are its pixels.

    Returns
    -------
    str
        An ``<svg>`` element, and a ``<span>`` with the bar's length.

    Examples
    --------
    >>> scale_svg("ztf", (63, 63)).count("h14.85")  # 15 arcsec, 1.01 each
    1
    """
    rows, columns = shape
    label = f"{BAR_ARCSEC[survey]}″"
    length = BAR_ARCSEC[survey] / ARCSEC_PER_PIXEL[survey]
    box = {"class": "scale", "viewBox": f"0 0 {columns} {rows}", "role": "img"}
    svg = Element("svg", {**box, "aria-label": f"The bar is {label} long."})
    place = f"M{0.05 * columns:.2f} {0.95 * rows:.2f}h{length:.2f}"
    SubElement(svg, "path", {"d": place})
    words = Element("span", {"class": "arcsec", "aria-hidden": "true"})
    words.text = label
    return "".join(tostring(element, encoding="unicode") for element in (svg, words))
