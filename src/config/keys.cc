#include "config/keys.h"

#include <algorithm>

namespace upkeep::config {
namespace {

class Collector {
 public:
  template <class S>
  void add(const Table<S>& rows) {
    for (const auto& setting : rows) keys_.push_back(setting.key);
  }
  // A program's keys in another section, which may have rows of its own for some of them.
  void add_program_keys(std::string_view section) {
    for (const auto& setting : program_table()) {
      Key key = setting.key;
      key.section = section;
      const auto is_same = [&](const Key& own) { return own.section == section && own.name == key.name; };
      if (std::none_of(keys_.begin(), keys_.end(), is_same)) keys_.push_back(key);
    }
  }
  std::vector<Key> take() { return std::move(keys_); }

 private:
  std::vector<Key> keys_;
};

}  // namespace

std::vector<Key> all_keys() {
  Collector keys;
  keys.add(include_table());
  keys.add(daemon_table());
  keys.add(group_table());
  keys.add(program_table());
  keys.add(listener_table());
  keys.add_program_keys("eventlistener");
  keys.add(fcgi_table());
  keys.add_program_keys("fcgi-program");
  keys.add(svscan_table());
  keys.add(inet_server_table());
  keys.add(inet_credential_table());
  keys.add(unix_server_table());
  keys.add(unix_credential_table());
  keys.add(rpc_interface_table());
  keys.add(ctl_table());
  return keys.take();
}

}  // namespace upkeep::config
