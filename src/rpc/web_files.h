// What the pages need beside themselves: a stylesheet and icons, part of the program.
#pragma once

#include <optional>
#include <string_view>

namespace upkeep::rpc {

struct WebFile {
  std::string_view content_type, bytes;
};

std::optional<WebFile> web_file(std::string_view path);  // decoded: "/stylesheets/supervisor.css"

extern const std::string_view kStylesheet;  // web_stylesheet.cc

}  // namespace upkeep::rpc
