#include "os/own_image.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace upkeep::os {
namespace {

// Segments that may not be written are never anything but the file's own pages: relocations are in writable ones.
int unmap_segments(dl_phdr_info* image, std::size_t, void* given_back) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < image->dlpi_phnum; ++i) {
    const auto& segment = image->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
    const std::uintptr_t begin = (image->dlpi_addr + segment.p_vaddr) / page * page;
    const std::size_t size = (image->dlpi_addr + segment.p_vaddr + segment.p_memsz - begin) / page * page;
    if (size > 0 && ::madvise(reinterpret_cast<void*>(begin), size, MADV_DONTNEED) == 0)
      *static_cast<std::size_t*>(given_back) += size;
  }
  return 1;  // the first image is the executable; the libraries are shared with others
}

}  // namespace

std::size_t unmap_own_code() {
  std::size_t given_back = 0;
  ::dl_iterate_phdr(unmap_segments, &given_back);
  return given_back;
}

}  // namespace upkeep::os
