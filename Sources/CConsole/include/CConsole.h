/// The files of the console, as they lay in CohortServer/Console/Assets when the program was built.
///
/// `#embed` puts their bytes into the program at the speed of the disk; the same bytes as a literal
/// of Swift took the compiler 43 s for 300 KB. Which files there are is said in files.h,
/// and a house test holds that list against the folder.
#ifndef CCONSOLE_H
#define CCONSOLE_H

#include <stddef.h>
#include <stdint.h>

/// How many files there are.
size_t console_asset_count(void);

/// The path of a file below the folder, as in `lang/en.js`; ends with a zero.
const char *console_asset_name(size_t index);

/// The bytes of a file, for the life of the process.
const uint8_t *console_asset_bytes(size_t index);

/// How many they are.
size_t console_asset_size(size_t index);

#endif
