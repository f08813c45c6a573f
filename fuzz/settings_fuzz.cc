// Values of single settings, each read by the function that the first byte of the input chooses: numbers, sizes,
// signals, users, addresses of servers. An error must say something, a value keep its promise.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../tests/fakes/fake_world.h"
#include "config/convert.h"
#include "config/python_text.h"

using namespace upkeep;
using namespace upkeep::config;

namespace {

template <class T>
bool good(const Result<T>& result) {
  if (!result && result.error().text.empty()) std::abort();
  return result.has_value();
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (decode_error(text)) return 0;  // no such text gets out of a file
  FakeWorld world;
  switch (data[0] % 18) {
    case 0: good(to_boolean(text, world)); break;
    case 1: good(to_integer(text, world)); break;
    case 2: good(to_long(text, world)); break;
    case 3: good(to_seconds(text, world)); break;
    case 4: good(to_byte_size(text, world)); break;
    case 5: good(to_octal(text, world)); break;
    case 6: good(to_level(text, world)); break;
    case 7: good(to_existing_dirpath(text, world)); break;
    case 8: good(to_logfile(text, world)); break;
    case 9:
      if (const auto number = to_signal(text, world); good(number)) require(*number >= 0 && *number <= 64);
      break;
    case 10: good(to_exit_codes(text, world)); break;
    case 11:
      if (const auto path = to_absolute_path(text, world); good(path)) require(path->empty() || path->front() == '/');
      break;
    case 12: good(to_identity(text, world)); break;
    case 13: good(to_socket_owner(text, world)); break;
    case 14: good(to_socket_mode(text, world)); break;
    case 15:
      if (const auto backlog = to_backlog(text, world); good(backlog)) require(*backlog >= 1 && *backlog <= 65535);
      break;
    case 16:
      if (const auto address = to_inet_address(text, world); good(address))
        require(address->port >= 1 && address->port <= 65535);
      break;
    default:
      if (const auto name = checked_name(text); good(name)) require(name->find_first_of(": /") == std::string::npos);
  }
  return 0;
}
