/// How well predicted probabilities of classes agree with the truth. Names and conventions are
/// scikit-learn's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "evaluate/calibration.h"
#include "evaluate/confusion_matrix.h"

namespace crisp {

struct ClassPredictions {
  std::span<const int32_t> truth;          ///< a class's index a row
  MatrixView<const double> probabilities;  ///< rows x classes; of two classes the second is the positive one
  std::span<const std::string> classes;    ///< names
};

/// Code::data with the row and the class where there are no rows, a truth is no class, a probability is not
/// in [0, 1] (NaN neither), or those of a row do not add up to 1 (within 0.001: float32 softmax does).
void require_class_predictions(const ClassPredictions& predictions);

/// The class of a row's largest probability; of equal ones the first.
int64_t most_probable(std::span<const double> probabilities);

/// NaN where a figure is not defined: with one class only in the truth, or of two classes only.
struct ClassificationFigures {
  double accuracy = kUndefined, balanced_accuracy = kUndefined, mcc = kUndefined;
  double precision = kUndefined, recall = kUndefined, specificity = kUndefined,
         f1 = kUndefined;  ///< of two classes only
  double precision_macro = kUndefined, recall_macro = kUndefined, f1_macro = kUndefined;
  double precision_weighted = kUndefined, recall_weighted = kUndefined, f1_weighted = kUndefined;
  /// More than two classes: each against the rest, the mean over the classes that occur in the truth;
  /// _weighted: by their rows.
  double roc_auc = kUndefined, roc_auc_weighted = kUndefined;
  double average_precision = kUndefined, average_precision_weighted = kUndefined;
  double log_loss =
      kUndefined;  ///< mean -ln of the true class's probability, that held in [2^-52, 1 - 2^-52]
  /// Two classes: mean squared error of the second's probability, in [0, 1]. More: squared errors summed over
  /// the classes, mean over the rows, in [0, 2]. Both as scikit-learn's brier_score_loss.
  double brier = kUndefined;
  double ece =
      kUndefined;  ///< expected calibration error of the largest probability, 15 equal bins (Guo et al. 2017)
};

/// Everything of the rows that no resample changes, so that the figures of one cost a few passes. Keeps a
/// ranking for each class: 8 bytes a row and class.
class RankedPredictions {
 public:
  explicit RankedPredictions(const ClassPredictions& predictions);
  ~RankedPredictions();
  RankedPredictions(RankedPredictions&&) noexcept;

  ClassificationFigures figures(RowCounts counts = {}) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// One class's curves against the rest.
struct ClassCurves {
  int64_t index = 0;
  double roc_auc = kUndefined, average_precision = kUndefined;
  std::vector<RocPoint> roc;
  std::vector<PrecisionRecallPoint> precision_recall;
};

struct Classification {
  ClassificationFigures figures;
  ConfusionMatrix confusion;
  std::vector<ClassCurves>
      classes;  ///< of two classes the second alone; the curves of the `curves` most frequent only
  std::vector<CalibrationBin>
      calibration;  ///< of two classes: of the second's probability; else of the largest one
};

struct ClassificationPlan {
  size_t curves = 6;  ///< classes with curves
  int calibration_bins = 10;
  BinRule calibration_rule = BinRule::quantile;
};

/// All of it for all rows; checks them first. Classes are ranked side by side on the threads, and not kept.
Classification judge_classification(Exec& exec, const ClassPredictions& predictions,
                                    const ClassificationPlan& plan = {});

}  // namespace crisp
