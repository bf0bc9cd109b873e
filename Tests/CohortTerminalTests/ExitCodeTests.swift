import CohortLedger
import CohortLog
import CohortModel
import Testing

@testable import cohort

@Suite struct `The exit code` {
  @Test func `of a log that is not the one of its tree is that of damage, with the place`() {
    let failure = Failure(LedgerError.storage(LogFailure(.otherTree(Position(41)))))
    #expect(failure.code == .damage)
    #expect(failure.message.contains("#41"))
  }

  @Test func `of what may pass by itself is that of trying later`() {
    let errors: [LedgerError] = [
      .noThread(errno: 11), .notClosed(milliseconds: 30_000), .outcomeUnknown, .diskFull,
      .shuttingDown,
    ]
    for error in errors { #expect(Failure(error).code == .storage, "\(error)") }
  }
}
