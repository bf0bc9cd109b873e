import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire
import Synchronization

/// `POST /ledger/users/import`: takes NDJSON as it comes, in units of 10,000 lines.
///
/// Each unit is whole or not there; what stands before a fault is done, and the answer says how
/// much that is. Sent again, a stream changes nothing.
final class UsersImportReceiver: BodyReceiver {
  private let service: Service
  private let place: ImportPlaces.Place
  private let state: Mutex<State>

  private struct State: Sendable {
    var reader = UsersImportReader()
    var run: UsersImport
    /// The first of those that were refused.
    var faults: [LineFault] = []
  }

  /// So many refused lines are listed; all are counted.
  private static var faultsMax: Int { 10_000 }

  init(_ service: Service, _ caller: Caller, _ place: ImportPlaces.Place) {
    self.service = service
    state = Mutex(State(run: UsersImport(service.ledger, by: caller.author)))
  }

  func take(_ bytes: [UInt8]) -> Response? {
    state.withLock { state in
      do {
        state.reader.push(bytes.span)
        try Self.submit(&state)
        return nil
      } catch { return failure(error, &state) }
    }
  }

  func finish(_ exchange: Exchange) {
    let response = state.withLock { state in
      do {
        state.reader.finish()
        try Self.submit(&state)
        try state.run.finish { Self.note($0, &state.faults) }
        return service.response(
          .object(at: state.run.position, status: 201) { json in
            json.member("message", "success")
            for member in Self.counts(state) { json.member(member.key, member.value) }
            json.refusedLines(state.faults.map { ($0.line, $0.text) })
            json.member("position", state.run.position.rawValue)
          })
      } catch { return failure(error, &state) }
    }
    exchange.answer(response)
  }

  func abandon() {}

  private static func submit(_ state: inout State) throws {
    while let unit = try state.reader.nextUnit() {
      try state.run.submit(unit) { note($0, &state.faults) }
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
    denial = denial.adding(Self.counts(state) + [JSONText.Member("position", position)])
    denial.closes = true
    return service.response(to: denial)
  }

  private static func counts(_ state: State) -> [JSONText.Member] {
    [
      ("created", state.run.created), ("completed", state.run.completed),
      ("unchanged", state.run.unchanged), ("refused_count", state.run.refused),
    ].map { JSONText.Member($0.0, .integer(Int64($0.1))) }
  }
}
