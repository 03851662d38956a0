"""How well the nets' defaults do on tables with known answers: crisp's mlp beside scikit-learn's MLP tuned by random search, and the
autoencoder on the anomaly tables.

    peers-cache/venv/bin/python perf/quality/nets.py build/main/crisp DATA_FOLDER [--trials 20]

Every figure is of test rows that neither has seen, the same for both. scikit-learn's rows are one-hot encoded and standardised; its
search draws layers, rate, alpha, batch and activation, and picks by a validation part of the training rows.
"""
import warnings

import numpy as np

from judged import judged, options, read, trained

TABLES = [("bin_adult_train.csv", "income", "roc_auc"), ("bin_credit_default.parquet", "class", "roc_auc"),
          ("bin_credit_g.csv", "class", "roc_auc"), ("reg_winequality_white.csv", "quality", "rmse"),
          ("reg_beijing_pm25.csv", "pm2.5", "rmse")]


def split(table, target, seed=7):
    table = table[table[target].notna()]
    order = np.random.default_rng(seed).permutation(len(table))
    cut = len(table) // 5
    return table.iloc[order[cut:]], table.iloc[order[:cut]]


def peer_figure(train, test, target, metric, trials):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.metrics import root_mean_squared_error, roc_auc_score
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    numbers = train.drop(columns=target).select_dtypes("number").columns
    texts = [name for name in train.columns if name not in numbers and name != target]
    prepare = ColumnTransformer([
        ("n", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ("t", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)), texts)])
    inner, held = split(train, target, seed=8)
    classes = metric == "roc_auc"
    spread = 1 if classes else train[target].std()
    middle = 0 if classes else train[target].mean()

    def labels(rows):
        return rows[target] if classes else (rows[target] - middle) / spread

    def judge(model, x, rows):
        if classes:
            return roc_auc_score(rows[target] == model.classes_[1], model.predict_proba(x)[:, 1])
        return root_mean_squared_error(rows[target], model.predict(x) * spread + middle)

    x_inner = prepare.fit_transform(inner)
    x_held = prepare.transform(held)
    draw = np.random.default_rng(1)
    best = None
    for _ in range(trials):
        layers = tuple([int(draw.choice([32, 64, 128, 256]))] * int(draw.integers(1, 4)))
        options = dict(hidden_layer_sizes=layers, learning_rate_init=float(10 ** draw.uniform(-4, -2)), alpha=float(10 ** draw.uniform(-6, 0)),
                       batch_size=int(draw.choice([64, 128, 256])), activation=str(draw.choice(["relu", "tanh"])), early_stopping=True,
                       max_iter=100, random_state=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = (MLPClassifier if classes else MLPRegressor)(**options).fit(x_inner, labels(inner))
        figure = judge(model, x_held, held)
        if best is None or (figure > best[0]) == classes:
            best = (figure, model)
    return judge(best[1], prepare.transform(test), test)


def autoencoder_figures(program, folder):
    return {path.stem: judged(program, "detect", path, "--model", "autoencoder", "--label", "label")["roc_auc"] for path in sorted(folder.glob("ad_*.csv"))}


def main():
    asked = options(__doc__, "--trials", 20)
    figures = autoencoder_figures(asked.program, asked.data)
    for name, auc in figures.items():
        print(f"{name:24s} autoencoder ROC-AUC {auc:.3f}")
    print(f"{'mean':24s} autoencoder ROC-AUC {np.mean(list(figures.values())):.4f}", flush=True)
    adult = [asked.data / "bin_adult_train.csv", "--target", "income", "--test", (asked.data / "bin_adult_test.csv").resolve()]
    for seed in range(3):
        auc = judged(asked.program, "train", *adult, "--model", "mlp", "--seed", str(seed), "-o", "model")["roc_auc"]
        print(f"Adult on its own test file, seed {seed}: mlp ROC-AUC {auc:.4f}", flush=True)
    for name, target, metric in TABLES:
        train, test = split(read(asked.data / name), target)
        ours = trained(asked.program, train, test, target, "--model", "mlp")[metric]
        peer = peer_figure(train, test, target, metric, asked.trials) if asked.trials else float("nan")
        print(f"{name:28s} {metric:8s} crisp mlp {ours:9.4f}   scikit-learn tuned {peer:9.4f}", flush=True)


if __name__ == "__main__":
    main()
