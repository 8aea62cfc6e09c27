"""The deep-learning library: started once, quietly, and on no more cores than it was given."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from functools import cache

from skysift.cores import usable_cores

log = logging.getLogger(__name__)


@cache
def start(threads: int | None = None) -> None:
    """Import Keras on TensorFlow for serving on the CPU.

    The first call in a process decides the number of threads; TensorFlow cannot change it later.
    Logging of TensorFlow's C++ side is silenced unless ``TF_CPP_MIN_LOG_LEVEL`` is set.

    Parameters
    ----------
    threads : int, optional
        Cores to use; by default `usable_cores`.

    Raises
    ------
    RuntimeError
        If this process runs Keras on another backend.
    """
    backend = _chosen_backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"scoring needs Keras on TensorFlow, but this process has it on {backend}: "
            "unset KERAS_BACKEND, or set it to tensorflow"
        )
    import_keras()
    _limit(threads or usable_cores())


def import_keras() -> None:
    """Import Keras, and the backend that ``KERAS_BACKEND`` names, without its chatter."""
    if "keras" in sys.modules:
        return
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _no_stderr():
        import keras  # noqa: F401


def _chosen_backend() -> str:
    """Return the backend that Keras runs on, or will once it is imported."""
    if "keras" in sys.modules:
        return str(sys.modules["keras"].backend.backend())
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def _limit(threads: int) -> None:
    """Cap the thread pools and hide GPUs: a broker's executors share machines."""
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:
        log.debug("TensorFlow was already running: its threads and devices stay as they are")


@contextlib.contextmanager
def _no_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere: TensorFlow writes there before its log level counts."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
