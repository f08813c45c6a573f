// Rotation and recovery of a log directory, on a model of the file system: a crash after any step, any number of times,
// must lose no byte that was in `current` or a finished file and repeat none, and old files must be as few as asked
// for.
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/overloaded.h"
#include "multilog/rotation.h"

using namespace upkeep;
using namespace upkeep::multilog;

namespace {

struct File {
  std::string bytes;
  mode_t mode = kOpenMode;
};

void require(bool holds) {
  if (!holds) std::abort();
}

class Model {
 public:
  void start() {
    written_ = 0;
    Found found{mode("current"), mode("previous"), mode("processed")};
    plan_ = start_plan(found, "s");
    next_ = 0;
  }
  void rotate(bool has_processor) {
    finish_plan();
    plan_ = rotation_plan(has_processor, "s");
    next_ = 0;
  }
  void step() {
    if (next_ < plan_.size()) perform(plan_[next_++]);
  }
  void finish_plan() {
    while (next_ < plan_.size()) step();
  }
  void write(std::string_view bytes) {
    finish_plan();
    while (!bytes.empty()) {
      const Portion portion = next_portion(written_, kSize, bytes);
      require(portion.bytes <= bytes.size() && written_ + portion.bytes <= kSize);
      require(portion.bytes > 0 || portion.completes_file);
      files_.at("current")->bytes += bytes.substr(0, portion.bytes);
      all_ += bytes.substr(0, portion.bytes);
      written_ += portion.bytes;
      bytes.remove_prefix(portion.bytes);
      if (portion.completes_file) {
        rotate(false);
        finish_plan();
      }
    }
  }
  void close() {
    finish_plan();
    files_.at("current")->mode = kCompleteMode;
  }
  std::string log() const {
    std::string bytes;
    for (const auto& [name, file] : files_)
      if (name.front() == '@') bytes += file->bytes;
    return bytes + files_.at("current")->bytes;
  }
  const std::string& all() const { return all_; }
  void check_clean() const {
    require(!files_.contains("previous") && !files_.contains("processed") && !files_.contains("newstate"));
  }

 private:
  static constexpr std::uint64_t kSize = 4096;
  static constexpr std::uint64_t kFiles = 1 << 20;  // none goes: their bytes are counted

  std::optional<mode_t> mode(const std::string& name) const {
    const auto found = files_.find(name);
    return found == files_.end() ? std::nullopt : std::optional{found->second->mode};
  }
  void create(const std::string& name, const std::string& bytes = {}) {
    files_[name] = std::make_shared<File>(File{bytes});
  }

  void perform(const Step& step) {
    std::visit(
        Overloaded{[&](const Discard& it) { files_.erase(it.file); }, [&](const Remove& it) { files_.erase(it.file); },
                   [&](const SyncFile&) {}, [&](const MarkComplete& it) { files_.at(it.file)->mode = kCompleteMode; },
                   [&](const Rename& it) {
                     files_[it.to] = files_.at(it.from);
                     files_.erase(it.from);
                   },
                   [&](const Keep& it) {
                     const auto file = files_.find(it.file);
                     if (file == files_.end()) return;
                     for (const auto& [name, other] : files_)
                       if (name.front() == '@' && other == file->second) return;
                     std::string stamp = std::to_string(stamps_++);
                     files_["@" + std::string(24 - stamp.size(), '0') + stamp + "." + it.suffix] = file->second;
                   },
                   [&](const Purge&) {
                     std::vector<std::string> names;
                     for (const auto& [name, file] : files_) names.push_back(name);
                     for (const std::string& name : excess_files(names, kFiles)) files_.erase(name);
                   },
                   [&](const RunProcessor&) {
                     create("processed", files_.at("previous")->bytes);
                     create("newstate");
                   },
                   [&](const CreateState&) { create("state"); },
                   [&](const CreateCurrent&) {
                     create("current");
                     written_ = 0;
                   },
                   [&](const ContinueCurrent&) {
                     files_.at("current")->mode = kOpenMode;
                     written_ = files_.at("current")->bytes.size();
                   }},
        step);
  }

  std::map<std::string, std::shared_ptr<File>> files_;
  Plan plan_;
  std::size_t next_ = 0;
  std::size_t stamps_ = 0;
  std::uint64_t written_ = 0;
  std::string all_;
};

void check_excess(std::string_view bytes) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < bytes.size(); at += 27) names.emplace_back(bytes.substr(at, 27));
  const std::uint64_t files = 2 + bytes.size() % 5;
  const auto gone = excess_files(names, files);
  const auto is_old = [](const std::string& name) { return name.size() >= 25 && name.front() == '@'; };
  const auto old = static_cast<std::uint64_t>(std::ranges::count_if(names, is_old));
  require(old - gone.size() == std::min(old, files - 1));
  require(std::ranges::all_of(gone, is_old));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Model model;
  model.start();
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t argument = data[i] / 5;
    switch (data[i] % 5) {
      case 0: model.write(std::string(argument * 40U, static_cast<char>('a' + i % 26)) + "\n"); break;
      case 1: model.rotate(argument % 2 == 1); break;
      case 2:
        for (unsigned step = 0; step < argument; ++step) model.step();
        break;
      case 3: model.start(); break;  // a crash, wherever it was
      default: model.close(); model.start();
    }
  }
  model.start();
  model.finish_plan();
  require(model.log() == model.all());
  model.check_clean();
  check_excess({reinterpret_cast<const char*>(data), size});
  return 0;
}
