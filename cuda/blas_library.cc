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
constexpr int kSuccess = 0, kNoTranspose = 0;

template <class T>
using Gemm = int (*)(void* handle, int transpose_a, int transpose_b, int m, int n, int k, const T* alpha, const T* a,
                     int lda, const T* b, int ldb, const T* beta, T* c, int ldc);

struct Library {
  std::string name;
  int (*create)(void**) = nullptr;
  int (*destroy)(void*) = nullptr;
  int (*set_stream)(void*, void*) = nullptr;
  Gemm<float> gemm_float = nullptr;
  Gemm<double> gemm_double = nullptr;

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
    if (!create || !destroy || !set_stream || !gemm_float || !gemm_double) return false;
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

/// cuBLAS counts by columns: its c' = b' * a' is our c = a * b.
template <class T>
bool multiply_by(Exec& exec, Gemm<T> gemm, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) {
  if (!gemm || !fits(a.rows) || !fits(a.ld) || !fits(b.ld) || !fits(c.ld) || !fits(c.columns)) return false;
  const T one = 1, zero = 0;
  const auto as_int = [](int64_t value) { return static_cast<int>(value); };
  const int status = gemm(handle_of(exec), kNoTranspose, kNoTranspose, as_int(c.columns), as_int(c.rows),
                          as_int(a.columns), &one, b.data, as_int(b.ld), a.data, as_int(a.ld), &zero, c.data, as_int(c.ld));
  CRISP_REQUIRE(status == kSuccess, Code::bug, "internal error: ", library().name, " failed with status ", status);
  return true;
}

}  // namespace

std::string blas_library() { return library().name; }

bool gpu::multiply_by_library(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c) {
  return multiply_by(exec, library().gemm_float, a, b, c);
}

bool gpu::multiply_by_library(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c) {
  return multiply_by(exec, library().gemm_double, a, b, c);
}

}  // namespace crisp
