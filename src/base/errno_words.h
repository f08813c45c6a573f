// daemontools' own wording of errors ("file does not exist", not "No such file or directory"). Scripts and test suites
// compare it.
#pragma once

#include <string_view>

namespace upkeep {

std::string_view errno_words(int code);  // "unknown error" for those it has no words for

}  // namespace upkeep
