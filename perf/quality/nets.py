"""How well the nets' defaults do on tables with known answers: crisp's mlp beside scikit-learn's MLP tuned by random search, and the
autoencoder on the anomaly tables.

    peers-cache/venv/bin/python perf/quality/nets.py build/main/crisp DATA_FOLDER [--trials 20]

Every figure is of test rows that neither has seen, the same for both. scikit-learn's rows are one-hot encoded and standardised; its
search draws layers, rate, alpha, batch and activation, and picks by a validation part of the training rows.
"""
import argparse, json, pathlib, subprocess, tempfile, warnings

import numpy as np
import pandas as pd

TABLES = [("bin_adult_train.csv", "income", "roc_auc"), ("bin_credit_default.parquet", "class", "roc_auc"),
          ("bin_credit_g.csv", "class", "roc_auc"), ("reg_winequality_white.csv", "quality", "rmse"),
          ("reg_beijing_pm25.csv", "pm2.5", "rmse")]


def read(path):
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def split(table, target, seed=7):
    table = table[table[target].notna()]
    order = np.random.default_rng(seed).permutation(len(table))
    cut = len(table) // 5
    return table.iloc[order[cut:]], table.iloc[order[:cut]]


def crisp_train(program, train, test, target, metric, *more):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([program, "train", train, "--target", target, "--test", test, "--model", "mlp", "-o", f"{folder}/model",
                               "--json", "--quiet", *more], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)["metrics"][metric]


def crisp_figure(program, train, test, target, metric):
    with tempfile.TemporaryDirectory() as folder:
        train.to_csv(f"{folder}/train.csv", index=False)
        test.to_csv(f"{folder}/test.csv", index=False)
        return crisp_train(program, f"{folder}/train.csv", f"{folder}/test.csv", target, metric)


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
    figures = {}
    for path in sorted(folder.glob("ad_*.csv")):
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([program, "detect", path, "--model", "autoencoder", "--label", "label", "--json", "--quiet"], check=True,
                                  capture_output=True, text=True, cwd=scratch)
        figures[path.stem] = json.loads(done.stdout)["metrics"]["roc_auc"]
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=20)
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    figures = autoencoder_figures(program, options.data.resolve())
    for name, auc in figures.items():
        print(f"{name:24s} autoencoder ROC-AUC {auc:.3f}")
    print(f"{'mean':24s} autoencoder ROC-AUC {np.mean(list(figures.values())):.4f}", flush=True)
    for seed in range(3):
        auc = crisp_train(program, options.data / "bin_adult_train.csv", options.data / "bin_adult_test.csv", "income", "roc_auc", "--seed",
                          str(seed))
        print(f"Adult on its own test file, seed {seed}: mlp ROC-AUC {auc:.4f}", flush=True)
    for name, target, metric in TABLES:
        train, test = split(read(options.data / name), target)
        ours = crisp_figure(program, train, test, target, metric)
        peer = peer_figure(train, test, target, metric, options.trials) if options.trials else float("nan")
        print(f"{name:28s} {metric:8s} crisp mlp {ours:9.4f}   scikit-learn tuned {peer:9.4f}", flush=True)


if __name__ == "__main__":
    main()
