// How the output of programs looks where it goes (the keys output_format, stdout_format and stderr_format).
#pragma once

namespace upkeep {

enum class OutputFormat {
  Raw,    // bytes as they come
  Lines,  // whole lines, each with a prefix
  Json,   // whole lines, each an object
};

}  // namespace upkeep
