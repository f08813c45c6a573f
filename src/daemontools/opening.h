// The ways daemontools opens files: never waiting for the other end of a fifo, and with the modes it creates them with
// (which pass through the umask). All close-on-exec. An empty Fd: errno tells why.
#pragma once

#include "base/fd.h"

namespace upkeep::daemontools {

Fd open_read(const char* path);
Fd open_write(const char* path);   // an existing file; ENXIO: a fifo that nobody reads
Fd open_append(const char* path);  // created 0600

}  // namespace upkeep::daemontools
