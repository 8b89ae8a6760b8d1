"""A deterministic simulator of the two banks: their own decision code, a pretended network, disks and clocks."""
