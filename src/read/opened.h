/// What reading at once and reading in pieces share.
#pragma once

#include <deque>
#include <functional>

#include "read/byte_source.h"
#include "read/read.h"

namespace crisp {

/// Opens all files of a path; they must have one format, which is returned.
FileFormat open_inputs(const std::string& path, std::deque<InputFile>& files);

Table read_opened(const std::deque<InputFile>& files, FileFormat format, const ReadRequest& request,
                  ReadReport& report);

/// At least one piece, perhaps without rows.
void cut_into_batches(const Table& table, const std::function<void(const Table&)>& take);

}  // namespace crisp
