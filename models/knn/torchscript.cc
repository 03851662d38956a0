#include "models/knn/torchscript.h"

#include "cuda/error.h"

namespace crisp {
namespace {

// Measures are summed as row_measure() does, bit for bit: of rows that are equally near, but for rounding, the same ones must
// be found.
constexpr const char* kFold = R"(
def fold_lanes(self, lane: List[Tensor]) -> Tensor:
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]))
)";
constexpr const char* kMeasures = R"(
def measures_apart(self, rows: Tensor, among: Tensor, metric: str) -> Tensor:
    columns, kept = rows.t().contiguous(), among.t().contiguous()
    lane = [torch.zeros([1, 1], dtype=7, device=rows.device) for l in range(8)]
    for j in range(columns.size(0)):
        apart = columns[j].unsqueeze(1) - kept[j].unsqueeze(0)
        lane[j % 8] = lane[j % 8] + (apart.abs() if metric == 'l1' else apart * apart)
    total = self.fold_lanes(lane)
    if metric == 'cosine':
        turned = (among != 0).any(1).unsqueeze(0) & (rows != 0).any(1).unsqueeze(1)
        total = torch.where(turned, 0.5 * total, torch.ones_like(total))
    return total
)";
/// Distances, then ids, of the k nearest rows; sorted stably, so that of equally near ones the first comes first. A piece of
/// the rows at a time: all distances at once may not fit.
constexpr const char* kNearest = R"(
def nearest_rows(self, x: Tensor, among: Tensor, k: int, metric: str) -> Tensor:
    chunk = max(1, 1048576 // among.size(0))
    parts = [torch.zeros([0, 2 * k], dtype=7, device=x.device)]
    for begin in range(0, x.size(0), chunk):
        near, ids = torch.sort(self.measures_apart(x[begin : begin + chunk], among, metric), stable=True, dim=1)
        near = near[:, :k]
        if metric == 'l2':
            near = near.sqrt()
        parts.append(torch.cat([near.to(6).to(7), ids[:, :k].to(7)], 1))
    return torch.cat(parts)
)";
constexpr const char* kDirections = R"(
def directions(self, x: Tensor) -> Tensor:
    lane = [torch.zeros([x.size(0)], dtype=7, device=x.device) for l in range(8)]
    for j in range(x.size(1)):
        lane[j % 8] = lane[j % 8] + x[:, j] * x[:, j]
    total = self.fold_lanes(lane)
    return x * torch.where(total == 0, torch.zeros_like(total), 1.0 / total.sqrt()).unsqueeze(1)
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
  for (const char* method : {kFold, kMeasures, kNearest}) script.method(method);
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
