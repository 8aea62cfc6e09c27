"""SkyPortal as a place that detections are sent to while frames are searched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.errors import SkyPortalError
from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.sink import Sink
from skysift.frames.posting import LEDGER, Choice, chosen, post_night


@dataclass(frozen=True)
class SkyPortalSink:
    """Posts detections as ``skysift frames post`` does.

    Attributes
    ----------
    client : Client
    group, filter_id : int
        See `skysift.adapters.skyportal.sink.Sink`.
    choice : Choice
        What is posted.
    """

    client: Client
    group: int
    filter_id: int
    choice: Choice = field(default_factory=Choice)

    @property
    def name(self) -> str:
        """What tells it from other places that detections are sent to."""
        return f"skyportal:{self.client.server}"

    def send(self, night: Path, rows: pa.Table) -> dict[str, str]:
        """Post detections of a night; see `skysift.frames.pipeline.Sink`."""
        wanted = {*rows["id"].to_pylist()}
        ledger = Ledger(night / LEDGER, self.client.server)
        sink = Sink(self.client, ledger, group=self.group, filter_id=self.filter_id)
        to_post = [row for row in chosen(night, self.choice) if row["id"] in wanted]
        refused: dict[str, str] = {}
        try:
            for outcome in post_night(to_post, night, sink):
                for reason in outcome.failed.values():
                    refused.setdefault(outcome.origin.rpartition("_")[0], reason)
        except SkyPortalError as error:
            raise ConnectionError(str(error)) from None
        return refused
