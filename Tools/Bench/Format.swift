import CohortFormat
import CohortModel

/// What encoding, checking, walking and decoding events costs, hashes and checksums included.
func benchFormat() {
  var random = SplitMix(state: 1)
  let changes = (0..<500).map { _ in
    var users = Set<UInt32>()
    while users.count < 1_000 { users.insert(random.next() % 10_000_000) }
    return change(users.sorted())
  }
  bench("membersChanged of 1,000 users", changes)
  bench("membersChanged of 1 user", (0..<10_000).map { change([UInt32($0)]) })
  bench(
    "userCreated with a 13-byte id",
    (0..<10_000).map { number in
      let id = PersonalText("customer-\(1_000 + number)")
      return .userCreated(
        UserCreated(user: UserID(UInt32(number)), identifiers: [.externalID(id)]))
    })
}

private func change(_ users: [UInt32]) -> Event {
  .membersChanged(
    MembersChanged(
      cohort: CohortID(1), direction: .entering, users: PackedUsers(sorted: users.span),
      unchanged: 3, unmatched: []))
}

private func bench(_ name: String, _ events: [Event]) {
  let ledger = LedgerID(random: Nonces())
  func build() -> EncodedFrame? {
    var builder = FrameBuilder(
      ledger: ledger, epoch: Epoch(generation: 1, random: Nonces()), chain: FrameChain(),
      tree: MerkleFrontier(), lastRequest: 0, random: Nonces())
    let now = Instant(microseconds: 1)
    builder.begin(time: now, rawClock: now, expectedSize: 1 << 20)
    for event in events {
      guard (try? builder.append(event, key: KeyID(1), endsRequest: true)) != nil else {
        return nil
      }
    }
    return builder.finish()
  }
  guard let bytes = build()?.bytes else { return print("\(name): does not fit a frame") }
  let read = FrameScan.read(
    bytes.span, at: 0, base: UInt64(FileHeader.size), ledger: ledger)
  guard case .frame(let frame) = read else { return print("\(name): the frame is not one") }

  time("encode \(name)", "event", each: events.count) { build()?.root.word0 ?? 0 }
  time("leaves of \(name)", "event", each: events.count) {
    (try? frame.leaves(in: bytes.span))?.last?.word0 ?? 0
  }
  time("walk over \(name)", "event", each: events.count) {
    var (walk, sum) = (EventWalk(frame), UInt64(0))
    while let head = try? walk.next(in: bytes.span) {
      sum += UInt64(head.payload.count)
      guard head.kind == EventKind.membersChanged.rawValue else { continue }
      let extent = try? MembersExtent.read(head, of: frame, in: bytes.span)
      sum += UInt64(extent?.users.count ?? 0)
    }
    return sum
  }
  time("decode \(name)", "event", each: events.count) {
    var sum: UInt64 = 0
    try? frame.forEachEvent(in: bytes.span, ledger: ledger) { sum += $0.recorded.position.rawValue }
    return sum
  }
}

/// Cheap and never zero: this measures the format, not the random source.
private struct Nonces: RandomBytes {
  func fill(_ bytes: inout OutputSpan<UInt8>) {
    bytes.append(repeating: 7, count: bytes.freeCapacity)
  }
}

struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt32 {
    state &+= 0x9e37_79b9_7f4a_7c15
    let mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }
}
