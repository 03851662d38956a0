// EXPECT_ERROR(expression, code, "part of the message"): the expression throws crisp::Error of that code, and
// its message or hint holds the text.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cuda/error.h"

#define EXPECT_ERROR(expression, expected_code, part)                                           \
  try {                                                                                         \
    (void)(expression);                                                                         \
    ADD_FAILURE() << "no error from " #expression;                                              \
  } catch (const crisp::Error& error) {                                                         \
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(expected_code)) << error.what(); \
    EXPECT_NE((std::string(error.what()) + "\n" + error.hint()).find(part), std::string::npos)  \
        << "'" << error.what() << "' (" << error.hint() << ") does not say '" << part << "'";   \
  }
