// The loop of a program that changes its standard input into its standard output, and says nothing about trouble.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace upkeep::daemontools {

// Appends to `output` what follows from `input`, the next bytes.
using Transform = std::function<void(std::string_view input, std::string& output)>;

// Everything that can be said is written before the next bytes are waited for. The exit status: 0 at the end of the
// input, kFatal when reading or writing fails.
int filter(const Transform& transform);

}  // namespace upkeep::daemontools
