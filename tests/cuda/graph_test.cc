#include "cuda/graph.h"

#include <stdexcept>
#include <vector>

#include "cuda/blas.h"
#include "cuda/buffer.h"
#include "tests/engine.h"

namespace crisp {
namespace {

/// A 2 x 2 matrix on the device that each run of the work squares, by way of a buffer of its own.
class Graphs : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped()) return;
    const float values[] = {1, 1, 0, 1};
    matrix_ = DeviceBuffer<float>(exec(), values, 4);
    exec().synchronize();
  }
  void square() {
    const DeviceBuffer<float> result(exec(), 4);
    const MatrixView<float> x{matrix_.data(), 2, 2, 2};
    multiply(exec(), x, x, {result.data(), 2, 2, 2});
    copy_bytes(exec(), matrix_.data(), result.data(), 4 * sizeof(float));
  }
  /// Of [1 n; 0 1].
  float corner() {
    std::vector<float> values(4);
    matrix_.download(exec(), values.data(), 4);
    return values[1];
  }
  DeviceBuffer<float> matrix_;
};
CRISP_TEST_DEVICES(Graphs);

TEST_P(Graphs, RunWhatWasRecordedAtEachLaunch) {
  const Graph graph(exec(), [&] { square(); });
  EXPECT_EQ(corner(), 1) << "recording runs nothing";
  for (const float expected : {2.0f, 4.0f, 8.0f}) {
    graph.launch(exec());
    EXPECT_EQ(corner(), expected);
  }
}

TEST_P(Graphs, MayEndBeforeTheirWork) {
  {
    const Graph graph(exec(), [&] { square(); });
    graph.launch(exec());
  }
  EXPECT_EQ(corner(), 2);
}

TEST_P(Graphs, RefuseToWait) {
  EXPECT_THROW(Graph(exec(), [&] {
                 square();
                 exec().synchronize();
               }),
               Error);
  square();
  EXPECT_EQ(corner(), 2) << "the stream goes on as before";
}

TEST_P(Graphs, PassOnWhatTheWorkThrows) {
  EXPECT_THROW(Graph(exec(), [&] {
                 square();
                 throw std::runtime_error("no");
               }),
               std::runtime_error);
  square();
  EXPECT_EQ(corner(), 2);
}

}  // namespace
}  // namespace crisp
