"""The room that watches: probes, samples, the doors' events, and the decision loop."""
