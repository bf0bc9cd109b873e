import CohortLedger
import CohortServer
import CohortWire
import Testing

@Suite struct `What the ledger did not do` {
  @Test(arguments: [
    (LedgerError.outcomeUnknown, "Outcome unknown"),
    (.writesStopped("the disk failed."), "Writes stopped"),
    (.shuttingDown, "Shutting down"),
  ])
  func `is told in the contract's words, with the reason`(
    _ error: LedgerError, _ message: String
  ) throws {
    let failure = LedgerFailure(error)
    #expect(failure.error.status == 503)
    #expect(failure.error.message == message)
    let reason = failure.error.members.first { $0.key == "reason" }
    #expect(reason?.value == .string(error.description))
  }

  @Test func `says when to come again`() {
    #expect(LedgerFailure(.overloaded(retryAfter: 3)).retryAfter == 3)
    #expect(LedgerFailure(.diskFull).error.status == 507)
    #expect(LedgerFailure(.diskFull).retryAfter != nil)
  }
}
