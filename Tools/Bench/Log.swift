import CohortFormat
import CohortLog
import CohortModel
import Foundation

/// What the log alone does, without a ledger above it: scanning frames of three sizes from memory,
/// appending and syncing them, and finding the frame of a position.
func benchLog() {
  let folder = FileManager.default.temporaryDirectory.appending(path: "cohort-bench-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  do {
    for (frameSize, total) in [(300, 256 << 20), (16_384, 1 << 30), (1 << 20, 1 << 30)] {
      let storage = "\(folder.path)/log-\(frameSize)"
      try FileManager.default.createDirectory(atPath: storage, withIntermediateDirectories: true)
      try write(storage, frameSize: frameSize, total: total)
      try scan(storage, frameSize: frameSize)
      try FileManager.default.removeItem(atPath: storage)
    }
    try benchAppend("\(folder.path)/append")
  } catch { print("log: \(error)") }
}

private func opening(_ storage: String) throws(LogError) -> LogOpening {
  try LogOpening(
    storage, for: .create, on: PosixDisk(), clock: SystemClock(), random: SystemRandomSource())
}

private func builder(_ log: Log, _ tree: MerkleFrontier, _ requests: UInt64) -> FrameBuilder {
  FrameBuilder(
    ledger: log.ledger, epoch: log.epoch, chain: log.chain, tree: tree, lastRequest: requests,
    random: SystemRandomSource())
}

private func frame(_ builder: inout FrameBuilder, size: Int) throws -> EncodedFrame {
  let time = Instant(microseconds: (builder.chain.last?.time.microseconds ?? 1) + 1)
  builder.begin(time: time, rawClock: time, expectedSize: size + 512)
  let name = Text(bytes: [UInt8](repeating: 0x61, count: max(1, min(size, 1 << 20) - 210)))
  try builder.append(
    .cohortNamed(
      CohortNamed(
        cohort: CohortID(1), partner: PartnerID(1), cohortID: "c", name: name, createdAt: nil)),
    key: KeyID(0), endsRequest: true)
  return builder.finish()
}

/// Writes a log past the log, or its syncs would take hours.
private func write(_ storage: String, frameSize: Int, total: Int) throws {
  let (log, _) = try opening(storage).recover { _, _ in }
  var builder = builder(log, MerkleFrontier(), 0)
  try log.close()
  let disk = PosixDisk()
  let file = try disk.open("\(storage)/events.log", .readAndWrite)
  var offset = FileHeader.size
  var buffer: [UInt8] = []
  while offset < total {
    buffer += try frame(&builder, size: frameSize).bytes
    if buffer.count > 4 << 20 || offset + buffer.count >= total {
      try disk.write(buffer, to: file, at: offset)
      offset += buffer.count
      buffer.removeAll(keepingCapacity: true)
    }
  }
  try disk.sync(file)
  try disk.close(file)
}

private func scan(_ storage: String, frameSize: Int) throws {
  var times: [Double] = []
  var frames = 0
  var size: UInt64 = 0
  for _ in 0..<5 {
    frames = 0
    let start = wallSeconds()
    let (log, report) = try opening(storage).recover { _, _ in frames += 1 }
    times.append(wallSeconds() - start)
    size = report.chain.end
    try log.close()
  }
  times.sort()
  let time = times[2]
  print(
    "scan, frames of \(frameSize) bytes: \(rounded(Double(size) / time / 1e9, 2)) GB/s, "
      + "\(Int(time / Double(frames) * 1e9)) ns a frame (\(frames) frames)")

  let (log, report) = try opening(storage).recover { _, _ in }
  let end = report.chain.position.rawValue
  var random = SplitMix(state: 5)
  let count = 2_000
  let finding = seconds {
    for _ in 0..<count {
      let position = Position(1 + UInt64(random.next()) % end)
      precondition((try? log.reader.frame(containing: position)) != nil, "a frame is missing")
    }
  }
  print("  frame of a position: \(rounded(finding / Double(count) * 1e6, 1)) us")
  try log.close()
}

private func benchAppend(_ storage: String) throws {
  try FileManager.default.createDirectory(atPath: storage, withIntermediateDirectories: true)
  let (log, _) = try opening(storage).recover { _, _ in }
  var builder = builder(log, MerkleFrontier(), 0)
  for size in [512, 65_536, 1 << 20] {
    var count = 0
    let start = wallSeconds()
    while wallSeconds() < start + 2 {
      let frame = try frame(&builder, size: size)
      try log.ensureSpace(through: frame.fileEnd + 1 << 20)
      try log.append(frame)
      count += 1
    }
    let time = (wallSeconds() - start) / Double(count)
    print(
      "append and sync \(size) bytes: \(rounded(time * 1e3, 2)) ms, "
        + "\(Int(Double(size) / time / 1e6)) MB/s")
  }
  try log.close()
}
