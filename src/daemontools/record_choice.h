// Which record of a status with two (a service and its log script, daemontools-encore) svstat and svup are about.
#pragma once

#include "daemontools/options.h"

namespace upkeep::daemontools {

enum class RecordChoice { Both, Service, Log };

inline constexpr std::string_view kRecordLetters = "lL";  // -l: the service, -L: its log; the last one counts

inline RecordChoice record_choice(Options& options) {
  RecordChoice choice = RecordChoice::Both;
  while (const auto letter = options.next()) choice = *letter == 'L' ? RecordChoice::Log : RecordChoice::Service;
  return choice;
}

}  // namespace upkeep::daemontools
