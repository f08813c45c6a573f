// What each step of a load returns: a value, or the words of the refusal and the place to blame.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace upkeep::config {

struct LoadError {
  std::string text;     // Supervisor's words
  std::string where;    // "/etc/supervisord.conf:12", or empty
  std::string warning;  // for standard error ahead of the error, see Config::warning; or empty
};

// As Result, with a LoadError; TRY works on both.
template <class T = void>
class [[nodiscard]] Checked : public tl::expected<T, LoadError> {
 public:
  using Base = tl::expected<T, LoadError>;
  using Base::Base;
  Checked(LoadError error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: a LoadError is a Checked of any type
};

}  // namespace upkeep::config
