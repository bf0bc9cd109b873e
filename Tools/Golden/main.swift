// swift run golden Storage/golden
//
// Writes the logs that every later release must read, below a folder named after the format
// version. What is frozen is never written again: a new version of the format adds a folder.
//
//     Storage/golden/1/every-event.log     the log
//     Storage/golden/1/every-event.txt     every byte explained, by Tools/Inspector/inspect.py
//     Storage/golden/1/every-event.json    what it holds: GoldenFacts

import CohortFormat
import CohortLedger
import CohortLog
import Foundation
import TestSupport

let arguments = CommandLine.arguments
guard arguments.count == 2 else {
  print("usage: golden Storage/golden")
  exit(2)
}
do {
  let folder = "\(arguments[1])/\(FileHeader.version)"
  let files = FileManager.default
  if files.fileExists(atPath: folder) {
    throw GoldenError("'\(folder)' is frozen. Raise the format version first.")
  }
  try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
  for story in stories {
    let log = try story.write()
    let ledger = try goldenLedger(log)
    let facts = try GoldenFacts(of: ledger, through: ledger.goldenEnd)
    try ledger.close()
    try Data(log).write(to: URL(filePath: "\(folder)/\(story.name).log"))
    try (facts.json + Data("\n".utf8)).write(to: URL(filePath: "\(folder)/\(story.name).json"))
    print("\(story.name): \(log.count) bytes, \(facts.position) events")
  }
} catch {
  print("\(error)")
  exit(1)
}
