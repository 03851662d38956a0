#include "cuda/graph.h"

#include "cuda/cuda_error.h"

namespace crisp {
namespace {

/// What was recorded; the capture ends whatever happens in between, or the stream stays useless.
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    CRISP_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  }
  ~Capture() {
    if (!graph_) ignore_cuda(cudaStreamEndCapture(stream_, &graph_));
    if (graph_) ignore_cuda(cudaGraphDestroy(graph_));
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t finish() {
    CRISP_CUDA(cudaStreamEndCapture(stream_, &graph_));
    return graph_;
  }

 private:
  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
};

}  // namespace

Graph::Graph(Exec& exec, const std::function<void()>& work) {
  CRISP_ASSERT(exec.is_cuda());
  Capture capture(static_cast<cudaStream_t>(exec.stream()));
  work();
  cudaGraphExec_t made = nullptr;
  CRISP_CUDA(cudaGraphInstantiate(&made, capture.finish(), 0));
  graph_.reset(made, [](void* graph) { ignore_cuda(cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph))); });
}

void Graph::launch(Exec& exec) const {
  CRISP_ASSERT(graph_);
  CRISP_CUDA(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph_.get()), static_cast<cudaStream_t>(exec.stream())));
}

}  // namespace crisp
