"""The latent space: what the layer before the last makes of the alerts, laid out in a plane.

References
----------
McInnes et al. 2018, "UMAP: Uniform Manifold Approximation and Projection", arXiv 1802.03426.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.models.btsbot.evaluation._look import POLICY_COLOURS, QUIET, STYLE
from skysift.models.btsbot.evaluation.scores import AT_ONCE
from skysift.models.btsbot.training_set import TrainingSet

TABLE, PICTURE = "embedding.csv", "embedding.png"

COLUMNS = ["objectId", "candid", "class", "label", "magpsf", "score"]
"""What the table tells of an alert, besides where it is."""

MISSING = "the plane of the embedding needs umap-learn: pip install 'skysift[umap]'"

NEIGHBOURS = 15
"""Alerts whose distances to an alert are kept; UMAP's own default."""

LEAST = 2 * NEIGHBOURS
"""Fewer alerts have no neighbourhoods."""

SEED = 5

OTHERS = "others"


class Embedder(Protocol):
    """What embeds: `skysift.models.btsbot.load` returns one."""

    @property
    def needs(self) -> Sequence[str]:
        """Inputs besides stamps and features: ``host``, or none."""
        ...

    def embed(
        self, triplet: np.ndarray, metadata: np.ndarray, host: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the embedding (n, d)."""
        ...


def check(count: int) -> None:
    """Tell early whether so many alerts can be laid out in a plane.

    Raises
    ------
    ImportError
        If the extra ``umap`` is not installed.
    ValueError
        If there are fewer than `LEAST`.
    """
    if count < LEAST:
        raise ValueError(f"{LEAST} alerts at least are laid out in a plane. Got: {count}")
    try:
        import umap  # noqa: F401
    except ImportError as error:
        raise ImportError(MISSING) from error


def write_embedding(
    alerts: TrainingSet,
    scored: pd.DataFrame,
    embedder: Embedder,
    folder: Path,
    *,
    most: int,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Embed scored alerts, lay them out in a plane, and write table and picture.

    Parameters
    ----------
    alerts : TrainingSet
    scored : DataFrame
        The same alerts in the same order, with their scores.
    embedder : Embedder
    folder : Path
        Gets `TABLE` and `PICTURE`.
    most : int
        Alerts at most; of more, so many are drawn at random, always the same.
    progress : callable, optional
        Told after each slice how many alerts have been embedded.

    Returns
    -------
    DataFrame
        What the table holds: `COLUMNS`, ``x`` and ``y``, which have no unit. Left out are alerts
        without a score and those with a NaN pixel or feature.

    Raises
    ------
    ImportError
        If the extra ``umap`` is not installed.
    ValueError
        If there are fewer than `LEAST` alerts to lay out.
    """
    rows = np.flatnonzero(scored["score"].notna())
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))
    vectors = _embedded(alerts, rows, embedder, progress)
    finite = np.isfinite(vectors).all(axis=1)
    place = in_a_plane(vectors[finite])
    table = scored.iloc[rows[finite]][COLUMNS].reset_index(drop=True)
    table = table.assign(x=place[:, 0], y=place[:, 1])
    table.to_csv(folder / TABLE, index=False)
    with rc_context(STYLE):
        draw_embedding(table).savefig(folder / PICTURE)
    return table


def in_a_plane(vectors: np.ndarray, seed: int = SEED) -> np.ndarray:
    """Lay vectors out in a plane so that neighbours stay neighbours.

    Only neighbourhoods mean something: neither axes nor distances between groups do.

    Parameters
    ----------
    vectors : ndarray (n, d), float
    seed : int
        The same seed gives the same plane on the same machine.

    Returns
    -------
    ndarray (n, 2), float32

    Raises
    ------
    ImportError
        If the extra ``umap`` is not installed.
    ValueError
        If there are fewer than `LEAST` vectors.
    """
    check(len(vectors))
    from umap import UMAP

    return UMAP(n_neighbors=NEIGHBOURS, random_state=seed, n_jobs=1).fit_transform(vectors)


def draw_embedding(table: pd.DataFrame) -> Figure:
    """Draw the plane twice: alerts coloured by their class, and by their score."""
    figure = Figure(figsize=(11.5, 5.4), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    by_class, by_score = figure.subplots(1, 2, sharex=True, sharey=True)
    # In a random order: none shall lie under another for being of a certain class.
    shuffled = table.sample(frac=1, random_state=SEED)
    _colour_by_class(by_class, shuffled)
    drawn = by_score.scatter(
        shuffled["x"], shuffled["y"], c=shuffled["score"], vmin=0, vmax=1, cmap="viridis",
        **_dots(table),
    )  # fmt: skip
    figure.colorbar(drawn, ax=by_score, aspect=30, pad=0.02).set_label("score")
    for axes, title in ((by_class, "a  By class"), (by_score, "b  By score")):
        axes.set_title(title, loc="left", fontsize=10.5, weight="bold")
        axes.set(xticks=[], yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
    figure.supxlabel(
        f"UMAP of the layer before the last, {len(table):,} alerts; only who is near whom counts",
        fontsize=8, color=QUIET,
    )  # fmt: skip
    return figure


def _embedded(
    alerts: TrainingSet,
    rows: np.ndarray,
    embedder: Embedder,
    progress: Callable[[int], None] | None,
) -> np.ndarray:
    """Embed the alerts at `rows`, some at a time."""
    metadata = alerts.metadata
    vectors = []
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        more = {"host": alerts.host(part)} if "host" in embedder.needs else {}
        vectors.append(embedder.embed(alerts.triplet(part), metadata[part], **more))
        if progress is not None:
            progress(start + len(part))
    return np.concatenate(vectors) if vectors else np.empty((0, 1), np.float32)


def _colour_by_class(axes: Axes, table: pd.DataFrame) -> None:
    """Give the most frequent classes a colour each, and the others one together."""
    names = table["class"].value_counts().index.tolist()
    colours = dict(zip(names, POLICY_COLOURS, strict=False))
    colour = table["class"].map(colours).fillna(QUIET)
    axes.scatter(table["x"], table["y"], c=colour, **_dots(table))
    shown = {**colours, **({OTHERS: QUIET} if len(names) > len(colours) else {})}
    for name, own in shown.items():
        axes.scatter([], [], color=own, s=22, label=name.replace("_", " "))
    axes.legend(loc="best", framealpha=0.8, frameon=True, edgecolor="none")


def _dots(table: pd.DataFrame) -> dict[str, Any]:
    """Choose dots that fill the plane about as well, however many they are."""
    return {"s": float(np.clip(12_000 / len(table), 1.5, 16)), "linewidths": 0, "alpha": 0.75}
