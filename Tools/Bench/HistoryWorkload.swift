import CohortFormat
import CohortLog
import CohortModel

/// Frames in memory as a log has them: imports of 1,000 users each out of ten million, to 50
/// cohorts by Zipf's law, one in five taking out members.
struct HistoryWorkload: Sendable {
  private(set) var frames: [(extent: FrameExtent, bytes: [UInt8])] = []
  let ledger: LedgerID
  private(set) var changes = 0
  private(set) var end = Position.origin
  /// The members at the end.
  private(set) var sets: [LiveUsers]

  static let cohorts = 50

  init(requests: Int = 20_000, users last: UInt32 = 10_000_000) {
    sets = Array(repeating: LiveUsers(), count: HistoryWorkload.cohorts)
    let nonces = SystemRandomSource()
    ledger = LedgerID(random: nonces)
    var builder = FrameBuilder(
      ledger: ledger, epoch: Epoch(generation: 1, random: nonces),
      chain: FrameChain(), tree: MerkleFrontier(), lastRequest: 0, random: nonces)
    var (random, sorter) = (SplitMix(state: 42), UserSorter())
    for request in 0..<requests {
      let index = random.zipf(HistoryWorkload.cohorts)
      let isAdding = sets[index].count < 100_000 || random.next() % 5 > 0
      var users: [UInt32] = []
      for _ in 0..<1_000 {
        let user = random.next() % last + 1
        users.append(isAdding ? user : sets[index].next(after: user) ?? user)
      }
      sorter.sortDistinct(&users)
      var effective: [UInt32] = []
      if isAdding {
        sets[index].selectAbsent(from: users.span, into: &effective)
        sets[index].insert(sorted: effective.span)
      } else {
        sets[index].selectPresent(from: users.span, into: &effective)
        sets[index].remove(sorted: effective.span)
      }
      changes += effective.count
      if !builder.isOpen {
        let time = Instant(microseconds: Int64(request + 1) * 1_000_000)
        builder.begin(time: time, rawClock: time, expectedSize: 1 << 20)
      }
      let event = Event.membersChanged(
        MembersChanged(
          cohort: CohortID(UInt32(index + 1)), direction: isAdding ? .entering : .leaving,
          users: PackedUsers(sorted: effective.span), unchanged: 0, unmatched: []))
      _ = try? builder.append(event, key: KeyID(1), endsRequest: true)
      if builder.estimatedSize >= 1 << 20 || request == requests - 1 {
        let frame = builder.finish()
        let read = FrameScan.read(
          frame.bytes.span, at: 0, base: frame.header.fileOffset, ledger: ledger)
        if case .frame(let extent) = read { frames.append((extent, frame.bytes)) }
      }
    }
    end = Position(UInt64(requests))
  }

  var size: Int { frames.reduce(0) { $0 + $1.bytes.count } }

  /// Calls `body` with every import, as a start finds them behind the checks of the frames.
  func forEachImport(
    _ body: (MembersExtent, Span<UInt8>, Position, Instant) -> Void
  ) {
    for frame in frames {
      let bytes = frame.bytes.span
      var walk = EventWalk(frame.extent)
      do {
        while let head = try walk.next(in: bytes) {
          let members = try MembersExtent.read(head, of: frame.extent, in: bytes)
          body(members, bytes, head.position, frame.extent.header.time)
        }
      } catch { preconditionFailure("The frames are our own: \(error)") }
    }
  }
}

extension SplitMix {
  /// 0 twice as often as 1, three times as often as 2, and so on.
  fileprivate mutating func zipf(_ count: Int) -> Int {
    var left = Double(next()) / 4_294_967_296 * (1...count).reduce(0.0) { $0 + 1 / Double($1) }
    for index in 0..<count {
      left -= 1 / Double(index + 1)
      if left < 0 { return index }
    }
    return count - 1
  }
}
