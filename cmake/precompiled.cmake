# Precompiled headers (UPKEEP_PRECOMPILE): those of libraries that most sources include anyway, parsed once for all layers
# and once for all tests. They save a quarter of a build. They also hide a missing #include, so the presets dev and clang,
# and clang-tidy with the latter, do without. Headers of ours are never among them: every edit would rebuild everything.
set(UPKEEP_COMMON_HEADERS
  <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map>
  <utility> <variant> <vector> <fmt/core.h> <tl/expected.hpp>)

# upkeep_precompiled(NAME LIBRARIES l... HEADERS h...): the target whose headers upkeep_use_precompiled(TARGET NAME) reuses.
# Both need the same compile options and definitions; GCC says so when they differ (-Winvalid-pch).
function(upkeep_precompiled name)
  if(NOT UPKEEP_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(PRECOMPILED "" "" "LIBRARIES;HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/${name}.cc.new "")
  file(COPY_FILE ${CMAKE_BINARY_DIR}/${name}.cc.new ${CMAKE_BINARY_DIR}/${name}.cc ONLY_IF_DIFFERENT)
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE ${PRECOMPILED_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${PRECOMPILED_HEADERS})
endfunction()

function(upkeep_use_precompiled target name)
  if(UPKEEP_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

if(UPKEEP_PRECOMPILE)
  # What ccache asks for: the compiler's word that the header is one, and leave not to look for __TIME__ inside it.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(upkeep_flags INTERFACE -fpch-preprocess)
  else()
    target_compile_options(upkeep_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
upkeep_precompiled(upkeep_precompiled_layer LIBRARIES upkeep_flags HEADERS ${UPKEEP_COMMON_HEADERS})
