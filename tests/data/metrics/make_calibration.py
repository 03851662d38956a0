"""Golden maps of probabilities, from scikit-learn (tests/train/calibrator_test.cc):

    python make_calibration.py        writes calibration.json beside itself

The sigmoid is fitted on log-odds; of more than two classes each is mapped against the others and all are divided by their sum, as
CalibratedClassifierCV does."""
import json
import pathlib

import numpy as np
from scipy.special import logit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

draw = np.random.default_rng(20261128)


def column(method, said, truth, weights, asked):
    if method == "isotonic":
        return IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(said, truth, weights).predict(asked)
    odds = [logit(np.clip(x, 1e-15, 1 - 1e-15)) for x in (said, asked)]
    return _SigmoidCalibration().fit(odds[0], truth, weights).predict(odds[1])


def case(method, rows, classes, weighted):
    truth = draw.integers(0, classes, rows)
    scores = draw.normal(0, 1, (rows, classes)) + 1.5 * np.eye(classes)[truth]
    said = np.exp(2 * scores)
    said = np.round(said / said.sum(1, keepdims=True), 2)  # ties
    said[:, -1] = 1 - said[:, :-1].sum(1)
    said = np.abs(np.round(said, 2))
    weights = draw.integers(1, 4, rows).astype(float) if weighted else None
    asked = draw.dirichlet(np.ones(classes), 12)
    asked[0], asked[1] = np.eye(classes)[0], np.eye(classes)[-1]
    if classes == 2:
        second = column(method, said[:, 1], truth == 1, weights, asked[:, 1])
        answer = np.stack([1 - second, second], 1)
    else:
        answer = np.stack([column(method, said[:, k], truth == k, weights, asked[:, k]) for k in range(classes)], 1)
        total = answer.sum(1, keepdims=True)
        answer = np.where(total > 0, answer / np.where(total > 0, total, 1), 1 / classes)
    return {"method": method, "said": said.tolist(), "truth": truth.tolist(), "weights": [] if weights is None else weights.tolist(),
            "asked": asked.tolist(), "answer": answer.tolist()}


cases = [case(method, rows, classes, weighted) for method in ("isotonic", "sigmoid") for rows, classes, weighted in
         ((40, 2, False), (60, 2, True), (60, 3, False))]
(pathlib.Path(__file__).parent / "calibration.json").write_text(json.dumps(cases))
