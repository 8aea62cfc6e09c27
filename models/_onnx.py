"""Write a TensorFlow function as ONNX, and run it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

OPSET = 17
"""Of 2022: what runtimes of today read."""

MISSING = "ONNX export needs tf2onnx and onnxruntime: pip install 'skysift[export]'"


def write_onnx(function: tf.types.experimental.PolymorphicFunction, path: Path) -> None:
    """Convert a function of an input signature, and write it.

    Raises
    ------
    ImportError
        If the converter is not installed.
    """
    try:
        import onnx
        import tf2onnx
    except ImportError as error:
        raise ImportError(MISSING) from error
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    model, _ = tf2onnx.convert.from_function(
        function,
        input_signature=function.input_signature,
        opset=OPSET,
        custom_op_handlers={"Log1p": (_log1p, []), "Erfc": (_erfc, [])},
    )
    _keep_constants(model.graph, function.get_concrete_function())
    onnx.save(model, str(path))


def read_onnx(path: Path) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Load a file into ONNX Runtime, on the CPU.

    Raises
    ------
    ImportError
        If ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(MISSING) from error
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda arrays: dict(zip(names, session.run(names, arrays), strict=True))


def _keep_constants(graph: Any, function: tf.types.experimental.ConcreteFunction) -> None:
    """Put constants that TensorFlow kept outside of its function back: tf2onnx asks for them."""
    from onnx import numpy_helper

    constants = {inner.name: outer for outer, inner in function.graph.captures}
    for asked in [value for value in graph.input if value.name in constants]:
        graph.input.remove(asked)
        values = constants[asked.name].numpy()
        graph.initializer.append(numpy_helper.from_array(values, asked.name))


def _log1p(graph: Any, node: Any, name: str, args: Any) -> None:
    """Say ln(1 + x) in ONNX, which has no operation for it."""
    one = graph.make_const(f"{name}/one", np.float32(1)).output[0]
    _replace(graph, node, "Log", graph.make_node("Add", [node.input[0], one]).output)


def _erfc(graph: Any, node: Any, name: str, args: Any) -> None:
    """Say the complementary error function as 1 − erf(x)."""
    one = graph.make_const(f"{name}/one", np.float32(1)).output[0]
    erf = graph.make_node("Erf", [node.input[0]]).output[0]
    _replace(graph, node, "Sub", [one, erf])


def _replace(graph: Any, node: Any, operation: str, inputs: list[str]) -> None:
    """Put an operation in a node's place."""
    shapes = [graph.get_shape(node.output[0])]
    dtypes = [graph.get_dtype(node.output[0])]
    graph.remove_node(node.name)
    graph.make_node(
        operation, inputs, name=node.name, outputs=node.output, shapes=shapes, dtypes=dtypes
    )
