#include "config/ini_lines.h"

#include <algorithm>
#include <array>

#include "config/python_text.h"

namespace upkeep::config {

std::size_t comment_start(std::string_view line) {
  const std::string_view trimmed = trim_spaces(line);
  if (trimmed.starts_with(';') || trimmed.starts_with('#')) return 0;
  struct Mark {
    char mark;
    std::size_t next = 0;
  };
  std::array marks = {Mark{';'}, Mark{'#'}};
  std::size_t start = std::string_view::npos;
  for (bool searching = true; searching && start == std::string_view::npos;) {
    searching = false;
    for (Mark& mark : marks) {
      if (mark.next == std::string_view::npos) continue;
      const std::size_t at = line.find(mark.mark, mark.next);
      mark.next = at == std::string_view::npos ? at : at + 1;
      if (at == std::string_view::npos) continue;
      searching = true;
      if (at == 0 || ends_in_space(line.substr(0, at))) start = std::min(start, at);
    }
  }
  return start;
}

std::string_view header_name(std::string_view text) {
  if (!text.starts_with('[')) return {};
  const std::size_t end = text.rfind(']');
  return end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
}

std::string take_line(std::string_view& rest) {
  const std::size_t end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    std::string line{rest};
    rest = {};
    return line;
  }
  std::string line{rest.substr(0, end)};
  rest.remove_prefix(rest.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
  return line + '\n';
}

}  // namespace upkeep::config
