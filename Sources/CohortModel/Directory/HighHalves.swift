/// The high halves of a column of positions whose low halves stand in the records.
///
/// Neighbouring numbers are given at neighbouring positions, so that the high 32 bits change once
/// in four thousand million events. They are kept as runs: here nearly always one.
struct HighHalves: Equatable, Sendable {
  /// From number `first` on, up to the next run, the high half is `half`.
  struct Run: Equatable, Sendable {
    var first: UInt32
    var half: UInt32
  }

  private(set) var runs: [Run] = []

  /// Notes the position of `number`, which is above all before it, and returns its low half.
  mutating func note(_ position: Position, of number: UInt32) -> UInt32 {
    let half = UInt32(truncatingIfNeeded: position.rawValue >> 32)
    if runs.last?.half ?? 0 != half { runs.append(Run(first: number, half: half)) }
    return UInt32(truncatingIfNeeded: position.rawValue)
  }

  /// The position of `number`, whose low half is `low`.
  func position(of number: UInt32, low: UInt32) -> Position {
    guard !runs.isEmpty else { return Position(UInt64(low)) }
    var (start, end) = (0, runs.count)
    while start < end {
      let middle = (start + end) / 2
      if runs[middle].first <= number { start = middle + 1 } else { end = middle }
    }
    return Position(UInt64(start == 0 ? 0 : runs[start - 1].half) << 32 | UInt64(low))
  }

  func append(to output: inout [UInt8]) {
    output.appendSnapshot(UInt64(runs.count))
    for run in runs {
      output.appendSnapshot(run.first)
      output.appendSnapshot(run.half)
    }
  }

  init() {}

  init(
    from bytes: Span<UInt8>, at cursor: inout SnapshotCursor, atMost limit: Int
  ) throws(SnapshotDamage) {
    let count = try cursor.readCount(atMost: limit, from: bytes)
    for _ in 0..<count {
      let start = cursor.offset
      let run = Run(
        first: try cursor.read(UInt32.self, from: bytes),
        half: try cursor.read(UInt32.self, from: bytes))
      guard runs.last.map({ $0.first < run.first && $0.half != run.half }) ?? (run.half != 0)
      else { throw SnapshotDamage(at: start, "the runs of positions are out of order") }
      runs.append(run)
    }
  }
}
