"""The Fink VRA: galactic, extragalactic or bogus, learned from a few dozen labels."""
