#include "engine/loads.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace upkeep::engine {
namespace {

constexpr std::uint8_t kVersion = 2;

std::string deposit_of(std::uint32_t number) { return kLoadDepositPrefix + std::to_string(number); }

LoadPtr make_load(std::uint32_t number, Configuration configuration) {
  return std::make_shared<const Load>(
      Load{number, std::move(configuration.config), std::move(configuration.environment)});
}

// The first load stays in memory as a whole; of others, only the groups that are active should.
LoadedGroup from(const LoadPtr& load, const config::Group& group, std::uint32_t added) {
  if (load->number == 1) return {1, added, {load, &group}};
  return {load->number, added, std::make_shared<const config::Group>(group)};
}

std::vector<LoadedGroup> all_groups(const LoadPtr& load) {
  std::vector<LoadedGroup> all;
  for (const config::Group& group : load->config.groups) all.push_back(from(load, group, load->number));
  return all;
}

struct Listed {  // an element of the deposit `groups`
  std::string name;
  std::uint32_t load, added;
};

// Loads of one recovery, each replayed once.
class Shelf {
 public:
  explicit Shelf(Deposits& deposits) : deposits_(deposits) {}

  Result<LoadPtr> load(std::uint32_t number) {
    LoadPtr& load = known_[number];
    if (!load) load = make_load(number, TRY(replay_configuration(TRY(deposited_bytes(deposit_of(number), deposits_)))));
    return load;
  }

 private:
  Deposits& deposits_;
  std::map<std::uint32_t, LoadPtr> known_;
};

const Error kDamaged{"the keeper's list of active groups is damaged"};

}  // namespace

Result<Loads> Loads::begin(Configuration first, Deposits& deposits) {
  TRY(deposit_bytes(deposit_of(1), first.record, deposits));
  Loads loads;
  loads.own_ = loads.newest_ = make_load(1, std::move(first));
  loads.active_ = all_groups(loads.own_);
  return loads;
}

Result<Loads> Loads::recover(Deposits& deposits) {
  Shelf shelf{deposits};
  Loads loads;
  loads.own_ = loads.newest_ = TRY(shelf.load(1));
  const auto bytes = deposited_bytes(kGroupsDeposit, deposits);
  if (!bytes && bytes.error().code != ENOENT) return bytes.error();
  if (bytes) {
    ByteReader in{*bytes};
    if (in.number<std::uint8_t>() != kVersion) return kDamaged;
    const auto newest = in.number<std::uint32_t>();
    const auto listed = in.list<Listed>([](ByteReader& reader) {
      std::string name = reader.text();
      const auto load = reader.number<std::uint32_t>();
      return Listed{std::move(name), load, reader.number<std::uint32_t>()};
    });
    if (!in.at_end()) return kDamaged;
    loads.newest_ = TRY(shelf.load(newest));
    for (const auto& [name, number, added] : listed) {
      const LoadPtr load = TRY(shelf.load(number));
      const auto& groups = load->config.groups;
      const auto found = std::ranges::find(groups, name, &config::Group::name);
      if (found == groups.end()) return kDamaged;
      loads.active_.push_back(from(load, *found, added));
    }
  } else {
    loads.active_ = all_groups(loads.own_);
  }
  loads.discard_unneeded(deposits);
  return loads;
}

Result<void> Loads::accept(Configuration next, Deposits& deposits) {
  const std::uint32_t number = newest_->number + 1;
  TRY(deposit_bytes(deposit_of(number), next.record, deposits));
  const LoadPtr newest = make_load(number, std::move(next));
  std::unordered_map<std::string_view, const config::Group*> fresh;
  for (const config::Group& group : newest->config.groups) fresh.emplace(group.name, &group);
  std::vector<LoadedGroup> active = active_;
  for (LoadedGroup& group : active) {
    if (group.load == own_->number) continue;
    const auto found = fresh.find(group.config->name);
    if (found != fresh.end() && *found->second == *group.config) group.load = number;
  }
  return write(newest, active, deposits);
}

Result<void> Loads::add(const config::Group& group, Deposits& deposits) {
  std::vector<LoadedGroup> active = active_;
  active.push_back(from(newest_, group, newest_->number));
  return write(newest_, active, deposits);
}

Result<void> Loads::remove(const std::string& group, Deposits& deposits) {
  std::vector<LoadedGroup> active = active_;
  std::erase_if(active, [&](const LoadedGroup& other) { return other.config->name == group; });
  return write(newest_, active, deposits);
}

Result<void> Loads::write(const LoadPtr& newest, const std::vector<LoadedGroup>& active, Deposits& deposits) {
  ByteWriter out;
  out.number(kVersion);
  out.number(newest->number);
  out.list(active, [](ByteWriter& writer, const LoadedGroup& group) {
    writer.text(group.config->name);
    writer.number(group.load);
    writer.number(group.added);
  });
  TRY(deposit_bytes(kGroupsDeposit, out.bytes(), deposits));
  newest_ = newest;
  active_ = active;
  discard_unneeded(deposits);
  return {};
}

void Loads::discard_unneeded(Deposits& deposits) const {
  std::set<std::string> needed{deposit_of(own_->number), deposit_of(newest_->number)};
  for (const LoadedGroup& group : active_) needed.insert(deposit_of(group.load));
  for (const std::string& name : deposits.names())
    if (name.starts_with(kLoadDepositPrefix) && !needed.contains(name)) deposits.discard(name);
}

}  // namespace upkeep::engine
