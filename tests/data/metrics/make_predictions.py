"""Golden figures of predicting models, from scikit-learn and scipy (tests/evaluate/classification_test.cc, regression_test.cc):

    python make_predictions.py        writes classes.json and numbers.json beside itself

What scikit-learn does not define (a class that is absent from the truth) is left out of its averages here, too."""
import json
import pathlib
import warnings

import numpy as np
from scipy import special, stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
random = np.random.default_rng(20261123)


def expected_calibration_error(right, confidence, bins=15):
    """Guo et al. 2017: bins (low, high]."""
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high) | (low == 0) & (confidence == 0)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def rank_figures(truth, probabilities):
    classes = probabilities.shape[1]
    one_hot = truth[:, None] == np.arange(classes)
    if classes == 2:
        return {"roc_auc": metrics.roc_auc_score(one_hot[:, 1], probabilities[:, 1]),
                "average_precision": metrics.average_precision_score(one_hot[:, 1], probabilities[:, 1])}
    there = one_hot.any(0)
    figures = {}
    for suffix, average in (("", "macro"), ("_weighted", "weighted")):
        for name, score in (("roc_auc", metrics.roc_auc_score), ("average_precision", metrics.average_precision_score)):
            figures[name + suffix] = score(one_hot[:, there], probabilities[:, there], average=average)
    return figures


def class_case(name, truth, probabilities):
    classes, answer = probabilities.shape[1], probabilities.argmax(1)
    labels = list(range(classes))
    figures = {"accuracy": metrics.accuracy_score(truth, answer),
               "balanced_accuracy": metrics.balanced_accuracy_score(truth, answer),
               "mcc": metrics.matthews_corrcoef(truth, answer),
               "log_loss": metrics.log_loss(truth, probabilities, labels=labels),
               "ece": expected_calibration_error(truth == answer, probabilities.max(1))}
    figures["brier"] = (metrics.brier_score_loss(truth, probabilities[:, 1]) if classes == 2
                        else metrics.brier_score_loss(truth, probabilities, labels=labels))
    for average in ("macro", "weighted"):
        for score in ("precision", "recall", "f1"):
            figures[score + "_" + average] = getattr(metrics, score + "_score")(truth, answer, average=average)
    if classes == 2:
        for score in ("precision", "recall", "f1"):
            figures[score] = getattr(metrics, score + "_score")(truth, answer)
        figures["specificity"] = metrics.recall_score(truth, answer, pos_label=0)
    figures.update(rank_figures(truth, probabilities))
    said, came_true = (probabilities[:, 1], truth == 1) if classes == 2 else (probabilities.max(1), truth == answer)
    curves = {rule: [column.tolist() for column in calibration_curve(came_true, said, n_bins=10, strategy=rule)]
              for rule in ("uniform", "quantile")}
    precision, recall, cutoffs = metrics.precision_recall_curve(truth == classes - 1, probabilities[:, classes - 1])
    false_positive, true_positive, _ = metrics.roc_curve(truth == classes - 1, probabilities[:, classes - 1], drop_intermediate=False)
    per_class = metrics.precision_recall_fscore_support(truth, answer, labels=labels)
    return {"name": name, "truth": truth.tolist(), "probabilities": probabilities.tolist(), "figures": figures,
            "confusion": metrics.confusion_matrix(truth, answer, labels=labels).tolist(),
            "per_class": [column.tolist() for column in per_class], "calibration": curves,
            "roc": [false_positive.tolist(), true_positive.tolist()],
            "precision_recall": [recall[::-1].tolist(), precision[::-1].tolist(), cutoffs[::-1].tolist()]}


def predictions(rows, classes, shares, decimals=None):
    truth = random.choice(classes, rows, p=shares)
    logits = random.standard_normal((rows, classes)) + 1.5 * (truth[:, None] == np.arange(classes))
    probabilities = special.softmax(logits, 1)
    if decimals is not None:
        probabilities = np.round(probabilities, decimals)
        probabilities[:, -1] = np.clip(1 - probabilities[:, :-1].sum(1), 0, 1)
    return truth, probabilities


def number_case(name, truth, predicted):
    error = predicted - truth
    quantiles = stats.probplot(error, fit=False)
    return {"name": name, "truth": truth.tolist(), "predicted": predicted.tolist(),
            "figures": {"mae": metrics.mean_absolute_error(truth, predicted),
                        "rmse": metrics.root_mean_squared_error(truth, predicted), "r2": metrics.r2_score(truth, predicted),
                        "mape": metrics.mean_absolute_percentage_error(truth, predicted),
                        "median_absolute_error": metrics.median_absolute_error(truth, predicted),
                        "max_error": metrics.max_error(truth, predicted), "mean_error": float(error.mean())},
            "quantiles": [quantiles[0].tolist(), quantiles[1].tolist()]}


def main():
    folder = pathlib.Path(__file__).parent
    two_rows = np.array([[0.9, 0.1], [0.4, 0.6]])
    sure = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    classes = [class_case("binary", *predictions(120, 2, [0.7, 0.3])),
               class_case("binary with ties", *predictions(100, 2, [0.5, 0.5], 1)),
               class_case("three classes", *predictions(120, 3, [0.5, 0.3, 0.2])),
               class_case("three classes with ties", *predictions(90, 3, [0.4, 0.4, 0.2], 1)),
               class_case("one of four classes never occurs", *predictions(80, 4, [0.5, 0.0, 0.3, 0.2])),
               class_case("two rows", np.array([0, 1]), two_rows),
               class_case("sure and wrong", np.array([0, 1, 1, 0]), sure)]
    x = random.standard_normal(100)
    counts = random.poisson(1.0, 80).astype(float)
    numbers = [number_case("line", 3 * x + 10, 3 * x + 10.3 + random.standard_normal(100)),
               number_case("counts with zeros", counts, np.abs(counts + random.standard_normal(80))),
               number_case("far from zero", 1e9 + x, 1e9 + x + 0.1 * random.standard_normal(100)),
               number_case("two rows", np.array([1.0, 2.0]), np.array([1.5, 1.0]))]
    (folder / "classes.json").write_text(json.dumps(classes) + "\n")
    (folder / "numbers.json").write_text(json.dumps(numbers) + "\n")


if __name__ == "__main__":
    main()
