/// What a vote is once its members are fitted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/model.h"

namespace crisp {

struct VotingParts {
  struct Voter {
    std::string model;             ///< the learner's name
    std::shared_ptr<const Model> fitted;
    double weight = 1;
  };
  std::vector<Voter> voters;  ///< of one number of columns and of outputs
  bool hard = false;          ///< classes: each member votes for its most probable one, and the answer is their shares
};

std::unique_ptr<Model> make_voting_model(VotingParts parts);
/// Code::data for anything else than what such a model has saved; its members are loaded by the learners of `models`.
std::unique_ptr<Model> load_voting_model(const Registry& models, const Tensors& weights, const Json& about);

}  // namespace crisp
