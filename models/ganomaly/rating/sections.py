"""What the page says: the report's numbers as tables, with a word on how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skysift.models.ganomaly.rating.comparison import FIGURES
from skysift.models.ganomaly.rating.page import Section, Table
from skysift.models.ganomaly.rating.style import WAYS

DASH = "–"

FAR_FROM_HALF = 15.0
"""Off 50: the reference's median percentile is no longer that of images held back in training."""

HEADS = ("overlap", "KS", "Wasserstein", "KS, latent", "Wasserstein, latent", "MMD²")


def lead(report: Mapping[str, Any]) -> str:
    """Say what was rated by what, and what is wrong with that, if anything."""
    weights, reference = report["weights"], report["sets"][report["reference"]]
    lines = [
        f"{', '.join(report['candidates'])} against {report['reference']}, by "
        f"{weights['version']}, which learned from {weights['trained_on']}."
    ]
    median = reference["scores"]["percentile"]["median"]
    if abs(median - 50) > FAR_FROM_HALF:
        lines.append(
            f"The reference's median percentile is {median:.0f}, not about 50: its images are not "
            "like those that were held back in training, or the network has learned from them."
        )
    return "\n".join(lines)


def observed(mock: Mapping[str, Any] | None) -> str:
    """Say how candidates were observed; nothing if they were not."""
    if mock is None:
        return ""
    steps = [
        f"blurred by a seeing of {mock['psf']:g} arcsec" if mock["psf"] else "",
        f"brought to pixels of {mock['pixel']:g} arcsec" if mock["candidate_pixel"] else "",
        "given the level and noise of the reference's sky" if mock["sky"] else "",
        f"compressed as JPEG of quality {mock['jpeg']}" if mock["jpeg"] else "",
    ]
    return f"Observed images were {', '.join(step for step in steps if step) or 'resized'}."


def of_sets(sets: Mapping[str, Mapping[str, Any]]) -> Table:
    """Tabulate the sets."""
    head = (
        "set", "images", "left out", "blank or striped", "galaxies", "combined, median",
        "percentile, median", "galaxies apart", "views apart",
    )  # fmt: skip
    rows = [
        (
            name, f"{one['images']:,}", f"{sum(one['left_out'].values()):,}",
            f"{sum(one['artefacts'].values()):,}", f"{one['galaxies']:,}",
            _number(one["scores"]["combined"]["median"]),
            f"{one['scores']['percentile']['median']:.1f}",
            _number(one["views"]["between"]), _number(one["views"]["within"]),
        )
        for name, one in sets.items()
    ]  # fmt: skip
    return Table(head, rows)


def of_candidates(candidates: Mapping[str, Mapping[str, Any]]) -> Table:
    """Tabulate the distances, with their intervals and what is usual."""
    rows = []
    for name, facts in candidates.items():
        for way, told in WAYS.items():
            if way in facts:
                rows.append((f"{name}, {told}", *(_estimate(facts[way][one]) for one in FIGURES)))
        usual = facts["usual"]
        rows.append(
            (f"usual for {usual['galaxies']:,} galaxies", *(_range(usual[one]) for one in FIGURES))
        )
    return Table(("candidate", *HEADS), rows)


def matched(candidates: Mapping[str, Mapping[str, Any]]) -> Section | None:
    """Tell of matched galaxies; None where nothing was matched."""
    rows = [
        (
            f"{name}, {told}", f"{facts['matched'][way]['found']:.0%}",
            f"{facts['matched'][way]['effective']:.0f}",
            *(_estimate(facts["matched"][way][one]) for one in FIGURES),
        )
        for name, facts in candidates.items() if facts["matched"]
        for way, told in WAYS.items() if way in facts["matched"]
    ]  # fmt: skip
    if not rows:
        return None
    columns = next(one["matched"]["columns"] for one in candidates.values() if one["matched"])
    text = (
        f"The reference weighted to have the candidates' {' and '.join(columns)}. Found is the "
        "share of the candidate's images with a partner within a quarter of the reference's "
        "standard deviation; the others are left out. Effective is how many images the weighted "
        "reference is worth."
    )
    return Section("Matched", text, [Table(("candidate", "found", "effective", *HEADS), rows)])


def by_mass(candidates: Mapping[str, Mapping[str, Any]]) -> Section | None:
    """Tell of bins of mass; None without masses."""
    rows = [
        (
            f"{name}, {told}, {bin_} mass", f"{one['reference']:,}",
            f"{one[way]['images']:,}", *(_estimate(one[way][kind]) for kind in FIGURES),
        )
        for name, facts in candidates.items() if facts["by_mass"]
        for bin_, one in facts["by_mass"].items()
        for way, told in WAYS.items() if one.get(way)
    ]  # fmt: skip
    if not rows:
        return None
    text = "In the published bins of log stellar mass: 9 to 10.289, to 11.395, to 12.5."
    return Section("By mass", text, [Table(("candidate", "reference", "images", *HEADS), rows)])


def correlations(sets: Mapping[str, Mapping[str, Any]]) -> Table:
    """Tabulate correlations of scores with the columns of the catalogue."""
    rows = [
        (
            f"{name}: {column}", f"{found['galaxies']:,}", score,
            _estimate(found["pearson"]), _estimate(found["spearman"]),
        )
        for name, one in sets.items()
        for column, scores in one["correlations"].items()
        for score, found in scores.items() if found
    ]  # fmt: skip
    return Table(("set: column", "galaxies", "score", "Pearson", "Spearman"), rows)


def dimensions(report: Mapping[str, Any]) -> Table:
    """Tabulate how many directions of the space of codes are filled."""
    rows = []
    for name, one in report["sets"].items():
        own = one["latent"]["dimensions"] if one["latent"] else None
        like = report["candidates"].get(name, {}).get("dimensions")
        rows.append((name, f"{one['galaxies']:,}", _number(own), _number(like)))
    return Table(("set", "galaxies", "dimensions", "as many galaxies of the reference"), rows)


def probes(told: Sequence[Mapping[str, Any]]) -> Table:
    """Tabulate the probes."""
    rows = [
        (
            one["name"] if one["level"] is None else f"{one['name']} {one['level']:g}",
            f"{one['images']:,}", _number(one["combined"]), f"{one['percentile']:.1f}",
            f"{one['least']:.1f}", f"{one['beyond']:.0%}",
        )
        for one in told
    ]  # fmt: skip
    head = ("probe", "images", "combined", "percentile", "least", "past the 99th")
    return Table(head, rows)


def _estimate(one: Mapping[str, Any]) -> str:
    return f"{_number(one['value'])} {_range(one)}" if one["value"] is not None else DASH


def _range(one: Mapping[str, Any]) -> str:
    if one["low"] is None or one["high"] is None:
        return DASH
    return f"[{_number(one['low'])}, {_number(one['high'])}]"


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}"
