// The version of this image, from the file VERSION. A function, so that a build with another version differs in one
// object file.
#pragma once

namespace upkeep {

const char* version();

}  // namespace upkeep
