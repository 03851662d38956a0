"""Models of XGBoost, LightGBM and scikit-learn as the arrays of kernels/forest/trees.h: a row goes left where x <= threshold, NaN where
missing_left, a category where it is in the node's set. Both libraries' sums start from a base that is no tree: returned beside."""
import json

import numpy as np


class Arrays:
    """Grows tree by tree; a node's parent stands before it."""

    def __init__(self, columns, outputs=1, vector=False):
        self.columns, self.outputs, self.vector = columns, outputs, vector
        self.first, self.set_first, self.set_bits = [0], [0], []
        self.nodes = {k: [] for k in ("feature", "threshold", "left", "right", "missing_left", "set", "value", "cover", "gain")}

    def tree(self, root, read):
        """read(node) gives a dictionary of the node's fields; left and right are nodes again, and absent at a leaf."""
        begin, pending = self.first[-1], [(root, None, None)]
        while pending:
            node, parent, side = pending.pop()
            fields = {"feature": -1, "threshold": 0.0, "missing_left": 0, "set": -1, "gain": 0.0,
                      "value": [0.0] * self.outputs if self.vector else 0.0, **read(node)}
            place = len(self.nodes["feature"]) - begin
            if parent is not None:
                self.nodes[side][begin + parent] = place
            children = [(fields.pop(s, None), place, s) for s in ("right", "left")]
            if isinstance(fields["set"], list):
                fields["set"] = self.add_set(fields["set"])
            for key, values in self.nodes.items():
                values.append(0 if key in ("left", "right") else fields[key])
            pending += [c for c in children if c[0] is not None]
        self.first.append(len(self.nodes["feature"]))

    def add_set(self, codes):
        words = [0] * (max(codes) // 32 + 1)
        for code in codes:
            words[code // 32] |= 1 << code % 32
        self.set_bits += words
        self.set_first.append(len(self.set_bits))
        return len(self.set_first) - 2

    def arrays(self):
        """Name -> numpy array, in the order of TreesView."""
        types = dict(feature="i4", threshold="f4", left="i4", right="i4", missing_left="u1", set="i4", value="f8", cover="f4", gain="f4")
        out = {"first": np.array(self.first, "i8")}
        out |= {k: np.array(self.nodes[k], t).ravel() for k, t in types.items()}
        return out | {"set_first": np.array(self.set_first, "i8"), "set_bits": np.array(self.set_bits, "u4")}


def at_most(threshold):
    """The largest float32 that is not above a double: x <= threshold is the same for every float32 x."""
    value = np.float32(threshold)
    return float(np.nextafter(value, np.float32(-np.inf)) if float(value) > threshold else value)


def below(threshold):
    """x < threshold as x <= the float32 before it."""
    return float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))


def xgboost(booster):
    """Arrays, and the base of every output."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    model, params = learner["gradient_booster"]["model"], learner["learner_model_param"]
    outputs = max(1, int(params["num_class"]))
    arrays = Arrays(int(params["num_feature"]), outputs)
    for tree in model["trees"]:
        sets = {n: tree["categories"][b:b + s]
                for n, b, s in zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"])}

        def read(i):
            left, right, cover = tree["left_children"][i], tree["right_children"][i], tree["sum_hessian"][i]
            if left < 0:
                return {"value": float(np.float32(tree["split_conditions"][i])), "cover": cover}
            fields = {"feature": tree["split_indices"][i], "cover": cover, "gain": tree["loss_changes"][i]}
            if tree["split_type"][i]:  # its sets go right
                return {**fields, "set": sets[i], "left": right, "right": left, "missing_left": 1 - tree["default_left"][i]}
            return {**fields, "threshold": below(tree["split_conditions"][i]), "left": left, "right": right,
                    "missing_left": tree["default_left"][i]}

        arrays.tree(0, read)
    bases = [float(b) for b in str(params["base_score"]).strip("[]").split(",")]
    if learner["objective"]["name"].startswith("binary:"):
        bases = [np.log(b / (1 - b)) for b in bases]
    return arrays, bases * (outputs // len(bases))


def lightgbm(booster):
    """Arrays; their covers are counts of rows, which its own contributions weigh by."""
    dump = booster.dump_model()
    arrays = Arrays(dump["max_feature_idx"] + 1, dump["num_tree_per_iteration"])

    def read(node):
        if "leaf_value" in node:
            return {"value": node["leaf_value"], "cover": node.get("leaf_count", 0)}
        fields = {"feature": node["split_feature"], "left": node["left_child"], "right": node["right_child"],
                  "cover": node["internal_count"], "gain": node["split_gain"], "missing_left": int(node["default_left"])}
        if node["decision_type"] == "==":
            return {**fields, "set": [int(c) for c in node["threshold"].split("||")], "missing_left": 0}
        if node["missing_type"] == "None":  # NaN counts as 0
            fields["missing_left"] = int(0 <= node["threshold"])
        return {**fields, "threshold": at_most(node["threshold"])}

    for tree in dump["tree_info"]:
        arrays.tree(tree["tree_structure"], read)
    return arrays, [0.0] * arrays.outputs


def scikit_learn(forest):
    """A random forest of classes: a leaf adds its shares of the classes, a tree's part of the mean."""
    arrays = Arrays(forest.n_features_in_, forest.n_classes_, vector=True)
    for estimator in forest.estimators_:
        tree = estimator.tree_

        def read(i):
            cover = tree.weighted_n_node_samples[i]
            if tree.children_left[i] < 0:
                share = tree.value[i][0] / tree.value[i][0].sum() / len(forest.estimators_)
                return {"value": share.tolist(), "cover": cover}
            return {"feature": tree.feature[i], "threshold": at_most(tree.threshold[i]), "left": tree.children_left[i],
                    "right": tree.children_right[i], "missing_left": int(tree.missing_go_to_left[i]), "cover": cover}

        arrays.tree(0, read)
    return arrays, [0.0] * arrays.outputs
