// probe listen --folder DIR --name NAME: an event listener of the soak test. It keeps a LifeRecord, and appends each
// event to the file NAME.events in DIR before it answers OK: header and payload, line breaks as " | ", then a line
// break.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "life_record.h"
#include "probe.h"

namespace probe {
namespace {

// Reads until `done` says that there is enough; ends the program at end-of-file.
template <class Done>
void read_until(const LifeRecord& record, std::string& text, Done done) {
  while (!done()) {
    char block[4096];
    const ssize_t size = ::read(STDIN_FILENO, block, sizeof block);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) record.leave(0);
    text.append(block, static_cast<std::size_t>(size));
  }
}

std::size_t payload_size(const std::string& header) {
  const std::size_t at = header.find(" len:");
  if (at == std::string::npos) die("no len: in " + header);
  return static_cast<std::size_t>(std::strtoul(header.c_str() + at + 5, nullptr, 10));
}

}  // namespace

int run_listen(Arguments arguments) {
  const std::string folder(option(arguments, "--folder", ".")), name(option(arguments, "--name", "listener"));
  const LifeRecord record(folder, name);
  const std::string path = folder + '/' + name + ".events";
  const int events = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (events < 0) die(path);
  std::string text;
  for (;;) {
    put(STDOUT_FILENO, "READY\n");
    read_until(record, text, [&] { return text.find('\n') != std::string::npos; });
    const std::size_t end = text.find('\n');
    const std::size_t size = end + 1 + payload_size(text.substr(0, end));
    read_until(record, text, [&] { return text.size() >= size; });
    std::string event = text.substr(0, size);
    text.erase(0, size);
    while (!event.empty() && event.back() == '\n') event.pop_back();
    for (std::size_t at = 0; (at = event.find('\n', at)) != std::string::npos;) event.replace(at, 1, " | ");
    put(events, event + '\n');
    put(STDOUT_FILENO, "RESULT 2\nOK");
  }
}

}  // namespace probe
