#!/bin/sh
# Writes down which files the console has, for the program that is built from them.
# To be run when one was added or has gone; a house test holds the list against the folder.
set -eu
cd "$(dirname "$0")/../.."
list=Sources/CConsole/files.h
{
  echo '// Every file of the console, written by Tools/Checks/console_files.sh. Included by assets.c.'
  (cd Sources/CohortServer/Console/Assets && find . -type f) | LC_ALL=C sort | while read -r file; do
    echo "#define ASSET ${file#./}"
    echo '#include "asset.h"'
  done
} > "$list"
