"""Truth: what the simulator put into the packets, the alerts room gets out of them."""

from __future__ import annotations

import numpy as np

from skysift.alerts.decode import decode
from skysift.alerts.payload import Payload
from skysift.simulate.containers import encode_packet


def test_the_alerts_room_reads_every_packet(alerts) -> None:
    payloads = [
        Payload("ocf", encode_packet(packet), None, str(packet["candid"]), 0)
        for packet, _ in alerts
    ]
    decoded = decode(payloads, ["candid", "magpsf", "stamps", "light_curve"])
    assert not decoded.dead
    (group,) = decoded.alerts
    batch = group.batch
    assert batch.survey == "ztf"
    assert batch.column("candid").tolist() == [packet["candid"] for packet, _ in alerts]
    magnitudes = [packet["candidate"]["magpsf"] for packet, _ in alerts]
    np.testing.assert_allclose(batch.column("magpsf"), magnitudes, rtol=1e-6)
    assert set(batch.column("stamps").status) == {"ok"}
    lengths = [len(packet["prv_candidates"] or []) + 1 for packet, _ in alerts]
    assert np.diff(batch.column("light_curve").offsets).tolist() == lengths
