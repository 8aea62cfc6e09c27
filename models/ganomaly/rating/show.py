"""The report as people see it: images are read again, figures drawn, the page written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages

from skysift.models._json import plain
from skysift.models.ganomaly.rating import sections
from skysift.models.ganomaly.rating.facts import Candidate
from skysift.models.ganomaly.rating.figures import (
    correlations_figure,
    distances_figure,
    orientation_figure,
    scores_figure,
    views_figure,
)
from skysift.models.ganomaly.rating.galleries import Chosen, choose, fetch, gallery
from skysift.models.ganomaly.rating.latent import Axes, path
from skysift.models.ganomaly.rating.latent_figures import latent_figure, probes_figure
from skysift.models.ganomaly.rating.page import Section, page
from skysift.models.ganomaly.rating.probes import COUNT, ask, probes
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.style import STYLE

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer

PAGE, FIGURES = "index.html", "figures.pdf"

STEPS = 10
"""Of an interpolation, as published."""

Fetched = Mapping[int, np.ndarray]


def show(
    report: Mapping[str, Any],
    reference: RatedSet,
    candidates: Sequence[Candidate],
    scorer: Scorer,
    output: Path,
    columns: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Write ``index.html`` and ``figures.pdf``; ask the network about spoilt images on the way.

    Parameters
    ----------
    report : mapping
        As far as it is known.
    reference : RatedSet
    candidates : sequence of Candidate
    scorer : Scorer
    output : Path
        Folder that is there.
    columns : sequence of str
        Of the catalogue.
    seed : int

    Returns
    -------
    dict
        What the report has besides: ``probes``, see `probes.ask`; ``interpolation``, of each
        candidate the names of the two images that are joined.
    """
    given = [reference, *(candidate.given for candidate in candidates)]
    rated = [reference, *(one for candidate in candidates for one in candidate.ways.values())]
    axes = Axes(reference.sample.codes)
    chosen = {one.name: choose(one, axes) for one in rated}
    drawn = _drawn(len(reference.scored), seed)
    seen = {
        one.name: fetch(one, _rows(chosen[one.name], drawn if one is reference else None), scorer)
        for one in rated
    }
    spoilt = np.stack([seen[reference.name][row] for row in drawn if row in seen[reference.name]])
    told = plain(ask(spoilt, scorer, seed=seed))
    names = {one.name: one.scored["filename"].iloc[chosen[one.name].typical] for one in given}
    with rc_context(STYLE):
        parts = [
            *_scores(report, reference, candidates),
            *_galaxies(report, given, columns),
            *_codes(report, given, axes),
            *_images(rated, chosen, seen, scorer),
            _between(given, chosen, names, scorer),
            _probes(told, spoilt, scorer, seed),
        ]  # fmt: skip
        title = f"Rated against {reference.name}"
        text = page(title, sections.lead(report), parts)
        (output / PAGE).write_text(text, encoding="utf-8")
        with PdfPages(output / FIGURES) as pages:
            for part in parts:
                for figure in part.figures:
                    pages.savefig(figure)
    joined = {one.name: [names[reference.name], names[one.name]] for one in given[1:]}
    return {"probes": told, "interpolation": joined}


