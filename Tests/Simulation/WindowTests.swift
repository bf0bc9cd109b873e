import CohortModel
import TestSupport
import Testing

@Suite struct `The window of idempotency keys` {
  @Test func `holds the last 100,000 writes that recorded something, and no more`() throws {
    var state = LedgerState(hashSeed: 1)
    let code: Text = "p"
    var draft = Draft(at: Instant(microseconds: 1))
    _ = try state.perform(
      Command(
        author: .local,
        wish: .enablePartner(EnablePartner(code: code, displayName: nil, key: .none))),
      into: &draft)
    func send(_ number: Int, time: Int64) throws -> Answer {
      draft.begin(at: Instant(microseconds: time))
      // Each records something: it is enabled and disabled by turns.
      let wish: Wish =
        number.isMultiple(of: 2)
        ? .disablePartner(code)
        : .enablePartner(EnablePartner(code: code, displayName: nil, key: .none))
      return try state.perform(
        Command(
          author: .local, wish: wish,
          idempotency: Idempotency(
            key: Array("key-\(number)".utf8), fingerprint: Digest(0, 0, 0, UInt64(number)))),
        into: &draft)
    }
    for number in 0..<Receipts.window { _ = try send(number, time: Int64(number) + 2) }
    let time = Int64(Receipts.window) + 2
    guard case .repeated = try send(0, time: time) else {
      Issue.record("the oldest of the window is known")
      return
    }
    // The next one pushes the oldest out, and only that.
    _ = try send(Receipts.window, time: time + 1)
    guard case .repeated = try send(1, time: time + 2) else {
      Issue.record("the second is known")
      return
    }
    #expect(state.receipts.find(Array("key-0".utf8), of: KeyID(0)) == nil)
    _ = try send(Receipts.window + 1, time: time + 2)
    let position = state.position
    guard case .done = try send(0, time: time + 3) else {
      Issue.record("what fell out of the window is a new request")
      return
    }
    #expect(state.position > position)
  }
}
