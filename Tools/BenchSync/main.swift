// Measures a sync without a destination: rows read, sorted, compared, and the state written.
//
//     swift build -c release --product bench-sync && .build/release/bench-sync [ROWS]

import CohortModel
import CohortSync
import CohortWire
import Foundation

/// Seconds that `body` takes.
func timed<Value>(_ name: String, _ body: () throws -> Value) rethrows -> Value {
  let start = ContinuousClock.now
  let value = try body()
  let taken = ContinuousClock.now - start
  let seconds =
    Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
  print("\(name): \(String(format: "%.2f", seconds)) s")
  return value
}

/// A table of `count` rows in an order that is not that of its identifiers, of which one in a
/// hundred is another for another `version`.
func writeTable(_ path: String, _ count: Int, version: Int) throws {
  try FileSystem.replace(path) { (file: inout FileWriter) throws(FileFailure) in
    try file.write(Array("id,external_id\n".utf8))
    for row in 0..<count {
      // A step without a common factor with the count visits every number once.
      let number = row * 7_368_787 % count
      let name = row % 100 == 0 ? number + version * count : number
      try file.write(Array("\(10_000_000 + row),customer-\(name)\n".utf8))
    }
  }
}

/// The most memory that this process had, in MB.
func peak() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
  return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 / 1_024 }
    ?? 0
}

func read(_ path: String) throws -> Model {
  var rows = Rows(.csv, keyColumn: "id", identifierColumn: "external_id")
  let file = try FileBytes(path)
  try timed("  read") {
    while true {
      let chunk = try file.chunk()
      if chunk.isEmpty { break }
      try rows.push(chunk)
    }
  }
  return try timed("  sorted") { try rows.finish() }
}

func write(_ plan: Plan, _ head: StateHead, to path: String) throws {
  let delivered = Delivered(
    removals: Array(repeating: .removed, count: plan.removals.count),
    additions: Array(repeating: .added, count: plan.additions.count))
  try StateFile.write(path, head) { body throws(FileFailure) in
    try plan.state(after: delivered, body)
  }
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000_000
let folder = FileManager.default.temporaryDirectory.path + "/bench-sync-\(UUID().uuidString)"
try FileSystem.makeFolder(folder)
defer { try? FileManager.default.removeItem(atPath: folder) }
let head = StateHead(
  destination: StateHead.Destination(
    endpoint: "https://rest.example.com", partner: "hightouch", cohortID: "c",
    match: ["external_id"]))

print("\(count) rows")
try writeTable(folder + "/1.csv", count, version: 1)
try writeTable(folder + "/2.csv", count, version: 2)
try {
  let first = try timed("first model read and sorted") { try read(folder + "/1.csv") }
  let plan = Plan(from: .nothing, to: first.identifiers, removesRows: true)
  try timed("first state written") { try write(plan, head, to: folder + "/state") }
}()
let total = ContinuousClock.now
let state = try timed("state read") { try StateFile.read(folder + "/state") }
let model = try timed("model read and sorted") { try read(folder + "/2.csv") }
let plan = timed("difference") {
  Plan(from: state.known, to: model.identifiers, removesRows: true)
}
try timed("state written") { try write(plan, head, to: folder + "/state") }
print("entered \(plan.entered), left \(plan.left), unchanged \(plan.unchanged)")
print("second run \(ContinuousClock.now - total), peak \(peak()) MB")
