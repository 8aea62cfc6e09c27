"""What importing refuses. That it imports rightly is shown by the scores in test_btsbot_scorer."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from skysift.models import WeightsError, discover
from skysift.models.btsbot.importing import copy_checkpoint, import_published

FILES = ("variables.index", "variables.data-00000-of-00001")


@pytest.fixture
def saved_model(published: Path, tmp_path: Path) -> Path:
    """A folder laid out like the published SavedModel."""
    folder = tmp_path / "best_model"
    shutil.copytree(published / "v1.0.1", folder / "variables")
    return folder


def test_a_saved_model_folder_imports_like_its_variables(saved_model, imported, tmp_path):
    written = import_published(saved_model, tmp_path / "out")
    facts = [json.loads(path.with_suffix(".json").read_text()) for path in (written, imported)]
    assert facts[0]["values_sha256"] == facts[1]["values_sha256"]
    assert facts[0]["version"] == "btsbot-v1.0.1"


def test_another_archive_is_refused_by_its_checksum(saved_model, tmp_path):
    archive = tmp_path / "v1.0.1.tar.gz"
    with tarfile.open(archive, "w") as tar:
        tar.add(saved_model, "best_model")
    with pytest.raises(WeightsError, match=r"not the published btsbot-v1\.0\.1 archive"):
        import_published(archive, tmp_path)


def test_only_the_content_of_the_two_files_leaves_an_archive(tmp_path):
    source = tmp_path / "source"
    source.write_text("weights")
    archive = tmp_path / "it.tar"
    with tarfile.open(archive, "w") as tar:
        for name in (f"../../{FILES[0]}", f"/etc/{FILES[1]}", "../escaped"):
            tar.add(source, name)
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    copy_checkpoint(archive, folder)
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    assert (folder / FILES[0]).read_text() == "weights"
    assert {p.name for p in tmp_path.iterdir()} == {"a", "it.tar", "source"}


def test_a_link_in_an_archive_is_not_followed(tmp_path):
    archive = tmp_path / "it.tar"
    (tmp_path / FILES[0]).symlink_to("/etc/hostname")
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / FILES[0], FILES[0])
    with pytest.raises(WeightsError, match=r"holds no variables\.index"):
        copy_checkpoint(archive, tmp_path)


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "it.tar"
    path.write_bytes(b"not a tar")
    with pytest.raises(WeightsError, match="not a readable tar"):
        copy_checkpoint(path, tmp_path)


def test_a_path_to_nothing_and_an_incomplete_folder_are_refused(saved_model, tmp_path):
    with pytest.raises(WeightsError, match="no such file or folder"):
        import_published(tmp_path / "nowhere", tmp_path)
    (saved_model / "variables" / FILES[1]).unlink()
    with pytest.raises(WeightsError, match=r"variables\.index and variables\.data"):
        import_published(saved_model, tmp_path)


def test_a_damaged_checkpoint_is_refused(saved_model, tmp_path):
    (saved_model / "variables" / FILES[0]).write_bytes(b"\0" * 100)
    with pytest.raises(WeightsError, match="not a readable TensorFlow checkpoint"):
        import_published(saved_model, tmp_path)


def test_changed_weights_never_pass_for_the_published_ones(saved_model, tmp_path):
    from skysift.models.btsbot.networks import build

    write_checkpoint(build("mm_cnn"), saved_model / "variables" / "variables")
    with pytest.raises(WeightsError, match=r"are not those of btsbot-v1\.0\.1: they were changed"):
        import_published(saved_model, tmp_path)


def test_another_network_is_refused_by_its_variables(saved_model, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="fc_out")])
    write_checkpoint(model, saved_model / "variables" / "variables")
    with pytest.raises(WeightsError, match=r"missing or unexpected: .*conv1/kernel"):
        import_published(saved_model, tmp_path)


def test_a_variable_of_another_shape_is_refused(saved_model, tmp_path):
    from skysift.models.btsbot.networks import build

    model = build("mm_cnn")
    values = {v.path: v.numpy() for v in model.weights}
    values["fc_out/kernel"] = values["fc_out/kernel"].T
    write_values(values, saved_model / "variables" / "variables")
    with pytest.raises(WeightsError, match=r"fc_out/kernel must have shape \(8, 1\)"):
        import_published(saved_model, tmp_path)


def write_checkpoint(model, prefix: Path) -> None:
    write_values({v.path: v.numpy() for v in model.weights}, prefix)


def write_values(values: dict, prefix: Path) -> None:
    """Write a TensorFlow checkpoint whose variables bear the given names."""
    import tensorflow as tf

    module = tf.Module()
    module.held = [tf.Variable(value, name=name) for name, value in values.items()]
    tf.train.Checkpoint(module).write(str(prefix))


def test_the_checksums_of_the_published_weights_are_known_by_name():
    source = discover()["btsbot"]["btsbot-v1.0.1"].source
    assert source["archive_sha256"].startswith("bf4dea74")
    assert source["archive_bytes"] == 3_110_912
