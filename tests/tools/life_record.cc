#include "life_record.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "probe.h"

namespace probe {

std::int64_t monotonic_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec;
}

namespace {

int open_or_die(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) die(path);
  return fd;
}

}  // namespace

LifeRecord::LifeRecord(const std::string& folder, const std::string& name) {
  const std::string path = folder + '/' + name;
  journal_ = open_or_die(path + ".journal", O_WRONLY | O_APPEND);
  const int file = open_or_die(path + ".state", O_RDWR);
  if (ftruncate(file, sizeof(State)) != 0) die(path + ".state");
  void* page = mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) die("mmap");
  ::close(file);
  state_ = static_cast<State*>(page);

  struct flock whole {};
  whole.l_type = F_WRLCK;
  run_ = state_->run + 1;
  if (fcntl(open_or_die(path + ".lock", O_RDWR), F_SETLK, &whole) != 0) {
    note("second", 0, 0);
    std::_Exit(99);
  }
  run_ = state_->run + 1;
  std::array<char, 200> line{};
  const int size = std::snprintf(
      line.data(), line.size(), "start %llu %d %lld %llu %llu %llu %llu %llu\n", static_cast<unsigned long long>(run_),
      getpid(), static_cast<long long>(monotonic_ns()), static_cast<unsigned long long>(state_->run),
      static_cast<unsigned long long>(state_->attempted), static_cast<unsigned long long>(state_->written),
      static_cast<unsigned long long>(state_->second[0]), static_cast<unsigned long long>(state_->second[1]));
  put(journal_, {line.data(), static_cast<std::size_t>(size)});
  *state_ = State{.run = run_, .pid = static_cast<std::uint64_t>(getpid()), .attempted = 0, .written = 0, .second = {}};
}

void LifeRecord::signalled(int signal, pid_t sender) const { note("signal", signal, sender); }

void LifeRecord::leave(int status) const {
  note("exit", status, 0);
  state_->pid = 0;
  std::_Exit(status);
}

void LifeRecord::note(const char* what, long long first, long long second) const {
  std::array<char, 200> line{};
  const int size = std::snprintf(line.data(), line.size(), "%s %llu %d %lld %lld %lld\n", what,
                                 static_cast<unsigned long long>(run_), getpid(),
                                 static_cast<long long>(monotonic_ns()), first, second);
  put(journal_, {line.data(), static_cast<std::size_t>(size)});
}

}  // namespace probe
