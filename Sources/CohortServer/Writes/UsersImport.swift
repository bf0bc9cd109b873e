package import CohortLedger
package import CohortModel
import CohortThreads
package import CohortWire

/// A users import under way: units go to the ledger, and what becomes of them is added up.
///
/// A few units wait for the disk while the next is read; submitting one more waits for the first,
/// so a fast sender is slowed down to what the disk takes.
package struct UsersImport: Sendable {
  package private(set) var created = 0
  package private(set) var completed = 0
  package private(set) var unchanged = 0
  package private(set) var refused = 0
  /// Of the last unit that recorded something; before the first, of the last durable event.
  package private(set) var position: Position

  private let ledger: Ledger
  private let author: Author
  private var waiting: [(UsersImportReader.Unit, Monitor<Result<Committed, LedgerError>?>)] = []

  /// Units that wait for the disk.
  private static var waitingMax: Int { 4 }

  package init(_ ledger: Ledger, by author: Author) {
    (self.ledger, self.author) = (ledger, author)
    position = ledger.now.end
  }

  /// So many lines are done.
  package var lineCount: Int { created + completed + unchanged + refused }

  /// Submits a unit.
  ///
  /// - Parameters:
  ///   - unit: At most 10,000 lines, and those among them that make no sense.
  ///   - report: Is told of each line that is refused, in order.
  /// - Throws: ``LedgerError``, and what `report` throws; what was submitted before may be durable.
  package mutating func submit(
    _ unit: UsersImportReader.Unit, _ report: (LineFault) throws -> Void
  ) throws {
    let outcome = Monitor<Result<Committed, LedgerError>?>(nil)
    waiting.append((unit, outcome))
    ledger.submit(Command(author: author, wish: .importUsers(unit.lines))) { result in
      outcome.change { $0 = result }
    }
    if waiting.count >= Self.waitingMax { try settle(report) }
  }

  /// Waits for everything that was submitted.
  ///
  /// - Throws: As ``submit(_:_:)``.
  package mutating func finish(_ report: (LineFault) throws -> Void) throws {
    while !waiting.isEmpty { try settle(report) }
  }

  private mutating func settle(_ report: (LineFault) throws -> Void) throws {
    let (unit, outcome) = waiting.removeFirst()
    guard let result = outcome.wait(for: { $0 }) else { throw LedgerError.shuttingDown }
    let committed = try result.get()
    guard
      case .importedUsers(let created, let completed, let unchanged, let errors) =
        committed.answer
    else { preconditionFailure("a users import is answered as one") }
    self.created += created
    self.completed += completed
    self.unchanged += unchanged
    position = committed.position
    let faults =
      unit.faults + errors.map { LineFault(line: $0.index, text: $0.refusal.description) }
    refused += faults.count
    for fault in faults.sorted(by: { $0.line < $1.line }) { try report(fault) }
  }
}
