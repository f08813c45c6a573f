#include "logs/sink_registry.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace upkeep::logs {
namespace {

constexpr Duration kLastPatience{std::chrono::milliseconds{500}};  // for each of the two

// The N of /dev/fd/N and /proc/self/fd/N, also of /dev/stdout; nullopt: an ordinary path.
std::optional<long long> named_descriptor(std::string_view path) {
  if (path == "/dev/stdout") return 1;
  if (path == "/dev/stderr") return 2;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"})
    if (path.starts_with(folder)) return parse_number(path.substr(folder.size()));
  return std::nullopt;
}

}  // namespace

SinkRegistry::SinkRegistry(std::shared_ptr<Sink> out, std::shared_ptr<Sink> err, TroubleReport report,
                           FileSink::Clock clock)
    : out_(std::move(out)),
      err_(std::move(err)),
      report_(std::move(report)),
      clock_(std::move(clock)),
      index_(std::make_shared<Index>()) {}

Result<std::shared_ptr<Sink>> SinkRegistry::open(const std::string& path, std::int64_t max_bytes, int backups,
                                                 mode_t mode) {
  if (const auto number = named_descriptor(path)) return stdio_sink(path, *number);
  auto opened = TRY(FileSink::open(path, FileSettings{max_bytes, backups, mode}, report_, clock_));
  return std::static_pointer_cast<Sink>(enroll(std::move(opened)));
}

SinkRegistry::Opened SinkRegistry::open_sooner_or_later(const std::string& path, std::int64_t max_bytes, int backups,
                                                        mode_t mode) {
  if (const auto number = named_descriptor(path)) {
    auto inherited = stdio_sink(path, *number);
    return inherited ? Opened{*inherited} : Opened{nullptr, inherited.error()};
  }
  std::shared_ptr<FileSink> sink = find_waiting(path);
  const bool is_known = sink != nullptr;
  if (!is_known) sink = std::make_shared<FileSink>(path, FileSettings{max_bytes, backups, mode}, report_, clock_);
  const auto opened = sink->open_or_report();
  if (!is_known) sink = enroll(std::move(sink));
  return opened ? Opened{std::move(sink)} : Opened{std::move(sink), opened.error()};
}

Result<std::shared_ptr<Sink>> SinkRegistry::stdio_sink(const std::string& path, long long number) const {
  if (number == 1) return out_;
  if (number == 2) return err_;
  return Error{"open " + path + ": supervisord has no such descriptor to write to", ENOENT};
}

std::shared_ptr<FileSink> SinkRegistry::enroll(std::shared_ptr<FileSink> sink) {
  // Opened first, compared then: the path alone does not tell which file it names.
  if (sink->is_open())
    if (auto shared = find(sink->id())) return shared;
  index_->emplace(sink->id(), sink);
  sink->on_moved([index = index_, self = std::weak_ptr{sink}](const os::FileId& before, const os::FileId& after) {
    const auto own = self.lock();  // null in its destructor
    const auto [begin, end] = index->equal_range(before);
    const auto entry = std::find_if(begin, end, [&](const auto& known) { return known.second.lock() == own; });
    if (entry != end) index->erase(entry);
    if (own) index->emplace(after, own);
  });
  return sink;
}

std::shared_ptr<FileSink> SinkRegistry::find(const os::FileId& id) const {
  const auto [begin, end] = index_->equal_range(id);
  for (auto entry = begin; entry != end; ++entry)
    if (auto sink = entry->second.lock()) return sink;
  return nullptr;
}

std::shared_ptr<FileSink> SinkRegistry::find_waiting(const std::string& path) const {
  const auto [begin, end] = index_->equal_range(os::FileId{});
  for (auto entry = begin; entry != end; ++entry)
    if (auto sink = entry->second.lock(); sink && sink->path() == path) return sink;
  return nullptr;
}

void SinkRegistry::settle() {
  for (const auto& sink : {out_, err_}) sink->settle(kLastPatience);
}

void SinkRegistry::reopen_all() {
  std::vector<std::shared_ptr<FileSink>> sinks;  // reopening changes the index
  for (const auto& [id, sink] : *index_)
    if (auto alive = sink.lock()) sinks.push_back(std::move(alive));
  for (const auto& sink : sinks) sink->reopen();
}

}  // namespace upkeep::logs
