/// Nets that read a window of rows one after the other: an LSTM (Hochreiter, Schmidhuber 1997), a GRU (Cho et al. 2014).
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_lstm();
std::unique_ptr<Learner> make_gru();

}  // namespace crisp
