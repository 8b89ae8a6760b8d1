"""How much each part bears, as `./holdfast stress` measured it, against what is used, and when growth reaches it."""
