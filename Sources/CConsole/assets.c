#include "CConsole.h"

// files.h names each file; asset.h turns the name into a row, with the file's bytes in it.

struct asset {
  const char *name;
  const uint8_t *bytes;
  size_t size;
};

#define CONSOLE_QUOTED(text) #text
#define CONSOLE_TEXT(text) CONSOLE_QUOTED(text)
#define CONSOLE_PATH(name) CONSOLE_TEXT(../CohortServer/Console/Assets/name)

static const struct asset assets[] = {
#include "files.h"
};

size_t console_asset_count(void) { return sizeof assets / sizeof assets[0]; }

const char *console_asset_name(size_t index) { return assets[index].name; }

const uint8_t *console_asset_bytes(size_t index) { return assets[index].bytes; }

size_t console_asset_size(size_t index) { return assets[index].size; }
