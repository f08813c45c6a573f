# Flags that every target of ours shares.
add_library(upkeep_flags INTERFACE)
target_compile_options(upkeep_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -fno-strict-aliasing -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(upkeep_flags INTERFACE
  _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64 UPKEEP_VERSION="${UPKEEP_VERSION}")
if(DEFINED ENV{CI} OR UPKEEP_WERROR)
  target_compile_options(upkeep_flags INTERFACE -Werror)
endif()
if(UPKEEP_SANITIZE)
  target_compile_options(upkeep_flags INTERFACE -fsanitize=${UPKEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(upkeep_flags INTERFACE -fsanitize=${UPKEEP_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# A name for this very build, printed by `upkeep --version` and in crash reports.
add_link_options(-Wl,--build-id=sha1)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  add_link_options(-static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed)
  target_compile_options(upkeep_flags INTERFACE -ffunction-sections -fdata-sections)
endif()
if(UPKEEP_STATIC)
  add_link_options(-static)
endif()
