import CohortLedger
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `A ledger` {
  @Test func `keeps what it has acknowledged over a restart`() throws {
    let disk = SimulatedDisk()
    let clock = SimulatedClock()
    let random = SeededRandomSource(seed: 1)
    let ledger = try Ledger.open("/ledger", on: disk, clock: clock, random: random)
    let partner = try ledger.submit(
      Command(
        author: .local,
        wish: .enablePartner(EnablePartner(code: "hightouch", displayName: nil, key: .learned))))
    #expect(partner.position == Position(1))
    let users = try ledger.submit(
      Command(
        author: .local,
        wish: .importUsers((1...3).map { ImportLine(line: $0, externalID: Text("user-\($0)")) })))
    #expect(users.position == Position(4))
    try ledger.close()

    let again = try Ledger.open("/ledger", on: disk, clock: clock, random: random)
    #expect(again.now.end == Position(4))
    #expect(again.now.state.directory.userCount == 3)
    try again.close()
  }
}
