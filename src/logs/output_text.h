// How a program's output looks in the activity log at level debug (Supervisor dispatchers.py _log()). Pure.
#pragma once

#include <string>
#include <string_view>

namespace upkeep::logs {

// "'web' stdout output:\n" and the bytes as they are; those that are no UTF-8 as "Undecodable: b'...'".
std::string output_text(std::string_view process, std::string_view channel, std::string_view bytes);

}  // namespace upkeep::logs
