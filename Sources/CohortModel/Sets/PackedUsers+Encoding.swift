/// Adds up what a set would take as runs, fed with its runs but the last, ascending.
struct RunMeter {
  /// The bytes of the runs, without the length in front.
  private(set) var length: Int

  init(length: Int = 0) { self.length = length }

  /// How many bytes the body takes with the length in front.
  var bodyLength: Int { length + variableLength(UInt64(length)) }

  @inline(__always)
  mutating func add(run: Int, gap: Int) {
    length += variableLength(UInt64((gap - 1) * 2 + 1))
    if run > 1 { length += variableLength(UInt64(run - 2)) }
  }
}

extension PackedShape {
  /// The smallest kind for a set of this count and slack, of equals the first.
  func smallestKind(asRuns runs: RunMeter) -> Kind {
    if slack == 0 { return .interval }
    var (best, length) = (Kind.eliasFano, EliasFano(inner: inner, universe: universe).length)
    if bitmapLength < length { (best, length) = (.bitmap, bitmapLength) }
    if runs.bodyLength < length { best = .runs }
    return best
  }
}

extension PackedUsers {
  static func encode(_ users: Span<UInt32>) -> [UInt8] {
    if users.isEmpty { return PackedUsers().bytes }
    let runs = measureRuns(users)
    let first = users[0]
    var shape = PackedShape(
      kind: .interval, count: users.count, first: first,
      slack: Int(users[users.count - 1] - first) - (users.count - 1), body: 0)
    shape.kind = shape.smallestKind(asRuns: runs)

    let layout = EliasFano(inner: max(shape.inner, 0), universe: max(shape.universe, 0))
    var bytes: [UInt8] = []
    switch shape.kind {
    case .interval: bytes.reserveCapacity(10)
    case .eliasFano: bytes.reserveCapacity(15 + layout.length)
    case .bitmap: bytes.reserveCapacity(15 + shape.bitmapLength)
    case .runs: bytes.reserveCapacity(15 + runs.bodyLength)
    }
    bytes.append(variableLength: UInt64(shape.count) << 2 | UInt64(shape.kind.rawValue))
    bytes.append(variableLength: UInt64(first))
    if shape.kind != .interval { bytes.append(variableLength: UInt64(shape.slack)) }

    switch shape.kind {
    case .interval: break
    case .eliasFano: bytes.append(users, as: layout)
    case .bitmap: bytes.append(asBitmap: users, length: shape.bitmapLength)
    case .runs: bytes.append(asRuns: users, length: runs.length)
    }
    return bytes
  }

  /// Checks that `users` ascend strictly, and measures their runs.
  private static func measureRuns(_ users: Span<UInt32>) -> RunMeter {
    var (runs, runStart) = (RunMeter(), 0)
    var previous = users[0]
    for index in 1..<users.count {
      let user = users[index]
      precondition(previous < user, "the users must be strictly increasing")
      if user - previous > 1 {
        runs.add(run: index - runStart, gap: Int(user - previous) - 1)
        runStart = index
      }
      previous = user
    }
    return runs
  }
}

extension Array<UInt8> {
  fileprivate mutating func append(_ users: Span<UInt32>, as layout: EliasFano) {
    if layout.inner == 0 { return }
    let (low, width) = (count, UInt64(layout.width))
    let high = low + layout.lowLength
    append(contentsOf: repeatElement(0, count: layout.length))
    var body = self.mutableSpan
    let base = users[0] + 1
    let mask = UInt64(1) << width - 1
    var (collected, filled, next) = (UInt64(0), UInt64(0), low)

    for index in 0..<layout.inner {
      let number = UInt64(users[index + 1] - base)
      let highBit = Int(number >> width) + index
      body[high + highBit >> 3] |= 1 << UInt8(highBit & 7)
      collected |= (number & mask) << filled
      filled += width
      if filled >= 32 { body.put(4, of: &collected, &filled, at: &next) }
    }
    body.put((Int(filled) + 7) / 8, of: &collected, &filled, at: &next)
  }

  fileprivate mutating func append(asBitmap users: Span<UInt32>, length: Int) {
    let start = count
    append(contentsOf: repeatElement(0, count: length))
    var body = self.mutableSpan
    let base = users[0] + 1
    for index in 1..<users.count - 1 {
      let bit = Int(users[index] - base)
      body[start + bit >> 3] |= 1 << UInt8(bit & 7)
    }
  }

  fileprivate mutating func append(asRuns users: Span<UInt32>, length: Int) {
    append(variableLength: UInt64(length))
    var runStart = 0
    for index in 1..<users.count {
      let gap = UInt64(users[index] - users[index - 1]) - 1
      if gap == 0 { continue }
      let run = index - runStart
      append(variableLength: (gap - 1) << 1 | (run > 1 ? 1 : 0))
      if run > 1 { append(variableLength: UInt64(run - 2)) }
      runStart = index
    }
  }
}

extension MutableSpan<UInt8> {
  /// Moves the lowest `length` bytes of `collected`, which has `filled` bits, to `next`.
  @inline(__always)
  fileprivate mutating func put(
    _ length: Int, of collected: inout UInt64, _ filled: inout UInt64, at next: inout Int
  ) {
    for _ in 0..<length {
      self[next] = UInt8(truncatingIfNeeded: collected)
      collected >>= 8
      next += 1
    }
    filled -= min(filled, UInt64(8 * length))
  }
}
