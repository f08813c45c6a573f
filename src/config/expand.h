// Python's %-formatting against named values, as far as configuration files use it: every conversion Python has for
// text and integers, with flags, width and precision, and %% for a percent sign. Everything else is an error.
// Source of the behaviour: Supervisor options.py expand().
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace upkeep::config {

using Name = std::variant<std::string, std::int64_t>;
using Names = std::map<std::string, Name, std::less<>>;

// A width or precision beyond this is an error, so that a short file cannot fill the memory.
inline constexpr std::size_t kFieldWidthMax = 64 * 1024;

// `label` is what error texts call the setting: "program:web.command".
// Errors: "Format string 'x' for 'label' contains names ('n') which cannot be expanded. Available names: a, b",
// "Format string 'x' for 'label' is badly formatted: incomplete format".
Result<std::string> expand(std::string_view format, const Names& names, std::string_view label);

}  // namespace upkeep::config
