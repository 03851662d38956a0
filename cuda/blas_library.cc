// cuBLAS, opened when the first product asks for it. Its few functions are declared here: the header would tie the build
// to the library, and the ABI of these has been the same since CUDA 6.5.
#include <dlfcn.h>

#include <climits>

#include "cuda/blas.h"
#include "cuda/blas_gpu.h"
#include "cuda/error.h"

namespace crisp {
namespace {

#if defined(CRISP_EMULATED_TESTS)
constexpr const char* kLibraries[] = {"libcublas.so.none"};  // the emulated device has memory that cuBLAS cannot see
#else
constexpr const char* kLibraries[] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so"};
#endif
// The numbers of cublas_api.h and library_types.h.
constexpr int kSuccess = 0, kNoTranspose = 0, kTranspose = 1;
constexpr int kFloat = 0, kByBfloat16 = 75, kDefaultAlgorithm = -1;

template <class T>
using Gemm = int (*)(void* handle, int transpose_a, int transpose_b, int m, int n, int k, const T* alpha, const T* a,
                     int lda, const T* b, int ldb, const T* beta, T* c, int ldc);

/// Its types by number, one for each pointer, and how to compute.
using GemmEx = int (*)(void* handle, int transpose_a, int transpose_b, int m, int n, int k, const void* alpha, const void* a,
                       int type_a, int lda, const void* b, int type_b, int ldb, const void* beta, void* c, int type_c, int ldc,
                       int compute, int algorithm);

struct Library {
  std::string name;
  int (*create)(void**) = nullptr;
  int (*destroy)(void*) = nullptr;
  int (*set_stream)(void*, void*) = nullptr;
  Gemm<float> gemm_float = nullptr;
  Gemm<double> gemm_double = nullptr;
  GemmEx gemm_ex = nullptr;

  Library() {
    for (const char* candidate : kLibraries) {
      if (open(candidate)) return;
    }
  }

 private:
  bool open(const char* candidate) {
    void* handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return false;
    create = reinterpret_cast<int (*)(void**)>(dlsym(handle, "cublasCreate_v2"));
    destroy = reinterpret_cast<int (*)(void*)>(dlsym(handle, "cublasDestroy_v2"));
    set_stream = reinterpret_cast<int (*)(void*, void*)>(dlsym(handle, "cublasSetStream_v2"));
    gemm_float = reinterpret_cast<Gemm<float>>(dlsym(handle, "cublasSgemm_v2"));
    gemm_double = reinterpret_cast<Gemm<double>>(dlsym(handle, "cublasDgemm_v2"));
    gemm_ex = reinterpret_cast<GemmEx>(dlsym(handle, "cublasGemmEx"));
    if (!create || !destroy || !set_stream || !gemm_float || !gemm_double || !gemm_ex) return false;
    name = candidate;
    return true;
  }
};

const Library& library() {
  static const Library instance;
  return instance;
}

void* handle_of(Exec& exec) {
  std::shared_ptr<void>& handle = exec.blas_handle();
  if (!handle) {
    void* made = nullptr;
    CRISP_REQUIRE(library().create(&made) == kSuccess, Code::unavailable, library().name,
                  " is there but does not start on ", exec.device().name());
    handle.reset(made, [](void* h) { library().destroy(h); });
    CRISP_ASSERT(library().set_stream(made, exec.stream()) == kSuccess);
  }
  return handle.get();
}

bool fits(int64_t value) { return value <= INT_MAX; }

int operation(bool transposed) { return transposed ? kTranspose : kNoTranspose; }

/// cuBLAS counts by columns: its c' = b' * a' is our c = a * b. `call` is given the sizes.
template <class T, class Call>
bool multiply_by(const gpu::Factor<T>& a, const gpu::Factor<T>& b, MatrixView<T> c, const Call& call) {
  if (library().name.empty() || !fits(c.rows) || !fits(a.columns()) || !fits(a.matrix.ld) || !fits(b.matrix.ld) || !fits(c.ld) ||
      !fits(c.columns)) {
    return false;
  }
  const int status = call(static_cast<int>(c.columns), static_cast<int>(c.rows), static_cast<int>(a.columns()),
                          static_cast<int>(b.matrix.ld), static_cast<int>(a.matrix.ld), static_cast<int>(c.ld));
  CRISP_REQUIRE(status == kSuccess, Code::bug, "internal error: ", library().name, " failed with status ", status);
  return true;
}

template <class T>
bool multiply_fully(Exec& exec, Gemm<T> gemm, const gpu::Factor<T>& a, const gpu::Factor<T>& b, MatrixView<T> c,
                    ProductTarget target) {
  const T one = 1, kept = target == ProductTarget::add ? 1 : 0;
  return multiply_by(a, b, c, [&](int m, int n, int k, int ldb, int lda, int ldc) {
    return gemm(handle_of(exec), operation(b.transposed), operation(a.transposed), m, n, k, &one, b.matrix.data, ldb, a.matrix.data,
                lda, &kept, c.data, ldc);
  });
}

}  // namespace

std::string blas_library() { return library().name; }

bool gpu::multiply_by_library(Exec& exec, const Factor<float>& a, const Factor<float>& b, MatrixView<float> c,
                              ProductPlan plan) {
  if (plan.precision == ProductPrecision::full) return multiply_fully(exec, library().gemm_float, a, b, c, plan.target);
  const float one = 1, kept = plan.target == ProductTarget::add ? 1 : 0;
  return multiply_by(a, b, c, [&](int m, int n, int k, int ldb, int lda, int ldc) {
    return library().gemm_ex(handle_of(exec), operation(b.transposed), operation(a.transposed), m, n, k, &one, b.matrix.data, kFloat,
                             ldb, a.matrix.data, kFloat, lda, &kept, c.data, kFloat, ldc, kByBfloat16, kDefaultAlgorithm);
  });
}

bool gpu::multiply_by_library(Exec& exec, const Factor<double>& a, const Factor<double>& b, MatrixView<double> c, ProductPlan plan) {
  return multiply_fully(exec, library().gemm_double, a, b, c, plan.target);
}

}  // namespace crisp
