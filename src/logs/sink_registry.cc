#include "logs/sink_registry.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

namespace upkeep::logs {
namespace {

bool names_descriptor(const std::string& path, int fd, const char* device) {
  return path == device || path == fmt::format("/dev/fd/{}", fd) || path == fmt::format("/proc/self/fd/{}", fd);
}

}  // namespace

SinkRegistry::SinkRegistry(std::shared_ptr<Sink> out, std::shared_ptr<Sink> err, TroubleReport report)
    : out_(std::move(out)), err_(std::move(err)), report_(std::move(report)), index_(std::make_shared<Index>()) {}

std::shared_ptr<Sink> SinkRegistry::stdio_sink(const std::string& path) const {
  if (names_descriptor(path, 1, "/dev/stdout")) return out_;
  if (names_descriptor(path, 2, "/dev/stderr")) return err_;
  return nullptr;
}

Result<std::shared_ptr<Sink>> SinkRegistry::open(const std::string& path, std::int64_t max_bytes, int backups,
                                                 mode_t mode) {
  if (auto inherited = stdio_sink(path)) return inherited;
  auto opened = TRY(FileSink::open(path, FileSettings{max_bytes, backups, mode}, report_));
  // Opened first, compared then: the path alone does not tell which file it names.
  if (auto shared = find(opened->id())) return std::static_pointer_cast<Sink>(std::move(shared));
  index_->emplace(opened->id(), opened);
  opened->on_moved([index = index_, sink = std::weak_ptr{opened}](const os::FileId& before, const os::FileId& after) {
    const auto own = sink.lock();  // null in its destructor
    const auto [begin, end] = index->equal_range(before);
    const auto entry = std::find_if(begin, end, [&](const auto& known) { return known.second.lock() == own; });
    if (entry != end) index->erase(entry);
    if (own) index->emplace(after, own);
  });
  return std::static_pointer_cast<Sink>(std::move(opened));
}

std::shared_ptr<FileSink> SinkRegistry::find(const os::FileId& id) const {
  const auto [begin, end] = index_->equal_range(id);
  for (auto entry = begin; entry != end; ++entry)
    if (auto sink = entry->second.lock()) return sink;
  return nullptr;
}

void SinkRegistry::reopen_all() {
  std::vector<std::shared_ptr<FileSink>> sinks;  // reopening changes the index
  for (const auto& [id, sink] : *index_)
    if (auto alive = sink.lock()) sinks.push_back(std::move(alive));
  for (const auto& sink : sinks) sink->reopen();
}

}  // namespace upkeep::logs
