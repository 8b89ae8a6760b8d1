"""`make forecast-model BERKA=folder`: learns from accounts whose months are known to their end. Needs scikit-learn.

Three sets of small decision trees: the middle (least absolute error, in money) and the two ends of an interval of four in
five (quantiles 0.1 and 0.9, in the account's own scale), which is then made as wide as accounts of another part need
(conformal prediction; Romano, Patterson and Candès 2019). The accounts held out are not looked at: `make bench-insight`.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "src")]

from months import HELD_OUT, WIDENING, Case, cases

from holdfast.bank.insight.features import NAMES
from holdfast.bank.insight.forecast import FORM

ROUNDS, LEAVES, LEAST, STEP = 200, 8, 40, 0.07
ROUNDS_ENDS = 100
LOW, HIGH = 0.1, 0.9
HOLDS = 0.8


def learn(found: list[Case], loss: dict[str, object], rounds: int, by_money: bool) -> HistGradientBoostingRegressor:
    """One set of trees; by_money: a large account counts as much as its money."""
    made = HistGradientBoostingRegressor(
        **loss, max_iter=rounds, learning_rate=STEP, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, early_stopping=False
    )
    x, y = (np.array([one.seen.values for one in found]), _flows(found))
    return made.fit(x, y, sample_weight=_scales(found) if by_money else None)


def _flows(found: list[Case]) -> np.ndarray:
    return np.array([one.flow_minor / one.seen.scale_minor for one in found])


def _scales(found: list[Case]) -> np.ndarray:
    return np.array([one.seen.scale_minor for one in found])


def trees_of(made: HistGradientBoostingRegressor) -> list[list[list[float]]]:
    """Its trees as forecast.py reads them."""
    trees = []
    for (grown,) in made._predictors:  # there is no public way to them
        nodes = []
        for node in grown.nodes:
            if node["is_leaf"]:
                nodes.append([round(float(node["value"]), 7)])
            else:
                split = float(f"{node['num_threshold']:.7g}")
                nodes.append([int(node["feature_idx"]), split, int(node["left"]), int(node["right"])])
        trees.append(nodes)
    return trees


def main() -> None:
    """Learn and write."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--berka", type=Path, required=True)
    asked.add_argument("--write", type=Path, required=True)
    arguments = asked.parse_args()
    found = [one for one in cases(arguments.berka) if one.part != HELD_OUT]
    learning, widening = ([one for one in found if (one.part == WIDENING) is wide] for wide in (False, True))
    made = {
        "low": learn(learning, {"loss": "quantile", "quantile": LOW}, ROUNDS_ENDS, False),
        "middle": learn(learning, {"loss": "absolute_error"}, ROUNDS, True),
        "high": learn(learning, {"loss": "quantile", "quantile": HIGH}, ROUNDS_ENDS, False),
    }
    x, y = np.array([one.seen.values for one in widening]), _flows(widening)
    middle = made["middle"].predict(x)
    low, high = np.minimum(made["low"].predict(x), middle), np.maximum(made["high"].predict(x), middle)
    wider = float(np.quantile(np.maximum(low - y, y - high), HOLDS))
    written = {
        "form": FORM,
        "features": list(NAMES),
        "learnt_from": f"{len({one.account for one in learning})} accounts, {len(learning)} days",
        "wider": round(wider, 7),
        "base": {part: round(float(one._baseline_prediction.item()), 7) for part, one in made.items()},
        "trees": {part: trees_of(one) for part, one in made.items()},
    }
    arguments.write.write_text(json.dumps(written, separators=(",", ":")) + "\n")
    print(f"{arguments.write}: {arguments.write.stat().st_size} bytes, {written['learnt_from']}, wider by {wider:.4f}")


if __name__ == "__main__":
    main()
