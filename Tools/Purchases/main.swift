// swift run -c release purchases
//
// The main job of the ledger on real input: the purchases of the CDNOW customers become users,
// three models and their weekly differences, and every answer about every week is compared with the
// transactions. Exit code 1 with the first difference.

import Glibc

guard let words = Words(CommandLine.arguments.dropFirst()) else {
  print(Words.usage)
  exit(2)
}
do {
  if let folder = words.folder {
    try Crashes.live(words, in: folder)
  } else {
    try Check(words).run()
  }
} catch {
  print("DIFFERENT: \(error)")
  exit(1)
}
