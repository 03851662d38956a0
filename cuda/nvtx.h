/// Named ranges on the time line of Nsight Systems, in the domain "crisp": one per operation and phase. Without a tool
/// attached a range costs two tests of a pointer.
#pragma once

namespace crisp {

class NvtxRange {
 public:
  /// `name` must outlive the range; a string literal.
  explicit NvtxRange(const char* name);
  ~NvtxRange();
  NvtxRange(const NvtxRange&) = delete;
  NvtxRange& operator=(const NvtxRange&) = delete;
};

}  // namespace crisp
