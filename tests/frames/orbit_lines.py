"""Lines of ``CometEls.txt`` and ``MPCORB.DAT``: real ones, and ones made of numbers."""

from __future__ import annotations

HALE_BOPP = (
    "    CJ95O010  1997 03 29.6333  0.916241  0.994928  130.6448  283.3593   88.9908  20200224"
    "  -2.0  4.0  C/1995 O1 (Hale-Bopp)                                    MPC106342"
)
PARABOLA = (
    "    CK15A020  2015 08  1.8353  5.341055  1.000000  208.8369  258.5042  109.1696          "
    "  10.5  4.0  C/2015 A2 (PANSTARRS)                                    MPC 93587"
)
BORISOV = (
    "0002I         2019 12  9.0572  1.997724  3.345952  209.2911  307.8024   44.2624  20251121"
    "  11.0  4.0  2I/Borisov                                               MPEC 2025-R69"
)
TSUCHINSHAN = (
    "    CK23A030  2024 09 27.8264  0.391333  1.000178  308.5800   21.6698  139.1001  20260922"
    "   6.5  3.2  C/2023 A3 (Tsuchinshan-ATLAS)                            MPEC 2026-O98"
)
HALLEY = (
    "0001P         2061 08  2.3518  0.571051  0.968024  112.1785   59.2781  162.1895  20260922"
    "   5.5  3.2  1P/Halley                                                MPC191592"
)
COMETS = (HALE_BOPP, PARABOLA, BORISOV, TSUCHINSHAN, HALLEY)

CERES = (
    "00001    3.4   0.15 K205V 162.68631   73.73161   80.28698   10.58862  0.0775571  0.21406009"
    "   2.7676569  0 MPO492748  6751 115 1801-2019 0.60 M-v 30h Williams   0000      (1) Ceres  "
    "            20190915"
)


def asteroid_line(
    name: str,
    *,
    magnitude: float,
    anomaly: float,
    argument: float,
    node: float,
    inclination: float,
    eccentricity: float,
    axis: float,
    epoch: str = "K205V",
) -> str:
    """A line of ``MPCORB.DAT``: angles in degrees, the axis in au."""
    motion = 0.9856076686 / axis**1.5
    numbers = (
        f"{'T0001':<7} {magnitude:5.2f}  0.15 {epoch} {anomaly:9.5f}  {argument:9.5f}  "
        f"{node:9.5f}  {inclination:9.5f}  {eccentricity:9.7f} {motion:11.8f} {axis:11.7f}"
    )
    return f"{numbers:<166}{name:<28}20200601"
