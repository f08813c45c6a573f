# Flags that every target of ours shares.
add_library(upkeep_flags INTERFACE)
target_compile_options(upkeep_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -fno-strict-aliasing -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(upkeep_flags INTERFACE
  _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64 UPKEEP_VERSION="${UPKEEP_VERSION}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 loses track of variants, optionals and short strings and warns in their very headers; clang and its analyzer do not.
  target_compile_options(upkeep_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(DEFINED ENV{CI} OR UPKEEP_WERROR)
  target_compile_options(upkeep_flags INTERFACE -Werror)
endif()
if(UPKEEP_SANITIZE)
  target_compile_definitions(upkeep_flags INTERFACE UPKEEP_SANITIZED)  # for tests that a sanitizer makes slow or pointless
  target_compile_options(upkeep_flags INTERFACE -fsanitize=${UPKEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(upkeep_flags INTERFACE -fsanitize=${UPKEEP_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  if(UPKEEP_PRECOMPILE)
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  endif()
endif()

# A name for this very build, printed by `upkeep --version` and in crash reports.
add_link_options(-Wl,--build-id=sha1)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(upkeep_flags INTERFACE -ffunction-sections -fdata-sections -fstack-protector-strong)
  add_link_options(-static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Objects carry both forms: the released binary is linked from the intermediate one (UPKEEP_LTO_LINK), the many
    # test programs from the machine code, in a fraction of the time. So each file is compiled once for both.
    # At -O2 GCC 12 loses track of the length of an assigned string literal, too (its bugs 105329 and 105651).
    target_compile_options(upkeep_flags INTERFACE -flto -ffat-lto-objects -Wno-restrict -Wno-stringop-overflow)
    target_link_options(upkeep_flags INTERFACE
      $<IF:$<BOOL:$<TARGET_PROPERTY:UPKEEP_LTO_LINK>>,-flto=auto,-fno-lto>)
  endif()
endif()

if(UPKEEP_STATIC)
  # The linker warns that getpwnam and the like load modules at run time. Ours are told to read only the files.
  add_link_options(-static -Wl,--no-warnings)
endif()
