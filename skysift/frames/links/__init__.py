"""Which detections of a night are one moving object: pairs, then paths."""
