#include "daemontools/tai64n.h"

#include <algorithm>

#include "base/tai64n.h"
#include "daemontools/filter.h"

namespace upkeep::daemontools {

void LineStamps::feed(std::string_view input, std::string& output) {
  while (!input.empty()) {
    if (at_line_start_) {
      output.resize(output.size() + kTai64nTextBytes + 1, ' ');
      print(to_tai64n(clock_()), output.data() + output.size() - kTai64nTextBytes - 1);
    }
    const auto end = input.find('\n');
    at_line_start_ = end != std::string_view::npos;
    const std::size_t size = at_line_start_ ? end + 1 : input.size();
    output += input.substr(0, size);
    input.remove_prefix(size);
  }
}

int tai64n_main(int, char**) {
  LineStamps stamps{wall_now};
  return filter([&](std::string_view input, std::string& output) { stamps.feed(input, output); });
}

}  // namespace upkeep::daemontools