def _drawn(count: int, seed: int) -> np.ndarray:
    """Draw images of the reference that are spoilt."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(count, min(count, COUNT), replace=False))


def _rows(chosen: Chosen, more: np.ndarray | None) -> np.ndarray:
    none = np.empty(0, np.int64)
    return np.concatenate(
        [
            *chosen.along,
            chosen.strangest,
            np.array([chosen.typical]),
            none if more is None else more,
        ]
    )


def _scores(
    report: Mapping[str, Any], reference: RatedSet, candidates: Sequence[Candidate]
) -> list[Section]:
    facts = report["candidates"]
    parts = [
        Section(
            "Sets",
            "Galaxies apart is the standard deviation of galaxies' mean combined scores; views "
            "apart that of the views of one galaxy.",
            [sections.of_sets(report["sets"])],
            [scores_figure(reference, candidates)],
        ),
        Section(
            "Distances from the reference",
            "With 95 % intervals of a bootstrap that draws galaxies. Usual is what as many "
            "galaxies of the reference show against its others: within that, a candidate cannot be "
            "told from the survey. The overlap, as published, is of latent scores up to 0.1 on the "
            "published scale. Wasserstein distances are in the unit of the combined score, and in "
            "dex of the latent one. MMD² compares the codes, all numbers at once.\n"
            f"{sections.observed(report['mock'])}",
            [sections.of_candidates(facts)],
            [distances_figure(_as_numbers(facts))],
        ),
    ]  # fmt: skip
    more = (sections.matched(facts), sections.by_mass(facts))
    return [*parts, *(one for one in more if one)]


def _galaxies(
    report: Mapping[str, Any], given: Sequence[RatedSet], columns: Sequence[str]
) -> list[Section]:
    parts = []
    if figure := views_figure(given):
        text = "Mean and standard deviation over the views of each galaxy, in rising order."
        parts.append(Section("Views", text, figures=[figure]))
    if figure := orientation_figure(given, columns):
        text = "Thin lines are galaxies, thick ones their mean, in steps of 30 degrees."
        parts.append(Section("Orientation", text, figures=[figure]))
    if figure := correlations_figure(given, columns):
        text = (
            "Lines are running medians with 16 to 84 % of the images. Latent stands for the "
            "logarithm of the latent score, as published."
        )
        parts.append(
            Section("Correlations", text, [sections.correlations(report["sets"])], [figure])
        )
    return parts


def _codes(report: Mapping[str, Any], given: Sequence[RatedSet], axes: Axes) -> list[Section]:
    explained = {name: one["latent"] for name, one in report["sets"].items()}
    text = (
        "Dimensions are the participation ratio of a set's variances: how many directions of the "
        "space of codes it fills, were all alike. Few galaxies fill few: hence the last column."
    )
    figures = [latent_figure(given, axes, explained)]
    return [Section("Codes", text, [sections.dimensions(report)], figures)]


def _images(
    rated: Sequence[RatedSet],
    chosen: Mapping[str, Chosen],
    seen: Mapping[str, Fetched],
    scorer: Scorer,
) -> list[Section]:
    parts = []
    for number in range(2):
        rows = {one.name: _pick(seen[one.name], chosen[one.name].along[number]) for one in rated}
        text = "Images of each set at even ranks along this component of the reference's codes."
        parts.append(Section(f"Along component {number + 1}", text, figures=[gallery(rows)]))
    strange = {}
    for one in rated:
        images = _pick(seen[one.name], chosen[one.name].strangest)
        strange[one.name] = images
        strange[f"{one.name}, again"] = list(scorer.reconstruct(np.stack(images)))
    text = "The highest combined scores of each set, and below them what the network makes of them."
    parts.append(Section("Strangest images", text, figures=[gallery(strange)]))
    return parts


def _between(
    given: Sequence[RatedSet],
    chosen: Mapping[str, Chosen],
    names: Mapping[str, str],
    scorer: Scorer,
) -> Section:
    """Go in straight lines from the reference's most typical image to each candidate's."""
    codes = [one.sample.codes[chosen[one.name].typical] for one in given]
    rows = {
        one.name: list(scorer.decode(path(codes[0], code, STEPS)))
        for one, code in zip(given[1:], codes[1:], strict=True)
    }
    text = (
        f"What the network makes of codes between that of {names[given[0].name]}, the reference's "
        "most typical image, on the left, and that of each candidate's, on the right."
    )
    return Section("Interpolation", text, figures=[gallery(rows)])


def _probes(
    told: Sequence[Mapping[str, Any]], images: np.ndarray, scorer: Scorer, seed: int
) -> Section:
    text = (
        "Images of the reference, spoilt in known ways. Black, stripe, noise and a photograph "
        "should lie past the 99th percentile; how fast the others rise tells what the rating is "
        "sensitive to besides galaxies. Dotted: the 99th percentile; thin line: untouched."
    )
    shown = {one.name: one.images[:1] for one in probes(images[:1], np.random.default_rng(seed))}
    figures = [
        probes_figure(told),
        gallery({"probe": [one[0] for one in shown.values()],
                 "again": [scorer.reconstruct(one)[0] for one in shown.values()]}, list(shown)),
    ]  # fmt: skip
    return Section("Probes", text, [sections.probes(told)], figures)


def _pick(seen: Fetched, rows: np.ndarray) -> list[np.ndarray]:
    return [seen[int(row)] for row in rows if int(row) in seen]


def _as_numbers(facts: Any) -> Any:
    """Turn None back into NaN, for figures."""
    if isinstance(facts, Mapping):
        return {key: _as_numbers(value) for key, value in facts.items()}
    return np.nan if facts is None else facts
