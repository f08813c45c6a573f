// How a pool outlives the engine: a journal in a memfd that the keeper holds. It begins with an image of the pool, and
// every command applied since follows; the next engine reads the one and applies the other. A record that a killed
// engine could not write to its end is as if it had never been begun.
//
// Format, little-endian: records of u32 size and so many bytes; the first is the image, version first.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "events/pool.h"

namespace upkeep::events {

std::string encode_image(const Pool& pool);          // a whole record
std::string encode_command(const Command& command);  // a whole record

// The pool that the journal tells of. Name and settings are the configuration's. Error: no image, or one of another
// version; a damaged command ends the reading, since what follows it cannot be trusted.
Result<Pool> replay(std::string_view journal, std::string name, PoolSettings settings);

}  // namespace upkeep::events
