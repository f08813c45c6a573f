#include <fmt/core.h>

#include <algorithm>

#include "config/loading.h"
#include "config/section_reader.h"
#include "core/event_type.h"

namespace upkeep::config {
namespace {

// The types as the model has them: upper case, sorted, unique.
Checked<std::vector<std::string>> event_types(const SectionReader& reader, const std::vector<std::string>& written) {
  const std::string& section = reader.section().name;
  if (written.empty()) return reader.error(fmt::format("[{}] section requires an \"events\" line", section), "events");
  std::vector<std::string> types;
  for (const std::string& word : written) {
    std::string& type = types.emplace_back(word);
    for (char& c : type)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!core::is_event_name(type))
      return reader.error(fmt::format("Unknown event type {} in [{}] events", type, section), "events");
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

}  // namespace

Checked<Group> read_listener_pool(Loading& loading, const Section& section) {
  const SectionReader reader{loading.ini, section, loading.world};
  const Names names = loading.names_here();
  ListenerSettings settings;
  EventSubscription& events = settings.events;
  const auto read = [&](std::string_view key) { return reader.read_key(listener_table(), key, names, settings); };
  TRY(read("priority"));
  TRY(read("buffer_size"));
  if (events.buffer_size < 1) {
    return reader.error(fmt::format("[{}] section sets invalid buffer_size ({})", section.name, events.buffer_size),
                        "buffer_size");
  }
  TRY(read("result_handler"));
  if (events.result_handler != kDefaultResultHandler) {
    loading.warn(
        fmt::format("{}: {} cannot be resolved within [{}]: only {} is built in. Whatever these listeners answer "
                    "will count as processed",
                    reader.place("result_handler"), events.result_handler, section.name, kDefaultResultHandler));
  }
  TRY(read("events"));
  events.types = TRY(event_types(reader, events.types));
  TRY(read("redirect_stderr"));
  if (settings.redirect_stderr) {
    return reader.error(
        fmt::format("[{}] section sets redirect_stderr=true but this is not allowed because it will interfere with the "
                    "eventlistener protocol",
                    section.name),
        "redirect_stderr");
  }
  Group pool{Group::Kind::EventListener, std::string{reader.suffix()}, settings.priority, {}, {}, std::move(events)};
  pool.processes = TRY(read_program(loading, section, pool.name));
  return pool;
}

}  // namespace upkeep::config
