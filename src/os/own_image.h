// The pages of our own executable that this process has mapped.
#pragma once

#include <cstddef>

namespace upkeep::os {

// Unmaps code and constants, which come back from the page cache when they are used next: what a start or a parser
// needed does not count as memory of a process that waits. The kernel maps whole stretches around each page that is
// touched, so that most of an executable is mapped soon. Never touches a page that was written to. Returns the bytes of
// address space that were given back; 0: none, or the kernel refuses.
std::size_t unmap_own_code();

}  // namespace upkeep::os
