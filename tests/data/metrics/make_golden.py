"""Golden figures of tests/evaluate/metrics_test.cc, from scikit-learn: python make_golden.py > golden.json"""
import json

import numpy as np
from sklearn import metrics

random = np.random.default_rng(20261122)
cases = []
for rows, ties in ((7, False), (200, True), (1000, False)):
    truth = (random.random(rows) < 0.3).astype(int)
    truth[:2] = (0, 1)
    scores = truth * 0.7 + random.standard_normal(rows)
    if ties:
        scores = np.round(scores * 2) / 2
    predicted = (scores > 0.5).astype(int)
    cases.append({"truth": truth.tolist(), "scores": scores.tolist(), "predicted": predicted.tolist(),
                  "roc_auc": metrics.roc_auc_score(truth, scores),
                  "average_precision": metrics.average_precision_score(truth, scores),
                  "accuracy": metrics.accuracy_score(truth, predicted),
                  "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
                  "precision": metrics.precision_score(truth, predicted, zero_division=np.nan),
                  "recall": metrics.recall_score(truth, predicted), "f1": metrics.f1_score(truth, predicted)})
print(json.dumps(cases))
