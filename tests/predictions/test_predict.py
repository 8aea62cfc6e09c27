"""``skysift predict zoobot``: what Spark's workers say is what the network says, image by image."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image
from typer.testing import CliRunner

from skysift.cli.main import USER_ERRORS, app
from skysift.galaxy_zoo import read_tree
from skysift.models import zoobot
from skysift.models.zoobot.scorer import summary
from skysift.predictions import in_folder, look_with
from tests.models.zoobot_galaxies import make_galaxies
from tests.models.zoobot_weights import write_weights

SIDE, COUNT, PASSES = 32, 12, 4
TREE = read_tree("gz2")
STRANGE = "x [1] b"
"""A name in which a pattern could be seen."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights"), TREE, SIDE)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return make_galaxies(COUNT, rng=np.random.default_rng(3))[0]


@pytest.fixture(scope="module")
def folder(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with galaxies, one that is torn, one that is not square, and a note."""
    folder = tmp_path_factory.mktemp("galaxies") / STRANGE
    (folder / "deep").mkdir(parents=True)
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / ("deep" if number % 2 else ".") / f"{number:02d}.png")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n")
    Image.new("RGB", (40, 30)).save(folder / "wide.PNG")
    (folder / "notes.txt").write_text("none of these")
    return folder


@pytest.fixture(scope="module")
def expected(images: np.ndarray, weights: Path) -> dict[str, np.ndarray]:
    """What the network says in this process."""
    return summary(zoobot.load(weights).passes(images, PASSES))


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["predict", "zoobot", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["predict", "zoobot", *map(str, arguments)])
    assert isinstance(result.exception, USER_ERRORS), result.output
    return str(result.exception)


def agrees(table: pd.DataFrame, expected: dict[str, np.ndarray]) -> None:
    """Rows of the galaxies, by name, with what the network says of them."""
    fractions = table[list(TREE.columns)].to_numpy(float)
    np.testing.assert_allclose(fractions, expected["fractions"], atol=1e-5)
    asked = table[[f"{question.name}_asked" for question in TREE.questions]].to_numpy(float)
    np.testing.assert_allclose(asked, expected["asked"], atol=1e-5)
    for column in TREE.columns:
        inside = table[f"{column}_low"] <= table[column]
        assert (inside & (table[column] <= table[f"{column}_high"])).all()


def test_a_folder_becomes_a_table_and_examples(folder, weights, expected, tmp_path, spark) -> None:
    output = tmp_path / "made" / "votes.parquet"
    told = run(folder, "--weights", weights, "-o", output, "--passes", PASSES, "--gallery",
               tmp_path / "examples")  # fmt: skip
    assert "12 of 14 galaxies looked at" in told
    assert "left out, not_square: 1, wide.PNG" in told
    table = pd.read_parquet(output)
    assert len(table) == in_folder(folder).count == 14
    assert table["file"].tolist() == sorted(table["file"])
    lost = table[table["status"] != "ok"].set_index("galaxy")
    assert lost["status"].to_dict() == {"torn": "unreadable", "wide": "not_square"}
    assert lost.loc["torn", "reason"] == "torn.png is no picture that can be read"
    assert "40" in lost.loc["wide", "reason"] and str(folder) not in lost.loc["wide", "reason"]
    assert lost[list(TREE.columns)].isna().all(axis=None)
    good = table[table["status"] == "ok"].sort_values("galaxy")
    assert good["galaxy"].tolist() == [f"{number:02d}" for number in range(COUNT)]
    assert good["reason"].isna().all() and good["version"].nunique() == 1
    agrees(good, expected)
    assert not [name for name in table if name.endswith("_pred")]
    picture = Image.open(tmp_path / "examples" / "smooth-or-featured.png")
    assert min(picture.size) > 300
    assert {path.name for path in output.parent.iterdir()} == {"votes.parquet"}


def test_a_catalog_keeps_its_rows_and_hdf5_holds_every_pass(
    folder, images, weights, expected, tmp_path, spark
) -> None:
    """Of images in FITS, packed and not, next to pictures, and of two networks as one."""
    for number, image in enumerate(images[:3]):
        bands = np.moveaxis(image.astype(np.float32), -1, 0) / 500.0
        file = io.BytesIO()
        fits.PrimaryHDU(bands).writeto(file)
        content = gzip.compress(file.getvalue()) if number else file.getvalue()
        (tmp_path / f"{number}.fits{'.gz' if number else ''}").write_bytes(content)
    catalog = tmp_path / "mine.csv"
    catalog.write_text("name\n2\n0\nnone\n1\n")
    other = write_weights(tmp_path / "other", TREE, SIDE, seed=6)
    output = tmp_path / "votes.hdf5"
    run(catalog, "--images", tmp_path, "--id", "name", "--weights", weights, "--weights", other,
        "-o", output, "--passes", PASSES, "--format", "fits")  # fmt: skip
    with h5py.File(output) as file:
        told = file["predictions"][:]
        assert [name.decode() for name in file["id_str"]] == ["2", "0", "none", "1"]
        assert [name.decode() for name in file["status"]] == ["ok", "ok", "no_image", "ok"]
        assert tuple(name.decode() for name in file["label_cols"]) == TREE.columns
    assert told.shape == (4, len(TREE.columns), 2 * PASSES)
    assert np.isnan(told[2]).all()
    from skysift.datasets.galaxies.images import read_image

    seen = np.stack([read_image(tmp_path / name, SIDE) for name in ("2.fits.gz", "0.fits",
                                                                    "1.fits.gz")])  # fmt: skip
    both = zoobot.load_ensemble([weights, other]).passes(seen, PASSES)
    np.testing.assert_allclose(told[[0, 1, 3]], np.swapaxes(both.values, 1, 2), rtol=1e-4)


def test_a_worker_reads_the_bytes_that_it_is_given(folder, images, weights, expected) -> None:
    """As Spark hands them over, gzip and all, without Spark; and a CSV holds lists as JSON."""
    import pyarrow as pa

    from skysift.predictions.table import write_table

    looker = look_with([weights], folder, passes=PASSES, keep=True)
    bands = np.moveaxis(images[2].astype(np.float32), -1, 0) / 500.0
    file = io.BytesIO()
    fits.PrimaryHDU(bands).writeto(file)
    packed = folder / "packed.fits.gz"
    packed.write_bytes(gzip.compress(file.getvalue()))
    paths = [folder / "00.png", folder / "torn.png", folder / "deep" / "01.png", packed]
    batch = pa.RecordBatch.from_pydict(
        {"path": [f"file:{path}" for path in paths], "content": [p.read_bytes() for p in paths]}
    )
    packed.unlink()
    (rows,) = looker(iter([batch]))
    assert rows.schema == looker.schema
    table = pa.Table.from_batches([rows]).drop(["place"])
    write_table(table, looker.tree, folder.parent / "votes.csv")
    told = pd.read_csv(folder.parent / "votes.csv", dtype={"galaxy": str})
    assert told["galaxy"].tolist() == ["00", "torn", "01", "packed"]
    assert told["file"].tolist() == ["00.png", "torn.png", "deep/01.png", "packed.fits.gz"]
    column = TREE.columns[0]
    passes = np.array([json.loads(one) for one in told[f"{column}_pred"].dropna()])
    exact = zoobot.load(weights).passes(images[:2], PASSES)
    np.testing.assert_allclose(passes[:2], exact.values[..., 0], rtol=1e-3)
    good = told[told["status"] == "ok"]
    assert len(good) == 3
    agrees(good[:2], {name: part[:2] for name, part in expected.items()})


def test_what_cannot_be_done_is_told_before_spark_starts(folder, weights, tmp_path) -> None:
    output = tmp_path / "votes.parquet"
    told = refused(folder, "--weights", weights, "-o", tmp_path / "votes.txt")
    assert "--output must end with .parquet, .csv" in told
    assert "no weights at" in refused(folder, "--weights", tmp_path / "none", "-o", output)
    assert "there is no" in refused(tmp_path / "none", "--weights", weights, "-o", output)
    told = refused(folder, "--weights", weights, "-o", output, "--images", folder)
    assert "a folder was given" in told
    catalog = tmp_path / "mine.csv"
    catalog.write_text("id_str\n1\n")
    assert "give --images" in refused(catalog, "--weights", weights, "-o", output)
    assert "no image of the 1 galaxies" in refused(
        catalog, "--weights", weights, "-o", output, "--images", folder
    )
    small = write_weights(tmp_path / "small", TREE, 24)
    told = refused(folder, "--weights", weights, "--weights", small, "-o", output)
    assert "images of one size" in told
    other = write_weights(tmp_path / "other", read_tree("decals"), SIDE)
    told = refused(folder, "--weights", weights, "--weights", other, "-o", output)
    assert "must answer the same questions" in told
    assert not list(tmp_path.glob("votes*"))
