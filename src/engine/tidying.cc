#include "engine/tidying.h"

#include <malloc.h>

#include <algorithm>

#include "os/own_image.h"

namespace upkeep::engine {

void Tidying::note_change(std::size_t processes) {
  if (++changes_ >= std::max(kChangesMin, processes / 4)) ask();
}

void Tidying::on_time(Instant now) {
  if (!due_ || now < *due_) return;
  due_.reset();
  changes_ = 0;
  (void)::malloc_trim(0);
  (void)os::unmap_own_code();
}

}  // namespace upkeep::engine
