"""What a campaign's file believes reaches the learner of each target."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.active_learning.pool import Pool
from skysift.campaigns.vra.assistant import learner
from skysift.campaigns.vra.settings import Settings
from skysift.models._settings import ConfigError
from skysift.models.vra.inputs import FEATURES

ANSWERS = np.array(["extragal", "gal", "bogus", "gal"] * 3, dtype=object)


def taught(settings: Settings, table: np.ndarray):
    pool = Pool(np.arange(len(table)), np.arange(len(table)).astype(str), table)
    made = learner(pool, np.ones(len(table), bool), settings)
    few = len(ANSWERS)
    return made.fit(table[:few], ANSWERS, np.random.default_rng(0), groups=pool.objects[:few])


def test_one_target_leans_and_another_does_not(tmp_path):
    path = tmp_path / "beliefs.toml"
    path.write_text("[real.value]\ndrb = 6\n")
    table = np.random.default_rng(1).normal(size=(300, len(FEATURES)))
    bare, leant = (taught(Settings(beliefs=name), table) for name in ("", str(path)))
    drb = table[:, FEATURES.index("drb")]
    p = {model: model.targets["real"].predict(table)[:, 1] for model in (bare, leant)}
    assert np.corrcoef(p[leant], drb)[0, 1] > 0.8 > np.corrcoef(p[bare], drb)[0, 1]
    assert leant.targets["gal"].version == bare.targets["gal"].version
    assert leant.version != bare.version


def test_a_belief_about_another_surveys_feature_is_refused_at_once(tmp_path):
    path = tmp_path / "beliefs.toml"
    path.write_text("[real.value]\nrb_pix = 6\n")
    with pytest.raises(ConfigError, match=r"\[real.value\] has no key 'rb_pix'"):
        taught(Settings(beliefs=str(path)), np.zeros((20, len(FEATURES))))
