"""The training loop's parts: schedules, read-ahead, precision, loss."""

from __future__ import annotations

import threading
import time

import keras
import numpy as np
import pytest

from skysift.models._fitting.loop import heads_crossentropy
from skysift.models._fitting.precision import multiplies_bfloat16, precision_of, resolve
from skysift.models._fitting.read_ahead import ahead
from skysift.models._fitting.schedules import schedule


def test_the_cosine_rises_then_falls_to_a_hundredth():
    course = schedule("cosine", rate=2.0, epochs=12, warm_up=2)
    rates = [course.rate(t) for t in (0.0, 0.5, 1.0, 2.0, 7.0, 12.0)]
    np.testing.assert_allclose(rates, [0.02, 0.5, 1.0, 2.0, 1.01, 0.02])


def test_a_warm_up_longer_than_the_training_is_all_of_it():
    course = schedule("cosine", rate=1.0, epochs=1, warm_up=5)
    np.testing.assert_allclose([course.rate(t) for t in (0.25, 1.0)], [0.25, 1.0])


def test_a_constant_is_one():
    course = schedule("constant", rate=3.0, epochs=5, warm_up=2)
    assert {course.rate(t) for t in (0.0, 2.5, 5.0)} == {3.0}


def test_the_plateau_falls_as_kerass_own_does():
    """Truth: keras.callbacks.ReduceLROnPlateau with the published settings."""
    losses = np.concatenate([[3.0, 2.0], np.full(25, 2.5), [1.0], np.full(60, 1.0)])
    course = schedule("plateau", rate=1e-4, epochs=100, warm_up=0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1e-4))
    theirs = keras.callbacks.ReduceLROnPlateau(factor=0.4, patience=20, min_delta=0, min_lr=5e-10)
    theirs.set_model(model)
    theirs.on_train_begin()
    for epoch, loss in enumerate(losses):
        course.epoch_ended(loss)
        theirs.on_epoch_end(epoch, {"val_loss": loss})
        assert course.rate(epoch) == pytest.approx(float(model.optimizer.learning_rate), rel=1e-5)
    assert course.rate(0) < 1e-4 * 0.4**3


def test_the_plateau_has_a_floor():
    course = schedule("plateau", rate=1e-9, epochs=100, warm_up=0)
    for _ in range(60):
        course.epoch_ended(1.0)
    assert course.rate(0) == 5e-10


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match=r"must be cosine, plateau or constant\. Got: 'step'"):
        schedule("step", rate=1.0, epochs=1, warm_up=0)


def test_what_is_read_ahead_comes_in_order_and_early():
    drawn = []

    def items():
        for item in range(6):
            drawn.append(item)
            yield item

    reading = ahead(items(), depth=2)
    assert next(reading) == 0
    deadline = time.monotonic() + 5
    while len(drawn) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert drawn == [0, 1, 2, 3]  # one given, two ready, one in hand
    assert list(reading) == [1, 2, 3, 4, 5]


def test_an_error_comes_in_its_turn():
    def items():
        yield 1
        raise RuntimeError("no disk")

    reading = ahead(items())
    assert next(reading) == 1
    with pytest.raises(RuntimeError, match="no disk"):
        next(reading)


def test_the_reader_ends_when_nobody_listens():
    reading = ahead(iter(range(100)), depth=1)
    next(reading)
    reading.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and "read-ahead" in [t.name for t in threading.enumerate()]:
        time.sleep(0.01)
    assert "read-ahead" not in [thread.name for thread in threading.enumerate()]


def test_bfloat16_is_chosen_only_where_the_cpu_multiplies_in_it(tmp_path):
    (tmp_path / "with").write_text("flags\t\t: fpu amx_bf16 sse\nflags\t\t: fpu amx_bf16 sse\n")
    (tmp_path / "without").write_text("flags\t\t: fpu avx512_bf16\nmodel: amx_bf16\n")
    assert multiplies_bfloat16(tmp_path / "with")
    assert not multiplies_bfloat16(tmp_path / "without")
    assert not multiplies_bfloat16(tmp_path / "nowhere")
    assert resolve("float32") == "float32"


def test_precision_holds_inside_only():
    before = keras.config.dtype_policy().name
    with pytest.raises(ZeroDivisionError), precision_of("mixed_bfloat16"):
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        _ = 1 / 0
    assert keras.config.dtype_policy().name == before


def test_the_loss_is_kerass_own_and_finite_where_theirs_saturates(rng):
    logits = rng.normal(0, 4, (7, 3)).astype(np.float32)
    label = rng.integers(0, 2, (7, 3)).astype(np.float32)
    theirs = keras.losses.BinaryCrossentropy(from_logits=True, axis=-1, reduction=None)
    ours = np.asarray(heads_crossentropy(label, logits))
    np.testing.assert_allclose(ours.mean(axis=1), theirs(label, logits), rtol=1e-5)
    far = heads_crossentropy(np.zeros((1, 1), np.float32), np.full((1, 1), 1e4, np.float32))
    np.testing.assert_allclose(far, [[1e4]])
