#include "simulation/fresh_seeds.h"

#include <fmt/core.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "simulation/simulation.h"

namespace upkeep::simulation {
namespace {

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::atomic<std::uint64_t> first_seed{0}, next_seed{0};
std::atomic<std::uint64_t> threads_running{0};

// After a crash: one of the seeds taken last is to blame.
void tell_of_crash(int signal) {
  std::array<char, 200> text;
  const auto last = next_seed.load();
  const int size =
      std::snprintf(text.data(), text.size(), "crashed with signal %d in one of the %d seeds before UPKEEP_SEED=%llu\n",
                    signal, static_cast<int>(threads_running.load()), static_cast<unsigned long long>(last));
  (void)!::write(2, text.data(), static_cast<std::size_t>(size));
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
}

}  // namespace

std::string FreshSeeds::text() const { return fmt::format("seeds {} to {}: {}", base, base + seeds - 1, count.text()); }

FreshSeeds run_fresh_seeds() {
  const auto clock = static_cast<std::uint64_t>(wall_now().time_since_epoch().count() / 1'000'000);
  const Instant end = monotonic_now() + std::chrono::seconds{number("UPKEEP_SIM_SECONDS", 10)};
  const std::uint64_t threads = number("UPKEEP_SIM_THREADS", 1);
  FreshSeeds fresh;
  fresh.base = number("UPKEEP_SIM_BASE", clock);
  first_seed = next_seed = fresh.base;
  threads_running = threads;
  std::printf("seeds from %llu on\n", static_cast<unsigned long long>(fresh.base));
  std::fflush(stdout);
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS}) (void)std::signal(signal, tell_of_crash);

  std::mutex mutex;
  const auto work = [&] {
    while (monotonic_now() < end) {
      {
        const std::lock_guard lock{mutex};
        if (fresh.failed) return;
      }
      const std::uint64_t seed = next_seed++;
      Simulation simulation{{seed}};
      const bool failed = simulation.run().has_value();
      const std::lock_guard lock{mutex};
      ++fresh.seeds;
      fresh.count += simulation.count();
      if (failed && (!fresh.failed || seed < *fresh.failed)) fresh.failed = seed;
    }
  };
  std::vector<std::thread> workers;
  for (std::uint64_t i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS}) (void)std::signal(signal, SIG_DFL);
  return fresh;
}

}  // namespace upkeep::simulation
