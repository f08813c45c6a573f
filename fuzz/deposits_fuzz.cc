// What an engine finds with its keeper when it begins: the record of a load, the list of active groups, the origin. It
// may have been written by a sick predecessor; any damage is an error and never a crash, and what is read is written
// the same.
//
// Input: u8 which deposit it is, then its bytes. The others are good ones.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "../tests/fakes/fake_world.h"
#include "base/recorded_world.h"
#include "engine/loads.h"
#include "engine/origin.h"

using namespace upkeep;
using namespace upkeep::engine;

namespace {

class KeptDeposits : public Deposits {
 public:
  void deposit(const std::string& name, const Fd& fd) override { kept_[name] = fd.duplicate().value(); }
  void discard(const std::string& name) override { kept_.erase(name); }
  Fd take(const std::string& name) override {
    const auto found = kept_.find(name);
    return found == kept_.end() ? Fd{} : found->second.duplicate().value();
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, fd] : kept_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, Fd> kept_;
};

const std::string& good_record() {
  static const std::string record = [] {
    FakeWorld world;
    world.files["/etc/a.conf"] = "[supervisord]\n[program:a]\ncommand=x\n[program:b]\ncommand=y\n";
    return std::get<Configuration>(load_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, world)).record;
  }();
  return record;
}

void put(const std::string& name, const std::string& bytes, Deposits& deposits) {
  if (!deposit_bytes(name, bytes, deposits)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  KeptDeposits deposits;
  switch (data[0] % 3) {
    case 0:
      put("load:1", bytes, deposits);
      (void)Loads::recover(deposits);
      break;
    case 1: {
      put("load:1", good_record(), deposits);
      put("load:2", good_record(), deposits);
      put(kGroupsDeposit, bytes, deposits);
      const auto loads = Loads::recover(deposits);
      if (loads && !loads->newest()) std::abort();
      break;
    }
    default: {
      put(kOriginDeposit, bytes, deposits);
      const auto origin = recover_origin(deposits);
      if (!origin) break;
      if (!deposit_origin(*origin, deposits) || deposited_bytes(kOriginDeposit, deposits) != bytes) std::abort();
    }
  }
  return 0;
}
