"""How well boosted trees' defaults do on tables with known answers: crisp's gbdt beside LightGBM, XGBoost and scikit-learn's
HistGradientBoosting, each by its own defaults.

    peers-cache/venv/bin/python perf/quality/trees.py build/main/crisp DATA_FOLDER

Every figure is the mean over --splits splits, the same rows for all: the table's own where it has one, the others fixed draws of 30 % to test
(one draw says little: on these tables it moves a figure by more than the models differ). A table with a test file of its own is split by it
alone. Texts are categories to all of them; numbers come as they are. Ranks count ties by their mean; the last line is each model's mean rank.
A figure is ROC-AUC (two classes), log loss (more) or RMSE.
"""
import numpy as np
import pandas as pd

from judged import options, read, trained

# Columns that tell the answer, or only number the rows, are left out for all.
TABLES = [("bin_adult", "income", []), ("bin_credit_default.parquet", "class", ["ID"]), ("bin_credit_g.csv", "class", []),
          ("multi_hypothyroid.csv", "Class", []), ("reg_beijing_pm25.csv", "pm2.5", ["No"]), ("reg_winequality_white.csv", "quality", []),
          ("outage_seattle_weather.csv", "Total_outages", ["Date", "Equipment", "Trees", "Animals", "Lightning"]),
          ("lightgbm_binary", "target", []), *((name, "label", []) for name in ("ad_20_letter.csv", "ad_23_mammography.csv", "ad_29_Pima.csv",
                                                                              "ad_40_vowels.csv", "ad_41_Waveform.csv"))]


def table_of(folder, name, target, dropped):
    """All rows, the mark of each in the table's own split (None without one), and whether that comes from two files."""
    if name == "bin_adult":
        tables = [read(folder / f"bin_adult_{part}.csv") for part in ("train", "test")]
        mark = np.repeat(["train", "test"], [len(table) for table in tables])
    elif name == "lightgbm_binary":
        tables = [pd.read_csv(folder / f"lightgbm_binary.{part}", sep="\t", header=None) for part in ("train", "test")]
        mark = np.repeat(["train", "test"], [len(table) for table in tables])
        tables = [table.set_axis([target, *(f"x{k}" for k in range(1, table.shape[1]))], axis=1) for table in tables]
    else:
        tables = [read(folder / name)]
        mark = tables[0].pop("_split").to_numpy() if "_split" in tables[0] else None
    table = pd.concat(tables, ignore_index=True).drop(columns=dropped).dropna(axis=1, how="all")
    keep = table[target].notna().to_numpy()
    if not pd.api.types.is_numeric_dtype(table[target]):  # a class must stand on both sides
        keep = keep & (table[target].map(table[target].value_counts()) >= 10).to_numpy()
    table, mark = table[keep].reset_index(drop=True), mark if mark is None else mark[keep]
    for column in table.columns.drop(target):
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = table[column].astype("category")
    return table, mark, len(tables) > 1


def splits_of(folder, name, target, dropped, count):
    """Pairs of training and test rows; texts are categories of all rows."""
    table, mark, alone = table_of(folder, name, target, dropped)
    marks = [] if mark is None else [mark]
    while not alone and len(marks) < count:
        marks.append(np.where(np.random.default_rng(20261121 + len(marks)).random(len(table)) < 0.7, "train", "test"))
    return [tuple(table[mark == part].reset_index(drop=True) for part in ("train", "test")) for mark in marks]


def task_of(table, target):
    values = table[target]
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 2:
        return "rmse"
    return "roc_auc" if values.nunique() == 2 else "log_loss"


def figure(metric, truth, answer, classes):
    from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error
    if metric == "rmse":
        return root_mean_squared_error(truth, answer)
    if metric == "roc_auc":
        return roc_auc_score(truth == classes[1], answer[:, 1])
    return log_loss(truth, answer, labels=classes)


def lightgbm(train, labels, test, metric):
    import lightgbm as peer
    model = (peer.LGBMRegressor if metric == "rmse" else peer.LGBMClassifier)(verbosity=-1, n_jobs=2)
    model.fit(train, labels)
    return model.predict(test) if metric == "rmse" else model.predict_proba(test)


def xgboost(train, labels, test, metric):
    import xgboost as peer
    model = (peer.XGBRegressor if metric == "rmse" else peer.XGBClassifier)(tree_method="hist", enable_categorical=True, n_jobs=2).fit(train, labels)
    return model.predict(test) if metric == "rmse" else model.predict_proba(test)


def scikit(train, labels, test, metric):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    model = (HistGradientBoostingRegressor if metric == "rmse" else HistGradientBoostingClassifier)(categorical_features="from_dtype", random_state=0)
    model.fit(train, labels)
    return model.predict(test) if metric == "rmse" else model.predict_proba(test)


PEERS = {"LightGBM": lightgbm, "XGBoost": xgboost, "HistGradientBoosting": scikit}


def figures_of(program, train, test, target):
    metric = task_of(pd.concat([train, test]), target)
    classes = None if metric == "rmse" else sorted(set(train[target]) | set(test[target]))
    labels = train[target] if classes is None else train[target].map({name: k for k, name in enumerate(classes)})
    truth = test[target].to_numpy()
    task = "regression" if metric == "rmse" else "classification"
    found = {"crisp": trained(program, train, test, target, "--model", "gbdt", "--task", task)[metric]}
    # The libraries refuse names with brackets, and read none.
    plain = [table.drop(columns=target).set_axis([f"c{k}" for k in range(table.shape[1] - 1)], axis=1) for table in (train, test)]
    for name, peer in PEERS.items():
        found[name] = figure(metric, truth, peer(plain[0], labels, plain[1], metric), classes)
    return metric, found


def figures(program, data, splits, tables=TABLES):
    """(table, metric, each model's figure, each model's rank) one by one."""
    for name, target, dropped in tables:
        results = [figures_of(program, *split, target) for split in splits_of(data, name, target, dropped, splits)]
        metric, found = results[0][0], pd.DataFrame([one for _, one in results]).mean()
        yield name, metric, found, found.round(6).rank(ascending=metric != "roc_auc")


def main():
    asked = options(__doc__, "--splits", 5)
    names = ["crisp", *PEERS]
    print(f"{'':28}{'':10}" + "".join(f"{name:>22}" for name in names))
    ranks = []
    for table, metric, found, rank in figures(asked.program, asked.data, asked.splits):
        ranks.append(rank[names])
        print(f"{table:28}{metric:10}" + "".join(f"{found[n]:16.5f} ({rank[n]:3.1f})" for n in names), flush=True)
    print(f"{'mean rank':38}" + "".join(f"{rank:22.2f}" for rank in pd.DataFrame(ranks).mean()[names]))


if __name__ == "__main__":
    main()
