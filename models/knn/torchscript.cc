#include "models/knn/torchscript.h"

#include "cuda/error.h"

namespace crisp {
namespace {

/// Distances, then ids, of the k nearest rows: sorted stably, so that of equally near ones the first comes first, as in
/// nearest_neighbours(). A piece of the rows at a time: all distances at once may not fit.
constexpr const char* kNearest = R"(
def nearest_rows(self, x: Tensor, among: Tensor, k: int, metric: str) -> Tensor:
    chunk = max(1, 4194304 // among.size(0))
    parts = [torch.zeros([0, 2 * k], dtype=7, device=x.device)]
    power = 1.0 if metric == 'l1' else 2.0
    for begin in range(0, x.size(0), chunk):
        rows = x[begin : begin + chunk]
        apart = torch.cdist(rows, among, power, 2)
        if metric == 'cosine':
            turned = (among != 0).any(1).unsqueeze(0) & (rows != 0).any(1).unsqueeze(1)
            apart = torch.where(turned, 0.5 * apart * apart, torch.ones_like(apart))
        near, ids = torch.sort(apart, stable=True, dim=1)
        parts.append(torch.cat([near[:, :k].to(6).to(7), ids[:, :k].to(7)], 1))
    return torch.cat(parts)
)";
constexpr const char* kDirections = R"(
def directions(self, x: Tensor) -> Tensor:
    length = (x * x).sum(1, True).sqrt()
    return torch.where(length > 0, x / length, torch.zeros_like(x))
)";
constexpr const char* kVotes = R"(
def votes_by_distance(self, near: Tensor) -> Tensor:
    nearest = near[:, :1]
    return torch.where(nearest == 0, (near == 0).to(7), nearest / near)
)";

const char* script_name(Metric metric) { return metric == Metric::l1 ? "l1" : metric == Metric::cosine ? "cosine" : "l2"; }

std::string votes(TorchScript& script, const NeighbourParts& parts, const std::string& near, const std::string& ids) {
  std::string vote = concat("torch.ones_like(", near, ")");
  if (parts.vote == Vote::distance) {
    script.method(kVotes);
    vote = concat("self.votes_by_distance(", near, ")");
  }
  if (parts.weights.empty()) return script.let(vote);
  const std::span<const float> weights = parts.weights;
  return script.let(concat(vote, " * ", script.constant(weights), ".to(7)[", ids, "]"));
}

}  // namespace

std::string script_neighbours(TorchScript& script, const NeighbourParts& parts, const std::string& rows) {
  script.method(kNearest);
  const std::span<const float> kept = parts.rows, told = parts.targets;
  std::string queries = concat(rows, ".to(7)"), among = concat(script.constant(kept, {parts.count(), parts.columns}), ".to(7)");
  if (parts.metric == Metric::cosine) {
    script.method(kDirections);
    queries = concat("self.directions(", queries, ")"), among = concat("self.directions(", among, ")");
  }
  const int64_t k = parts.neighbours;
  const std::string found = script.let(concat("self.nearest_rows(", queries, ", ", among, ", ", k, ", '", script_name(parts.metric), "')"));
  const std::string near = script.let(concat(found, "[:, :", k, "]"));
  if (parts.task == Task::anomaly) {
    return parts.farness == Farness::mean ? concat(near, ".mean(1, True)") : concat(near, "[:, ", k - 1, ":]");
  }
  const std::string ids = script.let(concat(found, "[:, ", k, ":].to(4)"));
  const std::string vote = votes(script, parts, near, ids), targets = script.let(concat(script.constant(told), ".to(7)[", ids, "]"));
  const std::string total = concat(vote, ".sum(1, True)");
  if (parts.task == Task::regression) return concat("(", vote, " * ", targets, ").sum(1, True) / ", total);
  return concat("torch.zeros([", vote, ".size(0), ", parts.classes, "], dtype=7, device=", vote, ".device).scatter_add(1, ", targets,
                ".to(4), ", vote, ") / ", total);
}

}  // namespace crisp
