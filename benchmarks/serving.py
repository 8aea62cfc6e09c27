"""``python -m benchmarks.serving``: ways to run the published network, and how far each is from it.

Every way scores the same simulated alerts, on one core, in turns; float32 by Keras' own ``predict``
is the truth. A way that is not installed here is left out: ``pip install onnxruntime openvino``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _alerts, _report
from benchmarks._timing import Side, take_turns
from benchmarks.bench_scoring import scorable
from skysift.models import _backend

Arrays = dict[str, np.ndarray]
Way = Callable[[Arrays], np.ndarray]

TRUTH = "Keras predict(batch_size=256), float32"
TOLERANCE = 1e-3
BATCHES = (8, 64, 256)
CALIBRATED_ON = 64
"""Alerts that int8 takes its ranges from; they are not among those scored."""


def run(count: int = 512, turns: int = 5) -> _report.Rows:
    """Time each way and compare its scores.

    Returns
    -------
    list of dict
        A row a way: µs of wall clock and of CPU time an alert, ratios to `TRUTH`, and the largest
        difference.
    """
    _backend.start(threads=1)
    from skysift.models.btsbot import load
    from skysift.models.btsbot.importing import import_published

    night = _alerts.simulated_night(2 * count)
    with tempfile.TemporaryDirectory() as folder:
        weights = import_published(_alerts.PUBLISHED, folder)
        arrays = scorable(night, 2 * count, load(weights))
        first = {name: array[:CALIBRATED_ON] for name, array in arrays.items()}
        rest = {
            name: array[CALIBRATED_ON : CALIBRATED_ON + count] for name, array in arrays.items()
        }
        ways = dict(_ways(weights, first, Path(folder)))
        n = len(rest["metadata"])
        truth = ways[TRUTH](rest)
        worst = {name: float(np.abs(way(rest) - truth).max()) for name, way in ways.items()}
        sides = {name: Side(lambda way=way: way(rest), n) for name, way in ways.items()}  # type: ignore[misc]
        times = take_turns(sides, turns)
    return [
        {
            "way": name,
            "µs": time.wall * 1e6,
            "CPU µs": time.cpu * 1e6,
            "ratio": times[TRUTH].wall / time.wall,
            "ratio of CPU time": times[TRUTH].cpu / time.cpu,
            "largest difference": worst[name],
            "within 0.001": "yes" if worst[name] <= TOLERANCE else "no",
        }
        for name, time in times.items()
    ]


def _ways(weights: Path, samples: Arrays, folder: Path) -> Iterator[tuple[str, Way]]:
    """Yield all ways that can be run here."""
    from skysift.models._half import HALF_TYPES, halved
    from skysift.models._weights import read_weights
    from skysift.models.btsbot import load
    from skysift.models.btsbot.exporting import export_weights
    from skysift.models.btsbot.stored import rebuild

    model = rebuild(read_weights(weights))
    scorer = load(weights)
    yield TRUTH, lambda a: model.predict(a, batch_size=256, verbose=0)[:, 0]
    yield "skysift, float32", lambda a: scorer.score(**a, exact=True)["score"]
    yield "skysift, as it serves here", lambda a: scorer.score(**a)["score"]
    for size in BATCHES:
        yield f"tf.function, batches of {size}", in_batches(_function(model), size)
    for size in BATCHES[1:]:
        yield (
            f"tf.function with XLA, batches of {size}",
            in_batches(_function(model, xla=True), size),
        )
    yield (
        "tf.function, first layer with a fourth channel",
        in_batches(_function(_four_channels(model)), 64),
    )
    for half in HALF_TYPES:
        yield f"tf.function, {half} throughout", in_batches(_function(halved(model, half)), 64)
    if find_spec("onnxruntime") and find_spec("tf2onnx"):
        path = folder / "network.onnx"
        export_weights(weights, path, kind="onnx")
        yield "ONNX Runtime, float32", in_batches(_onnx(path), 64)
        yield "ONNX Runtime, int8", in_batches(_onnx(_quantised(path, samples)), 64)
        if find_spec("openvino"):
            for precision in ("f32", "bf16", "f16"):
                yield f"OpenVINO, {precision}", in_batches(_openvino(path, precision), 64)


def in_batches(call: Way, size: int) -> Way:
    """Make a way of a function of a fixed number of rows; the last rows are padded with zeros."""

    def score(arrays: Arrays) -> np.ndarray:
        n = len(arrays["metadata"])
        parts = []
        for start in range(0, n, size):
            part = {name: array[start : start + size] for name, array in arrays.items()}
            rows = len(part["metadata"])
            parts.append(call({name: _padded(array, size) for name, array in part.items()})[:rows])
        return np.concatenate(parts)

    return score


def _padded(array: np.ndarray, size: int) -> np.ndarray:
    return np.pad(array, [(0, size - len(array)), *[(0, 0)] * (array.ndim - 1)])


def _function(model: Any, *, xla: bool = False) -> Way:
    import tensorflow as tf

    function = tf.function(lambda inputs: model(inputs, training=False), jit_compile=xla)
    return lambda a: function({k: tf.constant(v) for k, v in a.items()}).numpy()[:, 0]


def _four_channels(model: Any) -> Any:
    """Give stamps a fourth channel of zeros, which fills vectors that three channels do not."""
    import keras
    from keras import layers, ops

    first = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D))
    tensors = {**model.input, "triplet": first.output}
    rest = keras.Model(list(tensors.values()), model.output)
    wider = layers.Conv2D.from_config(first.get_config())
    inputs = {
        name: keras.Input(tensor.shape[1:], name=name) for name, tensor in model.input.items()
    }
    x = wider(ops.pad(inputs["triplet"], [(0, 0), (0, 0), (0, 0), (0, 1)]))
    kernel, *bias = first.get_weights()
    wider.set_weights([np.pad(kernel, [(0, 0), (0, 0), (0, 1), (0, 0)]), *bias])
    return keras.Model(inputs, rest([x if name == "triplet" else inputs[name] for name in tensors]))


def _onnx(path: Path) -> Way:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda a: session.run(None, a)[0][:, 0]


def _quantised(path: Path, samples: Arrays) -> Path:
    """Quantise an ONNX file to int8, ranges measured on alerts."""
    from onnxruntime.quantization import CalibrationDataReader, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter([samples])

        def get_next(self) -> Arrays | None:
            return next(self._left, None)

    output = path.with_name("int8.onnx")
    quantize_static(path, output, Reader(), per_channel=True, op_types_to_quantize=["Conv"])
    return output


def _openvino(path: Path, precision: str) -> Way:
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
    compiled = core.compile_model(core.read_model(path), "CPU", settings)
    return lambda a: compiled(a)[0][:, 0].copy()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--count", type=int, default=512, help="alerts to score (512)")
    parser.add_argument("--turns", type=int, default=5, help="turns, of which the median (5)")
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rows = run(chosen.count, chosen.turns)
    print(_report.as_markdown("published network, one core", rows))
    if chosen.save:
        tables = {"published network, one core": rows}
        command = f"python -m benchmarks.serving --count {chosen.count}"
        print(_report.save(chosen.save, command, _report.machine(), tables))


if __name__ == "__main__":
    main()
