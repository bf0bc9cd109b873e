import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortSync
import CohortThreads
import CohortWire

extension Failure {
  /// Takes over what any step of a command has thrown.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as LedgerError: self.init(error)
    case let error as KeepingError: self.init(error)
    case let error as ReplicaError: self.init(error)
    case let error as ThreadFailure: self.init(.storage, error.description)
    case let error as WireError: self.init(.refused, error.message)
    case let error as SelectorError: self.init(.usage, error.description)
    case let error as SyncFailure: self.init(error)
    case let error as ForwardFailure: self.init(error)
    default: self.init(.storage, "\(error)")
    }
  }

  init(_ error: LedgerError) {
    switch error {
    case .refused(let refusal, _):
      // Identifiers and names stand in it as they are; what is printed is escaped as lists are.
      self.init(.refused, TerminalText.escaped(refusal.description))
    case .tooLarge, .beyondEnd: self.init(.refused, error.description)
    case .laterThanNow(let instant, let now):
      self.init(
        .refused,
        "The time \(instant.rfc3339) is later than now, \(now.rfc3339). Ask for an earlier one.")
    case .overloaded, .diskFull, .notWritten, .outcomeUnknown, .writesStopped, .clockAhead,
      .readOnly, .shuttingDown, .notClosed, .noThread:
      self.init(.storage, error.description)
    case .unreadable(let failure), .storage(let failure): self.init(failure.error)
    }
  }

  private init(_ error: KeepingError) {
    switch error {
    case .sourceDamaged, .backupCutShort, .doesNotFit: self.init(.damage, error.description)
    case .targetNotEmpty, .targetInside, .beyondEnd, .lossNotAccepted, .otherLedger:
      self.init(.refused, error.description)
    case .unheard: self.init(.storage, error.description)
    case .beforeBeginning(let time):
      self.init(
        .refused,
        "Nothing in the source is as early as \(time.rfc3339). Name a later time, or a position.")
    case .failed(let error): self.init(error)
    }
  }

  init(_ error: ReplicaError) {
    switch error {
    case .log(let error): self.init(error)
    case .unusable, .otherHistory, .setBack: self.init(.damage, error.description)
    case .source(.unheard), .unfit, .outOfDate: self.init(.storage, error.description)
    case .source(.refused), .otherLedger, .notReplica, .nothingPulled, .promoted, .lossNotAccepted:
      self.init(.refused, error.description)
    }
  }

  init(_ error: LogError) {
    switch error {
    case .damaged(let damage): self.init(damage)
    case .lost, .event, .impossible, .otherTree, .header, .empty, .noSuchText:
      self.init(.damage, error.description)
    case .beyondEnd, .replica: self.init(.refused, error.description)
    case .replicaNote, .noLedger, .held, .disk, .diskFull, .notWritten, .outcomeUnknown, .stopped,
      .replaced,
      .readOnly:
      self.init(.storage, error.description)
    }
  }

  init(_ damage: Damage) {
    self.init(
      .damage,
      "events.log is damaged at \(damage.place). "
        + "Repair it from a backup with 'cohort repair', or look first with 'cohort verify'.")
  }
}
