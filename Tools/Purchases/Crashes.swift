import CohortLedger
import CohortModel
import Foundation
import Glibc
import TestSupport

/// The import in processes of its own, which are killed in the middle again and again.
struct Crashes {
  let words: Words
  let folder: String
  private(set) var kills = 0
  /// The last position of every week that was reported as over.
  private(set) var positions: [Int: Position] = [:]
  private var acknowledged = Position.origin
  private var random: SeededRandom

  init(_ words: Words, in folder: String) {
    self.words = words
    self.folder = folder
    random = SeededRandom(seed: words.seed)
  }

  /// Kills it so and so often, then lets it come to its end.
  ///
  /// - Parameter requests: How many requests a whole import takes, about.
  /// - Throws: ``Difference`` if something acknowledged is gone, or the import fails by itself.
  mutating func run(requests: Int) throws {
    while kills < words.kills {
      let patience = 1 + random.below(max(2 * requests / (words.kills + 1), 2))
      guard try runOnce(until: patience) else { return }
      kills += 1
    }
    guard try !runOnce(until: nil) else { throw Difference("the last import did not end") }
  }

  /// Starts the import where the last one died.
  ///
  /// - Parameter patience: How many requests are acknowledged before it is killed.
  /// - Returns: Whether it was killed.
  /// - Throws: ``Difference``.
  private mutating func runOnce(until patience: Int?) throws -> Bool {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = words.arguments(into: folder)
    process.standardOutput = output
    try process.run()
    var seen = 0
    var lines = LineReader(output.fileHandleForReading)
    while let line = lines.next() {
      try note(line)
      seen += 1
      guard let patience, seen >= patience else { continue }
      usleep(UInt32(random.below(3_000)))
      kill(process.processIdentifier, SIGKILL)
      while let line = lines.next() { try note(line) }
      process.waitUntilExit()
      return process.terminationReason == .uncaughtSignal
    }
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Difference("the import ended with \(process.terminationStatus)")
    }
    return false
  }

  /// Reads `opened 41`, `durable 42` or `week 3 57`.
  private mutating func note(_ line: String) throws {
    let words = line.split(separator: " ")
    guard let position = words.last.flatMap({ UInt64($0) }).map({ Position($0) }) else {
      throw Difference("the import said '\(line)'")
    }
    switch words[0] {
    case "opened" where position < acknowledged:
      throw Difference("\(acknowledged) was acknowledged, the next start has only \(position)")
    case "week":
      guard words.count == 3, let week = Int(words[1]) else { break }
      try expect(position, positions[week] ?? position, "the end of week \(week + 1), once more")
      positions[week] = position
    default: break
    }
    acknowledged = max(acknowledged, position)
  }

  /// What a process does that is there to be killed.
  static func live(_ words: Words, in folder: String) throws {
    let table = try Table(at: words.path, customersMax: words.customersMax)
    let shop = try Shop(folder, from: table.firstDay)
    say("opened \(shop.ledger.now.end.rawValue)")
    var run = Import(
      table, nil, into: shop, acknowledge: { say("durable \($0.rawValue)") },
      finishWeek: { say("week \($0) \($1.rawValue)") })
    try run.run()
    try shop.ledger.close()
  }

  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}

/// The whole lines that come through a pipe.
private struct LineReader {
  private let handle: FileHandle
  private var buffer: [UInt8] = []

  init(_ handle: FileHandle) { self.handle = handle }

  /// - Returns: `nil` at the end; half a line there is dropped.
  mutating func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let data = handle.availableData
      if data.isEmpty { return nil }
      buffer += data
    }
  }
}
