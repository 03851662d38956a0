/// One exception type for everything that goes wrong, translated once at each edge (exit code, HTTP status).
#pragma once

#include <exception>
#include <string>

namespace crisp {

/// What kind of failure: the numbers are the program's exit codes (sysexits.h where it has one).
enum class Code : int {
  gate = 1,           ///< a success criterion was not met
  usage = 64,         ///< wrong command line
  data = 65,          ///< bad data or model
  no_input = 66,      ///< input not found
  unavailable = 69,   ///< a service or device is not there
  bug = 70,           ///< our own mistake
  no_memory = 71,     ///< memory exhausted
  cannot_create = 73, ///< target exists, or cannot be made
  io = 74,            ///< reading or writing failed
  interrupted = 75,   ///< stopped, with a durable checkpoint
  permission = 77,    ///< not allowed
  config = 78,        ///< bad configuration
};

/// An error that a person can act on. `message` says what and where and what was expected; `hint` what to try.
class Error : public std::exception {
 public:
  Error(Code code, std::string message, std::string hint = "");

  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  /// The message with its context in front: "trips.csv: column 'speed': not a number".
  const char* what() const noexcept override { return full_.c_str(); }

  /// Says where the failing thing stood, seen from further out; called while the exception travels up.
  Error& add_context(const std::string& where);

 private:
  Code code_;
  std::string message_;
  std::string hint_;
  std::string full_;
};

}  // namespace crisp
