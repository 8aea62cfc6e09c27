"""What is asked, and configs: votes added up by hand, and mistakes that are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.galaxy_zoo import read_tree
from skysift.models._settings import ConfigError
from skysift.models.zoobot.config import LOSSES, OF_CONCENTRATIONS, read_config, ready_made
from skysift.models.zoobot.inputs import as_stored
from skysift.models.zoobot.labels import labels_of

TREE = read_tree("gz2")


def galaxies(**columns):
    votes = {column: [0, 0] for column in TREE.columns}
    return pd.DataFrame({"id_str": ["a", "b"], **votes, **columns})


def test_all_questions_are_asked_in_the_tree_s_order():
    labels = labels_of(TREE)
    assert labels.tree is TREE
    assert labels.counts == (3, 2, 2, 2, 4, 2, 3, 3, 3, 6)
    votes = labels.votes(galaxies(bar_yes=[3, None], bar_no=[4.0, 5.0]))
    assert votes.dtype == np.float32
    np.testing.assert_array_equal(votes[:, TREE.slices["bar"]], [[3, 4], [0, 5]])
    np.testing.assert_array_equal(labels.totals(votes)[:, 3], [7, 5])
    np.testing.assert_array_equal(labels.enough(galaxies(bar_yes=[3, 2]), 3), [True, False])


def test_smooth_is_asked_against_the_rest_as_in_the_paper():
    labels = labels_of(TREE, "smooth-or-featured", "smooth")
    table = galaxies(
        **{
            "smooth-or-featured_smooth": [30, 1], "smooth-or-featured_featured-or-disk": [8, 2],
            "smooth-or-featured_artifact": [2, 4],
        }
    )  # fmt: skip
    np.testing.assert_array_equal(labels.votes(table), [[30, 10], [1, 6]])
    truth = table.rename(columns={c: f"{c}_p" for c in TREE.columns})
    np.testing.assert_array_equal(labels.truth(truth, "_p"), [[30, 10], [1, 6]])
    assert labels.truth(table, "_p") is None


def test_a_question_alone_is_asked_of_everybody():
    labels = labels_of(TREE, "bar")
    assert labels.tree.columns == ("bar_yes", "bar_no")
    np.testing.assert_array_equal(labels.tree.asked(np.array([[0.2, 0.8]])), [[1.0]])


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="gz2 has no question 'bars'; it has: smooth-or-featured"):
        labels_of(TREE, "bars")
    with pytest.raises(ValueError, match="bar has no answer 'weak'; it has: yes, no"):
        labels_of(TREE, "bar", "weak")
    with pytest.raises(ValueError, match="the answer 'yes' needs its question"):
        labels_of(TREE, answer="yes")
    with pytest.raises(ValueError, match="no column bar_no"):
        labels_of(TREE, "bar").votes(galaxies().drop(columns="bar_no"))
    with pytest.raises(ValueError, match="galaxy b has a negative number"):
        labels_of(TREE, "bar").votes(galaxies(bar_yes=[0, -1]))


def test_configs_that_ship_are_whole_and_go_through_a_file():
    assert ready_made() == ("bayesian_cnn", "decals", "small", "stamps")
    published = read_config("bayesian_cnn")
    assert published.network.settings["side"] == 128
    assert (published.labels.answer, published.labels.min_votes) == ("smooth", 37)
    assert (published.training.loss, published.training.steps) == ("binomial", 15)
    for name in ready_made():
        config = read_config(name)
        assert read_config(config.as_dict) == config


def test_losses_are_named_alike_everywhere():
    from skysift.models.zoobot import losses

    assert sorted(LOSSES) == sorted(losses.NAMES)
    assert set(losses.NAMES) - set(losses.OF_FRACTIONS) == set(OF_CONCENTRATIONS)


def test_mistakes_in_a_config_are_named():
    for tables, message in (
        ({"network": {"name": "efficient"}}, "did you mean 'efficientnet'"),
        ({"network": {"answers": [2]}}, r"\[network\] has no key 'answers'"),
        ({"labels": {"answer": "smooth"}}, "needs its question too"),
        ({"training": {"loss": "poisson"}}, "loss must be one of 'dirichlet_multinomial'"),
        (
            {"training": {"loss": "binomial", "published_concentrations": True}},
            "published_concentrations needs the loss",
        ),
        ({"recalibration": {"passes": 0}}, "passes must be an integer ≥ 1"),
    ):
        with pytest.raises(ConfigError, match=message):
            read_config(tables)
    with pytest.raises(ConfigError, match="ready-made ones are: bayesian_cnn, decals, small"):
        read_config("none.toml")


def test_images_are_brought_to_how_the_network_s_were_stored():
    unit = np.random.default_rng(1).random((2, 4, 4, 3))
    bytes_ = (unit * 255).astype(np.uint8)
    np.testing.assert_array_equal(as_stored(bytes_, 4, 3, "uint8"), bytes_)
    np.testing.assert_allclose(as_stored(unit, 4, 3, "uint8"), unit * 255, rtol=1e-6)
    np.testing.assert_allclose(as_stored(bytes_, 4, 3, "float32"), bytes_ / 255, rtol=1e-6)
    unit[0, 0] = np.nan
    assert np.isnan(as_stored(unit, 4, 3, "uint8")[0, 0]).all()
    assert as_stored(unit[:0], 4, 3, "uint8").shape == (0, 4, 4, 3)
    for images, reason in (
        (bytes_.astype(float), "must lie between 0 and 1. Got: .* give uint8"),
        (bytes_.astype(int), "must be uint8 or float. Got: int64"),
        (bytes_[:, :3], r"shape \(n, 4, 4, 3\), as the network learned. Got: \(2, 3, 4, 3\)"),
    ):
        with pytest.raises(ValueError, match=reason):
            as_stored(images, 4, 3, "uint8")
