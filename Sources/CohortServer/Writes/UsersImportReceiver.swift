import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire
import Synchronization

/// `POST /ledger/users/import`: takes NDJSON as it comes, in units of 10,000 lines.
///
/// Each unit is whole or not there; what stands before a fault is done, and the answer says how
/// much that is. Sent again, a stream changes nothing. Whoever signs out of the console meanwhile
/// ends what is still to come.
final class UsersImportReceiver: BodyReceiver {
  private let service: Service
  private let session: SessionHold?
  private let place: ImportPlaces.Place
  private let state: Mutex<State>

  private struct State: Sendable {
    var reader = UsersImportReader()
    var run: UsersImport
    /// The first of those that were refused.
    var faults: [LineFault] = []

    var shape: UsersImportShape {
      UsersImportShape(
        created: run.created, completed: run.completed, unchanged: run.unchanged,
        refused: run.refused, faults: faults, position: run.position)
    }
  }

  /// So many refused lines are listed; all are counted.
  private static var faultsMax: Int { 10_000 }

  init(_ service: Service, _ caller: Caller, _ place: ImportPlaces.Place) {
    self.service = service
    session = caller.session
    self.place = place
    state = Mutex(State(run: UsersImport(service.ledger, by: caller.author)))
  }

  func take(_ bytes: [UInt8]) -> Response? {
    state.withLock { state in
      do {
        state.reader.push(bytes.span)
        try submit(&state)
        return nil
      } catch { return failure(error, &state) }
    }
  }

  func finish(_ exchange: Exchange) {
    let response = state.withLock { state in
      do {
        state.reader.finish()
        try submit(&state)
        try state.run.finish { Self.note($0, &state.faults) }
        return service.response(.json(state.shape.reply, at: state.run.position))
      } catch { return failure(error, &state) }
    }
    exchange.answer(response)
  }

  func abandon() {}

  private func submit(_ state: inout State) throws {
    while let unit = try state.reader.nextUnit() {
      guard session?.lasts ?? true else { throw Refusal.invalidAPIKey }
      try state.run.submit(unit) { Self.note($0, &state.faults) }
    }
  }

  private static func note(_ fault: LineFault, _ faults: inout [LineFault]) {
    if faults.count < faultsMax { faults.append(fault) }
  }

  /// What stands before a fault is waited for, and told.
  private func failure(_ error: any Error, _ state: inout State) -> Response {
    try? state.run.finish { Self.note($0, &state.faults) }
    var denial = Denial(causedBy: error)
    if let error = error as? LineError { denial = Denial(WireError(400, error.description)) }
    let position = JSONText.integer(Int64(state.run.position.rawValue))
    denial = denial.adding(state.shape.counts + [JSONText.Member("position", position)])
    denial.closes = true
    return service.response(to: denial)
  }
}
