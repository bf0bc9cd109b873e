import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

/// A command under way: its arguments, its ledger, and where it reads and writes.
struct Invocation {
  let arguments: Arguments
  let console: Console
  var place = Place.own

  var wantsJSON: Bool { arguments.has("json") }

  func storage() throws(Failure) -> String {
    if case .server(_, let folder, _) = place { return folder }
    return try StorageFinder.folder(arguments.value("storage"))
  }

  /// A path of the command line, as this process must call it.
  func path(_ given: String) throws(Failure) -> String {
    guard let caller = console.caller, !given.utf8.starts(with: "/".utf8) else { return given }
    guard !caller.folder.isEmpty else {
      throw .usage("The current folder has no path. Write '\(given)' as one from the root.")
    }
    return caller.folder == "/" ? "/\(given)" : "\(caller.folder)/\(given)"
  }

  // MARK: The ledger

  /// Runs `body` on the ledger, opened to read it.
  func reading<Value>(_ body: (Ledger) throws -> Value) throws -> Value {
    let ledger =
      switch place {
      case .own: try StorageFinder.openToRead(storage())
      case .server(let ledger, _, _): ledger
      }
    if case .damaged = ledger.report.condition {
      // What was asked for as of a moment before the damage is answered as if there were none.
      console.hasFoundDamage = !arguments.has("as-of")
    }
    if let warning = StorageFinder.warning(of: ledger) { console.say(warning) }
    let value = try body(ledger)
    try console.flush()
    if case .own = place { try ledger.close() }
    return value
  }

  /// Runs `body` on the ledger, opened to write to it, and closes it whatever happens; a server's
  /// stays open.
  func writing<Value>(_ body: (Ledger) throws -> Value) throws -> Value {
    if case .server(let ledger, _, _) = place {
      try StorageFinder.expectWritable(ledger)
      let value = try body(ledger)
      try console.flush()
      return value
    }
    let ledger = try StorageFinder.openToWrite(storage())
    if ledger.report.isNew {
      console.say("A new ledger was begun in '\(try storage())'.".harmless)
    }
    if let warning = StorageFinder.warning(of: ledger) { console.say(warning) }
    do {
      let value = try body(ledger)
      try ledger.close()
      try console.flush()
      return value
    } catch {
      try? ledger.close()
      throw error
    }
  }

  // MARK: Arguments

  /// The view that `--as-of` and `--at` name.
  func view(_ ledger: Ledger) throws -> View {
    let at = try time("at")
    guard let moment = try moment("as-of") else {
      guard let at else { return ledger.now }
      return try ledger.view(asOf: .position(ledger.now.end), at: at)
    }
    return try ledger.view(asOf: moment, at: at)
  }

  /// Reads what the command line says by itself, so that it is judged before any ledger is opened.
  func check() throws(Failure) {
    for option in arguments.command.options where arguments.has(option.name) {
      switch option.value {
      case "MOMENT": _ = try moment(option.name)
      case "TIME": _ = try time(option.name)
      case "POSITION": _ = try position(option.name)
      case "N": _ = try number(option.name)
      default: break
      }
    }
    for (index, operand) in arguments.command.operands.enumerated()
    where index < arguments.operands.count {
      switch operand.name {
      case "COHORT": _ = try cohortName(index)
      case "USER": _ = try userName(index)
      case "SEGMENT": _ = try segment(index)
      default: break
      }
    }
  }

  func moment(_ option: String) throws(Failure) -> Moment? {
    guard let text = arguments.value(option) else { return nil }
    guard let moment = Moment(text: text) else {
      throw .usage(
        "--\(option) '\(text)' is no moment. "
          + "Give a position such as 41, or a time such as 2026-11-21T00:41:59Z.")
    }
    return moment
  }

  func time(_ option: String) throws(Failure) -> Instant? {
    guard let text = arguments.value(option) else { return nil }
    guard let time = Instant(text: text) else {
      throw .usage("--\(option) '\(text)' is no time. Write it as in 2026-11-21T00:41:59Z.")
    }
    return time
  }

  func position(_ option: String) throws(Failure) -> Position? {
    guard let text = arguments.value(option) else { return nil }
    guard case .position(let position) = Moment(text: text) else {
      throw .usage("--\(option) '\(text)' is no position. Give a number such as 41.")
    }
    return position
  }

  var identity: IdentityTime { arguments.value("identity") == "now" ? .now : .then }

  func cohortName(_ index: Int) throws(Failure) -> CohortName {
    do { return try CohortName(path: arguments.operands[index]) } catch {
      throw .usage(error.description)
    }
  }

  func userName(_ index: Int) throws(Failure) -> UserName {
    do { return try UserName(selector: arguments.operands[index]) } catch {
      throw .usage(error.description)
    }
  }

  /// The cohort that an operand names, as of a view.
  func cohort(_ index: Int, in view: View) throws -> CohortID {
    let name = try cohortName(index)
    if let cohort = view.state.cohorts[name], view.exists(cohort) { return cohort }
    throw Failure(.refused, view.absence(of: name))
  }
}

extension View {
  /// Why there is no such cohort here.
  func absence(of name: CohortName) -> String {
    if let cohort = state.cohorts[name] {
      let first = state.cohorts[cohort].createdAt
      let name = TerminalText.escaped(name.description)
      return "The cohort \(name) did not exist yet at \(position). Ask from \(first) on."
    }
    let refusal = Refusal.unknownCohort(name, nearest: state.nearestCohort(to: name))
    return TerminalText.escaped(refusal.description)
  }
}

extension LedgerState {
  fileprivate func nearestCohort(to name: CohortName) -> CohortName? {
    let paths = cohorts.records.map(\.name.path)
    return NearestText.nearest(to: name.path, in: paths).flatMap { try? CohortName(path: $0) }
  }
}
