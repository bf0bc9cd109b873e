import CohortLog
public import CohortModel

/// Why a backup, a restore or a repair was not carried out.
///
/// Nothing has changed then, but that a half-written `events.log.new` may be left behind, which
/// nothing takes for a log.
public enum KeepingError: Error, Sendable {
  /// The folder has a log or other files in it.
  case targetNotEmpty(String)
  /// The folder is that of the ledger itself, or lies in it.
  case targetInside(String)
  /// The source is damaged before the cut.
  case sourceDamaged(Finding)
  /// The source does not reach that far.
  case beyondEnd(Position, end: Position)
  /// Nothing of the source is as early as that.
  case beforeBeginning(Instant)
  /// The backup's own note says that it had more than its log has now.
  case backupCutShort(end: UInt64, noted: UInt64)
  /// Erasures and revocations behind the cut could not be read, and it was not said that they may
  /// be lost.
  case lossNotAccepted(cut: Position)
  /// Another ledger, or another history of this one.
  case otherLedger(String)
  /// The bytes of the backup do not fit the neighbours of the damaged range.
  case doesNotFit(Finding)
  /// A ledger elsewhere, from which to repair, was not heard; why, in two sentences.
  case unheard(String)
  case failed(LedgerError)
}

extension KeepingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .targetNotEmpty(let path):
      """
      There is something in '\(path)' already. \
      Name an empty folder, or say that the ledger in it is to be replaced.
      """
    case .targetInside(let path):
      """
      '\(path)' lies in the ledger's own storage folder, and would be lost with it. \
      Name a folder elsewhere, best on another disk.
      """
    case .sourceDamaged(let finding):
      "The source cannot be used up to the cut. \(finding)"
    case .beyondEnd(let position, let end):
      "The source ends at \(end), before \(position). Name an earlier position, or a later backup."
    case .beforeBeginning(let instant):
      """
      Nothing in the source is as early as \(instant.microseconds) µs. \
      Name a later instant, or a position.
      """
    case .backupCutShort(let end, let noted):
      """
      The backup ends at byte \(end), but had \(noted) when it was taken. \
      Use another backup.
      """
    case .lossNotAccepted(let cut):
      """
      What was erased and revoked behind \(cut) cannot be read, so people who were erased and keys \
      that were revoked would be back. Name a newer log with '--newer', or accept it with \
      '--accept-lost-erasures-and-revocations'.
      """
    case .otherLedger(let path):
      "'\(path)' is of another ledger, or of another history of this one. Name the right backup."
    case .doesNotFit(let finding):
      "The backup does not fit what stands around the damage. \(finding)"
    case .unheard(let reason): reason
    case .failed(let error): error.description
    }
  }
}

/// Takes over what a `do` block has thrown.
extension KeepingError {
  init(_ error: any Error) {
    self =
      switch error {
      case let error as KeepingError: error
      case let error as LogError: .failed(.storage(LogFailure(error)))
      case let error as DiskError: .failed(.storage(LogFailure(.disk(error))))
      case let error as LedgerError: .failed(error)
      case let error as SourceFailure: .unheard(error.description)
      default: .failed(.shuttingDown)
      }
  }
}
