import CPlatform
import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import Foundation

/// Real ledgers in a temporary folder: users created, imports pushed, and how long a start takes
/// when the process was killed: with its snapshot, and with every cache gone.
///
/// - Parameter changes: recorded changes in millions.
func benchRestart(millions changes: [Int]) {
  let folder = FileManager.default.temporaryDirectory.appending(path: "cohort-bench-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  do {
    for count in changes { try benchRestart(changes: count * 1_000_000, in: folder.path) }
    try benchSync(in: folder.path)
  } catch { print("restart: \(error)") }
}

private func benchRestart(changes: Int, in folder: String) throws {
  let storage = "\(folder)/ledger-\(changes)"
  try FileManager.default.createDirectory(atPath: storage, withIntermediateDirectories: true)
  let ledger = try Ledger.open(storage)
  let shop = try RunningShop(ledger)
  let users = 1_000_000
  shop.createUsers(users)
  var random = SplitMix(state: 11)
  let pushing = seconds { shop.push(changes: changes, of: users, &random) }
  print(
    "\(changes / 1_000_000) M changes appended in \(rounded(pushing, 1)) s, "
      + "\(rounded(Double(shop.recorded.value) / pushing / 1e6, 2)) M recorded/s")
  ledger.keepSnapshot()
  // What a kill leaves: every byte that was written, the lock gone, no seal.
  let killed = "\(storage)-killed"
  try FileManager.default.copyItem(atPath: storage, toPath: killed)
  try? FileManager.default.removeItem(atPath: "\(killed)/lock")
  try ledger.close()
  try? FileManager.default.removeItem(atPath: storage)
  try report("restart with a snapshot", killed, runs: 5)
  try report("restart with every cache gone", killed, runs: 5) {
    for name in try FileManager.default.contentsOfDirectory(atPath: killed)
    where name.hasPrefix("snapshot-") || name == "tiles" {
      try FileManager.default.removeItem(atPath: "\(killed)/\(name)")
    }
  }
  try FileManager.default.removeItem(atPath: killed)
}

private func report(
  _ name: String, _ storage: String, runs: Int, before: () throws -> Void = {}
) throws {
  var times: [Double] = []
  for _ in 0..<runs {
    try before()
    let start = wallSeconds()
    let ledger = try Ledger.open(storage, for: .write)
    times.append(wallSeconds() - start)
    precondition(ledger.now.end.rawValue > 1_000_000, "the ledger has lost its end")
    try ledger.close()
  }
  times.sort()
  print(
    "\(name): median \(rounded(times[runs / 2], 3)) s, "
      + "\(rounded(times[0], 3)) to \(rounded(times[runs - 1], 3))")
}

/// What one write and sync costs on this disk, by size.
private func benchSync(in folder: String) throws {
  let disk = PosixDisk()
  let file = try disk.open("\(folder)/sync", .create)
  defer { try? disk.close(file) }
  for size in [512, 4_096, 65_536, 1 << 20] {
    let bytes = [UInt8](repeating: 7, count: size)
    var times: [Double] = []
    let end = wallSeconds() + 1.2
    var offset = 0
    while wallSeconds() < end {
      let start = wallSeconds()
      try disk.write(bytes, to: file, at: offset)
      try disk.sync(file)
      times.append(wallSeconds() - start)
      offset = (offset + size) & 0x3FF_FFFF
    }
    times.sort()
    print(
      "write and sync \(size) bytes: median \(rounded(times[times.count / 2] * 1e3, 3)) ms, "
        + "p99 \(rounded(times[times.count * 99 / 100] * 1e3, 3)) ms")
  }
}

func seconds(_ body: () -> Void) -> Double {
  let start = wallSeconds()
  body()
  return wallSeconds() - start
}

func wallSeconds() -> Double {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
