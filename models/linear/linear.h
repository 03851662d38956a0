/// Linear models: least squares, ridge, lasso, elastic net, logistic regression. Parameters have scikit-learn's names and mean
/// what they mean there.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_linear();       ///< least squares for numbers, logistic regression for classes
std::unique_ptr<Learner> make_ridge();
std::unique_ptr<Learner> make_lasso();
std::unique_ptr<Learner> make_elastic_net();
std::unique_ptr<Learner> make_logistic();

}  // namespace crisp
